"""Reading a catalogue: one row for each item out of a table of any kind."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from collections.abc import Mapping, Sequence

from item2vec.data.catalogue import GENRES, TITLE, Catalogue
from item2vec.errors import DataError
from item2vec.reading import sql_values
from item2vec.reading.columns import CATALOGUE_NAMES, INTERACTION_NAMES, Roles, find_roles
from item2vec.reading.delimited import MALFORMED
from item2vec.reading.duckdb_session import QueryError, quote_name
from item2vec.reading.identifiers import check_distinct, check_ids
from item2vec.reading.paths import Source
from item2vec.reading.tables import Tables, open_tables, unreadable


def read_catalogue(
    source: Source,
    *,
    item: str | None = None,
    title: str | None = None,
    genres: str | None = None,
) -> Catalogue:
    """Read a catalogue from files or a pandas DataFrame.

    An item may stand on several rows, as in a table of sales: the first value that is not blank
    counts. Of a table that names users, only titles and genres are taken.

    Parameters
    ----------
    source : path, glob, list of these, or pandas.DataFrame
        As `read_interactions` takes it; a text file that is not UTF-8 is taken for Latin-1.
    item, title, genres : str, optional
        The columns; well-known names are found by themselves. The title's column is called "title"
        in the catalogue, that of the genres "genres", and all others keep their names.

    Raises
    ------
    DataError
        If a file is missing or not what it should be, or no column is known to be the item.
    ParameterError
        If a column that was told does not exist.
    """
    told = {"item": item, TITLE: title, GENRES: genres}
    names = [name for name in told.values() if name is not None]
    with open_tables(source, told=names, encoding="utf-8 or latin-1") as tables:
        roles = find_roles(
            tables.name,
            tables.first.columns,
            told,
            needed=("item",),
            well_known=CATALOGUE_NAMES,
        )
        check_ids(tables, {"item": roles.columns["item"]})
        taken, notes = _taken(tables, roles)
        n_malformed = _load(tables, roles.columns["item"], taken, notes)
        if n_malformed:
            notes.append(f"{tables.name}: {n_malformed:,} malformed records are passed over")
        distinct = '(SELECT DISTINCT "item2vec id" AS id FROM loaded WHERE id IS NOT NULL)'
        column = roles.columns["item"]
        notes += check_distinct(tables.database, tables.name, "item", column, distinct)
        ids, columns = _rows(tables, list(taken))
    if not ids:
        raise DataError(f"{tables.name} holds no items: give a table with ids")
    return Catalogue(ids, columns, tuple(notes))


def _taken(tables: Tables, roles: Roles) -> tuple[dict[str, str], list[str]]:
    """Return the columns to take, by the name that they get, and what is to be said of it."""
    notes = [note for table in tables.tables for note in table.notes] + roles.note()
    special = {roles.columns[role]: role for role in roles.columns}
    users = {"user": INTERACTION_NAMES["user"]}
    free = [name for name in tables.first.columns if name not in special]
    user = find_roles(tables.name, free, {"user": None}, needed=(), well_known=users).columns
    if user:
        # No user id goes into a model file; and what else such a table holds is of one event.
        notes.append(f"{user['user']} names users: only titles and genres are taken as catalogue")
        free = []
    taken = {role: name for name, role in special.items() if role != "item"}
    for name in free:
        if name.casefold() in {"item", *taken}:
            notes.append(f"column {name} is left out: the {name.casefold()} is another one")
        else:
            taken[name] = name
    return taken, notes


def _load(tables: Tables, item: str, taken: Mapping[str, str], notes: list[str]) -> int:
    """Put the records of all tables into one, and return how many were malformed."""
    columns = "".join(f", {quote_name(name)} VARCHAR" for name in taken)
    tables.database.rows(f'CREATE TABLE loaded ("item2vec id" VARCHAR{columns})')
    n_malformed = 0
    for table in tables.tables:
        values = ", ".join(
            sql_values.present(sql_values.text(name, table.types[name]))
            for name in (item, *taken.values())
        )

        def insert(relation: str, values: str = values) -> str:
            kept = f"NOT {quote_name(MALFORMED)}"
            return f"INSERT INTO loaded SELECT {values} FROM ({relation}) WHERE {kept}"

        try:
            loaded = tables.load(table, insert)
        except QueryError as error:
            raise unreadable(table.name, error) from error
        n_malformed += loaded.n_malformed
        notes.extend(loaded.notes)
    return n_malformed


def _rows(
    tables: Tables, names: Sequence[str]
) -> tuple[tuple[str, ...], dict[str, tuple[str, ...]]]:
    """Return the ids in the order of the source, and of each column the first value given."""
    firsts = "".join(
        f", coalesce(arg_min({quote_name(name)}, rowid) "
        f"FILTER (WHERE {quote_name(name)} IS NOT NULL), '')"
        for name in names
    )
    arrays = tables.database.arrays(
        f'SELECT "item2vec id"{firsts} FROM loaded WHERE "item2vec id" IS NOT NULL '
        'GROUP BY "item2vec id" ORDER BY min(rowid)'
    )
    ids, *columns = [tuple(array.tolist()) for array in arrays]
    return ids, dict(zip(names, columns, strict=True))
