"""The catalogue: what is known of items beside their histories."""

import functools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from item2vec._support.did_you_mean import nearest_names
from item2vec._support.messages import brief, shown
from item2vec.data.genre_lists import split_genres
from item2vec.errors import DataError, ParameterError, UnknownItemError

TITLE = "title"
GENRES = "genres"


@dataclass(frozen=True, eq=False, repr=False)
class Catalogue:
    """Titles, genres and whatever else a table tells of items: string columns beside their ids.

    Parameters
    ----------
    ids : tuple of str
        Every item once.
    columns : mapping of str to tuple of str
        By name, one value for each id; "" where it is missing. "title" and "genres" are understood.
    notes : tuple of str
        What reading took upon itself, to be said aloud.

    Raises
    ------
    DataError
        If an id is no string or stands twice, or a column is not as long as the ids.

    Examples
    --------
    >>> films = Catalogue(("1", "2"), {"title": ("Alien", "Up"), "genres": ("Horror|Sci-Fi", "")})
    >>> films.find("alien"), films.find("2")
    ('1', '2')
    >>> films.aligned(("2", "3")).titles
    ('Up', '')
    """

    ids: tuple[str, ...]
    columns: Mapping[str, tuple[str, ...]]
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        columns = {name: tuple(values) for name, values in self.columns.items()}
        object.__setattr__(self, "ids", tuple(self.ids))
        object.__setattr__(self, "columns", columns)
        for item_id in self.ids:
            if not isinstance(item_id, str):
                raise DataError(f"item ids are strings; {shown(item_id)} is not: convert it")
        if len(self._places) < len(self.ids):
            raise DataError("an item id stands twice in the catalogue: every id may stand once")
        for name, values in columns.items():
            if len(values) != len(self.ids):
                raise DataError(
                    f"column {shown(name)} of the catalogue holds {len(values)} values for "
                    f"{len(self.ids)} ids: give each id one, or ''"
                )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Catalogue of {len(self)} items: {', '.join(self.columns) or 'no columns'}"

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._places

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {item_id: place for place, item_id in enumerate(self.ids)}

    def aligned(self, ids: Sequence[str]) -> "Catalogue":
        """Return the rows of these ids, in their order, with "" for what it does not hold."""
        places = [self._places.get(item_id, -1) for item_id in ids]
        columns = {
            name: tuple(values[place] if place >= 0 else "" for place in places)
            for name, values in self.columns.items()
        }
        return Catalogue(tuple(ids), columns, self.notes)

    def joined(self, other: "Catalogue") -> "Catalogue":
        """Return the items of both, with the columns of both; "" where one of them has no such.

        Raises
        ------
        DataError
            If an item is in both.
        """
        columns = {
            name: self.columns.get(name, ("",) * len(self))
            + other.columns.get(name, ("",) * len(other))
            for name in dict.fromkeys([*self.columns, *other.columns])
        }
        return Catalogue(self.ids + other.ids, columns, self.notes + other.notes)

    @property
    def titles(self) -> tuple[str, ...] | None:
        """The titles, "" where one is missing; None if the catalogue knows of no titles."""
        return self.columns.get(TITLE)

    def genres(self) -> tuple[frozenset[str], ...] | None:
        """Return the genres of each item; None if the catalogue knows of no genres."""
        if GENRES not in self.columns:
            return None
        return tuple(split_genres(text) for text in self.columns[GENRES])

    def find(self, name: str, *, title_only: bool = False) -> str:
        """Return the id of the item that a person named by its id or by its title.

        Parameters
        ----------
        name : str
            An id wins over a title; a title as it is written wins over one in other letter case.
        title_only : bool
            Take `name` for a title even where it is an id.

        Raises
        ------
        ParameterError
            If several items have this title: the message lists their ids.
        UnknownItemError
            If no item has this id or title: the message names the nearest.
        """
        if not title_only and name in self._places:
            return name
        places = self._titled(name)
        if len(places) > 1:
            ids = ", ".join(brief(self.ids[place]) for place in places[:10])
            more = f" and {len(places) - 10} more" if len(places) > 10 else ""
            raise ParameterError(
                f"{len(places)} items have the title {shown(name)}: name one by its id: {ids}{more}"
            )
        if not places:
            raise UnknownItemError(self._unknown(name, title_only=title_only))
        return self.ids[places[0]]

    def matches(self, name: str, *, title_only: bool = False) -> list[str]:
        """Return the ids of all items that `find` could mean: several if they share a title."""
        if not title_only and name in self._places:
            return [name]
        return [self.ids[place] for place in self._titled(name)]

    def _titled(self, name: str) -> list[int]:
        """Return the places of the items with this title, in any letter case if need be."""
        titles = self.titles or ()
        if not name.strip():
            return []
        if name in titles:
            return [place for place, title in enumerate(titles) if title == name]
        folded = _folded(name)
        if folded not in self._folded_titles:
            return []
        return [place for place, title in enumerate(titles) if _folded(title) == folded]

    @functools.cached_property
    def _folded_titles(self) -> frozenset[str]:
        return frozenset(map(_folded, self.titles or ()))

    def _unknown(self, name: str, *, title_only: bool) -> str:
        titles = self.titles or ()
        if title_only and not titles:
            return f"no item has the title {shown(name)}, nor any title: name it by its id"
        what = "title" if title_only else "id or title" if titles else "id"
        nearest = [
            f"{shown(title)} ({brief(self.ids[titles.index(title)])})"
            for title in nearest_names(name, titles)
        ]
        if not nearest and not title_only:
            nearest = [shown(item_id) for item_id in nearest_names(name, self.ids)]
        hint = f": the nearest are {', '.join(nearest)}" if nearest else ""
        return f"no item has the {what} {shown(name)}{hint}"


def _folded(title: str) -> str:
    return title.strip().casefold()
