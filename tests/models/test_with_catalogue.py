"""Adding a table of items to vectors, as in a notebook."""

import pandas as pd
import pytest

import item2vec
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError
from item2vec.models import model_file

ROWS = [("c", "Casablanca", "Drama"), ("a", "Alien", "Horror"), ("z", "Zodiac", "Crime")]
FRAME = pd.DataFrame(ROWS, columns=["item", "title", "genres"])


def test_columns_of_a_frame_are_aligned_with_the_items(small_vectors, tmp_path):
    titled = small_vectors.with_catalogue(FRAME)
    assert titled.catalogue.ids == ("a", "b", "c", "d")
    assert titled.catalogue.columns == {
        "title": ("Alien", "", "Casablanca", ""),
        "genres": ("Horror", "", "Drama", ""),
    }
    assert titled.most_similar("Alien", k=1) == small_vectors.most_similar("a", k=1)
    assert small_vectors.catalogue.titles is None, "the vectors stay as they were"
    model_file.save(titled, tmp_path / "m.safetensors")
    assert item2vec.load(tmp_path / "m.safetensors").title(2) == "Casablanca"


def test_files_and_catalogues_are_accepted_like_frames(small_vectors, tmp_path):
    expected = small_vectors.with_catalogue(FRAME).catalogue.columns
    path = tmp_path / "items.csv"
    FRAME.to_csv(path, index=False)
    films = Catalogue(tuple(FRAME["item"]), {name: FRAME[name] for name in ("title", "genres")})
    for source in (path, str(path), films):
        assert small_vectors.with_catalogue(source).catalogue.columns == expected


def test_another_catalogue_replaces_the_old_one(small_vectors):
    old = small_vectors.with_catalogue(FRAME)
    assert list(old.with_catalogue(FRAME[["item", "title"]]).catalogue.columns) == ["title"]


def test_a_catalogue_of_other_items_is_an_error_that_shows_both_ids(small_vectors):
    other = FRAME.assign(item=["1", "2", "3"])
    with pytest.raises(DataError, match=r"none of the 4 items; its ids look like '1'; .* like 'a'"):
        small_vectors.with_catalogue(other)
    with pytest.raises(DataError, match="none of the 4 items"):
        small_vectors.with_catalogue(Catalogue((), {}))
