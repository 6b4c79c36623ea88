"""A synthetic data set with a known structure, for trying the library without data or a network.

Users like one to three genres, usually continue a series that they have begun, prefer popular
films, and sometimes watch a film of any genre. The expected result of training is therefore known:
the vectors of films of one genre are close to each other, and those of the parts of a series are
closest.
"""

import csv
import itertools
import math
import os
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np

from item2vec._support.atomic_files import make_folder, replaced_together
from item2vec._support.checks import check_path
from item2vec.data.synthetic_films import GENRES, Film, draw_below, invent_films
from item2vec.errors import ParameterError

# Cumulative probabilities of the genres that a user likes, for users of one, two or three genres.
TASTES = ((1.0,), (0.65, 1.0), (0.5, 0.8, 1.0))
CONTINUE_SERIES = 0.9  # probability that the next part of a series follows at once
ANY_GENRE = 0.1  # probability that a title of any genre is chosen
HEAD = 25  # title i has a popularity of (i + HEAD) ** -1.5; a larger HEAD flattens the head
SHORTEST, LONGEST = 10, 60  # films in a history
FEWEST_ITEMS, MOST_ITEMS = 50, 1000  # more titles would exhaust the word lists
MOST_USERS, MOST_SEED = 1_000_000, 2**32 - 1
FIRST_TIME = 1420070400  # 1 January 2015, in seconds since 1970
DAY = 86400  # seconds


class Interaction(NamedTuple):
    """A user watched a film. `read_interactions` recognizes the names of these fields."""

    user_id: str
    item_id: str
    timestamp: int  # seconds since 1970


@dataclass(frozen=True, eq=False)
class Sample:
    """Synthetic interactions, and the films and tastes that they were generated from.

    Parameters
    ----------
    interactions : sequence of Interaction
        Sorted by user, then by time; no user watches a film twice.
    films : sequence of Film
        The catalogue, the most popular titles first.
    tastes : dict of str to tuple of str
        User id to the genres that the user likes, the favorite first.
    """

    interactions: Sequence[Interaction]
    films: Sequence[Film]
    tastes: dict[str, tuple[str, ...]]

    def __repr__(self) -> str:
        users, films = len(self.tastes), len(self.films)
        return f"Sample of {users} users and {films} films: {len(self.interactions)} interactions"

    def lists(self) -> list[list[str]]:
        """Return the item ids of each user in time order, for `Histories.from_lists`."""
        users = itertools.groupby(self.interactions, key=lambda interaction: interaction.user_id)
        return [[interaction.item_id for interaction in history] for _, history in users]

    def write(self, folder: str | os.PathLike[str], *, force: bool = False) -> tuple[Path, Path]:
        """Write ``interactions.csv`` and ``items.csv`` to a folder, which is created if necessary.

        Parameters
        ----------
        folder : path
            Other files in it are left as they are.
        force : bool
            Replace files with these names even if they have other contents.

        Returns
        -------
        (Path, Path)
            The paths of the interactions and of the items.

        Raises
        ------
        DataError
            If the folder can't be written, or a file would be replaced and `force` is not set.
        """
        folder = check_path(folder)
        interactions, items = folder / "interactions.csv", folder / "items.csv"
        tables: dict[Path, Sequence[tuple[object, ...]]] = {
            interactions: [Interaction._fields, *self.interactions],
            items: [Film._fields[:3], *(film[:3] for film in self.films)],
        }
        make_folder(folder)
        with replaced_together(list(tables), force=force) as temporaries:
            for temporary, rows in zip(temporaries, tables.values(), strict=True):
                with temporary.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(rows)
        return interactions, items


