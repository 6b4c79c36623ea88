"""Remedies for columns of ids that contain lists or objects."""

import re
from typing import Any

from item2vec._support.messages import setting, shown
from item2vec.reading.columns import is_known
from item2vec.reading.sequences.list_texts import parsed

_ID = re.compile(r"(.*[_ ])?id|\$oid", re.IGNORECASE)


def of_objects(
    value: dict[Any, Any], role: str, column: str, *, is_json: bool, is_text: bool
) -> str:
    """Return the remedy for objects: name the field with the id, or take the keys if none is one.

    Parameters
    ----------
    value : dict
        An example.
    role, column : str
    is_json : bool
        Whether the column is that of a JSON file.
    is_text : bool
        Whether the objects are texts.
    """
    keys = [str(key) for key in value]
    named = [key for key in keys if is_known(key) or _ID.fullmatch(key)]
    key = named[0] if named else None
    if key is not None and (is_json or not is_text):
        return f"name a field of them, as in {setting(role, f'{column}.{key}')}"
    if is_json:
        change = f".[{_quoted(column)}] |= keys_unsorted"
        return f"take the ids out of them, with `jq -c '{change}'`"
    step = ".map(list)" if key is None else f".str[{shown(key)}]"
    return f"take the ids out of them, in pandas with {_column(column, is_text)}{step}"


def of_nested_lists(value: Any, column: str, *, is_json: bool, is_text: bool) -> str:
    """Return the remedy for lists in lists: the first of each pair, or all elements.

    The parameters are those of `of_objects`.
    """
    are_pairs = all(len(each) == 2 for each in value)
    if is_json:
        field = f".[{_quoted(column)}]"
        first, flat = f"with `jq -c '{field} |= map(.[0])'`", f"with `jq -c '{field} |= flatten'`"
    else:
        name = _column(column, is_text)
        first = f"{name}.map(lambda pairs: [pair[0] for pair in pairs])"
        flat = f"{name}.map(lambda lists: sum(map(list, lists), []))"
        first, flat = f"in pandas with {first}", f"in pandas with {flat}"
    if are_pairs and isinstance(value[0], tuple):
        return f"take the first value of each, {first}"
    if are_pairs:
        return f"take the first value of each pair, {first}, or all values, {flat}"
    return f"take the values out of the inner lists, {flat}"


def of_lists(value: object, column: str, *, is_json: bool) -> str:
    """Return the remedy for lists: one row for each element."""
    parsing = (
        _parsing(value, column) if isinstance(value, str) and not is_json else "in pandas with "
    )
    return f"explode the lists first, {parsing}frame.explode({shown(column)})"


def _column(column: str, is_text: bool) -> str:
    """Return the Python expression of a column, with its texts as values."""
    name = f"frame[{shown(column)}]"
    return f"{name} = {name}" + (".map(ast.literal_eval)" if is_text else "")


def _quoted(name: str) -> str:
    """Return a name in the syntax of jq."""
    return '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _parsing(text: str, column: str) -> str:
    """Return the part of a remedy that converts such texts to lists in pandas."""
    if re.search(r"['\"]\s+['\"]", text) or (parsed(text) is text and re.search(r"\w[(\[{]", text)):
        # NumPy writes ['a' 'b'], which Python would read as ['ab'], and array([1, 2]).
        return "once the texts are parsed into lists, in pandas with "
    name = shown(column)
    if parsed(text) is not text:
        return f"in pandas with frame[{name}].map(ast.literal_eval), then "
    separator = repr(", " if ", " in text else ",") if "," in text else ""
    return f"in pandas with frame[{name}].str.strip('[](){{}}').str.split({separator}), then "
