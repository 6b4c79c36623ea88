"""What a value means, as SQL: ids, times and ratings out of whatever type a column has."""

import re

from item2vec.reading.duckdb_session import quote_name, quote_text

# A value of nothing else is missing.
BLANK = " \t\n\r\v\f\u00a0\u3000"

# Epochs are told apart by size: seconds up to the year 5138, milliseconds from 1973.
_UNITS = ((10**11, 10**9), (10**14, 10**6), (10**17, 10**3))

_WHOLE = re.compile(r"U?(TINY|SMALL|BIG|HUGE)?INT(EGER)?")


def is_fraction(sql_type: str) -> bool:
    """Tell a type whose whole numbers would be written as 1.0."""
    return sql_type in {"DOUBLE", "FLOAT"} or sql_type.startswith("DECIMAL")


def text(column: str, sql_type: str) -> str:
    """Return the SQL for a column's value as text: as it stands, but 1 for the number 1.0."""
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
    # Trimming is slow; what begins with a visible ASCII character is not blank anyway.
    return (
        f"CASE WHEN {value} >= '!' AND {value} < chr(127) THEN {value} "
        f"WHEN trim({value}, {quote_text(BLANK)}) <> '' THEN {value} END"
    )


def given(column: str, sql_type: str) -> str:
    """Return the SQL for a column's value, NULL where it is blank or not a number."""
    value = quote_name(column)
    if sql_type == "VARCHAR":
        return present(value)
    return f"nullif({value}, 'NaN')" if sql_type in {"DOUBLE", "FLOAT"} else value


def time(column: str, sql_type: str, time_format: str | None) -> str:
    """Return the SQL for a time in nanoseconds since 1970, HUGEINT; NULL if it is not understood.

    Times are only compared with one another, so what has no time zone counts as UTC.
    """
    value = quote_name(column)
    if sql_type in {"TIMESTAMP_NS", "TIMESTAMPTZ_NS"}:
        return f"CAST(epoch_ns({value}) AS HUGEINT)"
    if sql_type == "DATE" or sql_type.startswith("TIMESTAMP"):
        return _microseconds(value)
    if time_format is not None:
        words = f"trim({text(column, sql_type)})"
        return _microseconds(f"try_strptime({words}, {quote_text(time_format)})")
    if _WHOLE.fullmatch(sql_type):
        return _scaled(f"TRY_CAST({value} AS HUGEINT)")
    if is_fraction(sql_type):
        return _scaled(f"CAST({value} AS DOUBLE)")
    return _time_in_words(text(column, sql_type))


def number(column: str, sql_type: str) -> str:
    """Return the SQL for a number, DOUBLE; NULL if it is none, or not a finite one."""
    value = f"TRY_CAST({text(column, sql_type)} AS DOUBLE)"
    return f"CASE WHEN isfinite({value}) THEN {value} END"


def _time_in_words(value: str) -> str:
    words = f"trim({value})"
    # A cast to BIGINT rounds 1.5, one to TIMESTAMP forgets +02:00, and both forget nanoseconds.
    whole, fraction = f"TRY_CAST({value} AS BIGINT)", f"TRY_CAST({value} AS DOUBLE)"
    return (
        f"CASE WHEN {whole} IS NOT NULL AND NOT contains({value}, '.') "
        f"THEN {_scaled(f'CAST({whole} AS HUGEINT)')} "
        f"WHEN {fraction} IS NOT NULL THEN {_scaled(fraction)} "
        f"ELSE {_microseconds(f'TRY_CAST({words} AS TIMESTAMPTZ)')} + {_nanoseconds(words)} END"
    )


def _microseconds(timestamp: str) -> str:
    return f"CAST(epoch_us({timestamp}) AS HUGEINT) * 1000"


def _nanoseconds(words: str) -> str:
    """Return the SQL for the digits after the sixth of a fraction of a second."""
    digits = f"regexp_extract({words}, '[.]\\d{{6}}(\\d{{1,3}})', 1)"
    return f"CASE WHEN length({words}) < 27 THEN 0 ELSE CAST(rpad({digits}, 3, '0') AS HUGEINT) END"


def _scaled(value: str) -> str:
    """Return the SQL that brings seconds, milli-, micro- or nanoseconds to nanoseconds."""
    cases = " ".join(
        f"WHEN {value} BETWEEN -{limit} AND {limit} THEN TRY_CAST({value} * {scale} AS HUGEINT)"
        for limit, scale in _UNITS
    )
    return f"CASE {cases} ELSE TRY_CAST({value} AS HUGEINT) END"
