"""Assignment of columns to roles: user, item, time, rating, title and genres."""

import difflib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from item2vec._support.messages import setting
from item2vec.errors import DataError, ParameterError


def words(text: str) -> list[str]:
    """Return the words of a text."""
    return text.split()


# The type of a column after its name, as in "user_id:token" or "time:float".
_TYPE = re.compile(
    r":(token|token_seq|float|float_seq|string|str|text|integer|int|int32|int64|long|double|number|"
    r"id|date|datetime|timestamp|boolean|bool)$",
    re.IGNORECASE,
)

# Well-known names of each role, the preferred one first: "movie_id" is preferred to "title". They
# are compared ignoring letter case, spaces, "_" and "-", so "User ID" matches userid. New names go
# to the end of a list, so that the column of a table that is read today stays the same.
_USERS = words("""
    userid user uid customerid customer custid memberid member reviewerid reviewer visitorid visitor
    sessionid session accountid account profileid profile clientid client readerid listenerid
    viewerid subscriberid shopperid buyerid personid msno username reviewername
    custno customerno customernumber customeruniqueid householdkey householdid reviewprofilename
    profilename usersession playlistid playerid learnerid studentid guestid patronid voterid
    usermboxsha1
""")
# Columns that may replace a column of users that contains placeholders.
_VISITS = words("""
    cookieid cookie deviceid fullvisitorid anonymousid browserid basketid orderid invoiceno invoice
    transactionid
""")
_ITEM_IDS = words("""
    itemid movieid filmid bookid stockcode productid articleid sku asin parentasin trackid songid
    artistid albumid podcastid animeid videoid showid seriesid programid contentid gameid recipeid
    courseid newsid postid businessid offerid goodid titleid isbn isbn13 spotifytrackuri trackuri
    productcode itemcode
""")
# Ids that stand beside better ones in some tables, such as "imdb_id" beside "id".
_OTHER_ITEM_IDS = words("""
    clickarticleid clickeditemid prodid skuid itemsku productsku itemno productno articleno
    articlenumber appid aid malid mangaid beerid beerbeerid wineid jokeid restaurantid hotelid
    listingid propertyid locationid venueid placeid poiid jobid eventid adid documentid docid
    pageid episodeid channelid clipid workid titleid mediaid musicbrainztrackid
    musicbrainzartistid artistmbid trackmbid gtin ean upc barcode imdbid tmdbid
""")
_ITEMS = words("""
    item movie film book product article track song artist album podcast anime video show series
    content game recipe course news itemname productname trackname title
""")
_ITEM_NAMES = words("""
    prodname songname artistname albumname booktitle movietitle gametitle gamename appname
    articletitle videotitle animetitle animename beername recipename coursename itemtitle
    producttitle
""")
_TIMES = words("""
    timestamp ts unixreviewtime unixtime epoch eventtime eventtimestamp datetime dateandtime
    invoicedate createdat watchedat viewedat listenedat playedat ratedat purchasedat occurredat
    orderdate purchasedate transactiondate orderedat tdat eventdate date time reviewtime
    clicktimestamp clicktime checkintime utctimestamp utctime unixtimestamp timestampms timems
    orderpurchasetimestamp purchasetime ordertime visittime createdtime createtime createdon
    dateadded dateupdated reviewdate ratingdate reviewtimestamp ratingtimestamp mylastupdated
""")
_TITLES = words("""
    title itemtitle movietitle booktitle name itemname productname movie film trackname songname
    artistname originaltitle label description productdescription prodname producttitle gametitle
    gamename appname articletitle newstitle headline videotitle animetitle animename beername
    recipename coursename albumname showname showtitle seriestitle filmtitle filmname moviename
    bookname businessname venuename songtitle tracktitle podcasttitle episodetitle coursetitle
    recipetitle eventname primarytitle englishname titleenglish caption videoname jobtitle
""")

