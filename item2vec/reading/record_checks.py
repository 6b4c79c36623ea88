"""Checks of records: an SQL query that returns the reason for dropping each record, if any."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from dataclasses import replace

from item2vec._support.messages import setting, shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.columns import Roles
from item2vec.reading.conditions.matching_records import find_matching_formats
from item2vec.reading.conditions.where import check_condition
from item2vec.reading.decimal_commas import find_decimal_comma
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.ids.identifiers import check_ids
from item2vec.reading.interaction_roles import find_interaction_roles
from item2vec.reading.internal_columns import MALFORMED, RECORD
from item2vec.reading.options import ReadOptions
from item2vec.reading.sequences.list_columns import is_of_sequences, unnest_lists
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables
from item2vec.reading.times.formats import SAMPLE, TimeFormats
from item2vec.reading.times.missing_times import is_missing, missing_time
from item2vec.reading.times.parsing import example_format
from item2vec.reading.times.times_of_day import (
    FinerTimes,
    find_dates,
    find_finer_times,
    note_on_unused,
)

# Reasons for dropping a record, in the order of the checks. Reason i + 1 is REASONS[i]; records
# with reason 0 are kept.
REASONS = (
    "malformed record",
    "user missing",
    "item missing",
    "left out by where",
    "time missing",
    "time not understood",
    "rating missing",
    "rating not understood",
    "rating below min_rating",
    "placeholder user",  # assigned after all records are counted, not by `RecordChecks`
)
PLACEHOLDER = len(REASONS)


class RecordChecks:
    """The checks of the records of a source.

    Parameters
    ----------
    tables : Tables
    options : ReadOptions

    Attributes
    ----------
    roles : Roles
        The columns of users, items, times and ratings.
    opened : Tables
        The tables with one row for each record.
    tables : Tables
        The tables with one row for each item, also if their records are sequences.
    are_numbered : bool
        Whether the tables have the column RECORD.
    time_formats : TimeFormats
        The strptime formats of the times.
    time_of_day : FinerTimes, optional
        The times of day, if the column of times holds dates alone.
    decimal_comma : str, optional
        A rating with a decimal comma, if they have one.
    condition : TypedCondition, optional
        The condition `where`, if there is one.

    Raises
    ------
    DataError
        If a required column is not found, or a column of ids contains other values.
    ParameterError
        If an option does not fit the source.
    """

    def __init__(self, tables: Tables, options: ReadOptions) -> None:
        self.options, self.opened = options, tables
        self.roles = find_interaction_roles(tables, options)
        self.tables = tables = unnest_lists(tables, self.roles, options.layout)
        self.are_numbered = any(table.is_numbered for table in tables.tables)
        columns = self.roles.columns
        ids = {role: columns[role] for role in ("user", "item") if role in columns}
        check_ids(tables, ids)
        rating = columns["rating"] if options.needs_ratings else None
        self.decimal_comma = None if rating is None else find_decimal_comma(tables, rating)
        self.time_formats = _time_formats(tables, options, self.roles)
        self.time_of_day: FinerTimes | None = None
        self._times_note: str | None = None
        if "time" in self.roles.found:
            self._refine_times()
        where = options.rules.where
        formats = {}
        if "time" in self.roles.columns and not self.time_formats.also_strict:
            formats = {self.roles.columns["time"]: self.time_formats.of(tables.first)}
        named = list(ids.values())
        self.condition = None if where is None else check_condition(tables, where, named, formats)

    def _refine_times(self) -> None:
        """Add the times of day of another column to the dates, or use its whole times instead."""
        is_free = self.options.rules.time_format is None
        if is_free and (found := find_dates(self.tables, self.roles)) is not None:
            self._use_times(found)
        dates = self.roles.columns["time"]
        finer = find_finer_times(self.tables, self.roles, self.time_formats)
        if finer is None:
            self._times_note = note_on_unused(self.tables, self.roles, self.time_formats)
            return
        alone = f"{setting('time', dates)} uses the dates alone"
        if finer.clock is not None:
            self.time_of_day = finer
            self._times_note = (
                f"times are the date in column {shown(dates)} and the time of day in column "
                f"{shown(finer.column)}: {alone}"
            )
        elif is_free:
            self._use_times(finer.column)
            self._times_note = (
                f"column {shown(finer.column)} has the times of the dates in column "
                f"{shown(dates)}: {alone}"
            )

    def _use_times(self, column: str) -> None:
        """Use another column of times."""
        self.roles = replace(self.roles, columns={**self.roles.columns, "time": column})
        self.time_formats = _time_formats(self.tables, self.options, self.roles)

    @property
    def names_are_ours(self) -> bool:
        """Whether lines are sequences, whose columns have no names in the source."""
        file = self.tables.first.file
        return file is not None and is_of_sequences(self.tables.first) and not file.header

    def checked(self, table: Table, relation: str) -> str:
        """Return the query for the checked records: reason, user, item, time[, rating][, record].

        Parameters
        ----------
        table : Table
        relation : str
            The query for the records of the table.
        """
        min_rating = self.options.rules.min_rating
        no_time = f"{_internal('time')} IS NULL"
        conditions = (  # in the order of REASONS; NULL is false
            quote_name(MALFORMED),
            f"{_internal('user')} IS NULL",
            f"{_internal('item')} IS NULL",
            f"NOT {_internal('matches')}",
            f"CASE WHEN {no_time} THEN {missing_time(_internal('time given'))} END",
            no_time,
            f"{_internal('rating given')} IS NULL",
            f"{_internal('rating')} IS NULL",
            "false" if min_rating is None else f"{_internal('rating')} < {float(min_rating)!r}",
        )
        cases = " ".join(f"WHEN {test} THEN {n}" for n, test in enumerate(conditions, 1))
        selected = ["user", "item", "time"] + ["rating"] * self.options.load_ratings
        selected += ["record"] * self.are_numbered
        return (
            f"SELECT CASE {cases} ELSE 0 END, {', '.join(map(_internal, selected))} "
            f"FROM ({self._computed(table, relation)})"
        )

    def _computed(self, table: Table, relation: str) -> str:
        """Return the query for the records of a table with their values and `matches`."""
        values = self._values(table)
        computed = ", ".join(f"{value} AS {_internal(name)}" for name, value in values.items())
        where = self.options.rules.where
        matches = "true" if where is None else f"coalesce((\n{where}\n), false)"
        star = "*" if self.condition is None else self.condition.star
        return (
            f"SELECT *, {matches} AS {_internal('matches')} "
            f"FROM (SELECT {star} FROM (SELECT *, {computed} FROM ({relation})))"
        )

    def notes(self) -> list[str]:
        """Return notes on how times and ratings are read."""
        notes = [self.time_formats.note] if self.time_formats.note else []
        if self._times_note is not None:
            notes.append(self._times_note)
        if self.decimal_comma is not None:
            point = self.decimal_comma.replace(",", ".")
            notes.append(f"ratings have a decimal comma: {self.decimal_comma!r} is read as {point}")
        return notes

    def not_understood(self, table: Table, role: str) -> str:
        """Return the query for some values of the times or ratings that can't be parsed."""
        values = self._values(table)
        column, given = quote_name(self.roles.columns[role]), values[f"{role} given"]
        is_given = f"NOT {missing_time(given)}" if role == "time" else f"({given}) IS NOT NULL"
        return (
            f"SELECT CAST({column} AS VARCHAR) FROM ({table.relation}) "
            f"WHERE ({values[role]}) IS NULL AND {is_given} LIMIT {SAMPLE}"
        )

    def largest_rating(self, database: Database, table: Table) -> float | None:
        """Return the largest rating of the matching records of a table, None if there is none."""
        ((largest,),) = database.rows(
            f"SELECT max({_internal('rating')}) FROM ({self._computed(table, table.relation)}) "
            f"WHERE {_internal('matches')}"
        )
        return None if largest is None else float(largest)

    def _values(self, table: Table) -> dict[str, str]:
        """Return the SQL expressions of the values of a record.

        "user", "item", "time" and "rating given" are NULL if the value is missing; "time" and
        "rating" also if it can't be parsed. "time given" is the value of the column. Times and
        ratings without a column are 0.
        """
        columns, types = self.roles.columns, table.types
        values = {
            role: sql_values.present(sql_values.text(columns[role], types[columns[role]]))
            for role in ("user", "item")
            if role in columns
        }
        # Databases write NULL as \N. For a user, that is a placeholder.
        values["item"] = f"nullif({values['item']}, '\\N')"
        if "user" not in columns:
            values["user"] = self._record_as_user(table)
        values |= {"time given": "0", "time": "0", "rating given": "0", "rating": "0"}
        if "time" in columns:
            name = columns["time"]
            values["time given"] = quote_name(name)
            values["time"] = self.time_formats.time(table, name)
            if self.time_of_day is not None and self.time_of_day.clock is not None:
                name = self.time_of_day.column
                clock = self.time_of_day.clock.sql(name, types[name])
                values["time"] = f"{values['time']} + coalesce({clock}, 0)"
        if self.options.needs_ratings:
            name = columns["rating"]
            values["rating given"] = sql_values.given(name, types[name])
            value = sql_values.text(name, types[name])
            if self.decimal_comma is not None and types[name] == "VARCHAR":
                value = sql_values.with_decimal_point(value)
            values["rating"] = sql_values.number(value)
        return values

    def _record_as_user(self, table: Table) -> str:
        """Return the SQL for an id of a user who is not named: the number of the record."""
        number = f"CAST({quote_name(RECORD)} AS VARCHAR)"
        if len(self.tables.tables) == 1:
            return number
        names = [each.name for each in self.tables.tables]
        name = table.name
        if names.count(name) > 1:
            name = f"{name} ({self.tables.tables.index(table) + 1})"
        return f"{quote_text(f'{name} ')} || {number}"


