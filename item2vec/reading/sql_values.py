"""SQL expressions that convert values of any type to ids, times and ratings."""

import re
from collections.abc import Sequence

from item2vec.reading.duckdb_session import quote_name, quote_text
from item2vec.reading.times.spellings import respelled_in_sql, zoned

# A text that consists only of these characters is a missing value.
BLANK = " \t\n\r\v\f\u00a0\u3000"

# Units of epochs are distinguished by magnitude: the maximum absolute value in a unit, and the
# factor to nanoseconds. Values up to the first limit are seconds, until the year 5138; milliseconds
# begin in 1973.
_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))

# ISODate("...") is the notation of the shell of MongoDB.
_WRAPPED = (
    r"""^\s*(?:\\?/Date\(|ISODate\(|\{\s*"?[$]date"?\s*:\s*(?:\{\s*"?[$]numberLong"?\s*:\s*)?)"""
    r"""["']?(-?\d+|\d[^"'(){}]+)(?:[+-]\d{4})?["']?\s*[)}]"""
)

_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def is_fraction(sql_type: str) -> bool:
    """Return whether whole numbers of this type have a decimal point as text, such as 1.0."""
    return sql_type in {"DOUBLE", "FLOAT"} or sql_type.startswith("DECIMAL")


def text(column: str, sql_type: str) -> str:
    """Return the SQL for the value of a column as text; a whole number has no decimal point."""
    value = quote_name(column)
    if sql_type == "VARCHAR":
        return value
    if sql_type == "VARCHAR[]":
        return f"array_to_string({value}, '|')"
    if is_fraction(sql_type):
        whole = f"TRY_CAST({value} AS HUGEINT)"
        return (
            f"CASE WHEN isnan(CAST({value} AS DOUBLE)) THEN NULL WHEN {whole} = {value} "
            f"THEN CAST({whole} AS VARCHAR) ELSE CAST({value} AS VARCHAR) END"
        )
    return f"CAST({value} AS VARCHAR)"


def present(value: str) -> str:
    """Return the SQL for a text, NULL where it is blank."""
    # Trimming is slow, and a text that begins with a visible ASCII character is not blank.
    return (
        f"CASE WHEN {value} >= '!' AND {value} < chr(127) THEN {value} "
        f"WHEN trim({value}, {quote_text(BLANK)}) <> '' THEN {value} END"
    )


def given(column: str, sql_type: str) -> str:
    """Return the SQL for the value of a column, NULL where it is blank or NaN."""
    value = quote_name(column)
    if sql_type == "VARCHAR":
        return present(value)
    return f"nullif({value}, 'NaN')" if sql_type in {"DOUBLE", "FLOAT"} else value


def time(column: str, sql_type: str, formats: Sequence[str] = ()) -> str:
    """Return the SQL for a time in nanoseconds since 1970, HUGEINT; NULL if it can't be parsed.

    Times without a time zone are interpreted as UTC. Without `formats` for strptime, a time is an
    ISO date or an epoch.
    """
    value = quote_name(column)
    if sql_type in {"TIMESTAMP_NS", "TIMESTAMPTZ_NS"}:
        return f"CAST(epoch_ns({value}) AS HUGEINT)"
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return _from_timestamp(value)
    if formats:
        return strptime(text(column, sql_type), formats)
    if _WHOLE.fullmatch(sql_type):
        return _scaled(f"TRY_CAST({value} AS HUGEINT)")
    if is_fraction(sql_type):
        return _scaled(f"CAST({value} AS DOUBLE)")
    return time_of_text(text(column, sql_type))


def strptime(value: str, formats: Sequence[str]) -> str:
    """Return the SQL for the time of a text in one of the formats, as `time` does."""
    parsed = timestamp(value, formats)
    if any("%n" in each for each in formats):
        return f"CAST(epoch_ns({parsed}) AS HUGEINT)"
    return _from_timestamp(parsed)


def timestamp(value: str, formats: Sequence[str]) -> str:
    """Return the SQL for the TIMESTAMP of a text in one of the formats."""
    named = [each for each in formats if "%Z" in each]
    others = [each for each in formats if "%Z" not in each]
    if named and others:  # together, DuckDB parses none of them if others have %z
        return f"coalesce({timestamp(value, others)}, {timestamp(value, named)})"
    trimmed = f"trim({value})"
    respelled = respelled_in_sql(trimmed, formats)
    # DuckDB reads some abbreviations of zones, such as BST, as other zones.
    first = zoned(trimmed) if named else trimmed
    written = f"[{', '.join(map(quote_text, formats))}]"
    return f"coalesce(try_strptime({first}, {written}), try_strptime({respelled}, {written}))"


def number(value: str) -> str:
    """Return the SQL for the number of a text, DOUBLE; NULL if it is not a finite number."""
    number = f"TRY_CAST({value} AS DOUBLE)"
    return f"CASE WHEN isfinite({number}) THEN {number} END"


def with_decimal_point(value: str) -> str:
    """Return the SQL for a text with its comma replaced by a point."""
    return f"replace({value}, ',', '.')"


def time_of_text(value: str) -> str:
    """Return the SQL for the time of a text: an epoch, or an ISO date or time.

    It may be written as JSON of .NET and MongoDB writes it: ``/Date(1611824707000)/``,
    ``{"$date": "2021-01-28T09:05:07Z"}``.
    """
    wrapped = f"regexp_extract({value}, {quote_text(_WRAPPED)}, 1)"
    milliseconds = f"CAST(TRY_CAST({wrapped} AS BIGINT) AS HUGEINT) * 1000000"
    within = f"coalesce({milliseconds}, {_from_timestamp(f'TRY_CAST({wrapped} AS TIMESTAMPTZ)')})"
    trimmed = f"trim({value})"
    # A cast to BIGINT rounds 1.5 and ignores "_", and one to TIMESTAMP ignores +02:00 and drops
    # nanoseconds.
    whole, fraction = f"TRY_CAST({value} AS BIGINT)", f"TRY_CAST({value} AS DOUBLE)"
    no_underscore = f"NOT contains({value}, '_')"
    iso = f"{_from_timestamp(f'TRY_CAST({trimmed} AS TIMESTAMPTZ)')} + {_nanoseconds(trimmed)}"
    return (
        f"CASE WHEN {whole} IS NOT NULL AND NOT contains({value}, '.') AND {no_underscore} "
        f"THEN {_scaled(f'CAST({whole} AS HUGEINT)')} "
        f"WHEN {fraction} IS NOT NULL AND {no_underscore} THEN {_scaled(fraction)} "
        f"ELSE coalesce({iso}, {within}) END"  # few times are compared with this pattern
    )


def _from_timestamp(timestamp: str) -> str:
    return f"CAST(epoch_us({timestamp}) AS HUGEINT) * 1000"


def _nanoseconds(time: str) -> str:
    """Return the SQL for the nanoseconds of a text: digits 7 to 9 of the fraction of a second."""
    digits = f"regexp_extract({time}, '[.]\\d{{6}}(\\d{{1,3}})', 1)"
    return f"CASE WHEN length({time}) < 27 THEN 0 ELSE CAST(rpad({digits}, 3, '0') AS HUGEINT) END"


def _scaled(value: str) -> str:
    """Return the SQL that converts an epoch in any of the units to nanoseconds."""
    cases = " ".join(
        f"WHEN {value} BETWEEN -{limit} AND {limit} THEN TRY_CAST({value} * {scale} AS HUGEINT)"
        for limit, scale in _UNITS
    )
    return f"CASE {cases} ELSE TRY_CAST({value} AS HUGEINT) END"
