"""The catalogue: titles, genres and other metadata of items."""

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
    """Item metadata: ids, and text columns such as titles and genres.

    Parameters
    ----------
    ids : tuple of str
        The item ids, each once.
    columns : mapping of str to tuple of str
        Column name to values, one for each id; "" for a missing value. The columns "title" and
        "genres" are interpreted: see `titles` and `genres`.
    notes : tuple of str
        Assumptions that were made while reading, to be shown to the user.

    Raises
    ------
    DataError
        If an id is not a string or occurs twice, or a column is not as long as the ids.

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
        if len(self._positions) < len(self.ids):
            raise DataError("an item id occurs twice in the catalogue: give every id once")
        for name, values in columns.items():
            if len(values) != len(self.ids):
                raise DataError(
                    f"column {shown(name)} of the catalogue has {len(values)} values for "
                    f"{len(self.ids)} ids: give one for each id, '' where it is missing"
                )

    def __len__(self) -> int:
        return len(self.ids)

    def __repr__(self) -> str:
        return f"Catalogue of {len(self)} items: {', '.join(self.columns) or 'no columns'}"

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._positions

    @functools.cached_property
    def _positions(self) -> dict[str, int]:
        return {item_id: position for position, item_id in enumerate(self.ids)}

    def aligned(self, ids: Sequence[str]) -> "Catalogue":
        """Return a catalogue of exactly these ids, in this order; unknown ids get "" everywhere."""
        positions = [self._positions.get(item_id, -1) for item_id in ids]
        columns = {
            name: tuple(values[position] if position >= 0 else "" for position in positions)
            for name, values in self.columns.items()
        }
        return Catalogue(tuple(ids), columns, self.notes)

    def joined(self, other: "Catalogue") -> "Catalogue":
        """Return the items and the columns of both catalogues; values that neither has are "".

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
        """The title of each item, "" where it is missing; None without a column of titles."""
        return self.columns.get(TITLE)

    def genres(self) -> tuple[frozenset[str], ...] | None:
        """Return the genres of each item; None without a column of genres."""
        if GENRES not in self.columns:
            return None
        return tuple(split_genres(text) for text in self.columns[GENRES])

    def find(self, name: str, *, title_only: bool = False) -> str:
        """Return the id of the item with this id or title.

        Parameters
        ----------
        name : str
            An id, or a title in any letter case. An id takes precedence over a title, and an
            exact match of a title over one that differs in letter case.
        title_only : bool
            Take `name` as a title even if it is an id.

        Raises
        ------
        ParameterError
            If several items have this title; the message lists their ids.
        UnknownItemError
            If no item has this id or title; the message lists similar ones.
        """
        if not title_only and name in self._positions:
            return name
        found = self._titled(name)
        if len(found) > 1:
            ids = ", ".join(brief(self.ids[position]) for position in found[:10])
            more = f" and {len(found) - 10} more" if len(found) > 10 else ""
            raise ParameterError(
                f"{len(found)} items have the title {shown(name)}: name one by its id: {ids}{more}"
            )
        if not found:
            raise UnknownItemError(self._unknown(name, title_only=title_only))
        return self.ids[found[0]]

    def matches(self, name: str, *, title_only: bool = False) -> list[str]:
        """Return the ids of all items that match `name`: several if they have the same title."""
        if not title_only and name in self._positions:
            return [name]
        return [self.ids[position] for position in self._titled(name)]

    def _titled(self, name: str) -> list[int]:
        """Return the positions of items with this title: exact matches, else those in any case."""
        titles = self.titles or ()
        if not name.strip():
            return []
        if name in titles:
            return [position for position, title in enumerate(titles) if title == name]
        folded = _folded(name)
        if folded not in self._folded_titles:
            return []
        return [position for position, title in enumerate(titles) if _folded(title) == folded]

    @functools.cached_property
    def _folded_titles(self) -> frozenset[str]:
        return frozenset(map(_folded, self.titles or ()))

    def _unknown(self, name: str, *, title_only: bool) -> str:
        """Return the message for a name that no item has, with the most similar ones."""
        titles = self.titles or ()
        if title_only and not titles:
            return f"no item has the title {shown(name)}, since none has a title: name it by its id"
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
