"""Records of JSON documents of the shapes that pandas, web services and programs write.

A record is a mapping of columns to values. Sequences become records with the column "items", and
with the column "user" where the document has users.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from item2vec._support.messages import shown
from item2vec.errors import DataError
from item2vec.reading.columns import is_known

Record = Mapping[str, Any]

USER, ITEM, ITEMS, RATING, TITLE = "user", "item", "items", "rating", "title"
MOST_KEYS = 1_000  # keys that are compared with well-known names
LEAST_TITLES = 10  # texts in an object that are titles of items, and not one record
MOST_INNER = 5  # objects of an answer that are searched for records
# Keys under which web services return their records, best first.
_WRAPPERS = ("data", "results", "records", "rows", "items", "value", "values", "hits", "entries")


@dataclass(frozen=True)
class Records:
    """The records of a document.

    Parameters
    ----------
    records : iterable of mappings
    shape : str
        What the document is, for the report; "" if it is an array of objects.
    """

    records: Iterable[Record]
    shape: str = ""


IsColumn = Callable[[str], bool]


def find_records(document: Any, column_names: Collection[str] = ()) -> Records:
    """Return the records of a JSON document.

    Parameters
    ----------
    document : object
        As `json.loads` returns it.
    column_names : collection of str
        Names of columns that the caller has given.

    Raises
    ------
    DataError
        If the document contains no records, or several tables. The message does not name the file.

    Examples
    --------
    >>> list(find_records({"user": ["1", "2"], "item": ["a", "b"]}).records)
    [{'user': '1', 'item': 'a'}, {'user': '2', 'item': 'b'}]
    >>> list(find_records({"ann": ["a", "b"], "bob": ["b"]}).records)
    [{'user': 'ann', 'items': ['a', 'b']}, {'user': 'bob', 'items': ['b']}]
    """

    def is_column(name: str) -> bool:
        return name in column_names or is_known(name)

    found = None
    if isinstance(document, list):
        found = _of_list(document, is_column)
    elif isinstance(document, dict):
        found = _of_object(document, is_column)
    if found is None:
        raise DataError("contains no records: write one JSON object per line, or an array of them")
    return found


def rows_or_sequences(rows: Sequence[list[Any]], is_column: IsColumn) -> Records:
    """Return the records of arrays: rows if all have the same length, else sequences of items."""
    lengths = {len(row) for row in rows}
    if len(rows) < 2 or len(lengths) > 1 or lengths <= {0, 1}:
        return Records(({ITEMS: row} for row in rows), "arrays of items")
    first = rows[0]
    names = [f"column{position}" for position in range(len(first))]
    texts = [value for value in first if isinstance(value, str)]
    if len(set(texts)) == len(first) and any(map(is_column, texts)):
        names, rows = texts, rows[1:]
    return Records((dict(zip(names, row, strict=True)) for row in rows), "arrays of values")


def as_sequence(row: Sequence[Any], *, has_user: bool) -> Record:
    """Return the record of an array that is a sequence of items, perhaps after a user."""
    return {"user": row[0], ITEMS: list(row[1:])} if has_user and row else {ITEMS: list(row)}


def _of_list(values: list[Any], is_column: IsColumn) -> Records | None:
    if values and all(isinstance(value, dict) for value in values):
        return Records(values)
    if values and all(isinstance(value, list) for value in values):
        return rows_or_sequences(values, is_column)
    if values and not any(isinstance(value, list | dict) for value in values):
        return Records([{ITEMS: values}], "one array of items")
    return None


def _of_object(document: dict[str, Any], is_column: IsColumn) -> Records | None:
    split = _split(document)
    if split is not None:
        return split
    values = list(document.values())
    if values and all(isinstance(value, dict) for value in values):
        inner = _of_objects(document, is_column)
        if inner is not None:
            return inner
    if values and all(_is_flat(value) for value in values):
        return _of_lists(document, is_column)
    are_texts = len(values) >= LEAST_TITLES and all(isinstance(value, str) for value in values)
    if are_texts and not any(map(is_column, list(document)[:MOST_KEYS])):
        titles = ({ITEM: item, TITLE: title} for item, title in document.items())
        return Records(titles, "titles by item")
    nested = _nested(document, is_column)
    if nested is None and any(not isinstance(value, dict) for value in values):
        return Records([document])
    return nested


def _split(document: Mapping[str, Any]) -> Records | None:
    """Return the records of pandas' orients "split" and "tight", and of similar answers."""
    for names_key in ("columns", "fields", "header"):
        for rows_key in ("data", "rows", "values"):
            names, rows = document.get(names_key), document.get(rows_key)
            if not isinstance(names, list) or not isinstance(rows, list):
                continue
            texts = [_name(name) for name in names]
            are_rows = all(isinstance(row, list) and len(row) == len(texts) for row in rows)
            if rows and are_rows and None not in texts:
                columns = [str(text) for text in texts]
                return Records(
                    (dict(zip(columns, row, strict=True)) for row in rows), "columns and rows"
                )
    return None


