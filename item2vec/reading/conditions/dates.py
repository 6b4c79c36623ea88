"""Explanations of conditions that compare a column with dates in another notation than its own."""

import re
from collections.abc import Mapping, Sequence

from item2vec._support.messages import shown
from item2vec.reading.conditions.kinds import NUMBER, TEXT, TIME
from item2vec.reading.conditions.numbers import is_plain_number
from item2vec.reading.conditions.syntax import (
    Comparison,
    Condition,
    Edit,
    Explanation,
    literal_kind,
    name_in_sql,
)
from item2vec.reading.conditions.values import ColumnValues, Reading, is_clock
from item2vec.reading.duckdb_session import quote_text
from item2vec.reading.times.notations import ANY, DAY_FIRST, MONTH_FIRST, YEAR_FIRST

_ISO = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?!\d).*", re.DOTALL)
_PADDED = re.compile(r"\d{4}-\d{2}-\d{2}(?!\d).*", re.DOTALL)
_CASES = {
    DAY_FIRST: "if the day comes first",
    MONTH_FIRST: "if the month comes first",
    YEAR_FIRST: "if the year comes first",
}
_YEARS = range(1900, 2101)
MOST_DATES = 100  # in one comparison


def explain_date(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison with a date that is not compared as a date; None if there is none."""
    texts, kind = comparison.texts, condition.kinds[comparison.name]
    if kind == NUMBER and (found := _explain_unix_time(condition, values, comparison)):
        return found
    if not 0 < len(texts) == len(comparison.values) <= MOST_DATES:
        return None
    if kind == TIME:
        return _explain_notation(condition, values, comparison)
    if kind == TEXT and comparison.is_ordering:
        return _explain_text(condition, values, comparison)
    if kind != NUMBER or not all(map(values.readings, texts)):
        return None
    time = values.time(comparison.name, kind)
    # A text of digits is compared with numbers such as 20210301 as a number.
    if time is None or (all(map(is_plain_number, texts)) and not _is_unix_time(time)):
        return None
    return _with_choices(
        f"{name_in_sql(comparison.name)} is a number, and {shown(texts[0])} is a date",
        _corrected(condition, values, comparison, {ANY: time}),
    )


def explain_literal(condition: Condition, values: ColumnValues, text: str) -> Explanation:
    """Explain a text that can't be converted to a date, such as DATE '6/1/2021'."""
    written = quote_text(text)
    corrected = [
        (each.order, condition.where.replace(written, quote_text(each.iso)))
        for each in values.readings(text)
    ]
    return _with_choices(f"{shown(text)} is not a date such as '2021-01-31'", corrected)


def explain_clock(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of times of day as texts, in which 9:30 is after 13:30."""
    texts = comparison.texts
    if not (texts and comparison.is_ordering and all(map(is_clock, texts))):
        return None
    if condition.kinds[comparison.name] != TEXT or (clock := values.clock(comparison.name)) is None:
        return None
    if all(re.match(r"\d\d:", each) for each in (*texts, *values.sample(comparison.name))):
        return None
    return Explanation(
        f"{name_in_sql(comparison.name)} is compared as text, and not as a time of day",
        condition.edited([Edit(comparison.column, clock)]),
    )


def year_of(condition: Condition, comparison: Comparison, time: str | None) -> str | None:
    """Return a condition that compares the year of a time with a number, None if it is no year."""
    years = [condition.written(number) for number in comparison.numbers]
    if time is None or not all(year.isdigit() and int(year) in _YEARS for year in years):
        return None
    return condition.edited([Edit(comparison.column, f"year({time})")])


def _explain_unix_time(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of Unix times with a year or a date that is written as a number."""
    numbers = [condition.written(number) for number in comparison.numbers]
    if not numbers or len(numbers) != len(comparison.values):
        return None
    is_date = all(re.fullmatch(r"(19|20)\d\d((0[1-9]|1[0-2])\d\d)?", each) for each in numbers)
    if (
        not is_date
        or (time := values.time(comparison.name, condition.kinds[comparison.name])) is None
        or "to_timestamp" not in time
    ):
        return None
    why = f"{name_in_sql(comparison.name)} holds Unix times, and {numbers[0]} is a date"
    if (corrected := year_of(condition, comparison, time)) is not None:
        return Explanation(why, corrected)
    return _with_choices(why, _corrected(condition, values, comparison, {ANY: time}))


def _is_unix_time(time: str) -> bool:
    return time.startswith("to_timestamp")


def _explain_notation(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of times with a date that is not written like an ISO date."""
    wrong = [text for text in comparison.texts if not _ISO.fullmatch(text.strip())]
    if not wrong:
        return None
    if not all(map(values.readings, wrong)):
        invalid = next(filter(values.is_invalid_date, wrong), None)
        return None if invalid is None else Explanation(f"{shown(invalid)} is not a valid date")
    return _with_choices(
        f"{shown(wrong[0])} is not a date such as '2021-01-31'",
        _corrected(condition, values, comparison, {ANY: name_in_sql(comparison.name)}),
    )


def _explain_text(
    condition: Condition, values: ColumnValues, comparison: Comparison
) -> Explanation | None:
    """Explain a comparison of texts that are dates, but not in the order of the texts."""
    texts, name = comparison.texts, comparison.name
    invalid = next(filter(values.is_invalid_date, texts), None)
    if invalid is None and not all(map(values.readings, texts)):
        return None
    if all(_PADDED.fullmatch(text) for text in (*texts, *values.sample(name))):
        return None
    time = values.time(name, condition.kinds[name])
    times = {ANY: time} if time is not None else values.times(name)
    if not times:
        return None
    if invalid is not None:
        return Explanation(f"{shown(invalid)} is not a valid date")
    example = values.sample(name)[0]
    why = f"{name_in_sql(name)} is compared as text, and not as a date"
    if len(times) > 1:
        why = f"dates such as {shown(example)} in {name_in_sql(name)} can be {' or '.join(times)}"
    return _with_choices(why, _corrected(condition, values, comparison, times))


def _corrected(
    condition: Condition,
    values: ColumnValues,
    comparison: Comparison,
    times: Mapping[str, str],
) -> list[tuple[str, str]]:
    """Return the conditions that compare times with ISO dates, each with the order of its dates.

    Parameters
    ----------
    condition, values, comparison
    times : mapping of str to str
        The SQL for the times of the column, for each order of its dates.
    """
    literals = {
        str(value["literal"]["text"])
        if literal_kind(value) == "STRING"
        else condition.written(value): value
        for value in comparison.values
    }
    column = comparison.name if ANY in times else None
    readings = [values.readings(text, column) for text in literals]
    orders = list(times)
    if orders == [ANY]:
        several = {each.order for found in readings if len(found) > 1 for each in found}
        orders = [order for order in _CASES if order in several] or [ANY]
    corrected = []
    for order in orders:
        chosen = [_reading(found, order) for found in readings]
        known = [each for each in chosen if each is not None]
        units = {each.unit for each in known}
        if len(known) < len(chosen) or len(units) > 1:
            continue
        time, unit = times.get(order, times.get(ANY, "")), units.pop()
        if unit and not comparison.begins:
            time = f"date_trunc('{unit}', {time})"
        edits = [
            Edit(value, quote_text(each.iso))
            for value, each in zip(literals.values(), known, strict=True)
        ]
        corrected.append((order, condition.edited([Edit(comparison.column, time), *edits])))
    return corrected


def _reading(readings: Sequence[Reading], order: str) -> Reading | None:
    """Return what a text means in an order of day and month."""
    for reading in readings:
        if reading.order in (order, ANY) or (order == ANY and len(readings) == 1):
            return reading
    return None


def _with_choices(why: str, found: Sequence[tuple[str, str]]) -> Explanation:
    if len(found) == 1:
        return Explanation(why, found[0][1])
    return Explanation(why, choices=[(_CASES[order], each) for order, each in found])
