"""Parsing of single times by the same rules as the times of a table, and examples of formats."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import itertools
import re
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from item2vec._support.messages import MOST_QUOTED, shown
from item2vec.errors import ParameterError
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database
from item2vec.reading.times.formats import parse_text
from item2vec.reading.times.notations import formats_of

MOST_TRIED = 10  # times whose notations are examined for an example of a format
MOST_WORDS = 20  # of a text that may contain a time
_MONTH_AND_YEAR = r"[A-Za-z]{3}([-/ '])\d\d$"  # or a month and a day
_YEAR = r"(19|20)\d\d"


def parse_time(value: object) -> int:
    """Return a time in nanoseconds since 1970, UTC.

    Parameters
    ----------
    value : str, int, float, datetime, numpy.datetime64 or pandas.Timestamp
        A date or time, in UTC unless it has a time zone: ISO, or any notation with one order of
        day, month and year, such as "31.1.2018 18:00" or 20180131, or a year, which stands for
        its beginning. Or an epoch in seconds, milliseconds, microseconds or nanoseconds,
        distinguished by magnitude.

    Raises
    ------
    ParameterError
        If the value is neither, out of range, or can mean several times.

    Examples
    --------
    >>> parse_time("2018-01-01"), parse_time(1514764800), parse_time(1514764800000)
    (1514764800000000000, 1514764800000000000, 1514764800000000000)
    """
    text = str(value.isoformat() if hasattr(value, "isoformat") else value)
    if re.fullmatch(_YEAR, text.strip()):
        text = f"{text.strip()}-01-01"
    with (
        tempfile.TemporaryDirectory(prefix="item2vec-") as folder,
        Database(Path(folder)) as database,
    ):
        meanings = sorted(parse_text(database, text))
    limits = np.iinfo(np.int64)
    if len(meanings) > 1:
        days = " or ".join(str(np.datetime64(each, "ns").astype("M8[D]")) for each in meanings)
        raise ParameterError(f"{shown(value)} can mean {days}: write the one that you mean")
    if not meanings or not limits.min <= meanings[0] <= limits.max:
        raise ParameterError(
            f"{shown(value)} is not a time: give a date or time such as 2018-01-31 or "
            "2018-01-31T18:00, or seconds since 1970"
        )
    return meanings[0]


def example_format(database: Database, values: Sequence[str]) -> str | None:
    """Return a strptime format of times that may be parts of longer texts, None if none fits.

    It is "%d/%m/%Y" for "25/03/2021" and "day %m/%d/%Y" for "day 3/25/2021", for example. It fits
    more than half of the values, and contains no digits of a value.
    """
    tried = {each for value in values[:MOST_TRIED] for each in _possible_formats(value.strip())}
    # Those with the least text around the parts of the time come first.
    formats = sorted(tried, key=lambda written: (len(re.sub("%[A-Za-z]", "", written)), written))
    if not formats:
        return None
    counts = ", ".join(f"count({sql_values.strptime('value', [each])})" for each in formats)
    ((n, *n_parsed),) = database.rows(
        f"SELECT count(*), {counts} FROM (SELECT unnest(CAST(? AS VARCHAR[])) AS value)",
        [list(values)],
    )
    most = max(n_parsed)
    return formats[n_parsed.index(most)] if 2 * most > n else None


def _possible_formats(value: str) -> set[str]:
    """Return formats of the parts of a text that may be a time, with the text around it."""
    if len(value) > MOST_QUOTED:
        return set()
    found = (
        {re.sub(_MONTH_AND_YEAR, r"%b\1%y", value)} if re.match(_MONTH_AND_YEAR, value) else set()
    )
    words = [word.span() for word in re.finditer(r"\S+", value)][:MOST_WORDS]
    for begin, end in itertools.product([word[0] for word in words], [word[1] for word in words]):
        around = value[:begin] + value[end:]
        if begin < end and not re.search(r"\d", around):
            before, after = (text.replace("%", "%%") for text in (value[:begin], value[end:]))
            found |= {f"{before}{each}{after}" for each in formats_of(value[begin:end]).values()}
    return found
