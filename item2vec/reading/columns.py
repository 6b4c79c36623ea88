"""Which column of a table plays which role."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from item2vec._support.messages import setting
from item2vec.errors import DataError, ParameterError


def _words(text: str) -> list[str]:
    return text.split()


# Names that play a role, the one to prefer first: "movie_id" wins over "title". They are compared
# without letter case, spaces, "_" and "-", so that "User ID" is userid.
_USERS = _words("""
    userid user uid customerid customer custid memberid member reviewerid reviewer visitorid visitor
    sessionid session accountid account profileid profile clientid client readerid listenerid
    viewerid subscriberid shopperid buyerid personid msno username reviewername
""")
# Columns that could serve as the user where the one in use holds placeholders.
_VISITS = _words("""
    cookieid cookie deviceid fullvisitorid anonymousid browserid basketid orderid invoiceno invoice
    transactionid
""")
_ITEM_IDS = _words("""
    itemid movieid filmid bookid stockcode productid articleid sku asin parentasin trackid songid
    artistid albumid podcastid animeid videoid showid seriesid programid contentid gameid recipeid
    courseid newsid postid businessid offerid goodid titleid isbn isbn13 spotifytrackuri trackuri
    productcode itemcode
""")
_ITEMS = _words("""
    item movie film book product article track song artist album podcast anime video show series
    content game recipe course news itemname productname trackname title
""")
_TIMES = _words("""
    timestamp ts unixreviewtime unixtime epoch eventtime eventtimestamp datetime dateandtime
    invoicedate createdat watchedat viewedat listenedat playedat ratedat purchasedat occurredat
    orderdate purchasedate transactiondate orderedat tdat eventdate date time reviewtime
""")
_TITLES = _words("""
    title itemtitle movietitle booktitle name itemname productname movie film trackname songname
    artistname originaltitle label description productdescription
""")

INTERACTION_NAMES: Mapping[str, Sequence[str]] = {
    "user": _USERS,
    "item": _ITEM_IDS + _ITEMS,
    "time": _TIMES,
    "rating": ["rating", "ratings", "score", "stars", "overall"],
}

# In a catalogue, a column that is called no more than "id" can only be the item's, and a title is
# not an id.
CATALOGUE_NAMES: Mapping[str, Sequence[str]] = {
    "item": [*_ITEM_IDS, "id", *(name for name in _ITEMS if name not in _TITLES)],
    "title": _TITLES,
    "genres": ["genres", "genre", "categories", "category", "listedin"],
}


@dataclass(frozen=True)
class Roles:
    """The columns by role, and which of them were found by their names rather than told."""

    columns: Mapping[str, str]
    found: Sequence[str]

    def note(self) -> list[str]:
        """Say aloud which columns were found."""
        parts = [f"{self.columns[role]} is the {role}" for role in self.found]
        return [f"columns found by their names: {', '.join(parts)}"] if parts else []


def find_roles(
    table: str,
    columns: Sequence[str],
    told: Mapping[str, str | None],
    *,
    needed: Sequence[str],
    well_known: Mapping[str, Sequence[str]],
) -> Roles:
    """Give each role of `told` its column: the one told, else a well-known name.

    Parameters
    ----------
    table : str
        What messages call the table.
    columns : sequence of str
        The table's columns.
    told : mapping of str to str or None
        Role to column, None where it is to be found.
    needed : sequence of str
        The roles that can't be left without a column.
    well_known : mapping of str to sequence of str
        Role to names, the one to prefer first.

    Raises
    ------
    ParameterError
        If a told column does not exist, or two roles would have the same one.
    DataError
        If a needed role has no column.
    """
    given = {role: name for role, name in told.items() if name is not None}
    for role, name in given.items():
        check_column(table, columns, role, name)
        for other in given:
            if other != role and given[other] == name:
                raise ParameterError(
                    f"column {name!r} can't be both the {other} and the {role}: name two columns"
                )
    free = {_plain(name): name for name in reversed(columns) if name not in given.values()}
    chosen = dict(given)
    for role in told:
        names = [free[known] for known in well_known[role] if known in free]
        if role not in given and names:
            chosen[role] = names[0]
            del free[_plain(names[0])]
    for role in needed:
        if role not in chosen:
            raise DataError(_not_found(table, columns, role))
    return Roles(chosen, [role for role in chosen if role not in given])


def check_column(table: str, columns: Sequence[str], role: str, name: str) -> None:
    """Raise ParameterError, with the nearest names, unless the table has this column."""
    if name in columns:
        return
    nearest = difflib.get_close_matches(name, columns, cutoff=0.5)
    nearest = nearest or [column for column in columns if _plain(column) == _plain(name)]
    hint = f"did you mean {' or '.join(map(repr, nearest))}?" if nearest else _listed(columns)
    raise ParameterError(f"{table} has no column {name!r}, told as the {role}: {hint}")


def other_users(columns: Sequence[str], used: Iterable[str]) -> list[str]:
    """Return the columns, not in use, whose names are well known for users, sessions or visits."""
    taken = set(used)
    free = {_plain(name): name for name in reversed(columns) if name not in taken}
    return [free[known] for known in (*_USERS, *_VISITS) if known in free]


def is_known(name: str) -> bool:
    """Tell whether a name is a well-known one of any role."""
    plain = _plain(name)
    return any(
        plain in names for roles in (INTERACTION_NAMES, CATALOGUE_NAMES) for names in roles.values()
    )


def is_called(name: str, role: str) -> bool:
    """Tell whether a name is a well-known one of this role in a catalogue."""
    return _plain(name) in CATALOGUE_NAMES[role]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()


def _not_found(table: str, columns: Sequence[str], role: str) -> str:
    example = columns[0] if columns else "NAME"
    return (
        f"{table}: no column is known to be the {role} ({_listed(columns)}): "
        f"name it with {setting(role)}, as in {setting(role, example)}"
    )


def _listed(columns: Sequence[str]) -> str:
    shown = ", ".join(column if column.isprintable() else ascii(column) for column in columns[:30])
    return f"it has {shown[:500]}{', ...' if len(columns) > 30 or len(shown) > 500 else ''}"
