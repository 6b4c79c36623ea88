"""Advice for a source of which many records, or all, are dropped for one reason."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from item2vec._support.messages import counted, setting, shown
from item2vec.data.read_report import Dropped, shown_reason
from item2vec.reading.columns import INTERACTION_NAMES, free_columns, is_known, other_users
from item2vec.reading.conditions.where import first_values
from item2vec.reading.json_files.lines import incomplete_line
from item2vec.reading.options import NO_TIME
from item2vec.reading.record_checks import REASONS, RecordChecks
from item2vec.reading.tables import Tables
from item2vec.reading.times.parsing import example_format

MOST_COLUMNS, MOST_VALUES = 3, 3  # of a condition that no record matches
WHERE, LOW = "left out by where", "rating below min_rating"
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
        if reason == WHERE:
            problem, remedy = self._no_match(n_records, dropped)
        else:
            problem, remedy = self._advice(reason, dropped[reason].count, n_records)
        if len(dropped) == 1 and reason in _UNINTENDED:
            return f"{name}: {problem}: {remedy}"
        reasons = ", ".join(f"{each.count:,}: {shown_reason(why)}" for why, each in dropped.items())
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
        if reason == LOW:
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
        name, values = self._unread(role)
        # A value with digits shows more than a word.
        value = max(values, key=_has_digits, default=None)
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
        in_order = f"use the order of the file with {setting('time', NO_TIME)}"
        return _Advice(problem, f"{self._time_remedy(values, n, n_records)}, or {in_order}")

    def _time_remedy(self, values: Sequence[str], n: int, n_records: int) -> str:
        """Return what to do about `n` times that can't be parsed, some of which are `values`."""
        given = self.checks.options.rules.time_format
        if given is not None:
            return f"correct {setting('time_format', given)}, or leave it out"
        with_digits = [each for each in values if _has_digits(each)]
        written = example_format(self.tables.database, with_digits)
        if not with_digits or (written is not None and 2 * n > n_records):
            return f"give their format with {setting('time_format', written)}"
        if written is not None:  # the format would fit fewer times than are read without it
            return "write all times in one notation, such as 2021-03-25 10:30"
        return (
            "no time format fits them, so write them as 2021-03-25 10:30, for example with "
            "pandas.to_datetime"
        )

    def _no_match(self, n_records: int, dropped: Mapping[str, Dropped]) -> _Advice:
        """Return the advice for a condition, with values of the columns that it uses."""
        where = setting("where", self.checks.options.rules.where)
        condition, n = self.checks.condition, dropped[WHERE].count
        used = condition.columns() if condition is not None else []
        table = self.tables.first
        parts = []
        for column in used[:MOST_COLUMNS]:
            values = self.tables.database.rows(first_values(table, column, MOST_VALUES + 1))
            texts = ["NULL" if value is None else shown(value) for (value,) in values]
            more = ", ..." if len(texts) > MOST_VALUES else ""
            parts.append(f"{column} is {', '.join(texts[:MOST_VALUES])}{more}")
        known = f" ({'; '.join(parts)})" if parts else ""
        problem = f"no record matches {where}{known}"
        if n < n_records:
            match = "does not match" if n == 1 else "do not match"
            problem = f"{n:,} of {counted(n_records, 'record')} {match} {where}{known}"
        if condition is not None and (tests := condition.tests_of_empty_texts()) is not None:
            return _Advice(problem, f"write {setting('where', tests)}, because empty is NULL")
        lower = f" or lower {setting('min_rating')}" if LOW in dropped else ""
        return _Advice(problem, f"change the condition{lower}")

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

    def _unread(self, role: str) -> tuple[str, list[str]]:
        """Return times or ratings that can't be parsed, and the name of their table."""
        for table in self.tables.tables:
            rows = self.tables.database.rows(self.checks.not_understood(table, role))
            if rows:
                return table.name, [value for (value,) in rows]
        return self.tables.name, []


def _has_digits(value: str) -> bool:
    return re.search(r"\d", value) is not None
