"""Invented histories with a known structure: everything can be tried with no data and no network.

Users like one to three genres, go on with a series once they have begun it, watch the popular more
than the rare, and now and then something else. So whoever trains on them knows what must come out:
films of one genre lie together, and the parts of a series closest of all.
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
from item2vec.errors import ParameterError

# What describes and what is described: two words that hint at the genre make a title, so that a
# person can judge a list of neighbours by reading it.
WORDS = {
    "Adventure": (
        "Lost Hidden Sunken Forbidden Uncharted Perilous Daring Windswept Legendary Fearless",
        "Harbour Island Expedition Compass Jungle Caravan Voyage Summit Treasure Lagoon",
    ),
    "Children": (
        "Little Fluffy Cuddly Curious Tiny Bouncy Sleepy Giggling Sparkling Friendly",
        "Kitten Puppy Teddy Penguin Treehouse Unicorn Duckling Playground Hedgehog Bunny",
    ),
    "Comedy": (
        "Awkward Clumsy Ridiculous Unlucky Tipsy Bumbling Silly Hopeless Embarrassing Absurd",
        "Roommate Landlord Plumber Uncle Barbecue Karaoke Sandwich Intern Goose Babysitter",
    ),
    "Crime": (
        "Crooked Stolen Guilty Corrupt Wanted Ruthless Undercover Forged Bribed Smuggled",
        "Heist Alibi Detective Witness Mobster Verdict Informer Syndicate Robbery Getaway",
    ),
    "Horror": (
        "Haunted Screaming Cursed Undead Rotting Possessed Unholy Ghastly Sinister Nightmarish",
        "Crypt Asylum Scarecrow Coven Graveyard Werewolf Phantom Exorcist Morgue Vampire",
    ),
    "Romance": (
        "Tender Blushing Beloved Passionate Lovesick Moonlit Jilted Heartfelt Smitten Wistful",
        "Kiss Bride Valentine Serenade Honeymoon Embrace Sweetheart Proposal Waltz Suitor",
    ),
    "Sci-Fi": (
        "Quantum Orbital Galactic Robotic Lunar Martian Cosmic Interstellar Cybernetic Atomic",
        "Nebula Starship Android Reactor Colony Asteroid Wormhole Hologram Satellite Clone",
    ),
    "Western": (
        "Dusty Lonesome Whiskey Sunburnt Rustling Galloping Spurred Leather Gunsmoke Rawhide",
        "Saloon Sheriff Gunslinger Stagecoach Prairie Rodeo Cowboy Canyon Ranch Bounty",
    ),
}
GENRES = tuple(WORDS)
NUMERALS = ("", " II", " III", " IV")

SECOND_GENRE = 0.3  # share of the titles that have a second genre
PARTS = (0.75, 0.83, 0.95)  # chance that a title has one part, at most two, at most three
TASTES = ((1.0,), (0.65, 1.0), (0.5, 0.8, 1.0))  # chances of one, two or three genres, added up
GO_ON = 0.9  # chance that the next part of a series follows at once
ANY_GENRE = 0.1  # chance that a film is taken for its popularity alone
HEAD = 25  # the title at place i draws (i + HEAD) ** -1.5: the larger, the flatter the head
SHORTEST, LONGEST = 10, 60  # films in a history
FEWEST_ITEMS, MOST_ITEMS = 50, 1000  # the words above make titles for no more
MOST_USERS, MOST_SEED = 1_000_000, 2**32 - 1
OPENING = 1420070400  # 1 January 2015, when all films are out
DAY = 86400


class Interaction(NamedTuple):
    """One film watched by one user. `read_interactions` finds these names by itself."""

    user_id: str
    item_id: str
    timestamp: int  # seconds since 1970


class Film(NamedTuple):
    """One line of the catalogue."""

    item_id: str
    title: str
    genres: str  # as in MovieLens: "Comedy|Horror"
    year: int
    series: str  # the name that all parts share; "" for a film on its own
    part: int  # from 1


@dataclass(frozen=True, eq=False)
class Sample:
    """Invented interactions, and the truth behind them.

    Parameters
    ----------
    interactions : sequence of Interaction
        User by user, each in time order; nobody watches a film twice.
    films : sequence of Film
        The catalogue, the more popular titles first.
    tastes : dict
        The genres that each user likes, the favourite first.
    """

    interactions: Sequence[Interaction]
    films: Sequence[Film]
    tastes: dict[str, tuple[str, ...]]

    def __repr__(self) -> str:
        users, films = len(self.tastes), len(self.films)
        return f"Sample of {users} users and {films} films: {len(self.interactions)} interactions"

    def lists(self) -> list[list[str]]:
        """Return every user's item ids in time order, as `Histories.from_lists` takes them."""
        users = itertools.groupby(self.interactions, key=lambda watched: watched.user_id)
        return [[watched.item_id for watched in history] for _, history in users]

    def write(self, folder: str | os.PathLike[str], *, force: bool = False) -> tuple[Path, Path]:
        """Write ``interactions.csv`` and ``items.csv`` into a folder, made where it is missing.

        Parameters
        ----------
        folder : path
            Other files in it are left alone.
        force : bool
            Replace files of these names that hold something else. They may be somebody's data.

        Returns
        -------
        (Path, Path)
            The interactions and the items.

        Raises
        ------
        DataError
            If the folder can't be written, or holds such files and `force` is not set.
        """
        interactions, items = Path(folder, "interactions.csv"), Path(folder, "items.csv")
        tables: dict[Path, Sequence[tuple[object, ...]]] = {
            interactions: [Interaction._fields, *self.interactions],
            items: [Film._fields[:3], *(film[:3] for film in self.films)],
        }
        make_folder(folder)
        with replaced_together(list(tables), force=force) as besides:
            for beside, rows in zip(besides, tables.values(), strict=True):
                with beside.open("w", encoding="utf-8", newline="") as file:
                    csv.writer(file, lineterminator="\n").writerows(rows)
        return interactions, items


