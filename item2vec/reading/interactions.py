"""Reading interactions out of tables of any kind."""

from item2vec._support.progress import Progress
from item2vec.data.interactions import Interactions
from item2vec.reading.file_format import Encoding
from item2vec.reading.paths import Source
from item2vec.reading.placeholders import Anonymous
from item2vec.reading.record_checks import Request
from item2vec.reading.record_loader import Records
from item2vec.reading.tables import open_tables


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
    keep_times: bool = False,
    progress: Progress | None = None,
) -> Interactions:
    """Read interactions from files or a pandas DataFrame, every user's in time order.

    Parameters
    ----------
    source : path, glob, list of these, or pandas.DataFrame
        CSV, TSV and other delimited text, MovieLens' ``::`` and ``u.data``, Parquet, or JSON lines;
        text may be gzipped. Ids stay the strings that they are in the file.
    user, item, time, rating : str, optional
        The columns; well-known names are found by themselves, which the report says. A file without
        a header has the columns ``column0``, ``column1``, ... ``time="none"`` takes the order of
        the file for the order of time.
    min_rating : float, optional
        Keep only records with at least this rating.
    where : str, optional
        Keep only records that fulfil this SQL predicate over the columns, such as
        ``"Quantity > 0"``. It can't hold a subquery. In text, a column other than the ids is a
        number, a date or a truth value if nine in ten of its first values are; a value that is none
        fails the predicate.
    time_format : str, optional
        A strptime format such as ``"%m/%d/%Y %H:%M"``. Without it, epoch seconds, milliseconds,
        microseconds and nanoseconds (told apart by their size, each) and ISO dates are understood.
    delimiter : str, optional
        What stands between the fields of a text file, if its first records mislead.
    encoding : {"utf-8", "latin-1"}
        Of text files.
    anonymous : {"error", "drop", "keep"}
        What to do with a user id that is a placeholder, such as ``NA``, ``null`` or ``-1``, and so
        stands for many anonymous visitors: it owns more than 5 % of the records and has more than
        20 times as many as the median of the other users. ``0`` counts as a placeholder only among
        10 or more other users. ``"drop"`` drops its records and counts them as "placeholder user";
        ``"keep"`` takes them as one user.
    keep_times : bool
        Keep the time of every interaction, as `split_by_time` needs it: `Interactions.times`. Where
        no column holds times there are none to keep.
    progress : Progress, optional
        Called with a percentage done and 100.

    Raises
    ------
    DataError
        If a file is missing or not what it should be, a column of ids holds lists or other values
        that are no ids, a user is a placeholder, or nothing is left.
    ParameterError
        If a parameter does not go with the source or with another one.
    """
    told = {"user": user, "item": item, "time": time, "rating": rating}
    request = Request(
        told,
        min_rating,
        where,
        time_format,
        delimiter,
        encoding,
        anonymous=anonymous,
        keeps_times=keep_times,
    )
    with open_tables(
        source, delimiter=delimiter, told=request.told_columns, encoding=encoding
    ) as tables:
        packed, report = Records(tables, request, progress).read()
    return Interactions(
        packed.items, packed.offsets, packed.item_ids, packed.user_ids, report, packed.times
    )
