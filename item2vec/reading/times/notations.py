"""Recognition of the notation of a single time, as strptime formats.

A notation is recognized from its parts: a clock time, an offset or zone, names of months and
weekdays, and the remaining numbers, which are the date. Whether such a format is right is decided
elsewhere, from all values of a column.
"""

import re
from collections.abc import Mapping
from typing import NamedTuple

from item2vec.reading.times.spellings import respelled

# Orders of the numbers of a date: day, month and year.
DAY_FIRST, MONTH_FIRST, YEAR_FIRST = "day-first", "month-first", "year-first"
# Of dates such as 2021-28-01, beside which 2021-05-02 need not be an ISO date.
YEAR_DAY, YEAR_MONTH = "year-day-month", "year-month-day"
ORDERS = (DAY_FIRST, MONTH_FIRST, YEAR_FIRST, YEAR_MONTH, YEAR_DAY)
ANY = ""  # the order of a notation that has only one reading


def _words(text: str) -> list[str]:
    return text.split()


_MONTHS = _words("""
    january february march april may june july august september october november december
""")
_DAYS = _words("monday tuesday wednesday thursday friday saturday sunday")
_NAMES = (
    dict.fromkeys(_DAYS, "%A")
    | dict.fromkeys(_MONTHS, "%B")
    | dict.fromkeys([name[:3] for name in _DAYS], "%a")
    | dict.fromkeys([name[:3] for name in _MONTHS], "%b")  # also "may"
)
# Words around the numbers of a date or time, which a format contains as they are.
_LITERALS = {"t", "h", "at", "on", "de", "\N{CYRILLIC SMALL LETTER GHE}", *"年月日時时分秒"}
_N_MONTHS = 12
_POINTS = {".", ",", ":"}  # before a fraction of a second
_UTC = {"Z", "UTC", "GMT"}

_CLOCK = re.compile(
    r"(?:(?<![\d:])|(?<=\d{4}:)(?=\d\d:\d\d:\d\d))"  # after a date and a colon, in logs of servers
    r"(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,:](\d{1,9}))?)?(?![\d:])"
)
_MERIDIEM = re.compile(r"(?<![A-Za-z])[AaPp][Mm](?![A-Za-z])")
_OFFSET = re.compile(r"\s*(?:GMT|UTC)?\s*([+-]\d{2}(?::?\d{2})?)(?!\d)")
# After a time without colons, where -0500 could also be a year or a time.
_BARE_OFFSET = re.compile(
    r"(?:(?<=[.h]\d\d)|(?<=[.h]\d\d )|(?<=T\d{4})|(?<=T\d{6}))[+-]\d{2}:?\d{2}$"
)
_ZONE = re.compile(r"(?<![A-Za-z])[A-Za-z]{3,}(?:/[A-Za-z_+-]+\d*)*")
_WEEK = re.compile(r"(\d{4})(-?)W(\d{2})(?:(-?)([1-7]))?")
_WORD, _NUMBER = re.compile(r"[^\W\d_]+"), re.compile(r"\d+")
_YEAR, _MONTH, _DAY = r"(?:19|20)\d\d", r"(?:0[1-9]|1[0-2])", r"(?:0[1-9]|[12]\d|3[01])"
_COMPACT = re.compile(
    rf"{_YEAR}{_MONTH}{_DAY}"
    r"(?:(?:[01]\d|2[0-3])(?:[0-5]\d(?:[0-5]\d(?:\d{3})?)?)?)?"
)
_YEAR_LAST = re.compile(rf"(?:{_DAY}{_MONTH}|{_MONTH}{_DAY}){_YEAR}")  # never fits _COMPACT
# Dates as one number: 20210301, 2021030112, 20210301120000, 01032021, 03012021.
COMPACT = f"{_COMPACT.pattern}|{_YEAR_LAST.pattern}"
_COMPACT_PARTS = {8: "", 10: "%H", 12: "%H%M", 14: "%H%M%S", 17: "%H%M%S%f"}