def _internal(name: str) -> str:
    """Return the quoted name of a computed column, which no column of a source has."""
    return quote_name(f"item2vec {name}")


def _time_formats(tables: Tables, options: ReadOptions, roles: Roles) -> TimeFormats:
    """Return the given format of the times, or the ones that are found, if they need any.

    Raises
    ------
    ParameterError
        If DuckDB does not accept the given format.
    DataError
        If the order of day and month is not clear.
    """
    given = options.rules.time_format
    if given is None:
        if "time" not in roles.columns:
            return TimeFormats()
        texts = [roles.columns[role] for role in ("user", "item") if role in roles.columns]
        return find_matching_formats(tables, roles.columns["time"], options.rules.where, texts)
    try:
        tables.database.rows(f"SELECT epoch_us(try_strptime('', {quote_text(given)}))")
    except QueryError as error:
        example = _example_format(tables, roles)
        remedy = "leave it out" if example is None else f"give {setting('time_format', example)}"
        raise ParameterError(
            f"{setting('time_format', given)} is not a strptime format ({error}): "
            f"correct it, or {remedy}"
        ) from error
    return TimeFormats([given], tables.tables)


def _example_format(tables: Tables, roles: Roles) -> str | None:
    """Return a format that fits the first time, None if there is none."""
    table, column = tables.first, roles.columns["time"]
    value = sql_values.present(sql_values.text(column, table.types[column]))
    rows = tables.database.rows(
        f"SELECT value FROM (SELECT {value} AS value FROM ({table.relation})) "
        f"WHERE value IS NOT NULL AND NOT {is_missing('value')} LIMIT 1"
    )
    return example_format(tables.database, [value for (value,) in rows])
