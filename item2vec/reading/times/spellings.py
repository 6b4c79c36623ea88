"""Spellings of times that strptime can't parse, and the ones that stand for them.

The same replacements are made in Python, where the notation of a time is recognized, and in SQL,
where times are parsed. Most of them are tried only on times that can't be parsed otherwise.
"""

import re
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from item2vec.reading.duckdb_session import quote_text


class _Spelling(NamedTuple):
    """A pattern, valid for both Python and DuckDB, and its replacement."""

    pattern: str
    replacement: str
    directives: str = ""  # needed only by a format with one of these directives


_SPELLINGS = (
    _Spelling("[\u00a0\u202f]", " "),  # blanks of other kinds
    # A zone in brackets after an offset.
    _Spelling(r"([+-]\d\d:?\d\d|Z)\s*(\[[^\]]*\]|\([^)]*\))$", r"\1", "zZ"),
    _Spelling(r"([\d\s][AaPp])\.\s?([Mm])\b\.?", r"\1\2", "p"),
    _Spelling(r"(:\d\d\s?[AaPp])$", r"\1m", "p"),
    _Spelling("上午", "AM ", "p"),
    _Spelling("下午", "PM ", "p"),
    _Spelling(r"(\d)([Ss][Tt]|[Nn][Dd]|[Rr][Dd]|[Tt][Hh])\b", r"\1", "d"),
    _Spelling(r"\b([Ss][Ee][Pp])[Tt]\b", r"\1", "b"),
    _Spelling(r"\b([A-Z][a-z][a-z])\.\s", r"\1 ", "ab"),
    _Spelling(r"(\d\d:\d\d):60\b", r"\1:59", "S"),  # a leap second
    # Offsets of whole hours; the signs of the zones Etc/GMT... are reversed.
    _Spelling(r"(:\d\d(?:\.\d+)?\s?)(?:UTC|GMT)?\+(\d|1[0-4])$", r"\1Etc/GMT-\2", "Z"),
    _Spelling(r"(:\d\d(?:\.\d+)?\s?)(?:UTC|GMT)?-(\d|1[0-2])$", r"\1Etc/GMT+\2", "Z"),
    _Spelling(r"(:\d\d(?:\.\d+)?\s?)(?:UTC|GMT)\+0(\d)$", r"\1Etc/GMT-\2", "Z"),
    _Spelling(r"(:\d\d(?:\.\d+)?\s?)(?:UTC|GMT)-0(\d)$", r"\1Etc/GMT+\2", "Z"),
)

# Abbreviations of time zones by their distance from UTC in hours, as they are used most. DuckDB
# reads some of them as other zones, or with daylight saving time.
_HOURS = {
    -10: "HST",
    -9: "AKST",
    -8: "AKDT PST",
    -7: "PDT MST",
    -6: "MDT CST",
    -5: "CDT EST",
    -4: "EDT AST",
    -3: "ADT BRT ART",
    1: "CET MEZ WEST BST",
    2: "CEST MESZ EET SAST",
    3: "EEST MSK",
    7: "WIB",
    8: "AWST HKT SGT",
    9: "JST KST",
    10: "AEST",
    11: "AEDT",
    12: "NZST",
    13: "NZDT",
}
_ZONES = {
    zone: f"Etc/GMT{-hours:+}" for hours, zones in _HOURS.items() for zone in zones.split()
} | {"IST": "Asia/Kolkata", "ACST": "Australia/Darwin", "WET": "UTC"}
# Those that stand for several zones, and how they are read.
AMBIGUOUS_ZONES = {
    "AST": "UTC-4",
    "BST": "UTC+1",
    "CST": "UTC-6",
    "IST": "UTC+5:30",
    "ART": "UTC-3",
}
ZONE = rf"\b({'|'.join(sorted(_ZONES, key=lambda zone: (-len(zone), zone)))})\b"

