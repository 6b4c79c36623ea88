"""Related items: a metric of whether items that share a value have neighboring vectors."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from item2vec._support.messages import brief, counted, either, shown
from item2vec.data.catalogue import GENRES, Catalogue
from item2vec.data.genre_lists import split_genres
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.bootstrap import Groups
from item2vec.types import Positions, Rows, Values

NEIGHBORS = 10
# A value of more items than both of these allow relates items too loosely, and is left out.
MOST_ITEMS = 40
MOST_SHARE = 1 / 200  # of the items of a model
# An interval from fewer values would be far too narrow.
FEWEST_VALUES = 10

NO_VALUES = frozenset({"-", "?", "n/a", "na", "nan", "none", "null", "unknown"})


class RelatedItems:
    """The share of an item's related items that are among its ten nearest neighbors.

    Two items are related if they share a value of a column, such as a series or an author. If a
    model has n other items that are related to an item, and `found` of these are among the item's
    ten nearest, the metric is ``found / min(10, n)``. Every item with a related item has a value.
    Intervals are over values of the column, since the items of a series are found or missed
    together.

    A field may hold several values: ``A|B``, ``A; B``, ``A, B``, or a list. Letter case is
    ignored. A blank field, and words such as "unknown" or "(no genres listed)", are no values. A
    value of more than 40 items of the model, and of more than 1 in 200, is left out, because it
    relates items too loosely. Genres are such values; they have a metric of their own,
    `genres.GenreOverlap`. If fewer than 10 values relate items, there is no metric.

    Parameters
    ----------
    column : str
        The name of the column.
    texts : sequence of str
        The text of this column for each item of the catalogue.

    Raises
    ------
    DataError
        If no two items share a value.

    Examples
    --------
    >>> related = RelatedItems("series", ["Alien", "Alien", "", "Alien|Predator"])
    >>> rows = related.rows(np.arange(4))
    >>> near = np.array([[1, 2], [2, -1], [0, 1]], np.int32)
    >>> related.metric, rows.tolist(), related.values(np.arange(4), rows, near).tolist()
    ('related_series@10', [0, 1, 3], [0.5, 0.0, 1.0])
    """

    def __init__(self, column: str, texts: Sequence[str]) -> None:
        self.column = column
        self.metric = f"related_{column}@{NEIGHBORS}"
        numbers: dict[str, int] = {}
        self._held = [
            frozenset(numbers.setdefault(value, len(numbers)) for value in split_values(text))
            for text in texts
        ]
        if max(Counter(value for held in self._held for value in held).values(), default=0) < 2:
            raise DataError(
                f"no two items share a value of the column {shown(column)}, so it relates no "
                f"items: {either('name another --related COLUMN', 'name another column')}, such as "
                "a series or an author"
            )
        self._used: set[int] = set()
        self._too_common: set[int] = set()

    @classmethod
    def of(cls, catalogue: Catalogue | None, columns: Sequence[str]) -> "list[RelatedItems]":
        """Return a measure for each of these columns of a catalogue.

        Raises
        ------
        ParameterError
            If the columns are one string, there is no catalogue, or it lacks a column.
        DataError
            If no two items share a value of a column.
        """
        if isinstance(columns, str):
            raise ParameterError(
                f"related must be a sequence of columns, such as [{shown(columns)}], not "
                f"{shown(columns)}"
            )
        known = {} if catalogue is None else catalogue.columns
        for name in columns:
            if name not in known:
                where = either("with --items FILE", "with catalogue=")
                has = f"its columns are {', '.join(known)}" if known else f"give a table {where}"
                raise ParameterError(f"the catalogue has no column {shown(name)}: {has}")
        return [cls(name, known[name]) for name in dict.fromkeys(columns)]

    def rows(self, places: Positions) -> Rows:
        """Return the rows of a model's items that have a related item, int32 (r,), ascending.

        Parameters
        ----------
        places : array of shape (n,), int64
            The position of each of the model's items in the catalogue; -1 if it is not there.
        """
        groups = self._groups(places)
        self._used |= groups.keys()
        return np.array(sorted(set().union(*groups.values())), dtype=np.int32)

    def values(self, places: Positions, rows: Rows, near: Rows) -> Values:
        """Return the metric of some of the rows that `rows` gave.

        Parameters
        ----------
        places : array of shape (n,), int64
            As in `rows`.
        rows : array of shape (r,), int32
        near : array of shape (r, k), int32
            Their neighbors, at most ten; -1 where one is missing.

        Returns
        -------
        array of shape (r,), float64
        """
        groups = self._groups(places)
        values = np.zeros(len(rows))
        for n, (row, neighbors) in enumerate(zip(rows.tolist(), near.tolist(), strict=True)):
            shared = [groups[value] for value in self._held[places[row]] if value in groups]
            found = sum(
                other != row and any(other in group for group in shared) for other in neighbors
            )
            related = len(shared[0] if len(shared) == 1 else set().union(*shared)) - 1
            values[n] = found / min(NEIGHBORS, related)
        return values

    def groups(self, judged: Positions) -> Groups:
        """Return the values that relate these items, by their positions in the catalogue."""
        pairs = [
            (n, value)
            for n, place in enumerate(judged.tolist())
            for value in sorted(self._held[place] & self._used)
        ]
        items, values = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
        return Groups(items, values)

    def remarks(self, n_items: int, n_values: int) -> Iterator[str]:
        """Yield sentences on the number of judged items, and on what is left out."""
        if n_values >= FEWEST_VALUES:
            yield (
                f"{self.metric} is the mean over {n_items:,} items that share {n_values:,} values "
                f"of {brief(self.column)}."
            )
        else:
            yield (
                f"{self.metric} can't be computed: {counted(n_values, 'value')} of "
                f"{brief(self.column)} relate{'s' if n_values == 1 else ''} items of all models, "
                f"and an interval needs {FEWEST_VALUES}."
            )
        if common := len(self._too_common):
            instead = "; genre_overlap@10 judges genres" if self.column == GENRES else ""
            yield (
                f"{counted(common, 'value')} of {brief(self.column)} "
                f"{'is' if common == 1 else 'are'} left out, because more than {MOST_ITEMS} items, "
                f"and more than 1 in {round(1 / MOST_SHARE)}, have "
                f"{'it' if common == 1 else 'them'}{instead}."
            )

    def _groups(self, places: Positions) -> dict[int, set[int]]:
        """Return value → the rows that have it, for the values that relate items."""
        found: dict[int, set[int]] = defaultdict(set)
        for row in np.flatnonzero(places >= 0).tolist():
            for value in self._held[places[row]]:
                found[value].add(row)
        most = max(MOST_ITEMS, MOST_SHARE * len(places))
        self._too_common |= {value for value, rows in found.items() if len(rows) > most}
        return {value: rows for value, rows in found.items() if 2 <= len(rows) <= most}


def split_values(text: str) -> Iterable[str]:
    """Return the values in a field in lower case, without repeats, in alphabetical order.

    Examples
    --------
    >>> split_values("Aliens|Predator"), split_values("N/A")
    (['aliens', 'predator'], [])
    """
    found = {value.casefold() for value in split_genres(text)}
    return sorted(found - NO_VALUES)
