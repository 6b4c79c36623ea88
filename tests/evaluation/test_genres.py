"""Genre overlap, worked out by hand."""

import numpy as np
import pytest
from neighbor_cases import GivenNeighbors, vocabulary_of

from item2vec.data.catalogue import Catalogue
from item2vec.evaluation.genres import GENRE_OVERLAP, mean_jaccard
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.scores import ItemMetric
from item2vec.neighbors.exact import ExactNeighbors

FILMS = Catalogue(
    ("alien", "solaris", "heat", "up", "untold"),
    {"genres": ("Horror|Sci-Fi", "Sci-Fi", "Crime", "Sci-Fi|Horror", "(no genres listed)")},
)


NOTHING = ItemMetric({"model": np.zeros(0)})


def overlaps(*folds, catalogue=FILMS):
    overlap = NeighborQuality.of(catalogue)
    for vocabulary, near in folds:
        overlap.add("model", GivenNeighbors(vocabulary, near), vocabulary)
    return overlap.metrics().get(GENRE_OVERLAP, NOTHING).values["model"].tolist()


def test_the_overlap_of_two_items_is_what_both_have_over_what_either_has():
    flags = np.array([[1, 1, 0, 0], [0, 1, 1, 1], [1, 1, 0, 0], [0, 0, 1, 0]], dtype=bool)
    near = np.array([[1], [2], [3]], dtype=np.int32)
    found = mean_jaccard(flags, np.array([0, 0, 0], np.int32), near)
    assert found.tolist() == [0.25, 1.0, 0.0]


def test_a_missing_neighbour_and_one_without_genres_overlap_with_nothing():
    # -1 must not be taken for the last item, whose genres are the same.
    flags = np.array([[1, 0], [0, 0], [1, 0]], dtype=bool)
    rows, near = np.array([0], np.int32), np.array([[2, 1, -1, -1]], np.int32)
    assert mean_jaccard(flags, rows, near).tolist() == [0.25]


@pytest.mark.parametrize("seed", range(3))
def test_any_overlap_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    flags = rng.random((20, 5)) < 0.4
    rows = np.flatnonzero(flags.any(axis=1)).astype(np.int32)
    near = rng.integers(-1, 20, (len(rows), 6)).astype(np.int32)
    genres = [set(np.flatnonzero(own).tolist()) for own in flags]
    expected = [
        sum(len(genres[r] & genres[o]) / len(genres[r] | genres[o]) for o in others if o >= 0) / 6
        for r, others in zip(rows.tolist(), near.tolist(), strict=True)
    ]
    np.testing.assert_allclose(mean_jaccard(flags, rows, near), expected)


def test_an_item_gets_the_mean_over_ten_neighbours():
    # alien: up 1, solaris 1/2, heat 0, untold 0, and six missing: 0.15. heat has no neighbours.
    films = vocabulary_of("alien", "heat", "solaris", "up", "untold")
    near = {"alien": ["up", "solaris", "heat", "untold"], "solaris": ["up"]}
    alien, solaris, heat, up = overlaps((films, near))  # in the order of the catalogue
    assert (alien, solaris, heat, up) == pytest.approx((0.15, 0.05, 0.0, 0.0))


def test_items_without_genres_or_outside_the_catalogue_are_left_out():
    films = vocabulary_of("untold", "unlisted", "up", "alien")
    near = {"untold": ["up"], "unlisted": ["up"], "up": ["unlisted", "alien"]}
    assert overlaps((films, near)) == pytest.approx([0.0, 0.1])  # alien, up


def test_over_folds_an_item_gets_the_mean_of_the_folds_that_knew_it():
    # The vocabularies differ, and so do the rows of the same films.
    first = (vocabulary_of("up", "alien"), {"alien": ["up"], "up": ["alien"]})
    second = (vocabulary_of("heat", "alien", "solaris"), {"alien": ["solaris"], "solaris": []})
    alien, solaris, heat, up = overlaps(first, second)
    assert alien == pytest.approx((0.1 + 0.05) / 2)
    assert (solaris, heat) == (0.0, 0.0)
    assert up == pytest.approx(0.1)


def test_models_are_compared_on_the_items_that_all_of_them_judged():
    overlap = NeighborQuality.of(FILMS)
    wide, narrow = vocabulary_of("alien", "up", "heat"), vocabulary_of("up", "alien")
    overlap.add("wide", GivenNeighbors(wide, {"alien": ["heat"], "up": ["alien"]}), wide)
    overlap.add("narrow", GivenNeighbors(narrow, {"alien": ["up"]}), narrow)
    values = overlap.metrics()[GENRE_OVERLAP].values
    assert values["wide"].tolist() == pytest.approx([0.0, 0.1])
    assert values["narrow"].tolist() == pytest.approx([0.1, 0.0])


def test_what_knows_no_similar_items_is_passed_by():
    overlap = NeighborQuality.of(FILMS)
    overlap.add("popularity", object(), vocabulary_of("alien"))
    assert overlap.metrics() == {}


@pytest.mark.parametrize(
    "catalogue",
    [None, Catalogue((), {}), Catalogue(("alien",), {"title": ("Alien",)}), FILMS.aligned(["x"])],
)
def test_without_genres_nothing_is_judged(catalogue):
    films = vocabulary_of("alien", "x")
    assert overlaps((films, {"alien": ["x"]}), catalogue=catalogue) == []


def test_vectors_that_follow_genres_beat_vectors_that_do_not():
    rng = np.random.default_rng(0)
    own = rng.integers(0, 5, 200)
    ids = tuple(f"i{item:03}" for item in range(200))
    catalogue = Catalogue(ids, {"genres": tuple(f"g{genre}" for genre in own)})
    overlap = NeighborQuality.of(catalogue)
    noise = rng.standard_normal((200, 5)).astype(np.float32)
    for name, vectors in {
        "apt": np.eye(5, dtype=np.float32)[own] * 20 + noise,
        "any": noise,
    }.items():
        overlap.add(name, Similar(vectors), vocabulary_of(*ids))
    means = {
        name: values.mean() for name, values in overlap.metrics()[GENRE_OVERLAP].values.items()
    }
    assert means["apt"] == 1.0
    assert means["any"] < 0.4


class Similar:
    """Similar items by cosine, as item vectors have them."""

    def __init__(self, vectors):
        self.exact = ExactNeighbors(vectors)

    def similar_rows(self, rows, k):
        return self.exact.neighbors(rows, k)[0]
