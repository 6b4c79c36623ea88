"""Reading ratings out of tables of any kind."""

from dataclasses import replace

import numpy as np

from item2vec._support.messages import counted
from item2vec._support.progress import Progress
from item2vec.data.ratings import Ratings
from item2vec.reading.file_format import Encoding
from item2vec.reading.paths import Source
from item2vec.reading.placeholders import Anonymous
from item2vec.reading.record_checks import Request
from item2vec.reading.record_loader import Packed, Records
from item2vec.reading.tables import open_tables
from item2vec.types import Rows


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
    progress: Progress | None = None,
) -> Ratings:
    """Read ratings from files or a pandas DataFrame.

    Parameters are those of `read_interactions`. Where a user rated an item more than once, the last
    rating counts, and the report says how many do not.

    Raises
    ------
    DataError
        If a file is missing or not what it should be, no column is known to be the rating, or
        nothing is left.
    ParameterError
        If a parameter does not go with the source or with another one.
    """
    told = {"user": user, "item": item, "time": time, "rating": rating}
    request = Request(
        told,
        None,
        where,
        time_format,
        delimiter,
        encoding,
        takes_ratings=True,
        anonymous=anonymous,
    )
    with open_tables(
        source, delimiter=delimiter, told=request.told_columns, encoding=encoding
    ) as tables:
        packed, report = Records(tables, request, progress).read()
    last = _last(packed)
    n_earlier = len(packed.items) - len(last)
    if n_earlier:
        note = f"{counted(n_earlier, 'rating')} of what its user rated again later: the last counts"
        report = replace(report, notes=(*report.notes, note))
    return Ratings(
        packed.users[last],
        packed.items[last],
        packed.ratings[last],
        packed.user_ids,
        packed.item_ids,
        report,
    )


def _last(packed: Packed) -> Rows:
    """Return the places of the records that no later one of the same user and item follows."""
    pairs = packed.users.astype(np.int64) * len(packed.item_ids) + packed.items
    from_the_end = np.unique(pairs[::-1], return_index=True)[1]
    return np.sort(len(pairs) - 1 - from_the_end).astype(np.int32)
