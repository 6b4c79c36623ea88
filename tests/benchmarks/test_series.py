"""`benchmarks/series.py`: titles whose series every reader knows."""

import csv
import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

SCRIPT = Path(__file__).resolve().parents[2] / "benchmarks" / "series.py"


@pytest.fixture(scope="module")
def series():
    spec = importlib.util.spec_from_file_location("series", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("The Hunger Games (The Hunger Games, #1)", "the hunger games"),
        ("Hunger Games Box Set (The Hunger Games, #1-3)", "the hunger games"),
        ("The Queen (The Selection, #0.4)", "the selection"),
        ("Guards! Guards! (Discworld, #8; City Watch #1)", "discworld|city watch"),
        ("Cerulean Sins (Anita Blake, Vampire Hunter, #11)", "anita blake vampire hunter"),
        ("The Last Summer (of You and Me)", ""),
        ("The Silmarillion (Middle-Earth Universe)", ""),
        ("Dune", ""),
    ],
)
def test_books_name_their_series(series, title, expected):
    assert series.book_series(title) == expected


@pytest.mark.parametrize(
    ("titles", "expected"),
    [
        (["Toy Story (1995)", "Toy Story 2 (1999)", "Toy Story 3 (2010)"], "toy story"),
        (["Godfather, The (1972)", "Godfather: Part II, The (1974)"], "godfather"),
        (["Alien (1979)", "Alien: Resurrection (1997)"], "alien"),
        (["Rocky (1976)", "Rocky IV (1985)", "Rocky V"], "rocky"),
        (["Harry Potter and the Goblet of Fire (2005)"], "harry potter"),
        (["Kill Bill: Vol. 1 (2003)", "Kill Bill Vol. 2"], "kill bill"),
        (["Back to the Future Part III (1990)", "Back to the Future (1985)"], "back to the future"),
        (["Speed 2: Cruise Control (1997)", "Speed (1994)"], "speed"),
        (["M (1931)", "10 (1979)"], ""),
    ],
)
def test_films_of_a_series_share_what_they_begin_with(series, titles, expected):
    assert {series.film_series(title) for title in titles} == {expected}


def test_a_beginning_of_too_many_films_is_no_series(series):
    films = [
        {"movieId": str(n), "title": f"{name}: {n} (1999)", "genres": "Drama"}
        for name, times in (("Live", 13), ("Saga", 12))
        for n in range(times)
    ]
    found = [item["series"] for item in series.with_series(films)]
    assert found == [""] * 13 + ["saga"] * 12


def test_the_table_is_one_that_evaluate_takes(tmp_path):
    books = 'book_id,authors,title\n7,"Ann Lee, Bo Day","One (Saga, #1)"\n8,Ann Lee,Two (Saga #2)\n'
    (tmp_path / "books.csv").write_text(books, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, SCRIPT, tmp_path / "books.csv", "-o", tmp_path / "items.csv"],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    assert "series: 1 value is shared, by 2 items at most" in done.stdout
    with (tmp_path / "items.csv").open(encoding="utf-8") as file:
        one, two = csv.DictReader(file)
    assert one == {"book_id": "7", "title": "One (Saga, #1)", "series": "saga", "author": "Ann Lee"}
    assert two["series"] == "saga"