def invent(*, n_users: int = 2000, n_items: int = 500, seed: int = 0) -> Sample:
    """Generate films, and users who watch them.

    The same arguments give the same sample on every machine, because only uniform draws, sums and
    comparisons are used. The films depend on `n_items` and `seed` only.

    Parameters
    ----------
    n_users : int
        Number of users, at least 1. Each watches 10 to 60 films, 27 on average.
    n_items : int
        Number of films, from 50 to 1000.
    seed : int
        Random seed, at least 0.

    Raises
    ------
    ParameterError
        If a number is outside its range.

    Examples
    --------
    >>> sample = invent(n_users=20)
    >>> sample
    Sample of 20 users and 500 films: 611 interactions
    >>> sample.films[2].title, sample.films[2].genres
    ('The Cosmic Roommate (1960)', 'Comedy|Sci-Fi')
    >>> sample.tastes["1"]
    ('Children', 'Romance', 'Crime')
    """
    _check_range("n_users", n_users, 1, MOST_USERS)
    _check_range("n_items", n_items, FEWEST_ITEMS, MOST_ITEMS)
    _check_range("seed", seed, 0, MOST_SEED)
    for_films, for_users = np.random.default_rng(seed).spawn(2)
    films = invent_films(n_items, for_films)
    choices = _Choices(films)
    interactions: list[Interaction] = []
    tastes = {}
    for user in map(str, range(1, n_users + 1)):
        taste = _draw_taste(for_users)
        tastes[user] = tuple(GENRES[genre] for genre in taste)
        watched = choices.history(taste, for_users)
        times = _draw_times(len(watched), for_users)
        for film, time in zip(watched, times, strict=True):
            interactions.append(Interaction(user, films[film].item_id, time))
    return Sample(interactions, films, tastes)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ParameterError(f"{name} must be a whole number from {low} to {high}, not {value!r}")


class _Titles:
    """Titles that are drawn with probabilities proportional to their popularity."""

    def __init__(self, titles: Iterable[int]) -> None:
        self.titles = list(titles)
        ranks = (title + HEAD for title in self.titles)
        # rank ** -1.5, by a square root: unlike a power, it is rounded the same on every machine.
        self.cumulative = list(itertools.accumulate(1 / (rank * math.sqrt(rank)) for rank in ranks))

    def draw(self, rng: np.random.Generator) -> int:
        """Draw a title."""
        return self.titles[bisect_right(self.cumulative, rng.random() * self.cumulative[-1])]


class _Choices:
    """The films by title and by genre, from which users choose."""

    def __init__(self, films: Sequence[Film]) -> None:
        starts = [row for row, film in enumerate(films) if film.part == 1]
        # The rows of the parts of each title, in order.
        self.parts = [range(*ends) for ends in itertools.pairwise([*starts, len(films)])]
        titles = range(len(starts))
        self.all = _Titles(titles)
        self.by_genre = [
            _Titles(title for title in titles if genre in films[starts[title]].genres.split("|"))
            for genre in GENRES
        ]

    def history(self, taste: Sequence[int], rng: np.random.Generator) -> list[int]:
        """Draw the rows of the films that one user watches, in order."""
        draw = rng.random()  # squared, so that short histories are more frequent
        length = SHORTEST + int(draw * draw * (LONGEST + 1 - SHORTEST))
        ahead = [list(reversed(parts)) for parts in self.parts]  # the next part of a title is last
        watched: list[int] = []
        title = self._choose(taste, rng)
        # A user who has watched nearly all films of these genres stops earlier.
        for _ in range(10 * length):
            if ahead[title]:
                watched.append(ahead[title].pop())
            if len(watched) == length:
                break
            if not ahead[title] or rng.random() >= CONTINUE_SERIES:
                title = self._choose(taste, rng)
        return watched

    def _choose(self, taste: Sequence[int], rng: np.random.Generator) -> int:
        """Draw a title by popularity: of any genre, or of one that the user likes."""
        if rng.random() < ANY_GENRE:
            return self.all.draw(rng)
        genre = taste[bisect_right(TASTES[len(taste) - 1], rng.random())]
        return self.by_genre[genre].draw(rng)


def _draw_taste(rng: np.random.Generator) -> list[int]:
    """Draw one to three genres, the favorite first."""
    n = 1 + draw_below(len(TASTES), rng)
    genres = list(range(len(GENRES)))
    return [genres.pop(draw_below(len(genres), rng)) for _ in range(n)]


def _draw_times(n: int, rng: np.random.Generator) -> list[int]:
    """Draw increasing times: a start within three years, then an hour to a week between films."""
    start = FIRST_TIME + draw_below(3 * 365 * DAY, rng)
    gaps = (3600 + draw_below(7 * DAY, rng) for _ in range(n))
    return list(itertools.accumulate(gaps, initial=start))[:n]
