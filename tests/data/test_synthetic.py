"""The synthetic sample has the documented structure, and is the same on every machine."""

import csv
import hashlib
import itertools
import os
from collections import Counter, defaultdict

import numpy as np
import pytest

from item2vec.data.histories import Histories
from item2vec.data.synthetic import invent
from item2vec.data.synthetic_films import GENRES
from item2vec.errors import DataError, ParameterError

# SHA-256, its beginning, of interactions.csv and items.csv as they come by default.
PINNED = ["89df6f23037bdc18", "f61dbe20fc697fff"]


@pytest.fixture(scope="module")
def sample():
    return invent()


def digest(paths):
    return [hashlib.sha256(path.read_bytes()).hexdigest() for path in paths]


def test_the_size_is_as_asked():
    sample = invent(n_users=70, n_items=123, seed=5)
    assert len(sample.films) == 123
    assert len(sample.lists()) == len(sample.tastes) == 70
    assert {watched.user_id for watched in sample.interactions} == set(sample.tastes)


def test_the_default_is_small_enough_to_train_on_in_seconds(sample):
    assert len(sample.films) == 500
    assert len(sample.tastes) == 2000
    assert 40_000 < len(sample.interactions) < 70_000


def test_the_same_seed_gives_the_same_bytes_and_another_seed_does_not(tmp_path):
    first = invent(n_users=50).write(tmp_path / "first")
    again = invent(n_users=50).write(tmp_path / "again")
    other = invent(n_users=50, seed=1).write(tmp_path / "other")
    assert digest(first) == digest(again)
    assert not set(digest(first)) & set(digest(other))


def test_the_bytes_are_the_same_on_every_machine(sample, tmp_path):
    # They change only when the sample is changed on purpose; then docs that show it change too.
    assert [hexadecimal[:16] for hexadecimal in digest(sample.write(tmp_path))] == PINNED


def test_films_do_not_depend_on_the_number_of_users(sample):
    assert invent(n_users=3).films == sample.films


def test_ids_and_titles_are_unique(sample):
    assert len({film.item_id for film in sample.films}) == len(sample.films)
    assert len({film.title for film in sample.films}) == len(sample.films)
    assert {watched.item_id for watched in sample.interactions} <= {
        film.item_id for film in sample.films
    }


def test_titles_and_genres_look_like_those_of_movielens(sample):
    for film in sample.films:
        assert film.title.endswith(f" ({film.year})")
        genres = film.genres.split("|")
        assert set(genres) <= set(GENRES)
        assert genres == sorted(set(genres))


def test_a_series_is_one_name_of_one_genre_over_the_years(sample):
    series = defaultdict(list)
    for film in sample.films:
        if film.series:
            series[film.series].append(film)
    assert len(series) > 30
    for name, films in series.items():
        assert [film.part for film in films] == list(range(1, len(films) + 1))
        assert 2 <= len(films) <= 4
        assert len({film.genres for film in films}) == 1
        assert all(earlier.year < later.year for earlier, later in itertools.pairwise(films))
        assert [film.title.split(" (")[0] for film in films] == [
            name + numeral for numeral in ("", " II", " III", " IV")[: len(films)]
        ]


def test_every_history_is_in_time_order_without_repeats(sample):
    times = defaultdict(list)
    for watched in sample.interactions:
        times[watched.user_id].append(watched.timestamp)
    assert all(earlier < later for t in times.values() for earlier, later in itertools.pairwise(t))
    for items in sample.lists():
        assert len(set(items)) == len(items)
        assert 10 <= len(items) <= 60


def test_a_series_is_watched_from_its_start_and_mostly_to_its_end(sample):
    films = {film.item_id: film for film in sample.films}
    parts_there = Counter(film.series for film in sample.films)
    finished = []
    for items in sample.lists():
        seen = defaultdict(list)
        for item in items:
            if films[item].series:
                seen[films[item].series].append(films[item].part)
        for series, parts in seen.items():
            assert parts == list(range(1, len(parts) + 1))
            finished.append(len(parts) == parts_there[series])
    assert len(finished) > 1000
    assert np.mean(finished) > 0.7


def test_few_films_are_watched_much_and_many_little(sample):
    counts = Counter(watched.item_id for watched in sample.interactions)
    falling = np.sort([counts[film.item_id] for film in sample.films])[::-1]
    assert falling[:50].sum() > 0.3 * falling.sum()
    assert falling[-250:].sum() < 0.25 * falling.sum()
    assert falling[0] > 10 * np.median(falling)


