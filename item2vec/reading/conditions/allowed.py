"""The subset of SQL that conditions may use; its expressions need little memory.

DuckDB's memory limit does not cover the values of expressions: ``len(range(2000000000)) > 0`` takes
16 GB under a limit of 1 GB. A condition is therefore checked before it is run. It may use only
expressions and functions whose values are scalars, and not longer than their arguments. Functions
that lengthen a text may occur a few times, and the length, the depth and the literals of a
condition are limited.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from item2vec._support.messages import shown

# Limits of a condition.
MOST_CHARACTERS = 100_000  # enough for `item IN (...)` with thousands of ids
MOST_LEVELS = 100  # of nested expressions
MOST_EXPRESSIONS = 2_000  # without literals
MOST_LITERAL = 1_000  # characters of one literal
MOST_TEXTS = 100  # calls that return a text; each stores one text per record of a batch
MOST_PATTERNS = 25  # regular expressions, which may take 8 MB each
MOST_JOINED = 8  # texts that calls append to another text


def _words(text: str) -> set[str]:
    return set(text.split())


ARITHMETIC = _words("""
    + - * / // % ^ ** @ & abs add subtract multiply divide mod fmod fdiv pow power sqrt cbrt exp ln
    log log2 log10 sign round round_even floor ceil ceiling trunc even isnan isinf isfinite greatest
    least pi degrees radians sin cos tan asin acos atan atan2 hash random
""")
_TESTS = _words("""
    ~~ !~~ ~~* !~~* ~~~ like_escape ilike_escape not_like_escape not_ilike_escape ^@ contains
    starts_with ends_with prefix suffix list_contains list_has array_contains array_has xor nullif
    if list_has_any list_has_all array_has_any array_has_all
""")
_MEASURES = _words("""
    len length strlen char_length character_length octet_length bit_length array_length position
    strpos instr ascii ord unicode levenshtein editdist3 damerau_levenshtein hamming mismatches
    jaccard jaro_similarity jaro_winkler_similarity typeof
""")
TIMES = _words("""
    year month day hour minute second millisecond microsecond nanosecond epoch epoch_ms epoch_us
    epoch_ns quarter week weekday weekofyear dayofweek isodow dayofmonth dayofyear isoyear yearweek
    decade century millennium era julian dayname monthname last_day days_in_month date_part datepart
    date_trunc datetrunc date_diff datediff date_sub datesub date_add time_bucket age make_date
    make_time make_timestamp make_timestamptz to_timestamp strptime try_strptime timezone now today
    current_date get_current_timestamp get_current_time current_localtime current_localtimestamp
    transaction_timestamp to_years to_quarters to_months to_weeks to_days to_hours to_minutes
    to_seconds to_milliseconds to_microseconds to_decades to_centuries to_millennia
""")
_PATTERNS = {"regexp_matches", "regexp_full_match", "regexp_extract", "regexp_replace"}
# The result is about as long as the text, although ß becomes two letters in upper case.
_TEXTS = _words("""
    lower upper lcase ucase trim ltrim rtrim substr substring left right reverse strip_accents
    nfc_normalize split_part translate array_extract list_extract regexp_extract regexp_replace
    replace || concat concat_ws strftime chr
""")
_JSON = {"->>", "json_extract_string"}
_JOINING = {"||", "concat", "concat_ws", "strftime"}
FUNCTIONS = ARITHMETIC | _TESTS | _MEASURES | TIMES | _PATTERNS | _TEXTS | _JSON | {"list_value"}

_CLASSES = {
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT",
    "FUNCTION", "OPERATOR", "TYPE",
}  # fmt: skip
_TYPES = _words("""
    boolean bool logical tinyint smallint int integer bigint hugeint utinyint usmallint uinteger
    ubigint uhugeint int1 int2 int4 int8 int16 int32 int64 int128 short long signed uint8 uint16
    uint32 uint64 uint128 float float4 float8 real double decimal numeric dec varchar text string
    char bpchar nvarchar date time timetz timestamp datetime timestamptz timestamp_s timestamp_ms
    timestamp_us timestamp_ns interval uuid
