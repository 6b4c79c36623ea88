"""Advice for a source of which many records, or all, are dropped for one reason."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from item2vec._support.messages import counted, setting, shown
from item2vec.data.read_report import Dropped
from item2vec.reading.columns import INTERACTION_NAMES, free_columns, is_known, other_users
from item2vec.reading.json_lines import incomplete_line
from item2vec.reading.options import NO_TIME
from item2vec.reading.record_checks import REASONS, RecordChecks
from item2vec.reading.sql_where import first_values
from item2vec.reading.tables import Tables
from item2vec.reading.times import example_format

MOST_COLUMNS, MOST_VALUES = 3, 3  # of a condition that no record matches
LARGE_SHARE = 0.1  # of the records, for a note on a reason
# Reasons that are not requested by an option.
_UNINTENDED = {
    "malformed record",
    "user missing",
    "item missing",
    "time missing",
    "time not understood",
    "rating missing",
    "rating not understood",
}


class _Advice(NamedTuple):
    problem: str
    remedy: str


@dataclass(frozen=True)
class Adviser:
    """The source of advice on the records of some tables.

    Parameters
    ----------
    tables : Tables
    checks : RecordChecks
    """

    tables: Tables
    checks: RecordChecks

    def nothing_left(self, n_records: int, dropped: Mapping[str, Dropped]) -> str:
        """Return the message for a source without a record that can be kept."""
        name = self.tables.name
        if n_records == 0:
            return f"{name} contains no records: provide interactions"
        reason = max(dropped, key=lambda each: dropped[each].count)
        problem, remedy = self._advice(reason, dropped[reason].count, n_records)
        if len(dropped) == 1 and reason in _UNINTENDED:
            return f"{name}: {problem}: {remedy}"
        reasons = ", ".join(f"{each.count:,}: {why}" for why, each in dropped.items())
        records = counted(n_records, "record")
        return f"none of the {records} of {name} is left ({reasons}); {problem}: {remedy}"

    def notes(self, n_records: int, dropped: Mapping[str, Dropped]) -> list[str]:
        """Return a note for each unintended reason with a large share of the records."""
        notes = []
        for reason, each in dropped.items():
            if reason in _UNINTENDED and each.count >= LARGE_SHARE * n_records:
                problem, remedy = self._advice(reason, each.count, n_records)
                notes.append(f"{problem}: {remedy}")
        return notes

    def _advice(self, reason: str, n: int, n_records: int) -> _Advice:
        """Return the problem of `n` records, and its remedy."""
        role, _, kind = reason.partition(" ")
        if reason == REASONS[0]:
            return self._malformed(n, n_records)
        if kind == "missing":
            return self._missing(role, n, n_records)
        if kind == "not understood":
            return self._not_understood(role, n, n_records)
        if reason == "left out by where":
            return self._no_match()
        if reason == "rating below min_rating":
            return self._below()
        return _Advice(
            "all users are placeholders", f"keep them with {setting('anonymous', 'keep')}"
        )

    def _malformed(self, n: int, n_records: int) -> _Advice:
        if all(table.file and table.file.kind == "json" for table in self.tables.tables):
            return self._malformed_json(n, n_records)
        columns = ", ".join(self.tables.first.columns)
        do = "doesn't" if n == 1 else "don't"
        problem = (
            f"none of {counted(n_records, 'record')} has the columns of the first one ({columns})"
            if n == n_records
            else f"{n:,} of {n_records:,} records {do} have the columns of the file ({columns})"
        )
        remedy = f"give the {setting('delimiter')}, "
        if not any(map(is_known, self.tables.first.columns)):
            remedy += f"or {setting('layout', 'sequences')} if a line is a sequence of items, "
        return _Advice(problem, f"{remedy}or correct the file")

    def _malformed_json(self, n: int, n_records: int) -> _Advice:
        """Return the advice for records that are not JSON objects."""
        what = "is not a valid JSON object" if n == 1 else "are not valid JSON objects"
        problem = f"{n:,} of {n_records:,} records {what}"
        files = [table.file for table in self.tables.tables if table.file is not None]
        incomplete = next(filter(None, map(incomplete_line, files)), None)
        if incomplete is None:
            return _Advice(problem, "correct the file")
        if n == 1:
            return _Advice(incomplete, "provide the complete file")
        return _Advice(f"{problem}, and {incomplete}", "provide the complete file")

    def _missing(self, role: str, n: int, n_records: int) -> _Advice:
        """Return the advice for a column with no value in `n` records."""
        column = shown(self.checks.roles.columns[role])
        have = "has" if n == 1 else "have"
        problem = (
            f"the column {column} is empty"
            if n == n_records
            else f"{n:,} of {n_records:,} records {have} no {role} in column {column}"
        )
        others = [f"use another column ({each})" for each in self._others(role)]
        last = {
            "time": f"use the order of the file with {setting('time', NO_TIME)}",
            "rating": self._without_ratings(),
        }.get(
            role, "" if others else f"correct the file, or name another column with {setting(role)}"
        )
        return _Advice(problem, ", or ".join(filter(None, [*others, last])))

    def _not_understood(self, role: str, n: int, n_records: int) -> _Advice:
        """Return the advice for a column of times or ratings that can't be parsed."""
        name, value = self._unread(role)
        where = f" of {name}" if len(self.tables.tables) > 1 else ""
        column = f"column {shown(self.checks.roles.columns[role])}{where}"
        example = "" if value is None else f", such as {shown(value)} in {column}"
        are = "is" if n == 1 else "are"
        some = f"no {role} is" if n == n_records else f"{n:,} of {n_records:,} {role}s {are} not"
        problem = f"{some} understood{example}"
        if role == "rating":
            others = [f"use another column ({each})" for each in self._others(role)]
            numbers = "provide numbers such as 3.5"
            return _Advice(problem, ", or ".join([*others, numbers]))
        given = self.checks.options.rules.time_format
        written = None if value is None else example_format(self.tables.database, value)
        remedy = (
            f"give their format with {setting('time_format', written)}"
            if given is None
            else f"correct {setting('time_format', given)}, or leave it out"
        )
        return _Advice(
            problem, f"{remedy}, or use the order of the file with {setting('time', NO_TIME)}"
        )

    def _no_match(self) -> _Advice:
        """Return the advice for a condition, with values of the columns that it uses."""
        where = setting("where", self.checks.options.rules.where)
        used = self.checks.condition.columns() if self.checks.condition is not None else []
        table = self.tables.first
        parts = []
        for column in used[:MOST_COLUMNS]:
            values = self.tables.database.rows(first_values(table, column, MOST_VALUES + 1))
            texts = [shown(value) for (value,) in values]
            more = ", ..." if len(texts) > MOST_VALUES else ""
            parts.append(f"{column} is {', '.join(texts[:MOST_VALUES])}{more}")
        known = f" ({'; '.join(parts)})" if parts else ""
        return _Advice(f"no record matches {where}{known}", "change the condition")

    def _below(self) -> _Advice:
        """Return the advice for ratings of which none is high enough."""
        largest = [
            self.checks.largest_rating(self.tables.database, each) for each in self.tables.tables
        ]
        known = [each for each in largest if each is not None]
        what = f"the largest rating is {max(known):g}" if known else "all ratings are too low"
        lower = setting("min_rating", f"{max(known):g}") if known else setting("min_rating")
        return _Advice(what, f"lower it, to {lower} at most")

    def _without_ratings(self) -> str:
        is_needed = self.checks.options.load_ratings
        return "provide ratings" if is_needed else f"leave out {setting('min_rating')}"

    def _others(self, role: str) -> list[str]:
        """Return the setting for the preferred free column that has a known name for a role."""
        columns, used = self.tables.first.columns, list(self.checks.roles.columns.values())
        names = INTERACTION_NAMES[role]
        free = other_users(columns, used) if role == "user" else free_columns(columns, used, names)
        return [setting(role, name) for name in free[:1]]

    def _unread(self, role: str) -> tuple[str, str | None]:
        """Return a value of times or ratings that can't be parsed, and the name of its table."""
        for table in self.tables.tables:
            for (value,) in self.tables.database.rows(self.checks.not_understood(table, role)):
                return table.name, value
        return self.tables.name, None
