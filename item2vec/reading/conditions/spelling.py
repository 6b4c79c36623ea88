"""Corrections of the text of a condition that can't be parsed, or that is written as elsewhere."""

import re
from collections.abc import Iterator, Sequence

from item2vec._support.messages import brief
from item2vec.reading.conditions.syntax import (
    KEYWORDS,
    Explanation,
    needs_quotes,
    replace_unquoted,
)
from item2vec.reading.duckdb_session import quote_name, quote_text

MOST_CORRECTED = 2_000  # characters of a condition that is corrected

_CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
_TIME_OF_DAY = rf"(?:(?:T|\x20){_CLOCK}(?:Z|[+-]\d{{2}}:?\d{{2}})?)?"
_DATES = (
    r"\d{4}-\d{1,2}-\d{1,2}|\d{4}/\d{1,2}/\d{1,2}|\d{1,2}/\d{1,2}/\d{4}|\d{1,2}\.\d{1,2}\.\d{4}"
)
_BEFORE, _AFTER = r"(?<![\w.:/\[-])", r"(?![\w:/-]|\.\d)"
_DATE = rf"{_BEFORE}(?:{_DATES}){_TIME_OF_DAY}{_AFTER}"
_MONTH = rf"(?<=[<>=])\s*(?:19|20)\d\d-(?:0[1-9]|1[0-2]){_AFTER}"

WORDS = "SQL writes AND and OR for &, &&, | and ||"
_NAME = r'(?:"(?:[^"]|"")*"|[^\W\d]\w*)'
_VALUE = rf"(?:'(?:[^']|'')*'|{_NAME}|[+-]?[\d.]+)"
_ORDER = r"(?:<=?|>=?)"
_CHAIN = re.compile(rf"({_VALUE})\s*({_ORDER})\s*({_NAME})\s*({_ORDER})\s*({_VALUE})")
_HALF = re.compile(
    rf"({_NAME})\s*(<=?|>=?|<>|!=|=)\s*({_VALUE})\s+(and|or)\s+(?=(?:<|>|!=|=|not\b|like\b|in\b))",
    re.IGNORECASE,
)
_IN_LIST = re.compile(
    r"\bin\s*\[((?:'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"|[^\]'\"])*)\]", re.IGNORECASE
)
_NEXT = r"(?=\s*(?:$|[=<>!),+*/%-]|(?:in|is|like|ilike|not|between|and|or)\b))"


def explain_syntax(where: str, message: str, columns: Sequence[str]) -> Explanation:
    """Explain why a condition can't be parsed.

    Parameters
    ----------
    where : str
        The condition.
    message : str
        DuckDB's message.
    columns : sequence of str
        The columns of the source.
    """
    if message.startswith("unterminated"):
        mark, what = ('"', "a double quote") if "identifier" in message else ("'", "a quote")
        return Explanation(f"{what} ({mark}) is never closed")
    is_long = len(where) > MOST_CORRECTED
    for why, corrected in () if is_long else _spellings(where, columns):
        if corrected != where:
            return Explanation(why, corrected)
    plain = re.sub(r"'[^']*'|\"[^\"]*\"", "", where)
    if plain.count("(") != plain.count(")"):
        return Explanation("its parentheses are not balanced")
    if message.endswith('near ")"') and not plain.rstrip().endswith(")"):
        return Explanation("it is incomplete")
    names = [name for name in columns if not needs_quotes(name)]
    quoted = where if is_long else quoted_keywords(where, names)
    return Explanation(brief(message), quoted if quoted != where else None)