def test_users_keep_to_the_genres_that_they_like(sample):
    genres = {film.item_id: set(film.genres.split("|")) for film in sample.films}
    shares = [
        np.mean([bool(genres[item] & set(sample.tastes[str(user)])) for item in items])
        for user, items in enumerate(sample.lists(), start=1)
    ]
    assert np.mean(shares) > 0.85
    assert np.quantile(shares, 0.05) > 0.7
    assert Counter(len(taste) for taste in sample.tastes.values()).keys() == {1, 2, 3}
    assert {genre for taste in sample.tastes.values() for genre in taste} == set(GENRES)


def test_films_of_one_series_are_seen_together_most_and_films_of_one_genre_next(sample):
    # The structure that a trainer must find, from counts: the lift of being watched together.
    histories = Histories.from_lists(sample.lists())
    watched = histories.to_csr()
    together = (watched.T @ watched).toarray()
    lift = together * len(histories) / np.outer(together.diagonal(), together.diagonal())
    films = {film.item_id: film for film in sample.films}
    ordered = [films[item_id] for item_id in histories.vocabulary.ids]
    series = np.array([film.series or film.title for film in ordered])
    genres = np.array([film.genres for film in ordered])
    other = ~np.eye(len(ordered), dtype=bool)
    same_series = (series[:, None] == series) & other
    same_genre = (genres[:, None] == genres) & ~same_series & other
    neither = ~same_genre & ~same_series & other
    assert lift[same_series].mean() > 3 * lift[same_genre].mean() > 6 * lift[neither].mean()


def test_files_are_read_by_python(sample, tmp_path):
    interactions, items = sample.write(tmp_path / "made" / "here")
    assert interactions == tmp_path / "made" / "here" / "interactions.csv"
    with interactions.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["user_id", "item_id", "timestamp"]
    assert rows[1:] == [[user, item, str(time)] for user, item, time in sample.interactions]
    with items.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0] == ["item_id", "title", "genres"]
    assert rows[1:] == [[film.item_id, film.title, film.genres] for film in sample.films]
    assert b"\r" not in interactions.read_bytes() + items.read_bytes()
    assert sorted(os.listdir(interactions.parent)) == ["interactions.csv", "items.csv"]


def test_other_files_are_not_changed(tmp_path):
    (tmp_path / "mine.csv").write_text("mine")
    sample = invent(n_users=5)
    sample.write(tmp_path)
    sample.write(tmp_path)  # files with the same contents may be replaced
    assert (tmp_path / "mine.csv").read_text() == "mine"


@pytest.mark.parametrize("name", ["interactions.csv", "items.csv"])
def test_other_data_are_replaced_only_by_force(tmp_path, name):
    (tmp_path / name).write_text("mine")
    sample = invent(n_users=5)
    with pytest.raises(DataError, match=rf"{name} exists with other contents.*choose another"):
        sample.write(tmp_path)
    assert os.listdir(tmp_path) == [name]
    assert (tmp_path / name).read_text() == "mine"
    sample.write(tmp_path, force=True)
    assert "mine" not in (tmp_path / name).read_text()


def test_an_interrupted_write_leaves_what_was_there(tmp_path, monkeypatch):
    invent(n_users=5).write(tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}

    def interrupt(descriptor):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupt)
    with pytest.raises(KeyboardInterrupt):
        invent(n_users=5, seed=1).write(tmp_path, force=True)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_a_folder_that_is_a_file_is_said_in_one_line(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(DataError, match=r"file can't be created: .*; choose another place"):
        invent(n_users=5).write(tmp_path / "file")


@pytest.mark.parametrize(
    ("name", "value"),
    [("n_users", 0), ("n_items", 49), ("n_items", 1001), ("seed", -1), ("seed", 1.5)],
)
def test_numbers_outside_their_range_are_named(name, value):
    with pytest.raises(ParameterError, match=rf"{name} must be a whole number from .*not {value}"):
        invent(**{name: value})


def test_the_smallest_and_the_largest_catalogue_can_be_made():
    for n_items in (50, 1000):
        sample = invent(n_users=30, n_items=n_items)
        assert len({film.title for film in sample.films}) == n_items
        assert len(sample.lists()) == 30