def invent(*, n_users: int = 2000, n_items: int = 500, seed: int = 0) -> Sample:
    """Invent films, and users who watch them.

    The same numbers give the same sample on every machine: nothing but uniform draws, sums and
    comparisons goes into it. The films depend on `n_items` and `seed` alone.

    Parameters
    ----------
    n_users : int
        At least 1. Each watches 10 to 60 films, 27 in the mean.
    n_items : int
        50 to 1000.
    seed : int
        At least 0.

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
    films = _invent_films(n_items, for_films)
    cinema = _Cinema(films)
    interactions: list[Interaction] = []
    tastes = {}
    for user in map(str, range(1, n_users + 1)):
        taste = _draw_taste(for_users)
        tastes[user] = tuple(GENRES[genre] for genre in taste)
        watched = cinema.visit(taste, for_users)
        times = _draw_times(len(watched), for_users)
        for film, time in zip(watched, times, strict=True):
            interactions.append(Interaction(user, films[film].item_id, time))
    return Sample(interactions, films, tastes)


def _check_range(name: str, value: int, low: int, high: int) -> None:
    if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
        raise ParameterError(f"{name} must be a whole number from {low} to {high}, not {value!r}")


def _draw(rng: np.random.Generator, n: int) -> int:
    """Draw one of 0 to n - 1."""
    return int(rng.random() * n)


def _invent_films(n_items: int, rng: np.random.Generator) -> list[Film]:
    """Invent titles of one to four parts, the genres taking turns, until there are enough films."""
    films: list[Film] = []
    names: set[str] = set()
    for main in itertools.cycle(range(len(GENRES))):
        if len(films) == n_items:
            break
        second = main
        if rng.random() < SECOND_GENRE:
            second = (main + 1 + _draw(rng, len(GENRES) - 1)) % len(GENRES)
        genres = "|".join(sorted({GENRES[main], GENRES[second]}))
        name = _draw_name(main, second, names, rng)
        parts = min(1 + bisect_right(PARTS, rng.random()), n_items - len(films))
        if len(films) < n_items // 10:
            # What everybody has seen says nothing of what else they like, so the parts of a series
            # at the very head would not be found beside each other.
            parts = 1
        year = 1950 + _draw(rng, 50)
        for part in range(1, parts + 1):
            title = f"{name}{NUMERALS[part - 1]} ({year})"
            series = name if parts > 1 else ""
            films.append(Film(str(len(films) + 1), title, genres, year, series, part))
            year += 2 + _draw(rng, 3)
    return films


def _draw_name(main: int, second: int, names: set[str], rng: np.random.Generator) -> str:
    """Draw a name that is not among `names`, and add it there."""
    describing, described = WORDS[GENRES[second]][0].split(), WORDS[GENRES[main]][1].split()
    while True:
        first, last = describing[_draw(rng, len(describing))], described[_draw(rng, len(described))]
        article = "The " if rng.random() < 0.5 else ""
        if f"{first} {last}" not in names:
            names.add(f"{first} {last}")
            return f"{article}{first} {last}"


class _Shelf:
    """Titles to draw from by their popularity."""

    def __init__(self, titles: Iterable[int]) -> None:
        self.titles = list(titles)
        places = (title + HEAD for title in self.titles)
        # Unlike a power, a root is rounded alike on every machine.
        self.added_up = list(
            itertools.accumulate(1 / (place * math.sqrt(place)) for place in places)
        )

    def draw(self, rng: np.random.Generator) -> int:
        return self.titles[bisect_right(self.added_up, rng.random() * self.added_up[-1])]


class _Cinema:
    """The films by title and by genre, and how users choose among them."""

    def __init__(self, films: Sequence[Film]) -> None:
        starts = [row for row, film in enumerate(films) if film.part == 1]
        # The rows of each title's parts, in order.
        self.parts = [range(*ends) for ends in itertools.pairwise([*starts, len(films)])]
        titles = range(len(starts))
        self.all = _Shelf(titles)
        self.by_genre = [
            _Shelf(title for title in titles if genre in films[starts[title]].genres.split("|"))
            for genre in GENRES
        ]

    def visit(self, taste: Sequence[int], rng: np.random.Generator) -> list[int]:
        """Return the rows of the films that one user watches, in order."""
        longing = rng.random()
        length = SHORTEST + int(longing * longing * (LONGEST + 1 - SHORTEST))
        ahead = [list(reversed(parts)) for parts in self.parts]  # the next part of each title last
        watched: list[int] = []
        title = self._choose(taste, rng)
        # Whoever has seen nearly everything that there is to like gives up.
        for _ in range(10 * length):
            if ahead[title]:
                watched.append(ahead[title].pop())
            if len(watched) == length:
                break
            if not ahead[title] or rng.random() >= GO_ON:
                title = self._choose(taste, rng)
        return watched

    def _choose(self, taste: Sequence[int], rng: np.random.Generator) -> int:
        """Draw a title: any by its popularity, or one of a genre that the user likes."""
        if rng.random() < ANY_GENRE:
            return self.all.draw(rng)
        genre = taste[bisect_right(TASTES[len(taste) - 1], rng.random())]
        return self.by_genre[genre].draw(rng)


def _draw_taste(rng: np.random.Generator) -> list[int]:
    """Draw one to three genres, the favourite first."""
    n = 1 + _draw(rng, len(TASTES))
    genres = list(range(len(GENRES)))
    return [genres.pop(_draw(rng, len(genres))) for _ in range(n)]


def _draw_times(n: int, rng: np.random.Generator) -> list[int]:
    """Draw rising times: a start within three years, then an hour to a week between films."""
    start = OPENING + _draw(rng, 3 * 365 * DAY)
    gaps = (3600 + _draw(rng, 7 * DAY) for _ in range(n))
    return list(itertools.accumulate(gaps, initial=start))[:n]