class _Part(NamedTuple):
    """A part of a text, and the directive that stands for it in a format."""

    begin: int
    end: int
    directive: str


def formats_of(text: str) -> Mapping[str, str]:
    """Return a strptime format of a time for each order of day, month and year that it may have.

    The key is one of ORDERS, or ANY if there is only one reading. Without a format, the text is no
    time. Whether the numbers are a valid date is not checked.

    Examples
    --------
    >>> formats_of("1 Mar 2021 10:00 PM"), formats_of("20210301")
    ({'': '%d %b %Y %I:%M %p'}, {'': '%Y%m%d'})
    >>> formats_of("01/03/2021 8:26")
    {'day-first': '%d/%m/%Y %H:%M', 'month-first': '%m/%d/%Y %H:%M'}
    """
    text = respelled(text)
    if len(text) > 100:
        return {}
    if week := _WEEK.fullmatch(text):
        _, dash, _, dash_2, day = week.groups()
        return {ANY: f"%G{dash}W%V" + (f"{dash_2}%u" if day else "")}
    clock = _clock(text)
    zone = _zone(text, clock)
    words = _named_parts(text, [*clock, *zone])
    if words is None:
        return {}
    known = [*clock, *zone, *words]
    found = {}
    for order, date in _dates(text, known).items():
        if (written := _format(text, [*known, *date])) is not None:
            found[order] = written
    return found


def _clock(text: str) -> list[_Part]:
    """Return the parts of a clock time with colons, and of AM or PM."""
    meridiem = _MERIDIEM.search(text)
    parts = [_Part(*meridiem.span(), "%p")] if meridiem else []
    match = _CLOCK.search(text)
    if match is None:
        return parts
    fraction = "%n" if len(match[4] or "") > 6 else "%f"
    directives = ("%I" if meridiem else "%H", "%M", "%S", fraction)
    parts += [
        _Part(*match.span(group), directive)
        for group, directive in enumerate(directives, 1)
        if match[group]
    ]
    return parts


def _zone(text: str, clock: list[_Part]) -> list[_Part]:
    """Return the part of an offset or a zone after a time."""
    if not any(part.directive == "%M" for part in clock):
        offset = _BARE_OFFSET.search(text)
        return [_Part(*offset.span(), "%z")] if offset else []
    begin = max(part.end for part in clock)
    if offset := _OFFSET.match(text, begin):
        return [_Part(*offset.span(1), "%z")]
    for zone in _ZONE.finditer(text, begin):
        if zone[0].casefold() not in _NAMES:
            return [_Part(*zone.span(), "%Z")]
    return []


def _named_parts(text: str, known: list[_Part]) -> list[_Part] | None:
    """Return the names of months and weekdays; None if there is any other word."""
    parts = []
    for word in _WORD.finditer(text):
        begin, end = word.span()
        if any(part.begin <= begin < part.end for part in known):
            continue
        folded = word[0].casefold()
        if folded in _NAMES:
            parts.append(_Part(begin, end, _NAMES[folded]))
        elif folded not in _LITERALS and word[0] not in _UTC:
            return None
    return parts


def _dates(text: str, known: list[_Part]) -> dict[str, list[_Part]]:
    """Return the parts of the date for each order that its numbers may have."""
    numbers = [
        number
        for number in _NUMBER.finditer(text)
        if not any(part.begin <= number.start() < part.end for part in known)
    ]
    directives = {part.directive for part in known}
    lengths = [number.end() - number.start() for number in numbers]
    n, orders = _orders(lengths, [number[0] for number in numbers], directives)
    rest = numbers[n:]
    if rest and "%M" in directives:
        return {}
    times = _time_of(rest, "%I" if "%p" in directives else "%H")
    if times is None:
        return {}
    return {
        order: [
            *(_Part(*number.span(), each) for number, each in zip(numbers, date, strict=False)),
            *times,
        ]
        for order, date in orders.items()
    }