# English abbreviations of months, and their names in German, French, Spanish, Italian, Portuguese,
# Dutch and Russian. Names that are the same in English are left out.
_MONTH_NAMES = {
    "Jan": "januar jänner janvier janv enero ene gennaio gen janeiro januari января янв",
    "Feb": "februar février fevrier févr fevr fév febrero febbraio fevereiro fev februari февраля "
    "фев февр",
    "Mar": "märz maerz mär mrz mars marzo março marco maart mrt марта мар",
    "Apr": "avril avr abril abr aprile апреля апр",
    "May": "mai mayo maggio mag maio mei мая май",
    "Jun": "juni juin junio giugno giu junho июня июн",
    "Jul": "juli juillet juil julio luglio lug julho июля июл",
    "Aug": "août aout agosto ago augustus августа авг",
    "Sep": "septembre septiembre settembre sett set setembro сентября сен сент",
    "Oct": "oktober okt octobre octubre ottobre ott outubro out октября окт",
    "Nov": "novembre noviembre novembro ноября ноя нояб",
    "Dec": "dezember dez décembre decembre déc diciembre dic dicembre dezembro декабря дек",
}
_MONTHS = {name: month for month, names in _MONTH_NAMES.items() for name in names.split()}
_ANY_MONTH = "|".join(sorted(_MONTHS, key=lambda name: (-len(name), name)))
_MONTH = r"(?:^|{other})(" + _ANY_MONTH + r")(?:{other}|$)"
_MONTH_IN_PYTHON = re.compile(_MONTH.format(other=r"[\W\d_]"), re.IGNORECASE)
_MONTH_IN_SQL = _MONTH.format(other=r"\P{L}")


def respelled(text: str) -> str:
    """Return a time with the spellings that strptime can parse.

    Examples
    --------
    >>> respelled("Sept. 1st, 2021 10:00 p.m."), respelled("2021-03-01T10:00+01:00[Europe/Berlin]")
    ('Sep 1, 2021 10:00 pm', '2021-03-01T10:00+01:00')
    >>> respelled("4. März 2021"), respelled("2021-03-01 10:00 PST")
    ('4. Mar 2021', '2021-03-01 10:00 Etc/GMT+8')
    """
    text = _translated(text.strip())
    for pattern, replacement, _ in _SPELLINGS:
        text = re.sub(pattern, replacement, text)
    return re.sub(ZONE, lambda zone: _ZONES[zone[0].upper()], text, flags=re.IGNORECASE)


def _translated(text: str) -> str:
    """Return a text with the English abbreviation of its month."""
    found = _MONTH_IN_PYTHON.search(text)
    if found is None:
        return text
    begin, end = found.span(1)
    return text[:begin] + _MONTHS[found[1].casefold()] + text[end:]


def respelled_in_sql(value: str, formats: Sequence[str]) -> str:
    """Return the SQL for a text as `respelled` returns it, as far as the formats need it."""
    directives = set(re.findall("%([A-Za-z])", "".join(formats)))
    if directives & {"b", "B"}:
        value = _replaced(value, _MONTH_IN_SQL, _MONTHS)
    for pattern, replacement, needed in _SPELLINGS:
        if not needed or directives & set(needed):
            arguments = f"{quote_text(pattern)}, {quote_text(replacement)}, 'g'"
            value = f"regexp_replace({value}, {arguments})"
    return zoned(value) if "Z" in directives else value


def zoned(value: str) -> str:
    """Return the SQL for a text with a zone of a fixed offset instead of an abbreviation."""
    return _replaced(value, ZONE, _ZONES)


def _replaced(value: str, pattern: str, replacements: Mapping[str, str]) -> str:
    """Return the SQL for a text with the first word of a pattern replaced, whatever its case."""
    word = f"regexp_extract({value}, {quote_text(pattern)}, 1, 'i')"
    known = ", ".join(f"{quote_text(k.lower())}: {quote_text(v)}" for k, v in replacements.items())
    return f"replace({value}, {word}, coalesce(MAP {{{known}}}[lower({word})], {word}))"
