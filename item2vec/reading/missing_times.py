"""Values of a column of times that stand for missing times, such as NULL and 0000-00-00."""

from item2vec.reading import sql_values
from item2vec.reading.columns import words
from item2vec.reading.duckdb_session import quote_text

_WORDS = r"""
    null (null) [null] <null> \n nil nat <na> nan -nan na n/a n.a. #n/a #na none (none) missing
    unknown undefined unset empty (empty) (blank) - -- --- . .. ? ?? ??? "" ''
"""
# Numbers such as 0, -1 and -9999, and dates of zeros.
_PATTERN = r"-?0+(\.0+)?|-1(\.0+)?|-9+|(0000[-/.]00[-/.]00|00?[-/.]00?[-/.]0000)([ T]00:00.*)?"


def is_missing(value: str) -> str:
    """Return the SQL for whether a text stands for a missing time if it can't be read.

    Numbers such as 0 and -1 can be read if the other times of their column are epochs.
    """
    plain = f"lower(trim({value}))"
    known = ", ".join(map(quote_text, words(_WORDS)))
    return f"({plain} IN ({known}) OR regexp_full_match({plain}, {quote_text(_PATTERN.lower())}))"


def missing_time(value: str) -> str:
    """Return the SQL for whether a time of any type that can't be read is missing."""
    text = sql_values.present(f"CAST({value} AS VARCHAR)")
    return f"coalesce({is_missing(text)}, true)"