""") | {"timestamp with time zone", "time with time zone"}


def why_not_allowed(tree: Any) -> str | None:
    """Return why a condition is not allowed, or None if it is allowed.

    Parameters
    ----------
    tree : object
        The syntax tree of the condition: the parsed JSON of DuckDB's ``json_serialize_sql``.
    """
    n_expressions = n_texts = n_patterns = n_joined = 0
    for node, level in expressions(tree):
        if level > MOST_LEVELS:
            return f"it is nested more than {MOST_LEVELS} levels deep"
        if (why := _violation(node)) is not None:
            return why
        n_expressions += node["class"] != "CONSTANT"
        n_texts += _returns_text(node)
        n_patterns += _name(node) in _PATTERNS
        n_joined += _joined(node)
    for what, n, most in (
        ("expressions", n_expressions, MOST_EXPRESSIONS),
        ("calls that return a text", n_texts, MOST_TEXTS),
        ("regular expressions", n_patterns, MOST_PATTERNS),
        ("calls that lengthen a text", n_joined, MOST_JOINED),
    ):
        if n > most:
            return f"it contains {n:,} {what}, and {most:,} are allowed"
    return None


def expressions(tree: Any) -> Iterator[tuple[Mapping[str, Any], int]]:
    """Yield every expression in a syntax tree with its level; the outermost has level 1."""
    stack = [(tree, 0)]
    while stack:
        branch, level = stack.pop()
        if isinstance(branch, dict):
            if "class" in branch:
                level += 1
                yield branch, level
            stack.extend((value, level) for value in branch.values())
        elif isinstance(branch, list):
            stack.extend((value, level) for value in branch)


def _violation(node: Mapping[str, Any]) -> str | None:
    """Return why an expression is not allowed, apart from the expressions inside it, or None."""
    kind, name = node["class"], _name(node)
    named = {"SUBQUERY": "a subquery", "PARAMETER": "a parameter", "WINDOW": "a window function"}
    if kind in named:
        return f"it contains {named[kind]}"
    if kind not in _CLASSES:
        return f"an expression of the kind {kind} is not allowed"
    if kind == "FUNCTION" and name not in FUNCTIONS:
        return f"the function {shown(name)} is not allowed"
    if name == "list_value" and not all(_is_literal(each) for each in _arguments(node)):
        return "a list may contain only literals"
    if name in {"replace", "regexp_replace"} and not _is_short_replacement(node):
        return f"{name} may only insert a literal that is not longer than the text it replaces"
    if name in _JSON and not _is_one_path(node):
        return f"{name} needs one path, a literal without a star"
    if kind == "TYPE" and _type(node) not in _TYPES:
        return f"a cast to {shown(_type(node))} is not allowed; cast to text, a number or a time"
    if kind == "CONSTANT" and len(_literal(node)) > MOST_LITERAL:
        return f"it contains a literal of more than {MOST_LITERAL:,} characters"
    return None


def _name(node: Mapping[str, Any]) -> str:
    """Return the name of a function, or "" for another expression."""
    return str(node.get("function_name", "")).casefold() if node["class"] == "FUNCTION" else ""


def _type(node: Mapping[str, Any]) -> str:
    return str(node.get("type_name", "")).casefold()


def _arguments(node: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    return [argument["expression"] for argument in node["arguments"]]


def _is_literal(node: Mapping[str, Any]) -> bool:
    return bool(node["class"] == "CONSTANT")


def _literal(node: Mapping[str, Any]) -> str:
    literal = node.get("literal")
    return str(literal.get("text", "")) if isinstance(literal, dict) else ""


def _returns_text(node: Mapping[str, Any]) -> bool:
    text_types = {"varchar", "text", "string"}
    is_text_cast = node["class"] == "CAST" and _type(node["type_expr"]) in text_types
    return is_text_cast or node["class"] == "COLLATE" or _name(node) in _TEXTS | _JSON


def _joined(node: Mapping[str, Any]) -> int:
    """Return the maximum number of texts that a call appends to its first argument."""
    if _name(node) == "regexp_replace":  # a pattern may match between any two characters
        return 2 if _literal(_arguments(node)[2]) else 0
    return len(node["arguments"]) - 1 if _name(node) in _JOINING else 0


def _is_one_path(node: Mapping[str, Any]) -> bool:
    """Return whether a call extracts a single value from JSON; several could be very long."""
    path = _arguments(node)[-1]
    return _is_literal(path) and "*" not in _literal(path) and ".." not in _literal(path)


def _is_short_replacement(node: Mapping[str, Any]) -> bool:
    """Return whether a call replaces literals by literals that are not longer.

    Otherwise nested calls could lengthen a text exponentially.
    """
    _, *literals = _arguments(node)
    if len(literals) < 2 or not all(map(_is_literal, literals)):
        return False
    old, new = (_literal(each).encode() for each in literals[:2])
    return len(new) <= (len(old) if _name(node) == "replace" else 1)
