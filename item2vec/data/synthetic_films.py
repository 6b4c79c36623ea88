"""The catalogue of the synthetic data set: films with titles, genres and series.

A title consists of two words that suggest its genre, so that a list of neighbors can be judged at a
glance. The words are combined at random; the same seed gives the same films on every machine.
"""

import itertools
from bisect import bisect_right
from typing import NamedTuple

import numpy as np

# Adjectives and nouns of each genre. A title is an adjective followed by a noun.
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
# Probabilities that a title has one part, at most two, and at most three; none has more than four.
PARTS = (0.75, 0.83, 0.95)


class Film(NamedTuple):
    """A film of the catalogue."""

    item_id: str
    title: str
    genres: str  # as in MovieLens: "Comedy|Horror"
    year: int
    series: str  # the name that all parts share; "" if there is a single part
    part: int  # from 1


def draw_below(n: int, rng: np.random.Generator) -> int:
    """Draw a whole number from 0 to n - 1."""
    return int(rng.random() * n)


def invent_films(n_items: int, rng: np.random.Generator) -> list[Film]:
    """Generate titles of one to four parts, with the genres in turn, until there are `n_items`.

    The first films become the most popular ones; see `synthetic.invent`.
    """
    films: list[Film] = []
    names: set[str] = set()
    for main in itertools.cycle(range(len(GENRES))):
        if len(films) == n_items:
            break
        second = main
        if rng.random() < SECOND_GENRE:
            second = (main + 1 + draw_below(len(GENRES) - 1, rng)) % len(GENRES)
        genres = "|".join(sorted({GENRES[main], GENRES[second]}))
        name = _draw_name(main, second, names, rng)
        parts = min(1 + bisect_right(PARTS, rng.random()), n_items - len(films))
        if len(films) < n_items // 10:
            # Films that nearly every user watches carry little information about taste, so the
            # parts of a series among them would not become nearest neighbors.
            parts = 1
        year = 1950 + draw_below(50, rng)
        for part in range(1, parts + 1):
            title = f"{name}{NUMERALS[part - 1]} ({year})"
            series = name if parts > 1 else ""
            films.append(Film(str(len(films) + 1), title, genres, year, series, part))
            year += 2 + draw_below(3, rng)
    return films


def _draw_name(main: int, second: int, names: set[str], rng: np.random.Generator) -> str:
    """Draw a name that is not in `names` yet, and add it."""
    adjectives, nouns = WORDS[GENRES[second]][0].split(), WORDS[GENRES[main]][1].split()
    while True:
        adjective = adjectives[draw_below(len(adjectives), rng)]
        noun = nouns[draw_below(len(nouns), rng)]
        article = "The " if rng.random() < 0.5 else ""
        if f"{adjective} {noun}" not in names:
            names.add(f"{adjective} {noun}")
            return f"{article}{adjective} {noun}"
