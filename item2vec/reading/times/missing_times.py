"""Values of a column of times that stand for missing times, such as NULL and 0000-00-00."""

import re

from item2vec.reading import sql_values
from item2vec.reading.columns import words
from item2vec.reading.duckdb_session import quote_text

_WORDS = r"""
    null (null) [null] <null> \n nil nat <na> nan -nan na n/a n.a. #n/a #na none (none) missing
    unknown undefined unset empty (empty) (blank) - -- --- . .. ? ?? ??? "" ''
"""
# Numbers such as 0, -1 and -9999, and dates of zeros.
_ZEROS = r"-?0+(\.0+)?|-1(\.0+)?|-9+|(0000[-/.]00[-/.]00|00?[-/.]00?[-/.]0000)([ t]00:00.*)?"
_PATTERN = "|".join([*map(re.escape, words(_WORDS)), _ZEROS])


def is_missing(value: str) -> str:
    """Return the SQL for whether a text stands for a missing time if it can't be read.

    Numbers such as 0 and -1 can be read if the other times of their column are epochs.
    """
    plain = f"lower(trim({value}))"
    # DuckDB would turn IN with many values into a join, which does not keep the order of records.
    return f"regexp_full_match({plain}, {quote_text(_PATTERN)})"


def missing_time(value: str) -> str:
    """Return the SQL for whether a time of any type that can't be read is missing."""
    text = sql_values.present(f"CAST({value} AS VARCHAR)")
    return f"coalesce({is_missing(text)}, true)"
