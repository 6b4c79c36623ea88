"""Features: columns of a catalogue encoded as numbers.

The encoding of a column depends on its values:

- *numbers*, if 90 % of the values are numbers: each is interpolated between the two nearest of a
  few knots (linear B-splines), so that a linear function of the features is piecewise linear in the
  value;
- *values*, such as genres or directors: one feature for each value that at least two items share;
- *words* of a text, such as a title, if fewer than half of the items share a value.

The features of one column have a norm of at most 1, however many values an item has.
"""

import functools
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.messages import shown
from item2vec.data.catalogue import GENRES, TITLE, Catalogue
from item2vec.data.genre_lists import split_genres
from item2vec.data.packed import pack_lengths
from item2vec.errors import DataError, ParameterError
from item2vec.reading.columns import is_called

if TYPE_CHECKING:
    import scipy.sparse

YEAR = "year"
YEAR_OF_TITLE = re.compile(r"\((\d{4})\)\s*$")  # as MovieLens writes it

KNOTS = 9
MOST_WORDS = 1_000  # features of a column: its most frequent values or words
FEWEST_ITEMS = 2  # minimum number of items that share a value or word


class Column(ABC):
    """Base class of the encodings of one column."""

    name: str

    @property
    @abstractmethod
    def features(self) -> tuple[str, ...]:
        """Description of each feature."""

    @abstractmethod
    def entries(self, text: str) -> dict[int, float]:
        """Return the nonzero features of a value by position; {} for a blank value."""


@dataclass(frozen=True)
class Numbers(Column):
    """A column of numbers, interpolated between knots."""

    name: str
    knots: tuple[float, ...]

    @property
    def features(self) -> tuple[str, ...]:
        """One feature for each knot."""
        return tuple(f"{self.name} about {knot:g}" for knot in self.knots)

    def entries(self, text: str) -> dict[int, float]:
        """Return the weights of the two nearest knots; outside the range, 1 for the outermost."""
        number = as_number(text)
        if number is None:
            return {}
        place = float(np.interp(number, self.knots, np.arange(len(self.knots))))
        left, part = int(place), place % 1
        return {left: 1 - part} | ({left + 1: part} if part else {})


@dataclass(frozen=True)
class Words(Column):
    """A column of values or, if `is_text`, of words."""

    name: str
    words: tuple[str, ...]
    is_text: bool

    @functools.cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words)}

    @property
    def features(self) -> tuple[str, ...]:
        """One feature for each value or word."""
        return tuple(f"{self.name}: {word}" for word in self.words)

    def entries(self, text: str) -> dict[int, float]:
        """Return the known words of a value, by position, all with the same weight."""
        known = self._places
        found = [known[word] for word in words(text, is_text=self.is_text) if word in known]
        return dict.fromkeys(found, 1 / np.sqrt(max(1, len(found))))


@dataclass(frozen=True)
class Features:
    """The encoding of columns of a catalogue as a sparse matrix (n_items, n_features).

    Examples
    --------
    >>> films = Catalogue(
    ...     ("1", "2", "3"),
    ...     {"title": ("Alien (1979)", "Aliens (1986)", "Up (2009)"), "genres": ("A|B", "A", "B")},
    ... )
    >>> features = Features.of(films, ["genres", "year"])
    >>> features.names
    ('genres: a', 'genres: b', 'year about 1979', 'year about 1986', 'year about 2009')
    >>> features.encode(films).toarray()[2]
    array([0., 1., 0., 0., 1.], dtype=float32)
    """

    columns: tuple[Column, ...]

    @classmethod
    def of(cls, catalogue: Catalogue, names: Sequence[str]) -> "Features":
        """Choose the encoding of columns from their values.

        Parameters
        ----------
        catalogue : Catalogue
        names : sequence of str
            Columns. If there is no column "year", years are taken from titles such as "Up (2009)".

        Raises
        ------
        ParameterError
            If there is no such column, or none is named, or one is named twice.
        DataError
            If a column is empty, or no two items share a value of it.
        """
        if isinstance(names, str) or not names or len(set(names)) < len(names):
            raise ParameterError(
                f"features must be a list of one or more different columns, not {shown(names)}"
            )
        return cls(tuple(_column(name, values_of(catalogue, name)) for name in names))

    @property
    def names(self) -> tuple[str, ...]:
        """Description of each of the n_features features."""
        return tuple(name for column in self.columns for name in column.features)

    def encode(self, catalogue: Catalogue) -> "scipy.sparse.csr_array[np.float32]":
        """Return the features of each item, CSR float32 (n_items, n_features).

        The row of an item without a known value is 0.

        Raises
        ------
        ParameterError
            If the catalogue lacks one of the columns.
        """
        import scipy.sparse

        rows: list[dict[int, float]] = [{} for _ in catalogue.ids]
        before = 0
        for column in self.columns:
            entries = functools.cache(column.entries)  # most values are shared by many items
            for row, text in zip(rows, values_of(catalogue, column.name), strict=True):
                row.update({before + place: w for place, w in entries(text).items()})
            before += len(column.features)
        places = [place for row in rows for place in row]
        weights = np.array([weight for row in rows for weight in row.values()], dtype=np.float32)
        offsets = pack_lengths([len(row) for row in rows])
        return scipy.sparse.csr_array((weights, places, offsets), shape=(len(rows), before))


