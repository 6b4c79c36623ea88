"""Checks of records: an SQL query that returns the reason for dropping each record, if any."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from item2vec._support.messages import setting
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.columns import INTERACTION_NAMES, Roles, find_roles
from item2vec.reading.decimal_commas import find_decimal_comma
from item2vec.reading.delimited import MALFORMED
from item2vec.reading.duckdb_session import Database, QueryError, quote_name, quote_text
from item2vec.reading.identifiers import check_ids
from item2vec.reading.options import ReadOptions
from item2vec.reading.sql_where import check_condition
from item2vec.reading.table import Table
from item2vec.reading.tables import Tables
from item2vec.reading.time_formats import TimeFormats, find_time_formats

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
    time_formats : TimeFormats
        The strptime formats of the times.
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
        self.options = options
        self.roles = _find_roles(tables, options)
        ids = {role: self.roles.columns[role] for role in ("user", "item")}
        check_ids(tables, ids)
        self.decimal_comma = (
            find_decimal_comma(tables, self.roles.columns["rating"])
            if options.needs_ratings
            else None
        )
        self.time_formats = _time_formats(tables, options, self.roles)
        where = options.rules.where
        formats = (
            {self.roles.columns["time"]: self.time_formats.of(tables.first)}
            if "time" in self.roles.columns
            else {}
        )
        self.condition = (
            None if where is None else check_condition(tables, where, list(ids.values()), formats)
        )

    def checked(self, table: Table, relation: str) -> str:
        """Return the query for the checked records: reason, user, item, time[, rating].

        Parameters
        ----------
        table : Table
        relation : str
            The query for the records of the table.
        """
        values = self._values(table)
        min_rating = self.options.rules.min_rating
        conditions = (  # in the order of REASONS
            quote_name(MALFORMED),
            f"{_internal('user')} IS NULL",
            f"{_internal('item')} IS NULL",
            f"NOT {_internal('matches')}",
            f"{_internal('time given')} IS NULL",
            f"{_internal('time')} IS NULL",
            f"{_internal('rating given')} IS NULL",
            f"{_internal('rating')} IS NULL",
            "false" if min_rating is None else f"{_internal('rating')} < {float(min_rating)!r}",
        )
        cases = " ".join(f"WHEN {test} THEN {n}" for n, test in enumerate(conditions, 1))
        selected = ["user", "item", "time"] + ["rating"] * self.options.load_ratings
        computed = ", ".join(f"{value} AS {_internal(name)}" for name, value in values.items())
        where = self.options.rules.where
        matches = "true" if where is None else f"coalesce((\n{where}\n), false)"
        star = "*" if self.condition is None else self.condition.star
        return (
            f"SELECT CASE {cases} ELSE 0 END, {', '.join(map(_internal, selected))} "
            f"FROM (SELECT *, {matches} AS {_internal('matches')} "
            f"FROM (SELECT {star} FROM (SELECT *, {computed} FROM ({relation}))))"
        )

    def notes(self) -> list[str]:
        """Return notes on how times and ratings are read."""
        notes = [self.time_formats.note] if self.time_formats.note else []
        if self.decimal_comma is not None:
            point = self.decimal_comma.replace(",", ".")
            notes.append(f"ratings have a decimal comma: {self.decimal_comma!r} is read as {point}")
        return notes

    def not_understood(self, table: Table, role: str) -> str:
        """Return the query for one value of the times or ratings that can't be parsed."""
        values = self._values(table)
        column = quote_name(self.roles.columns[role])
        return (
            f"SELECT CAST({column} AS VARCHAR) FROM ({table.relation}) "
            f"WHERE ({values[f'{role} given']}) IS NOT NULL AND ({values[role]}) IS NULL LIMIT 1"
        )

    def largest_rating(self, database: Database, table: Table) -> float | None:
        """Return the largest rating of a table, None if it has none."""
        rating = self._values(table)["rating"]
        ((largest,),) = database.rows(f"SELECT max({rating}) FROM ({table.relation})")
        return None if largest is None else float(largest)

    def _values(self, table: Table) -> dict[str, str]:
        """Return the SQL expressions of the values of a record.

        "user", "item", "time given" and "rating given" are NULL if the value is missing; "time" and
        "rating" also if it can't be parsed. Times and ratings without a column are 0.
        """
        columns, types = self.roles.columns, table.types
        values = {
            role: sql_values.present(sql_values.text(columns[role], types[columns[role]]))
            for role in ("user", "item")
        }
        values |= {"time given": "0", "time": "0", "rating given": "0", "rating": "0"}
        if "time" in columns:
            name = columns["time"]
            values["time given"] = sql_values.given(name, types[name])
            values["time"] = sql_values.time(name, types[name], self.time_formats.of(table))
        if self.options.needs_ratings:
            name = columns["rating"]
            values["rating given"] = sql_values.given(name, types[name])
            value = sql_values.text(name, types[name])
            if self.decimal_comma is not None and types[name] == "VARCHAR":
                value = sql_values.with_decimal_point(value)
            values["rating"] = sql_values.number(value)
        return values


def _internal(name: str) -> str:
    """Return the quoted name of a computed column, which no column of a source has."""
    return quote_name(f"item2vec {name}")


def _find_roles(tables: Tables, options: ReadOptions) -> Roles:
    """Find the columns, and check that each option that needs a column has it."""
    given = options.columns.by_role()
    if not options.needs_ratings and given["rating"] is None:
        del given["rating"]
    roles = find_roles(
        tables.name,
        tables.first.columns,
        given,
        needed=("user", "item", "rating") if options.load_ratings else ("user", "item"),
        well_known=INTERACTION_NAMES,
    )
    for role, option, value in (
        ("rating", "min_rating", options.rules.min_rating),
        ("time", "time_format", options.rules.time_format),
    ):
        if value is not None and role not in roles.columns:
            raise ParameterError(
                f"{setting(option, value)} needs a column with the {role}, and no column of "
                f"{tables.name} has a well-known name for it: name it with {setting(role)}"
            )
    return roles


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
        is_read = "time" in roles.columns
        return find_time_formats(tables, roles.columns["time"]) if is_read else TimeFormats()
    try:
        tables.database.rows(f"SELECT epoch_us(try_strptime('', {quote_text(given)}))")
    except QueryError as error:
        raise ParameterError(
            f"{setting('time_format', given)} is not a strptime format ({error}): "
            'give one such as "%m/%d/%Y %H:%M"'
        ) from error
    return TimeFormats([given], tables.tables)
