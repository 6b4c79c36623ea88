"""Packing of the kept records: DuckDB sorts them by user and time, and they become arrays."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.data.packed import pack_lengths
from item2vec.reading.duckdb_session import Database
from item2vec.types import Floats, Offsets, Rows


class PackedRecords(NamedTuple):
    """The kept records, packed by user, those of each user in time order.

    Parameters
    ----------
    items : array of shape (n,), int32
        Positions in `item_ids`.
    offsets : array of shape (m + 1,), int64
        The records of user i are ``items[offsets[i]:offsets[i + 1]]``.
    item_ids, user_ids : tuple of str
        Sorted, each id once.
    ratings : array of shape (n,), float32
        Empty unless ratings were loaded.
    times : array of shape (n,), int64, optional
        Nanoseconds since 1970, UTC, if times were loaded.
    """

    items: Rows
    offsets: Offsets
    item_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    ratings: Floats
    times: npt.NDArray[np.int64] | None = None

    @property
    def users(self) -> Rows:
        """The position in `user_ids` of the user of each record, int32 (n,)."""
        return np.repeat(np.arange(len(self.user_ids), dtype=np.int32), np.diff(self.offsets))


def pack_records(
    database: Database,
    *,
    ratings: bool,
    times: bool,
    on_progress: Callable[[float], None],
) -> PackedRecords:
    """Pack the records of the table ``loaded`` that have the reason 0.

    Parameters
    ----------
    database : Database
        With the tables ``loaded``, ``counts`` (users and their numbers of records) and
        ``distinct_items``, all of which are dropped.
    ratings, times : bool
        Whether to fetch ratings and times.
    on_progress : callable
        Called with the fraction of the work that is done, 0 to 1.
    """
    for table, ids in (("users", "counts"), ("items", "distinct_items")):
        database.rows(
            f"CREATE TABLE {table} AS SELECT *, "
            f"CAST(row_number() OVER (ORDER BY id) - 1 AS INTEGER) AS position FROM {ids}"
        )
        database.rows(f"DROP TABLE {ids}")
    (lengths,) = database.arrays("SELECT n FROM users ORDER BY position")
    on_progress(0)
    items, others = _sorted(database, int(lengths.sum()), ratings, times, on_progress)
    # The ids of many users take much memory: drop the records first to free theirs.
    database.rows("DROP TABLE loaded")
    (user_ids,) = database.arrays("SELECT id FROM users ORDER BY position")
    (item_ids,) = database.arrays("SELECT id FROM items ORDER BY position")
    with np.errstate(over="ignore"):  # too large for float32: inf, which `Ratings` rejects
        values = np.asarray(others[0] if ratings else []).astype(np.float32)
    return PackedRecords(
        np.asarray(items, dtype=np.int32),
        pack_lengths(lengths),
        tuple(item_ids.tolist()),
        tuple(user_ids.tolist()),
        values,
        np.asarray(others[-1], dtype=np.int64) if times else None,
    )


def _sorted(
    database: Database, n: int, ratings: bool, times: bool, on_progress: Callable[[float], None]
) -> tuple[npt.NDArray[Any], list[npt.NDArray[Any]]]:
    """Return the items of the `n` kept records, sorted by user and time, and the other columns.

    DuckDB's sort is not stable, so ties are sorted by row id, which is the order of the source.
    """
    limits = np.iinfo(np.int64)
    time = f'least(greatest(loaded."time", {limits.min}), {limits.max})'
    sql = (
        f"SELECT items.position{', loaded.rating' * ratings}"
        f"{f', CAST({time} AS BIGINT) AS time' * times} FROM loaded "
        'JOIN users ON loaded."user" = users.id JOIN items ON loaded.item = items.id '
        'WHERE reason = 0 ORDER BY users.position, loaded."time", loaded.rowid'
    )
    if ratings or times:
        items, *others = database.arrays(sql, on_progress=on_progress)
        return items, others
    return database.integers(sql, n, on_progress=on_progress), []
