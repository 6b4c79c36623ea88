"""Judging records: which are kept, and why the others are dropped, as one SQL statement."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from item2vec._support.messages import setting, shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.columns import INTERACTION_NAMES, Roles, find_roles
from item2vec.reading.delimited import MALFORMED
from item2vec.reading.duckdb_session import QueryError, quote_name, quote_text
from item2vec.reading.file_format import Encoding
from item2vec.reading.identifiers import check_ids
from item2vec.reading.paths import is_utf_8_text
from item2vec.reading.placeholders import Anonymous
from item2vec.reading.sql_where import typed
from item2vec.reading.tables import Table, Tables

NO_TIME = "none"

# In the order in which they are tried; a kept record has reason 0.
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
    "placeholder user",  # told once all records are counted, not by `Judge`
)
PLACEHOLDER = len(REASONS)


@dataclass(frozen=True)
class Request:
    """What a person asked for; see `read_interactions` and `read_ratings`."""

    told: Mapping[str, str | None]
    min_rating: float | None = None
    where: str | None = None
    time_format: str | None = None
    delimiter: str | None = None
    encoding: Encoding = "utf-8"
    takes_ratings: bool = False
    anonymous: Anonymous = "error"
    keeps_times: bool = False

    def __post_init__(self) -> None:
        # A DataFrame's labels may be numbers.
        told = {role: None if name is None else str(name) for role, name in self.told.items()}
        object.__setattr__(self, "told", told)
        if self.encoding not in get_args(Encoding):
            raise ParameterError(
                f"encoding must be {' or '.join(get_args(Encoding))}, not {self.encoding!r}"
            )
        if self.anonymous not in get_args(Anonymous):
            words = ", ".join(get_args(Anonymous))
            raise ParameterError(f"anonymous must be one of {words}, not {self.anonymous!r}")
        for name in ("where", "time_format", "delimiter"):
            value = getattr(self, name)
            if value is not None and not isinstance(value, str):
                raise ParameterError(f"{name} must be a string, not {value!r}")
            if value is not None and not is_utf_8_text(value):
                raise ParameterError(f"{setting(name)} must be UTF-8, not {shown(value)}")
        if self.min_rating is None:
            return
        if not isinstance(self.min_rating, int | float) or not math.isfinite(self.min_rating):
            raise ParameterError(f"min_rating must be a finite number, not {self.min_rating!r}")

    @property
    def judges_ratings(self) -> bool:
        """Whether a record needs a rating."""
        return self.takes_ratings or self.min_rating is not None

    @property
    def in_file_order(self) -> bool:
        """Whether the order of the file was told to be that of time."""
        return (self.told.get("time") or "").casefold() == NO_TIME

    @property
    def told_columns(self) -> list[str]:
        """The column names that were told."""
        told = dict(self.told) | ({"time": None} if self.in_file_order else {})
        return [name for name in told.values() if name is not None]


class Judge:
    """What decides on the records of all tables of a source.

    Raises
    ------
    DataError
        If a column that is needed is not found.
    ParameterError
        If a parameter does not go with the source.
    """

    def __init__(self, tables: Tables, request: Request) -> None:
        self.request = request
        self.roles = _find_roles(tables, request)
        _check_time_format(tables, request.time_format)
        ids = {role: self.roles.columns[role] for role in ("user", "item")}
        check_ids(tables, ids)
        self._star = (
            typed(tables, request.where, list(ids.values())) if request.where is not None else "*"
        )

    def verdicts(self, table: Table, relation: str) -> str:
        """Return the SQL that makes (reason, user, item, time[, rating]) of a table's records."""
        values = self._values(table)
        lowest = self.request.min_rating
        conditions = (
            quote_name(MALFORMED),
            f"{_own('user')} IS NULL",
            f"{_own('item')} IS NULL",
            f"NOT {_own('fulfils')}",
            f"{_own('time given')} IS NULL",
            f"{_own('time')} IS NULL",
            f"{_own('rating given')} IS NULL",
            f"{_own('rating')} IS NULL",
            "false" if lowest is None else f"{_own('rating')} < {float(lowest)!r}",
        )
        cases = " ".join(f"WHEN {test} THEN {n}" for n, test in enumerate(conditions, 1))
        made = ["user", "item", "time"] + ["rating"] * self.request.takes_ratings
        taken = ", ".join(f"{value} AS {_own(name)}" for name, value in values.items())
        where = self.request.where
        fulfils = "true" if where is None else f"coalesce((\n{where}\n), false)"
        return (
            f"SELECT CASE {cases} ELSE 0 END, {', '.join(map(_own, made))} "
            f"FROM (SELECT *, {fulfils} AS {_own('fulfils')} "
            f"FROM (SELECT {self._star} FROM (SELECT *, {taken} FROM ({relation}))))"
        )

    def time_not_understood(self, table: Table) -> str:
        """Return the SQL for one value of the time column that is not understood."""
        values = self._values(table)
        column = quote_name(self.roles.columns["time"])
        return (
            f"SELECT CAST({column} AS VARCHAR) FROM ({table.relation}) "
            f"WHERE ({values['time given']}) IS NOT NULL AND ({values['time']}) IS NULL LIMIT 1"
        )

    def _values(self, table: Table) -> dict[str, str]:
        """Return the SQL for what is taken of a record; NULL is missing or not understood."""
        columns, types = self.roles.columns, table.types
        values = {
            role: sql_values.present(sql_values.text(columns[role], types[columns[role]]))
            for role in ("user", "item")
        }
        values |= {"time given": "0", "time": "0", "rating given": "0", "rating": "0"}
        if "time" in columns:
            name = columns["time"]
            values["time given"] = sql_values.given(name, types[name])
            values["time"] = sql_values.time(name, types[name], self.request.time_format)
        if self.request.judges_ratings:
            name = columns["rating"]
            values["rating given"] = sql_values.given(name, types[name])
            values["rating"] = sql_values.number(name, types[name])
        return values


def _own(name: str) -> str:
    """Name a column of ours so that no column of a table has that name."""
    return quote_name(f"item2vec {name}")


def _find_roles(tables: Tables, request: Request) -> Roles:
    told = dict(request.told)
    if request.in_file_order:
        del told["time"]
    if not request.judges_ratings and told.get("rating") is None:
        told.pop("rating", None)
    roles = find_roles(
        tables.name,
        tables.first.columns,
        told,
        needed=("user", "item", "rating") if request.takes_ratings else ("user", "item"),
        well_known=INTERACTION_NAMES,
    )
    for role, option, value in (
        ("rating", "min_rating", request.min_rating),
        ("time", "time_format", request.time_format),
    ):
        if value is not None and role not in roles.columns:
            raise ParameterError(
                f"{setting(option, value)} needs a column with the {role}, and none of "
                f"{tables.name} is known to be one: name it with {setting(role)}"
            )
    return roles


def _check_time_format(tables: Tables, time_format: str | None) -> None:
    if time_format is None:
        return
    try:
        tables.database.rows(f"SELECT epoch_us(try_strptime('', {quote_text(time_format)}))")
    except QueryError as error:
        raise ParameterError(
            f"{setting('time_format', time_format)} is no strptime format ({error}): "
            'give one such as "%m/%d/%Y %H:%M"'
        ) from error
