"""Assignment of columns to the roles of interactions: user, item, time and rating."""

# Names go into SQL through quote_name.
# ruff: noqa: S608

from collections.abc import Mapping

from item2vec._support.messages import setting
from item2vec.errors import DataError, ParameterError
from item2vec.reading.columns import (
    INTERACTION_NAMES,
    ColumnNotFoundError,
    Roles,
    describes_items,
    find_roles,
    is_known,
    is_list_name,
)
from item2vec.reading.duckdb_session import quote_name
from item2vec.reading.options import NO_USER, ReadOptions
from item2vec.reading.sequences.headers import wide_columns
from item2vec.reading.sequences.list_columns import SAMPLE, columns_with_lists, is_of_sequences
from item2vec.reading.sequences.list_texts import find_separator
from item2vec.reading.suggested_roles import missing_columns, unnamed_users
from item2vec.reading.tables import Tables
from item2vec.reading.text.single_columns import is_joined_header, single_column


def find_interaction_roles(tables: Tables, options: ReadOptions) -> Roles:
    """Find the columns, and check that each option that needs a column has it.

    Raises
    ------
    ParameterError
        If a given column does not exist, or an option needs a column that is not there.
    DataError
        If there is no column of items, or none of users although each record is one interaction.
    """
    given = _with_columns_of_lines(tables, options.columns.by_role())
    if not options.needs_ratings and given["rating"] is None:
        del given["rating"]
    roles = find_roles(
        tables.name,
        tables.first.columns,
        given,
        needed=("rating",) if options.load_ratings else (),
        well_known=INTERACTION_NAMES,
    )
    if "item" not in roles.columns and options.layout != "rows":
        roles = _with_lists(tables, roles)
    _check_found(tables, roles, options)
    for role, option, value in (
        ("rating", "min_rating", options.rules.min_rating),
        ("time", "time_format", options.rules.time_format),
    ):
        if value is not None and role not in roles.columns:
            raise ParameterError(
                f"{setting(option, value)} needs a column with the {role}, and no column of "
                f"{tables.name} has a well-known name for it: name it with {setting(role)}"
            )
    return roles


def _with_columns_of_lines(
    tables: Tables, given: Mapping[str, str | None]
) -> dict[str, str | None]:
    """Return the given columns, with those of lines that are sequences: a user and an item."""
    columns = tables.first.columns
    if not is_of_sequences(tables.first):
        return dict(given)
    of_lines = {"user": columns[0] if len(columns) > 1 else None, "item": columns[-1]}
    return {role: name or of_lines.get(role) for role, name in given.items()}


def _with_lists(tables: Tables, roles: Roles) -> Roles:
    """Take a column of lists as the items: by its name, or because it is the only one that is left.

    Lists of genres, tags and the like are no items.
    """
    free = [name for name in tables.first.columns if name not in roles.columns.values()]
    lists = columns_with_lists(tables, free)
    named = [name for name in lists if is_list_name(name)]
    is_last = len(free) == len(lists) == 1 and not describes_items(free[0])
    is_last = is_last and not is_joined_header(tables)
    chosen = named[:1] or (lists if is_last else [])
    if not chosen:
        return roles
    return Roles({**roles.columns, "item": chosen[0]}, [*roles.found, "item"])


def _check_found(tables: Tables, roles: Roles, options: ReadOptions) -> None:
    """Raise DataError, with a suggestion for all missing columns, unless users and items are found.

    Sequences need no users if there is no column that could name them.
    """
    missing = [role for role in ("user", "item") if role not in roles.columns]
    if "item" in roles.columns and "user" in missing and _are_sequences(tables, roles, options):
        if options.columns.has_user is False or is_of_sequences(tables.first):
            return
        free = [name for name in tables.first.columns if name not in roles.columns.values()]
        candidates = [name for name in free if name not in columns_with_lists(tables, free)]
        if not candidates:
            return
        raise DataError(unnamed_users(tables, candidates))
    if not missing:
        return
    if options.columns.has_user is False:
        raise ParameterError(
            f"{setting('user', NO_USER)} declares that each record is a history of its own, but "
            f"the records of {tables.name} are single interactions: name the column of users, or "
            f"give {setting('layout', 'sequences')} if each is a sequence of items"
        )
    wide = wide_columns(tables.first.columns) if "item" in missing else []
    if wide and options.layout == "auto" and any(map(is_known, tables.first.columns)):
        raise DataError(
            f"{tables.name}: columns {wide[0]} to {wide[-1]} may hold the items of sequences: give "
            f"{setting('layout', 'sequences')} if they do, or name one of them with "
            f"{setting('item')}"
        )
    message = single_column(tables, options)
    message = message or missing_columns(tables, roles, missing, options)
    file, sequences = tables.first.file, setting("layout", "sequences")
    if file is not None and file.has_longer and options.layout == "auto":
        message += f"; some lines are longer: give {sequences} if each line is a user and items"
    elif _may_be_joined(tables, options):
        message += f"; give {sequences} if a text is a list of items"
    raise ColumnNotFoundError(message)


def _may_be_joined(tables: Tables, options: ReadOptions) -> bool:
    """Return whether there are two columns without names, of which the second may hold lists."""
    file, columns = tables.first.file, tables.first.columns
    if file is None or file.kind != "text" or file.header or options.layout != "auto":
        return False
    if len(columns) != 2 or file.lines is not None:
        return False
    name = quote_name(columns[1])
    rows = tables.database.rows(f"SELECT {name} FROM ({tables.first.relation}) LIMIT {SAMPLE}")
    return find_separator([text for (text,) in rows if text], "name") is not None


def _are_sequences(tables: Tables, roles: Roles, options: ReadOptions) -> bool:
    """Return whether records are sequences, of which each may be a history of its own."""
    if is_of_sequences(tables.first):
        return True
    if options.layout == "rows":
        return False
    return bool(columns_with_lists(tables, [roles.columns["item"]]))
