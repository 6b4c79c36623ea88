"""Reading interactions from files and DataFrames."""

from item2vec.data.interactions import Interactions
from item2vec.data.read_report import ReadReport
from item2vec.reading.files.paths import Source
from item2vec.reading.options import (
    Anonymous,
    ColumnNames,
    Encoding,
    Layout,
    ReadOptions,
    RecordRules,
    TextFormat,
)
from item2vec.reading.packing import PackedRecords
from item2vec.reading.record_loader import read_records
from item2vec.types import Progress


def read_interactions(
    source: Source,
    *,
    user: str | None = None,
    item: str | None = None,
    time: str | None = None,
    rating: str | None = None,
    min_rating: float | None = None,
    where: str | None = None,
    time_format: str | None = None,
    delimiter: str | None = None,
    encoding: Encoding = "utf-8",
    anonymous: Anonymous = "error",
    layout: Layout = "auto",
    keep_times: bool = False,
    progress: Progress | None = None,
) -> Interactions:
    """Read interactions from files or a pandas DataFrame, sorted by user and time.

    Parameters
    ----------
    source : path, glob, folder, ``-``, list of these, or pandas.DataFrame
        Delimited text or JSON, both optionally compressed, or Parquet. A folder of part files is
        one table, and ``-`` is standard input. Ids are read as text, exactly as written.
    user, item, time, rating : str, optional
        Names of columns, found by well-known names by default. ``time="none"`` declares
        chronological order. Details: `item2vec.reading.options.ColumnNames`.
    min_rating, where, time_format, anonymous : optional
        Minimum rating, SQL condition such as ``"Quantity > 0"``, strptime format of the times, and
        treatment of placeholder users: {"error", "drop", "keep"}. Details: `RecordRules` there.
    delimiter, encoding, layout : str, optional
        Column separator, name of a text encoding, and whether a record is one interaction or a
        sequence of them: {"auto", "rows", "sequences"}. Details: `TextFormat`, `ReadOptions`.
    keep_times : bool
        Store the times, if there are any, in `Interactions.times`; `split_by_time` needs them.
    progress : Progress, optional
        Called with the percentage done and the total, 100.

    Raises
    ------
    DataError, ParameterError
        If the source can't be read, an option can't be used with it, or no record is left.
    """
    columns, text = ColumnNames(user, item, time, rating), TextFormat(delimiter, encoding)
    rules = RecordRules(min_rating, where, time_format, anonymous)
    options = ReadOptions(columns, text, rules, layout, load_times=keep_times)
    return to_interactions(*read_records(source, options, progress))


def to_interactions(records: PackedRecords, report: ReadReport) -> Interactions:
    """Return packed records as interactions, without their ratings."""
    return Interactions(
        records.items, records.offsets, records.item_ids, records.user_ids, report, records.times
    )