# Names of columns whose cells hold lists of items.
_LISTS = words("""
    items itemids itemlist itemidlist movies movieids films filmids products productids productlist
    books bookids articles articleids tracks trackids songs songids artists artistids videos
    videoids games gameids recipes skus asins goods basket baskets cart order purchases history
    histories clickhistory viewhistory sequence sequences itemsequence itemseq itemidlistseq session
    clicks views plays playlist watched bought clicked transaction transactions
""")

# Names of columns that describe items, besides genres and titles.
_LABELS = words("tags tag keywords keyword labels label topics topic subjects types colors sizes")

INTERACTION_NAMES: Mapping[str, Sequence[str]] = {
    "user": _USERS,
    "item": _ITEM_IDS + _ITEMS + _OTHER_ITEM_IDS + _ITEM_NAMES,
    "time": _TIMES,
    "rating": words("""
        rating ratings score stars overall bookrating userrating movierating myscore reviewoverall
        reviewscore reviewrating starrating ratingvalue
    """),
}

# In a catalogue, a column named "id" contains the item ids, and titles are not used as ids.
CATALOGUE_NAMES: Mapping[str, Sequence[str]] = {
    "item": [
        *_ITEM_IDS,
        "id",
        *(name for name in (*_ITEMS, *_OTHER_ITEM_IDS) if name not in _TITLES),
    ],
    "title": _TITLES,
    "genres": words("""
        genres genre categories category listedin genreids moviegenres moviegenre bookgenres
        maincategory categoryname categorycode producttypename productcategoryname subcategory tags
        class
    """),
}


class ColumnNotFoundError(DataError):
    """No column has a well-known name for a role that must have one."""


@dataclass(frozen=True)
class Roles:
    """The columns that were assigned to roles.

    Parameters
    ----------
    columns : mapping of str to str
        Mapping of roles to columns.
    found : sequence of str
        The roles whose columns were not given but found by their names.
    """

    columns: Mapping[str, str]
    found: Sequence[str]

    def note(self) -> list[str]:
        """Return a note on the columns that were found by their names, if any."""
        parts = [f"{self.columns[role]} is the {role}" for role in self.found]
        return [f"columns found by their names: {', '.join(parts)}"] if parts else []


def find_roles(
    table: str,
    columns: Sequence[str],
    given: Mapping[str, str | None],
    *,
    needed: Sequence[str],
    well_known: Mapping[str, Sequence[str]],
) -> Roles:
    """Find the column of each role: the given one, or one with a well-known name.

    Parameters
    ----------
    table : str
        Name of the table in messages.
    columns : sequence of str
        The columns of the table.
    given : mapping of str to str or None
        Mapping of roles to given columns; None for a column that is to be found.
    needed : sequence of str
        The roles that must have a column.
    well_known : mapping of str to sequence of str
        Well-known names of each role, the preferred one first.

    Raises
    ------
    ParameterError
        If a given column does not exist, or is given for two roles.
    DataError
        If a needed role has no column.
    """
    chosen = _given_columns(table, columns, given)
    free = {plain_name(name): name for name in reversed(columns) if name not in chosen.values()}
    found = []
    for role in given:
        names = [free[known] for known in well_known[role] if known in free]
        if role not in chosen and names:
            chosen[role] = names[0]
            found.append(role)
            del free[plain_name(names[0])]
    for role in needed:
        if role not in chosen:
            unused = [name for name in columns if name not in chosen.values()]
            example = f", as in {setting(role, unused[0])}" if unused else ""
            raise ColumnNotFoundError(
                f"{table}: no column has a well-known name for the {role} ({listed(columns)}): "
                f"name it with {setting(role)}{example}"
            )
    return Roles(chosen, found)


