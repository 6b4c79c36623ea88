"""Loading of interaction records: checking, counting and packing in DuckDB, with a report."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import bisect
import functools

from item2vec._support.messages import setting
from item2vec.data.read_report import Dropped, ReadReport
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.advice import Adviser
from item2vec.reading.duckdb_session import QueryError
from item2vec.reading.files.paths import Source
from item2vec.reading.ids.frequent_ids import note_on_items, note_on_user
from item2vec.reading.ids.identifiers import check_distinct
from item2vec.reading.ids.placeholders import drop_users, find_placeholder_users
from item2vec.reading.options import ReadOptions
from item2vec.reading.packing import PackedRecords, pack_records
from item2vec.reading.record_checks import PLACEHOLDER, REASONS, RecordChecks
from item2vec.reading.sequences.other_items import other_items
from item2vec.reading.suggested_roles import suggested_roles
from item2vec.reading.table import Table, unreadable
from item2vec.reading.tables import Tables, open_tables
from item2vec.reading.text.delimited import Loaded
from item2vec.reading.text.repeated_headers import count_headers, note_on_headers
from item2vec.reading.text.wrong_encodings import wrong_encodings
from item2vec.reading.times.spans import notes_on_span
from item2vec.types import Progress

PLACES = 3  # locations of dropped records that a report lists for each reason

# The progress, in percent, after loading, after counting, and at the end.
LOADED, COUNTED, DONE = 60, 65, 100


def read_records(
    source: Source, options: ReadOptions, progress: Progress | None = None
) -> tuple[PackedRecords, ReadReport]:
    """Read interaction records from a source, and check and pack them.

    Raises
    ------
    DataError
        If the source can't be read, a required column is not found, a column of ids contains other
        values, a user is a placeholder, or no record is left.
    ParameterError
        If an option does not fit the source.
    """
    columns = options.columns.given()
    with open_tables(
        source,
        options.text,
        column_names=columns,
        layout=options.layout,
        has_user=options.columns.has_user,
    ) as tables:
        return RecordLoader(tables, options, progress).load()


class RecordLoader:
    """Loader of the records of a source.

    Parameters
    ----------
    tables : Tables
    options : ReadOptions
    progress : Progress, optional
        Called with the percentage of the work that is done, and with 100 as the total.
    """

    def __init__(self, tables: Tables, options: ReadOptions, progress: Progress | None) -> None:
        self.database = tables.database
        self.options = options
        self.checks = RecordChecks(tables, options)
        self.tables = self.checks.tables
        self.progress = progress
        self.begins: list[int] = []  # number of records before the first one of each table
        self.loaded: list[Loaded] = []
        self.notes: list[str] = []  # notes on users and items

    def load(self) -> tuple[PackedRecords, ReadReport]:
        """Load all tables; see `read_records`."""
        self._load_tables()
        self._check_users()
        self._check_ids()
        report = self._report()
        if report.rows_kept == 0:
            raise DataError(self._nothing_left(report))
        packed = pack_records(
            self.database,
            ratings=self.options.load_ratings,
            times=self.options.load_times and "time" in self.checks.roles.columns,
            on_progress=lambda part: self._update(COUNTED + (DONE - COUNTED) * part),
        )
        self._update(DONE)
        return packed, report

    def _update(self, percentage: float) -> None:
        if self.progress is not None:
            self.progress(int(percentage), 100)

    def _load_tables(self) -> None:
        """Load the checked records into the table `loaded`, whose row ids number the records."""
        rating = ", rating DOUBLE" if self.options.load_ratings else ""
        record = ", record INTEGER" if self.checks.are_numbered else ""
        self.database.rows(
            'CREATE TABLE loaded (reason UTINYINT, "user" VARCHAR, item VARCHAR, "time" HUGEINT'
            f"{rating}{record})"
        )
        total = sum(table.size for table in self.tables.tables)
        done = 0
        for table in self.tables.tables:
            ((begin,),) = self.database.rows("SELECT count(*) FROM loaded")
            self.begins.append(begin)
            self.loaded.append(self._load_table(table, done / total, table.size / total))
            done += table.size

    def _load_table(self, table: Table, before: float, share: float) -> Loaded:
        """Load one table: fraction `share` of the work, after fraction `before` is done."""
        try:
            return self.tables.load(
                table,
                lambda relation: f"INSERT INTO loaded {self.checks.checked(table, relation)}",
                lambda part: self._update(LOADED * (before + share * part)),
            )
        except QueryError as error:
            condition = self.checks.condition
            if condition is not None and _is_of_values(error):
                raise condition.error(error) from error
            raise unreadable(table.name, error) from error

    def _check_users(self) -> None:
        """Count the records of each user; reject, drop or keep placeholder users."""
        self.database.rows(
            'CREATE TABLE counts AS SELECT "user" AS id, count(*) AS n FROM loaded '
            'WHERE reason = 0 GROUP BY "user"'
        )
        placeholders = find_placeholder_users(self.database, "counts")
        roles = self.checks.roles.columns
        if placeholders is None:
            if "user" in roles:
                self.notes += note_on_user(self.database, roles["user"])
            return
        anonymous = self.options.rules.anonymous
        if anonymous == "error":
            columns = self.tables.first.columns
            raise DataError(placeholders.message(self.tables.name, columns, roles))
        if anonymous == "drop":
            drop_users(self.database, "counts", placeholders, PLACEHOLDER)
        else:
            self.notes.append(placeholders.note())

    def _check_ids(self) -> None:
        """Collect the distinct items, and check that user and item ids are not lists."""
        self.database.rows(
            "CREATE TABLE distinct_items AS SELECT DISTINCT item AS id FROM loaded WHERE reason = 0"
        )
        columns, name = self.checks.roles.columns, self.tables.name
        self.notes += note_on_items(self.database, columns["item"])
        for role, ids in (("user", "counts"), ("item", "distinct_items")):
            if role in columns:
                self.notes += check_distinct(self.database, name, role, columns[role], ids)

    def _report(self) -> ReadReport:
        found = self.database.rows(
            f"SELECT reason, count(*), min(rowid, {PLACES}) FROM loaded GROUP BY reason ORDER BY 1"
        )
        counts = {REASONS[reason - 1]: (n, rows) for reason, n, rows in found if reason > 0}
        kept = sum(n for reason, n, _ in found if reason == 0)
        dropped = {}
        # Malformed records of text files are counted while loading, and have no row.
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
        columns = dict(self.checks.roles.columns)
        notes = self._notes()
        if kept:
            # Records in another encoding, or headers, are malformed, which has a note of its own.
            n_malformed = dropped[REASONS[0]].count if REASONS[0] in dropped else 0
            are_headers = n_malformed == sum(self._repeated_headers.values())
            known = {REASONS[0]} if self._wrong_encodings or are_headers else set()
            rest = {reason: each for reason, each in dropped.items() if reason not in known}
            notes += tuple(Adviser(self.tables, self.checks).notes(total, rest))
        in_file_order = self.options.columns.in_file_order
        return ReadReport(total, kept, dropped, columns, notes, in_file_order)

    def _malformed_places(self) -> list[str]:
        return [
            f"{table.name} record {record}"
            for table, loaded in zip(self.tables.tables, self.loaded, strict=True)
            for record in loaded.malformed[:PLACES]
        ][:PLACES]

    def _place(self, row: int) -> str:
        """Return the location in the source of the record with this row id."""
        which = bisect.bisect_right(self.begins, row) - 1
        table = self.tables.tables[which]
        record = table.first_record + self._record(row, which)
        for malformed in self.loaded[which].malformed:  # malformed records have no row
            record += malformed <= record
        return f"{table.name} {'row' if table.file is None else 'record'} {record}"

    def _record(self, row: int, which: int) -> int:
        """Return the position in its table, from 0, of the record with this row id."""
        if not self.checks.are_numbered:
            return row - self.begins[which]
        ((record,),) = self.database.rows(f"SELECT record FROM loaded WHERE rowid = {row}")
        return int(record) - 1

    def _notes(self) -> tuple[str, ...]:
        notes = [note for table in self.tables.tables for note in table.notes]
        notes += [note for loaded in self.loaded for note in loaded.notes]
        notes += [note_on_headers(name, n) for name, n in self._repeated_headers.items()]
        notes += self.notes + self._wrong_encodings
        if not self.checks.names_are_ours:
            notes += self.checks.roles.note()
        notes += self.checks.notes()
        notes += other_items(self.checks.opened, self.checks.roles, self.options)
        columns = self.checks.roles.columns
        for role in [role for role in ("user", "item") if role in columns]:
            types = {table.types[columns[role]] for table in self.tables.tables}
            if any(sql_values.is_fraction(sql_type) for sql_type in types):
                notes.append(f"{columns[role]} contains floating-point numbers: 1.0 is read as 1")
        if "user" not in columns and not self.checks.names_are_ours:
            notes.append(
                "there is no column of users: each record is the history of one anonymous user"
            )
        if "time" not in columns:
            notes.append(self._note_on_order())
        else:
            formats, where = self.checks.time_formats, self.options.rules.where
            notes += notes_on_span(self.tables, columns["time"], formats, where)
        return tuple(dict.fromkeys(notes))

    def _note_on_order(self) -> str:
        """Return the note on the order of the records if no column of times is used."""
        if self.options.columns.in_file_order:
            return "the records are in time order, as declared"
        note = "no column of times was found: the records keep their order"
        time = suggested_roles(self.tables, self.checks.roles, (), self.options).get("time")
        return note + ("" if time is None else f" (it may be {setting('time', time)})")

    @functools.cached_property
    def _wrong_encodings(self) -> list[str]:
        """A note for each file with malformed records that is not UTF-8."""
        malformed = [
            table
            for table, loaded in zip(self.tables.tables, self.loaded, strict=True)
            if loaded.n_malformed or self._has_malformed_json(table)
        ]
        return wrong_encodings(self.database, malformed)

    @functools.cached_property
    def _repeated_headers(self) -> dict[str, int]:
        """The number of records that repeat the header, for each table with some."""
        # The tables may have one row for each item, so records are counted as they were opened.
        if not self.database.rows("SELECT 1 FROM loaded WHERE reason = 1 LIMIT 1"):
            return {}
        return count_headers(self.database, self.checks.opened.tables)

    def _has_malformed_json(self, table: Table) -> bool:
        """Return whether records of JSON are malformed, which have rows, if a table is JSON."""
        if table.file is None or table.file.kind != "json":
            return False
        return bool(self.database.rows("SELECT 1 FROM loaded WHERE reason = 1 LIMIT 1"))

    def _nothing_left(self, report: ReadReport) -> str:
        """Return the message for a source without a record that can be kept."""
        is_malformed = list(report.dropped) == [REASONS[0]]
        if is_malformed and (wrong := self._wrong_encodings):
            return wrong[0]
        return Adviser(self.tables, self.checks).nothing_left(report.rows_read, report.dropped)


def _is_of_values(error: QueryError) -> bool:
    """Return whether an error may come from the values of a condition, and not from the file."""
    if error.kind == "Invalid Input":
        return not str(error).startswith(("CSV Error", "Invalid string encoding"))
    return error.kind in {"Conversion", "Out of Range"}
