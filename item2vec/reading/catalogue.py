"""Reading catalogues from tables in any supported format."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

from item2vec._support.messages import counted, setting
from item2vec.data.catalogue import GENRES, TITLE, Catalogue
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.catalogue_notes import rows_left_out
from item2vec.reading.columns import (
    CATALOGUE_NAMES,
    INTERACTION_NAMES,
    ColumnNotFoundError,
    Roles,
    find_roles,
    listed,
    same_name,
)
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.files.paths import Source
from item2vec.reading.ids.identifiers import check_distinct, check_ids
from item2vec.reading.ids.shared_ids import column_with_ids
from item2vec.reading.internal_columns import MALFORMED
from item2vec.reading.options import TextFormat
from item2vec.reading.table import unreadable
from item2vec.reading.tables import Tables, open_tables
from item2vec.reading.text.wrong_encodings import wrong_encodings

SAMPLE = 1000  # records that are examined
_ID = "item2vec id"  # a column name that no source has
_POSITIONAL = re.compile(r"column\d+")  # the name of a column of a file without a header


@dataclass(frozen=True)
class CatalogueFormat:
    """The options for reading a catalogue: names of columns, and the encoding of text files.

    Parameters
    ----------
    item, title, genres : str, optional
        The given names of columns; a column that is not given is found by its name.
    encoding : str, optional
        As in `read_catalogue`.
    as_in : str, optional
        The column of items in the interactions. Where `item` is not given, a column of the same
        name in the catalogue is preferred to well-known names.
    item_ids : collection of str
        The ids of the items that were read, by which a column is suggested if none is found.
    """

    item: str | None = None
    title: str | None = None
    genres: str | None = None
    encoding: str | None = None
    as_in: str | None = None
    item_ids: Collection[str] = field(default=(), repr=False)

    def given(self) -> list[str]:
        """Return the names of columns that are given."""
        return [name for name in (self.item, self.title, self.genres) if name is not None]

    def find(self, table: str, columns: Sequence[str]) -> Roles:
        """Find the columns in a table; see `find_roles`."""
        same = None
        if self.item is None and self.as_in is not None and not _POSITIONAL.fullmatch(self.as_in):
            same = same_name(self.as_in, columns)
        if same in self.given():
            same = None
        given = {"item": self.item or same, TITLE: self.title, GENRES: self.genres}
        roles = find_roles(table, columns, given, needed=("item",), well_known=CATALOGUE_NAMES)
        return roles if same is None else Roles(roles.columns, ["item", *roles.found])


def read_catalogue(
    source: Source,
    *,
    item: str | None = None,
    title: str | None = None,
    genres: str | None = None,
    encoding: str | None = None,
) -> Catalogue:
    """Read a catalogue from files or a pandas DataFrame.

    An item may have several rows, as in a table of sales; the first non-blank value of each column
    is used. If the table has a column of users, only titles and genres are used.

    Parameters
    ----------
    source : path, glob, list of these, or pandas.DataFrame
        As in `read_interactions`.
    item, title, genres : str, optional
        Names of columns; by default, columns are found by well-known names. In the catalogue, the
        columns of titles and genres are named "title" and "genres"; other names are kept.
    encoding : str, optional
        Encoding of text files, by any name that Python knows; by default UTF-8, or Windows-1252 if
        a file is not valid UTF-8.

    Raises
    ------
    DataError
        If the source can't be read, contains no items, or has no column of items.
    ParameterError
        If a given column does not exist.
    """
    return load_catalogue(source, CatalogueFormat(item, title, genres, encoding))


def load_catalogue(source: Source, form: CatalogueFormat) -> Catalogue:
    """Read a catalogue; see `read_catalogue`."""
    text = catalogue_format(form.encoding)
    with open_tables(source, text, column_names=form.given()) as tables:
        roles = _find_columns(tables, form)
        column = roles.columns["item"]
        check_ids(tables, {"item": column})
        sources, notes = _choose_columns(tables, roles)
        n_malformed = _load(tables, column, sources, notes)
        wrong = wrong_encodings(tables.database, tables.tables) if n_malformed else []
        if n_malformed:
            verb = "is" if n_malformed == 1 else "are"
            records = counted(n_malformed, "malformed record")
            notes += [f"{tables.name}: {records} {verb} skipped", *wrong]
        distinct = f'(SELECT DISTINCT "{_ID}" AS id FROM loaded WHERE id IS NOT NULL)'
        notes += check_distinct(tables.database, tables.name, "item", column, distinct)
        notes += rows_left_out(tables, _ID, column, TITLE if TITLE in sources else None)
        ids, columns = _rows(tables, list(sources))
    if not ids and wrong:
        raise DataError(wrong[0])
    if not ids and n_malformed:
        raise DataError(
            f"none of the {counted(n_malformed, 'record')} of {tables.name} has the columns of the "
            f"first one ({', '.join(tables.first.columns)}): put values that contain the delimiter "
            "in double quotes"
        )
    if not ids:
        raise DataError(f"{tables.name} contains no items: provide a table with ids")
    return Catalogue(ids, columns, tuple(notes))


def catalogue_format(encoding: str | None) -> TextFormat:
    """Return the format of the text files of a catalogue; without an encoding, both are tried."""
    return TextFormat(latin_1_fallback=True) if encoding is None else TextFormat(None, encoding)


def _find_columns(tables: Tables, form: CatalogueFormat) -> Roles:
    """Find the columns; if there is none of items, suggest the one that has most of their ids."""
    columns = tables.first.columns
    try:
        return form.find(tables.name, columns)
    except ColumnNotFoundError as error:
        others = [name for name in columns if name not in form.given()]
        shared = column_with_ids(tables, others, form.item_ids)
        if shared is None:
            raise
        name, n_ids = shared
        raise ColumnNotFoundError(
            f"{tables.name}: no column has a well-known name for the item ({listed(columns)}): "
            f"name it with {setting('item')}, as in {setting('item', name)}, which contains "
            f"{n_ids:,} of the {counted(len(form.item_ids), 'item')} that were read"
        ) from error


def _choose_columns(tables: Tables, roles: Roles) -> tuple[dict[str, str], list[str]]:
    """Return a mapping of columns of the catalogue to columns of the source, and notes."""
    notes = [note for table in tables.tables for note in table.notes] + roles.note()
    roles_by_column = {column: role for role, column in roles.columns.items()}
    user_names = {"user": INTERACTION_NAMES["user"]}
    others = [name for name in tables.first.columns if name not in roles_by_column]
    user = find_roles(tables.name, others, {"user": None}, needed=(), well_known=user_names).columns
    if user:
        # User ids must not get into a model file, and the other columns describe single events.
        notes.append(f"{user['user']} identifies users: only titles and genres are used")
    notes += _without_title(tables, roles, others)
    if user:
        others = []
    sources = {role: column for column, role in roles_by_column.items() if role != "item"}
    for name in others:
        if name.casefold() in {"item", *sources}:
            notes.append(
                f"column {name} is ignored: another column is used as the {name.casefold()}"
            )
        else:
            sources[name] = name
    return sources, notes


def _without_title(tables: Tables, roles: Roles, others: Sequence[str]) -> list[str]:
    """Return a note if no column of titles was found, with a column that may contain them."""
    if TITLE in roles.columns:
        return []
    found = "no column has a well-known name for the title, so items have only their ids"
    texts = [name for name in others if _holds_words(tables, name)]
    likely = [name for name in texts if re.search("title|name|text|caption", name.casefold())]
    if not texts:
        return [f"{tables.name}: {found}"]
    example = setting(TITLE, (likely or texts)[0])
    return [f"{tables.name}: {found}: name it with {setting(TITLE)}, as in {example}"]


def _holds_words(tables: Tables, name: str) -> bool:
    """Return whether the first values of a column are texts with letters, and most differ."""
    first = tables.first
    if name in first.nested or first.types[name].startswith(("STRUCT", "MAP")):
        return False
    text = sql_values.present(sql_values.text(name, first.types[name]))
    ((n, n_words, n_distinct),) = tables.database.rows(
        f"SELECT count(text), count(*) FILTER (regexp_matches(text, '\\p{{L}}{{2}}')), "
        f"count(DISTINCT text) FROM "
        f"(SELECT {text} AS text FROM ({first.relation}) LIMIT {SAMPLE})"
    )
    return bool(n_words > n / 2 and n_distinct > n / 2)


def _load(tables: Tables, item: str, sources: Mapping[str, str], notes: list[str]) -> int:
    """Load the records of all tables into the table `loaded`; return the number of malformed ones.

    Parameters
    ----------
    tables : Tables
    item : str
        The column of items.
    sources : mapping of str to str
        Mapping of columns of the catalogue to columns of the tables.
    notes : list of str
        Notes on loading are appended to it.
    """
    columns = "".join(f", {quote_name(name)} VARCHAR" for name in sources)
    tables.database.rows(f'CREATE TABLE loaded ("{_ID}" VARCHAR{columns})')
    n_malformed = 0
    for table in tables.tables:
        values = ", ".join(
            sql_values.present(_text(name, table.types[name])) for name in (item, *sources.values())
        )

        def insert(relation: str, values: str = values) -> str:
            is_whole = f"NOT {quote_name(MALFORMED)}"
            return f"INSERT INTO loaded SELECT {values} FROM ({relation}) WHERE {is_whole}"

        try:
            loaded = tables.load(table, insert)
        except QueryError as error:
            raise unreadable(table.name, error) from error
        n_malformed += loaded.n_malformed
        notes.extend(loaded.notes)
    return n_malformed


def _text(column: str, sql_type: str) -> str:
    """Return the SQL for a value as text; nested lists, maps and structures are JSON."""
    is_nested = sql_type.endswith("]") or sql_type.startswith(("STRUCT", "MAP"))
    if is_nested and sql_type != "VARCHAR[]":
        return f"CAST(to_json({quote_name(column)}) AS VARCHAR)"
    return sql_values.text(column, sql_type)


def _rows(
    tables: Tables, names: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the distinct ids in the order of the source, and the first value of each column."""
    firsts = "".join(
        f", coalesce(arg_min({quote_name(name)}, rowid) "
        f"FILTER (WHERE {quote_name(name)} IS NOT NULL), '')"
        for name in names
    )
    arrays = tables.database.arrays(
        f'SELECT "{_ID}"{firsts} FROM loaded WHERE "{_ID}" IS NOT NULL '
        f'GROUP BY "{_ID}" ORDER BY min(rowid)'
    )
    ids, *columns = [tuple(array.tolist()) for array in arrays]
    return ids, dict(zip(names, columns, strict=True))