def _given_columns(
    table: str, columns: Sequence[str], given: Mapping[str, str | None]
) -> dict[str, str]:
    """Return the columns that are given, after checking that each exists and has one role."""
    chosen = {
        role: name if name in columns else untyped(name)
        for role, name in given.items()
        if name is not None
    }
    for role, name in chosen.items():
        taken = {chosen[other] for other in chosen if other != role}
        check_column(table, columns, role, name, taken)
        for other in chosen:
            if other != role and chosen[other] == name:
                raise ParameterError(
                    f"column {name!r} can't be both the {other} and the {role}: name two columns"
                )
    return chosen


def check_column(
    table: str, columns: Sequence[str], role: str, name: str, taken: Iterable[str] = ()
) -> None:
    """Raise ParameterError, with similar names that are not taken, unless the column exists."""
    if name in columns:
        return
    free = [column for column in columns if column not in set(taken)]
    nearest = difflib.get_close_matches(name, free, cutoff=0.5)
    nearest = nearest or [column for column in free if plain_name(column) == plain_name(name)]
    hint = f"did you mean {' or '.join(map(repr, nearest))}?" if nearest else listed(columns)
    raise ParameterError(f"{table} has no column {name!r} for the {role}: {hint}")


def same_name(name: str, columns: Sequence[str]) -> str | None:
    """Return the column of this name, or one that differs in letter case, blanks, "_" or "-"."""
    if name in columns:
        return name
    return next((column for column in columns if plain_name(column) == plain_name(name)), None)


def other_users(columns: Sequence[str], used: Iterable[str]) -> list[str]:
    """Return the unused columns with well-known names of users, sessions or visits."""
    return free_columns(columns, used, (*_USERS, *_VISITS))


def free_columns(columns: Sequence[str], used: Iterable[str], names: Iterable[str]) -> list[str]:
    """Return the unused columns with one of the well-known names, in the order of the names."""
    in_use = set(used)
    free = {plain_name(name): name for name in reversed(columns) if name not in in_use}
    return [free[known] for known in names if known in free]


def is_known(name: str) -> bool:
    """Return whether a name is well known for any role."""
    plain = plain_name(name)
    return any(
        plain in names for roles in (INTERACTION_NAMES, CATALOGUE_NAMES) for names in roles.values()
    )


def n_known_roles(columns: Sequence[str]) -> int:
    """Return the number of roles of interactions that have a column with a well-known name."""
    plain = {plain_name(name) for name in columns}
    return sum(not plain.isdisjoint(names) for names in INTERACTION_NAMES.values())


def base_name(name: str) -> str:
    """Return a name without a number at its end, as in ``item 1``, or ``(s)``."""
    return re.sub(r"(\(s\)|[\s_.]*\d+)$", "", name.strip())


def is_column_name(name: str) -> bool:
    """Return whether a name is well known for any column, also with a number, as in ``item 1``."""
    base = base_name(name)
    return is_known(base) or is_list_name(base) or plain_name(base) in _VISITS


def is_list_name(name: str) -> bool:
    """Return whether a name is well known for a column that holds lists of items."""
    return plain_name(name) in _LISTS


def describes_items(name: str) -> bool:
    """Return whether a name is well known for a column that describes items, such as genres."""
    return plain_name(name) in {*CATALOGUE_NAMES["genres"], *CATALOGUE_NAMES["title"], *_LABELS}


def is_called(name: str, role: str) -> bool:
    """Return whether a name is well known for this role in a catalogue."""
    return plain_name(name) in CATALOGUE_NAMES[role]


def untyped(name: str) -> str:
    """Return the name of a column without a type after a colon, as in ``user_id:token``."""
    return _TYPE.sub("", name) or name


def plain_name(name: str) -> str:
    """Return a name in the form in which well-known names are listed."""
    return re.sub(r"[\s_-]", "", untyped(name)).casefold()


def listed(columns: Sequence[str]) -> str:
    """Return the names of the columns of a table, for messages."""
    shown = ", ".join(column if column.isprintable() else ascii(column) for column in columns[:30])
    return f"it has {shown[:500]}{', ...' if len(columns) > 30 or len(shown) > 500 else ''}"
