"""Texts that JSON, Python and NumPy write for a value."""

import ast
import json
import warnings
from typing import Any

# Names before the bracket of a list, in the reprs of several libraries; as a regular expression.
CONSTRUCTOR = (
    r"(?i:(?:np\.|numpy\.)?(?:array|set|frozenset|tuple|list|deque|wrappedarray|"
    r"dict_keys|dict_values))"
)


def parse_literal(text: str, default: Any = None) -> Any:
    """Return the value of a JSON or Python literal; `default` if the text is neither.

    Examples
    --------
    >>> parse_literal("['a', null]"), parse_literal('["a", null]'), parse_literal("{1: 2}")
    (None, ['a', None], {1: 2})
    """
    for parse in (json.loads, ast.literal_eval):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # warnings about invalid escape sequences
                return parse(text)
        except (ValueError, SyntaxError, TypeError, MemoryError, RecursionError):
            continue
    return default