def _name(name: Any) -> str | None:
    """Return the name of a column, which may be a text, a number or an object with a name."""
    if isinstance(name, dict):
        name = name.get("name")
    return None if name is None or isinstance(name, list | dict) else str(name)


def _of_objects(document: dict[str, dict[str, Any]], is_column: IsColumn) -> Records | None:
    """Return the records of an object of objects: pandas' "columns" or "index", or ratings."""
    inner = list(next(iter(document.values())))
    keys = set(inner)
    cells = [cell for value in document.values() for cell in value.values()]
    are_cells = all(_is_flat(cell) or _is_scalar(cell) for cell in cells)
    if inner and are_cells and all(value.keys() == keys for value in document.values()):
        if _are_columns(list(document), inner, is_column):
            names = list(document)
            return Records(
                ({name: document[name][row] for name in names} for row in inner),
                "columns of values by row",
            )
        if len(document) > 1 or any(map(is_column, inner)):
            return Records(_with_labels(document), "objects by row")
    if cells and all(map(_is_scalar, cells)):
        return Records(
            (
                {USER: user, ITEM: item, RATING: value}
                for user, ratings in document.items()
                for item, value in ratings.items()
            ),
            "items with values by user",
        )
    return None


def _are_columns(outer: list[str], inner: list[str], is_column: IsColumn) -> bool:
    """Return whether the outer keys of an object of objects are columns, and not rows."""
    for keys, others, answer in ((outer, inner, True), (inner, outer, False)):
        if any(map(is_column, keys[:MOST_KEYS])) and not any(map(is_column, others[:MOST_KEYS])):
            return answer
    numbered = [all(key.isdecimal() for key in keys) for keys in (outer, inner)]
    if numbered[0] != numbered[1]:
        return numbered[1]
    return len(outer) <= len(inner)


def _with_labels(document: dict[str, dict[str, Any]]) -> Iterator[Record]:
    """Yield the objects by row; labels become the column "index" if they do not just number."""
    labelled = any(label != str(number) for number, label in enumerate(document))
    for label, record in document.items():
        yield {"index": label, **record} if labelled and "index" not in record else record


def _is_scalar(value: Any) -> bool:
    return not isinstance(value, list | dict)


def _is_flat(value: Any) -> bool:
    """Return whether a value is a list of texts, numbers and the like, or of such lists."""
    return isinstance(value, list) and not any(isinstance(each, dict) for each in value)


def _of_lists(document: dict[str, list[Any]], is_column: IsColumn) -> Records | None:
    """Return the records of an object of lists: columns, a wrapped array, or items by user."""
    lengths = {len(values) for values in document.values()}
    if len(lengths) == 1 and len(document) > 1 and any(map(is_column, list(document)[:MOST_KEYS])):
        names = list(document)
        return Records(
            (dict(zip(names, row, strict=True)) for row in zip(*document.values(), strict=True)),
            "columns of values",
        )
    (only,) = document.values() if len(document) == 1 else (None,)
    if only and all(isinstance(value, list) for value in only):
        return _of_list(only, is_column)
    if not any(document.values()):
        return None
    return Records(
        ({USER: user, ITEMS: items} for user, items in document.items()), "items by user"
    )


def _nested(document: dict[str, Any], is_column: IsColumn, depth: int = 2) -> Records | None:
    """Return the records that an object holds under one of its keys, or that it holds by user."""
    tables = {
        key: value
        for key, value in document.items()
        if isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
    }
    if len(tables) > 1:
        return _choose(tables, len(tables) == len(document))
    if tables:
        ((key, table),) = tables.items()
        return Records(table, f"the objects under {shown(key)}")
    for key in _WRAPPERS:
        rows = document.get(key)
        if isinstance(rows, list) and rows and all(isinstance(row, list) for row in rows):
            return rows_or_sequences(rows, is_column)
    inner = [value for value in document.values() if isinstance(value, dict)]
    if not depth or len(inner) > MOST_INNER:
        return None
    if len(inner) == 1 and all(_is_flat(value) and value for value in inner[0].values()):
        return _of_lists(inner[0], is_column)
    found = [_split(within) or _nested(within, is_column, depth - 1) for within in inner]
    present = [records for records in found if records is not None]
    return present[0] if len(present) == 1 else None


def _choose(tables: Mapping[str, list[dict[str, Any]]], are_all: bool) -> Records:
    """Return the records of several arrays of objects: of the usual key, or by user."""
    usual = [key for key in _WRAPPERS if key in tables]
    if len(usual) == 1:
        return Records(tables[usual[0]], f"the objects under {shown(usual[0])}")
    keys = {frozenset(record) for table in tables.values() for record in table}
    if are_all and not usual and len(keys) == 1:
        return Records(
            ({USER: user, **record} for user, table in tables.items() for record in table),
            "objects by user",
        )
    raise DataError(
        f"contains several tables, under {', '.join(map(shown, list(tables)[:5]))}: write the one "
        "with the interactions to a file of its own"
    )
