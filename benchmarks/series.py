"""Write a table of items with the series that each belongs to, and the author of a book.

    python benchmarks/series.py ../shared/data/goodbooks-10k/books.csv -o books.csv
    python benchmarks/series.py ../shared/data/ml-latest-small/movies.csv -o movies.csv

`item2vec evaluate ... --items books.csv --related series --related author` then judges neighbors
by them. The rules are simple, and wrong for some items; they are the same for every model.

- A *book* names its series in its title: "Mockingjay (The Hunger Games, #3)" belongs to
  "the hunger games". The text in brackets before ", #" or " #" is the series; several series are
  separated by semicolons. A book without a "#" in brackets belongs to none. Its author is the first
  one named: the others are often illustrators and translators.
- A *film* does not name its series. Its series is the title without brackets (year, foreign title),
  a final article, the part after a colon, " - " or " and the ", and a final number: "Toy
  Story 2 (1999)" belongs to "toy story". Remakes that share a title count as a series. A series
  has at least 4 letters and at most 12 films.

Commas and semicolons in the name of a series are dropped, since they separate values.
"""

import argparse
import csv
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from pathlib import Path

from item2vec._support.atomic_files import replaced

BRACKETS = re.compile(r"\(([^()]*)\)")
NUMBERED = re.compile(r"^(.*?),?\s*#")  # "The Hunger Games, #3"
ARTICLE = re.compile(r",\s+(?:The|An|A)\s*$")
SUBTITLE = re.compile(r":\s| - |\s+(?:and|&) the\s", re.IGNORECASE)
NUMBER = re.compile(
    r"[\s,]+(?:(?:Part|Episode|Chapter|Vol\.|Volume)\s+)?(?:\d{1,2}|II|III|IV|V|VI|VII|VIII|IX|X)$",
    re.IGNORECASE,
)
FEWEST_LETTERS = 4
MOST_FILMS = 12


def book_series(title: str) -> str:
    """Return the series that the title of a book names, separated by "|", or "".

    Examples
    --------
    >>> book_series("Mockingjay (The Hunger Games, #3)")
    'the hunger games'
    >>> book_series("Simply Love (San Francisco Sullivans, #1; The Sullivans, #1)")
    'san francisco sullivans|the sullivans'
    >>> book_series("The Last Summer (of You and Me)")
    ''
    """
    parts = [part for inside in BRACKETS.findall(title) for part in inside.split(";")]
    found = (NUMBERED.match(part.strip()) for part in parts)
    names = [_plain(match[1]) for match in found if match]
    return "|".join(dict.fromkeys(name for name in names if name))


def film_series(title: str) -> str:
    """Return the series of a film: the part of its title that the films of the series share.

    Examples
    --------
    >>> film_series("Toy Story 2 (1999)"), film_series("Terminator, The (1984)")
    ('toy story', 'terminator')
    >>> film_series("Lord of the Rings: The Two Towers, The (2002)")
    'lord of the rings'
    >>> film_series("Harry Potter and the Chamber of Secrets (2002)")
    'harry potter'
    >>> film_series("Godfather: Part II, The (1974)"), film_series("M (1931)")
    ('godfather', '')
    """
    name = SUBTITLE.split(BRACKETS.sub("", title).strip())[0]
    name = NUMBER.sub("", ARTICLE.sub("", name).strip())
    plain = _plain(re.sub(r"^(?:The|An|A)\s+", "", name))
    return plain if len(plain) >= FEWEST_LETTERS else ""


def _plain(name: str) -> str:
    return " ".join(re.sub(r"[,;|]", " ", name).casefold().split())


def with_series(records: Iterable[Mapping[str, str]]) -> list[dict[str, str]]:
    """Return the id, title, series, and author or genres of each book or film.

    Parameters
    ----------
    records : iterable of mapping
        The rows of books.csv of goodbooks-10k or of movies.csv of MovieLens.
    """
    records = list(records)
    if "authors" in records[0]:
        return [
            {
                "book_id": record["book_id"],
                "title": record["title"],
                "series": book_series(record["title"]),
                "author": record["authors"].split(",")[0].strip(),
            }
            for record in records
        ]
    series = [film_series(record["title"]) for record in records]
    films = Counter(series)
    return [
        {
            "movieId": record["movieId"],
            "title": record["title"],
            "genres": record["genres"],
            "series": name if films[name] <= MOST_FILMS else "",
        }
        for record, name in zip(records, series, strict=True)
    ]


def read(path: Path) -> list[dict[str, str]]:
    """Read books.csv or movies.csv and return the items with their series."""
    with path.open(encoding="utf-8", newline="") as file:
        return with_series(csv.DictReader(file))


def main() -> None:
    """Write the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("source", type=Path, help="books.csv or movies.csv")
    parser.add_argument("-o", "--output", type=Path, required=True)
    options = parser.parse_args()
    items = read(options.source)
    if options.output.exists() and options.output.samefile(options.source):
        parser.error(f"{options.output} is read, and would be overwritten: name another file")
    with replaced(options.output) as beside, beside.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, items[0].keys())
        writer.writeheader()
        writer.writerows(items)
    columns = [name for name in items[0] if name in {"series", "author"}]
    for column in columns:
        counts = Counter(value for item in items for value in item[column].split("|") if value)
        shared = [n for n in counts.values() if n > 1]
        are = "value is" if len(shared) == 1 else "values are"
        print(f"{column}: {len(shared):,} {are} shared, by {max(shared, default=0)} items at most")


if __name__ == "__main__":
    main()