def values_of(catalogue: Catalogue, name: str) -> Sequence[str]:
    """Return the values of a column; missing years are taken from titles.

    Letter case is ignored, and common names of the columns of titles and genres are recognized,
    since a catalogue calls these columns "title" and "genres".

    Raises
    ------
    ParameterError
        If there is no such column.
    """
    called = next((role for role in (TITLE, GENRES) if is_called(name, role)), name)
    known = {column.casefold(): column for column in catalogue.columns}
    column = name if name in catalogue.columns else known.get(called.casefold())
    values = None if column is None else catalogue.columns[column]
    if name.casefold() == YEAR and catalogue.titles:
        found = [YEAR_OF_TITLE.search(title) for title in catalogue.titles]
        years = [match[1] if match else "" for match in found]
        return years if values is None else [a or b for a, b in zip(values, years, strict=True)]
    if values is None:
        raise ParameterError(
            f"there is no column {shown(name)} among those of the items "
            f"({', '.join(catalogue.columns) or 'none'}): name existing columns"
        )
    return values


def as_number(text: str) -> float | None:
    """Return the finite number that a text represents, or None."""
    try:
        number = float(text)
    except ValueError:
        return None
    return number if np.isfinite(number) else None


def words(text: str, *, is_text: bool) -> list[str]:
    """Return the values in a field, or the words in a text, each once, in lower case."""
    found: Iterable[str] = re.findall(r"\w+", text) if is_text else split_genres(text)
    return sorted({word.casefold() for word in found})


def _column(name: str, values: Sequence[str]) -> Column:
    """Return the encoding of a column with these values."""
    given = Counter(value for value in values if value.strip())
    numbers = {value: number for value in given if (number := as_number(value)) is not None}
    if sum(given[value] for value in numbers) >= max(2, 0.9 * given.total()):
        return Numbers(
            name, _knots([numbers[value] for value in given.elements() if value in numbers])
        )
    column = _words(name, given)
    if not column.words:
        if not given:
            raise DataError(f"column {shown(name)} is empty for all items: name other features")
        raise DataError(f"no two items share a value of column {shown(name)}: name other features")
    return column


def _knots(numbers: Sequence[float]) -> tuple[float, ...]:
    """Return quantiles of the numbers as knots."""
    shares = np.linspace(0, 1, KNOTS)
    return tuple(np.unique(np.quantile(numbers, shares, method="nearest")).tolist())


def _words(name: str, given: Mapping[str, int]) -> Words:
    """Return the encoding by values or, if fewer than half of the items share one, by words."""
    for is_text in (False, True):
        found = {value: words(value, is_text=is_text) for value in given}
        counts: Counter[str] = Counter()
        for value, n in given.items():
            counts.update(dict.fromkeys(found[value], n))
        shared = {word: n for word, n in counts.items() if n >= FEWEST_ITEMS}
        sharing = sum(n for value, n in given.items() if any(w in shared for w in found[value]))
        if sharing >= sum(given.values()) / 2:
            break
    most = sorted(shared, key=lambda word: (-shared[word], word))[:MOST_WORDS]
    return Words(name, tuple(sorted(most)), is_text)