def _orders(
    lengths: list[int], numbers: list[str], directives: set[str]
) -> tuple[int, dict[str, tuple[str, ...]]]:
    """Return how many numbers are the date, and their directives for each possible order.

    Parameters
    ----------
    lengths : list of int
        The number of digits of each number.
    numbers : list of str
        The numbers.
    directives : set of str
        The directives of all other parts.
    """
    year = {2: "%y", 4: "%Y"}
    if directives & {"%b", "%B"}:
        match lengths:
            case [4, (1 | 2), *_]:
                return 2, {ANY: ("%Y", "%d")}
            case [(1 | 2), (2 | 4) as last, *_]:
                return 2, {ANY: ("%d", year[last])}
            case [4]:
                return 1, {ANY: ("%Y",)}
        return 0, {}
    match lengths:
        case [(8 | 10 | 12 | 14 | 17) as length, *_] if _COMPACT.fullmatch(numbers[0]):
            return 1, {ANY: ("%Y%m%d" + _COMPACT_PARTS[length],)}
        case [8, *_] if _YEAR_LAST.fullmatch(numbers[0]):
            return 1, {DAY_FIRST: ("%d%m%Y",), MONTH_FIRST: ("%m%d%Y",)}
        case [4, (1 | 2), (1 | 2), *_] if int(numbers[1]) > _N_MONTHS >= int(numbers[2]):
            return 3, {YEAR_DAY: ("%Y", "%d", "%m")}
        case [4, (1 | 2), (1 | 2), *_]:
            return 3, {ANY: ("%Y", "%m", "%d")}
        case [(1 | 2), (1 | 2), 4, *_]:
            return 3, {DAY_FIRST: ("%d", "%m", "%Y"), MONTH_FIRST: ("%m", "%d", "%Y")}
        case [2, (1 | 2), 2, *_]:
            return 3, {
                DAY_FIRST: ("%d", "%m", "%y"),
                MONTH_FIRST: ("%m", "%d", "%y"),
                YEAR_FIRST: ("%y", "%m", "%d"),
            }
        case [1, (1 | 2), 2, *_]:
            return 3, {DAY_FIRST: ("%d", "%m", "%y"), MONTH_FIRST: ("%m", "%d", "%y")}
        case [4, 3, *_]:
            return 2, {ANY: ("%Y", "%j")}
        case [4, (1 | 2)]:
            return 2, {ANY: ("%Y", "%m")}
        case [(1 | 2), 4]:
            return 2, {ANY: ("%m", "%Y")}
    return 0, {}


def _time_of(numbers: list[re.Match[str]], hours: str) -> list[_Part] | None:
    """Return the parts of a time without colons after a date; None if the numbers are no time."""
    lengths = [number.end() - number.start() for number in numbers]
    fraction = "%n" if lengths and lengths[-1] > 6 else "%f"
    directives: tuple[str, ...]
    match lengths:
        case [4] | [6] | [6, _]:
            directives = (f"{hours}%M" + "%S" * (lengths[0] == 6), fraction)
        case [] | [1 | 2] | [1 | 2, 2] | [1 | 2, 2, 2] | [1 | 2, 2, 2, _]:
            directives = (hours, "%M", "%S", fraction)
        case _:
            return None
    return [_Part(*number.span(), each) for number, each in zip(numbers, directives, strict=False)]


def _format(text: str, parts: list[_Part]) -> str | None:
    """Return the format of the parts and the text between them; None if that is part of a time."""
    written, end = "", 0
    for part in [*sorted(parts), _Part(len(text), len(text), "")]:
        between = text[end : part.begin]
        if re.search(r"[\d+]", between) or (part.directive == "%f" and between not in _POINTS):
            return None
        written += re.sub(r"\s+", " ", between).replace("%", "%%") + part.directive
        end = part.end
    return written
