"""Reading ratings from files and DataFrames."""

from dataclasses import replace

import numpy as np

from item2vec._support.messages import counted
from item2vec.data.ratings import Ratings
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
from item2vec.types import Progress, Rows


def read_ratings(
    source: Source,
    *,
    user: str | None = None,
    item: str | None = None,
    rating: str | None = None,
    time: str | None = None,
    where: str | None = None,
    time_format: str | None = None,
    delimiter: str | None = None,
    encoding: Encoding = "utf-8",
    anonymous: Anonymous = "error",
    layout: Layout = "auto",
    progress: Progress | None = None,
) -> Ratings:
    """Read ratings from files or a pandas DataFrame.

    The parameters are those of `read_interactions`. If a user rated an item several times, the last
    rating is kept, and the report gives the number of earlier ones.

    Raises
    ------
    DataError, ParameterError
        If the source can't be read, an option can't be used with it, there is no column of ratings,
        or no record is left.
    """
    options = ReadOptions(
        ColumnNames(user, item, time, rating),
        TextFormat(delimiter, encoding),
        RecordRules(None, where, time_format, anonymous),
        layout=layout,
        load_ratings=True,
    )
    records, report = read_records(source, options, progress)
    last = _last_of_each_pair(records)
    n_earlier = len(records.items) - len(last)
    if n_earlier:
        note = f"{counted(n_earlier, 'rating')} replaced by a later one of the same user and item"
        report = replace(report, notes=(*report.notes, note))
    item_ids, user_ids = records.item_ids, records.user_ids
    users, items, values = records.users[last], records.items[last], records.ratings[last]
    return Ratings(users, items, values, user_ids, item_ids, report)


def _last_of_each_pair(records: PackedRecords) -> Rows:
    """Return the positions of the last record of each pair of user and item, ascending."""
    pairs = records.users.astype(np.int64) * len(records.item_ids) + records.items
    from_the_end = np.unique(pairs[::-1], return_index=True)[1]
    return np.sort(len(pairs) - 1 - from_the_end).astype(np.int32)