def _spellings(where: str, columns: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what may be wrong, and the condition without it, which is the same if it is not."""
    yield "it contains typographic quotes", straight(where)
    yield "SQL writes column names in double quotes", unbracketed(where, columns)
    yield (
        "a column name with spaces or punctuation must be in double quotes",
        quoted_names(where, columns),
    )
    yield (
        "a column that is named like an SQL keyword must be in double quotes",
        quoted_keywords(where, [name for name in columns if name.casefold() in KEYWORDS]),
    )
    yield "give the condition alone, without WHERE and a semicolon", alone(where)
    yield (
        "dates and times take single quotes",
        quoted_dates(where, f"{_DATE}|{_BEFORE}{_CLOCK}{_AFTER}"),
    )
    yield WORDS, words(where)
    yield "SQL writes >=, <= and <>", comparison_signs(where)
    nulls = replace_unquoted(where, r"\bis\s+(?:not\s+)?(?:none|nan)\b", _null)
    yield "SQL writes NULL for a missing value", nulls
    yield "comparisons can't be chained", _CHAIN.sub(r"\1 \2 \3 AND \3 \4 \5", where)
    yield "each comparison needs a column", _HALF.sub(r"\1 \2 \3 \4 \1 ", where)


def straight(where: str) -> str:
    """Return a condition with straight quotes instead of typographic ones."""
    return replace_unquoted(where, "[\u2018\u2019\u201a\u201c\u201d\u201e]", "'")


def unbracketed(where: str, columns: Sequence[str]) -> str:
    """Return a condition with ``[name]`` and `name` in double quotes for names of columns."""
    for name in columns:
        written = re.escape(name)
        pattern = rf"(?<![\w\]\")])\[\s*{written}\s*\]|`{written}`"
        where = replace_unquoted(where, pattern, quote_name(name))
    return where


def quoted_names(where: str, columns: Sequence[str]) -> str:
    """Return a condition with the names of columns that are not plain in double quotes."""
    for name in sorted(filter(needs_quotes, columns), key=len, reverse=True):
        pattern = rf"(?<!\w){re.escape(name)}(?!\w)"
        where = replace_unquoted(where, pattern, quote_name(name))
    return where


def quoted_keywords(where: str, columns: Sequence[str]) -> str:
    """Return a condition with plain names of columns in double quotes where they are operands."""
    for name in columns:
        where = replace_unquoted(where, rf"(?<![\w.]){re.escape(name)}{_NEXT}", quote_name(name))
    return where


def alone(where: str) -> str:
    """Return a condition without the other parts of a statement."""
    where = re.sub(r"^\s*(?:select\b[\s\S]*?\b)?where\b\s*", "", where, flags=re.IGNORECASE)
    return re.sub(r"\s*;\s*$", "", where)


def quoted_dates(where: str, pattern: str = _DATE) -> str:
    """Return a condition with single quotes around dates, or another pattern."""

    def quoted(text: str) -> str:
        date = text.lstrip()
        return text[: -len(date)] + quote_text(date)

    return replace_unquoted(where, pattern, quoted)


def quoted_months(where: str) -> str:
    """Return a condition with single quotes around months, such as 2021-06, after an operator."""
    return quoted_dates(where, _MONTH)


def words(where: str) -> str:
    """Return a condition with AND and OR for the operators of other languages."""
    where = replace_unquoted(where, r"\s*&&?\s*", " AND ")
    where = replace_unquoted(where, r"\s*\|\|?\s*", " OR ")
    return replace_unquoted(where, r"!(?=\s*\()|~(?=\s*\()", "NOT ")


def in_parentheses(where: str) -> str:
    """Return a condition with ``IN (...)`` instead of ``IN [...]``."""
    return _IN_LIST.sub(r"IN (\1)", where)


def explain_dates(where: str) -> Explanation | None:
    """Explain dates without quotes, which are calculations; None if there are none."""
    found: list[str] = []

    def noted(text: str) -> str:
        found.append(text)
        return text

    replace_unquoted(where, _DATE, noted)
    if not found:
        return None
    why = f"{found[0]} is a calculation; dates take single quotes"
    return Explanation(why, quoted_dates(where))


def explain_months(where: str) -> Explanation | None:
    """Explain months without quotes, which are calculations, if times are compared with them."""
    if (quoted := quoted_months(where)) == where:
        return None
    match = re.search(_MONTH, where)
    month = match[0].strip() if match else ""
    return Explanation(f"{month} is a calculation; dates take single quotes", quoted)


def comparison_signs(where: str) -> str:
    """Return a condition with the signs of SQL for signs of other notations."""
    for pattern, operator in (("=>|\u2265", ">="), ("=<|\u2264", "<="), ("\u2260|=!", "<>")):
        where = replace_unquoted(where, pattern, operator)
    return where


def _null(text: str) -> str:
    return "IS NOT NULL" if "not" in text.casefold() else "IS NULL"
