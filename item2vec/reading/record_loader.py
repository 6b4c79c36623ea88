"""Records of users with items: judged, then sorted into histories, all in DuckDB."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import bisect
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec._support.progress import Progress
from item2vec.data.histories import pack_lengths
from item2vec.data.interactions import Dropped, ReadReport
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.delimited import Loaded
from item2vec.reading.duckdb_session import QueryError
from item2vec.reading.identifiers import check_distinct
from item2vec.reading.placeholders import drop, find_suspects
from item2vec.reading.record_checks import PLACEHOLDER, REASONS, Judge, Request
from item2vec.reading.sql_where import misunderstood
from item2vec.reading.tables import Table, Tables, is_utf_8, unreadable
from item2vec.types import Floats, Offsets, Rows

PLACES = 3  # that a report shows for each reason

# How the work is shared out, in percent.
LOADED, COUNTED, DONE = 60, 65, 100


class Packed(NamedTuple):
    """What is kept of records, packed by user, each user's in time order.

    Ratings and times only where they were asked for.
    """

    items: Rows
    offsets: Offsets
    item_ids: tuple[str, ...]
    user_ids: tuple[str, ...]
    ratings: Floats
    times: Offsets | None = None

    @property
    def users(self) -> Rows:
        """The place of the user of each record, int32 (n,)."""
        return np.repeat(np.arange(len(self.user_ids), dtype=np.int32), np.diff(self.offsets))


class Records:
    """One reading, step by step.

    Raises
    ------
    DataError, ParameterError
        As `Judge` does.
    """

    def __init__(self, tables: Tables, request: Request, progress: Progress | None) -> None:
        self.tables = tables
        self.database = tables.database
        self.judge = Judge(tables, request)
        self.progress = progress
        self.begins: list[int] = []  # how many records stand before each table's first
        self.loaded: list[Loaded] = []
        self.notes: list[str] = []  # what is found once all is loaded

    def read(self) -> tuple[Packed, ReadReport]:
        """Read all tables.

        Raises
        ------
        DataError
            If a table can't be read or nothing is left of it.
        """
        self._load()
        self._judge_users()
        self._judge_ids()
        report = self._report()
        if report.rows_kept == 0:
            raise DataError(self._nothing_left(report))
        packed = self._pack()
        self._tell(DONE)
        return packed, report

    def _tell(self, percentage: float) -> None:
        if self.progress is not None:
            self.progress(int(percentage), 100)

    def _load(self) -> None:
        """Put the verdicts on all records into one table, whose row ids number the records."""
        rating = ", rating DOUBLE" if self.judge.request.takes_ratings else ""
        self.database.rows(
            'CREATE TABLE loaded (reason UTINYINT, "user" VARCHAR, item VARCHAR, "time" HUGEINT'
            f"{rating})"
        )
        whole = sum(table.size for table in self.tables.tables)
        done = 0
        for table in self.tables.tables:
            ((begin,),) = self.database.rows("SELECT count(*) FROM loaded")
            self.begins.append(begin)
            self.loaded.append(self._load_one(table, done / whole, table.size / whole))
            done += table.size

    def _load_one(self, table: Table, before: float, share: float) -> Loaded:
        try:
            return self.tables.load(
                table,
                lambda relation: f"INSERT INTO loaded {self.judge.verdicts(table, relation)}",
                lambda part: self._tell(LOADED * (before + share * part)),
            )
        except QueryError as error:
            where = self.judge.request.where
            if where is not None and error.kind in {"Conversion", "Out of Range"}:
                raise misunderstood(where, str(error)) from error
            raise unreadable(table.name, error) from error

    def _judge_users(self) -> None:
        """Count the users' records; refuse, drop or keep users who are placeholders."""
        self.database.rows(
            'CREATE TABLE counts AS SELECT "user" AS id, count(*) AS n FROM loaded '
            'WHERE reason = 0 GROUP BY "user"'
        )
        suspects = find_suspects(self.database, "counts")
        if suspects is None:
            return
        if self.judge.request.anonymous == "error":
            columns = self.judge.roles.columns
            raise DataError(suspects.refusal(self.tables.name, self.tables.first.columns, columns))
        if self.judge.request.anonymous == "drop":
            drop(self.database, "counts", suspects, PLACEHOLDER)
        else:
            self.notes.append(suspects.note())

    def _judge_ids(self) -> None:
        """Collect the distinct items, and look for lists among them and among the users."""
        self.database.rows(
            "CREATE TABLE distinct_items AS SELECT DISTINCT item AS id FROM loaded WHERE reason = 0"
        )
        columns, name = self.judge.roles.columns, self.tables.name
        for role, ids in (("user", "counts"), ("item", "distinct_items")):
            self.notes += check_distinct(self.database, name, role, columns[role], ids)

    def _report(self) -> ReadReport:
        found = self.database.rows(
            f"SELECT reason, count(*), min(rowid, {PLACES}) FROM loaded GROUP BY reason ORDER BY 1"
        )
        counts = {REASONS[reason - 1]: (n, rows) for reason, n, rows in found if reason > 0}
        kept = sum(n for reason, n, _ in found if reason == 0)
        dropped = {}
        n_malformed = sum(loaded.n_malformed for loaded in self.loaded)
        if n_malformed:
            counts = {REASONS[0]: (0, [])} | counts
        for reason, (n, rows) in counts.items():
            places = [self._place(row) for row in rows]
            if reason == REASONS[0]:
                n += n_malformed
                places = (self._malformed_places() + places)[:PLACES]
            dropped[reason] = Dropped(n, tuple(places))
        total = kept + sum(each.count for each in dropped.values())
        columns = dict(self.judge.roles.columns)
        in_file_order = self.judge.request.in_file_order
        return ReadReport(total, kept, dropped, columns, self._notes(), in_file_order)

    def _malformed_places(self) -> list[str]:
        return [
            f"{table.name} record {record}"
            for table, loaded in zip(self.tables.tables, self.loaded, strict=True)
            for record in loaded.malformed[:PLACES]
        ][:PLACES]

    def _place(self, row: int) -> str:
        """Say where the record stands that has this row id."""
        which = bisect.bisect_right(self.begins, row) - 1
        table = self.tables.tables[which]
        record = table.first_record + row - self.begins[which]
        for malformed in self.loaded[which].malformed:  # these have no row
            record += malformed <= record
        return f"{table.name} {'row' if table.file is None else 'record'} {record}"

    def _notes(self) -> tuple[str, ...]:
        notes = [note for table in self.tables.tables for note in table.notes]
        notes += [note for loaded in self.loaded for note in loaded.notes]
        notes += self.notes + self._wrong_encodings()
        notes += self.judge.roles.note()
        columns = self.judge.roles.columns
        for role in ("user", "item"):
            types = {table.types[columns[role]] for table in self.tables.tables}
            if any(sql_values.is_fraction(sql_type) for sql_type in types):
                notes.append(f"{columns[role]} holds numbers with a point: 1.0 is taken as 1")
        if "time" not in columns:
            declared = self.judge.request.in_file_order
            notes.append(
                "the records are in the order of time, as declared"
                if declared
                else "no column of times was found: the records keep their order"
            )
        return tuple(dict.fromkeys(notes))

    def _wrong_encodings(self) -> list[str]:
        """Say of files with malformed records whether that may be because they are not UTF-8."""
        return [
            f"{table.name} is not UTF-8: if it is Latin-1, read it with "
            f"{setting('encoding', 'latin-1')}"
            for table, loaded in zip(self.tables.tables, self.loaded, strict=True)
            if loaded.n_malformed and table.file is not None
            if table.file.encoding == "utf-8" and not is_utf_8(table.file)
        ]

    def _nothing_left(self, report: ReadReport) -> str:
        name = self.tables.name
        if report.rows_read == 0:
            return f"{name} holds no records: give interactions"
        if list(report.dropped) == ["time not understood"]:
            ((value,),) = self.database.rows(self.judge.time_not_understood(self.tables.first))
            return (
                f"{name}: no time is understood, such as {value!r} in column "
                f"{report.columns['time']!r}: give its format, as in "
                f"{setting('time_format', '%m/%d/%Y %H:%M')}, or take the order of the file with "
                f"{setting('time', 'none')}"
            )
        if list(report.dropped) == ["malformed record"]:
            if wrong := self._wrong_encodings():
                return wrong[0]
            return (
                f"{name}: not one of {report.rows_read:,} records has the columns that the first "
                f"one announces ({', '.join(self.tables.first.columns)}): name the "
                f"{setting('delimiter')}, or mend the file"
            )
        why = ", ".join(f"{each.count:,}: {reason}" for reason, each in report.dropped.items())
        return f"nothing is left of the {report.rows_read:,} records of {name} ({why}): keep more"

    def _pack(self) -> Packed:
        """Give users and items their places, in the order of their ids, and sort by user and time.

        DuckDB's sort is not stable, so the row id, which is the order of the source, has the last
        word.
        """
        for kind, ids in (("users", "counts"), ("items", "distinct_items")):
            self.database.rows(
                f"CREATE TABLE {kind} AS SELECT *, "
                f"CAST(row_number() OVER (ORDER BY id) - 1 AS INTEGER) AS place FROM {ids}"
            )
            self.database.rows(f"DROP TABLE {ids}")
        (lengths,) = self.database.arrays("SELECT n FROM users ORDER BY place")
        self._tell(COUNTED)
        takes_ratings = self.judge.request.takes_ratings
        keeps_times = self.judge.request.keeps_times and "time" in self.judge.roles.columns
        places, others = self._sorted(takes_ratings, keeps_times, int(lengths.sum()))
        # The ids of many users take much memory: first make room.
        self.database.rows("DROP TABLE loaded")
        (user_ids,) = self.database.arrays("SELECT id FROM users ORDER BY place")
        (item_ids,) = self.database.arrays("SELECT id FROM items ORDER BY place")
        with np.errstate(over="ignore"):  # what is too large becomes infinite, which is told
            values = np.asarray(others[0] if takes_ratings else []).astype(np.float32)
        return Packed(
            np.asarray(places, dtype=np.int32),
            pack_lengths(lengths),
            tuple(item_ids.tolist()),
            tuple(user_ids.tolist()),
            values,
            np.asarray(others[-1], dtype=np.int64) if keeps_times else None,
        )

    def _sorted(
        self, takes_ratings: bool, keeps_times: bool, n: int
    ) -> tuple[npt.NDArray[Any], list[npt.NDArray[Any]]]:
        """Return the items of the `n` kept records, sorted by user and time, and other columns."""
        limits = np.iinfo(np.int64)
        time = f'least(greatest(loaded."time", {limits.min}), {limits.max})'
        sql = (
            f"SELECT items.place{', loaded.rating' * takes_ratings}"
            f"{f', CAST({time} AS BIGINT) AS time' * keeps_times} FROM loaded "
            'JOIN users ON loaded."user" = users.id JOIN items ON loaded.item = items.id '
            'WHERE reason = 0 ORDER BY users.place, loaded."time", loaded.rowid'
        )

        def tell(part: float) -> None:
            self._tell(COUNTED + (DONE - COUNTED) * part)

        if takes_ratings or keeps_times:
            places, *others = self.database.arrays(sql, on_progress=tell)
            return places, others
        return self.database.integers(sql, n, on_progress=tell), []
