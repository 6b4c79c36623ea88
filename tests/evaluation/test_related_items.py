"""Related items among the nearest neighbours, worked out by hand."""

import numpy as np
import pytest
from neighbor_cases import GivenNeighbors, vocabulary_of

from item2vec._support.messages import command_line
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.related_items import MOST_ITEMS, RelatedItems, split_values
from item2vec.neighbors.exact import ExactNeighbors

METRIC = "related_series@10"
BOOKS = Catalogue(
    ("a1", "a2", "a3", "b1", "b2", "both", "none", "single"),
    {
        "series": ("A", "a ", "A", "B", "B", "A|B", "n/a", "Alone"),
        "isbn": ("1", "2", "3", "4", "5", "6", "", ""),
    },
)


@pytest.fixture(autouse=True)
def few_values(monkeypatch):
    """Let two values be enough, so that cases can be worked out by hand."""
    for module in ("related_items", "neighbor_quality"):
        monkeypatch.setattr(f"item2vec.evaluation.{module}.FEWEST_VALUES", 1)


def judged(*folds, catalogue=BOOKS, related=("series",)):
    quality = NeighborQuality.of(catalogue, related)
    for vocabulary, near in folds:
        quality.add("model", GivenNeighbors(vocabulary, near), vocabulary)
    return quality


def found(quality, name="model"):
    return quality.metrics()[METRIC].values[name].tolist()


def test_an_item_gets_the_share_of_its_related_items_that_are_near():
    books = vocabulary_of(*reversed(BOOKS.ids))  # rows are not places in the catalogue
    near = {
        "a1": ["a2", "b1", "both"],  # of a2, a3, both: 2 of 3
        "a2": ["a2", "none"],  # an item is not related to itself
        "b1": ["both", "b2"],
        "both": ["a1", "a2", "a3", "b1", "b2", "none"],  # each counts once: 5 of 5
        "none": ["a1"],
    }
    # In the order of the catalogue: a1, a2, a3, b1, b2, both; the others have no related item.
    assert found(judged((books, near))) == pytest.approx([2 / 3, 0, 0, 1, 0, 1])


def test_more_related_items_than_neighbours_can_all_be_found():
    ids = tuple(f"v{n:02}" for n in range(14))
    catalogue = Catalogue(ids, {"series": ("Saga",) * 14})
    near = {"v00": list(ids[1:11]), "v01": list(ids[2:7])}
    values = found(judged((vocabulary_of(*ids), near), catalogue=catalogue))
    assert values[:3] == [1.0, 0.5, 0.0]


def test_only_items_that_the_model_knows_are_to_be_found():
    near = {"a1": ["a2"], "b1": ["a1"]}
    assert found(judged((vocabulary_of("a1", "a2", "b1"), near))) == [1.0, 0.0], "b1 is alone"


def test_a_value_of_too_many_items_is_left_out_and_that_is_said():
    ids = tuple(f"i{n}" for n in range(MOST_ITEMS + 3))
    brands = ("Common",) * (MOST_ITEMS + 1) + ("Rare",) * 2
    quality = judged(
        (vocabulary_of(*ids), {ids[-1]: [ids[-2]], ids[0]: [ids[1]]}),
        catalogue=Catalogue(ids, {"series": brands}),
    )
    assert found(quality) == [0.0, 1.0]
    judged_on, left_out = quality.remarks()
    assert judged_on.startswith(f"{METRIC} is the mean over 2 items that share 1 value")
    assert left_out.startswith("1 value of series is left out, because more than 40 items")


def test_in_a_large_catalogue_a_value_may_be_held_by_more_items():
    ids = tuple(f"i{n}" for n in range(20_000))
    brands = ("Large",) * 100 + ("Too large",) * 101 + tuple(f"b{n}" for n in range(20_000 - 201))
    measure = RelatedItems("brand", brands)
    assert measure.rows(np.arange(len(ids))).tolist() == list(range(100))


def test_where_too_few_values_relate_items_that_is_said_instead(monkeypatch):
    quality = judged((vocabulary_of("a1", "b1"), {"a1": ["b1"]}))
    assert quality.metrics() == {}
    (remark,) = quality.remarks()
    assert remark.startswith(f"{METRIC} can't be computed: 0 values of series relate items")
    for module in ("related_items", "neighbor_quality"):
        monkeypatch.setattr(f"item2vec.evaluation.{module}.FEWEST_VALUES", 3)
    quality = judged((vocabulary_of(*BOOKS.ids), {"a1": ["a2"]}))
    assert quality.metrics() == {}, "of two values an interval means nothing"
    assert "2 values of series relate items" in quality.remarks()[0]


def test_who_asks_for_genres_is_shown_to_their_overlap():
    genres = Catalogue(tuple(map(str, range(50))), {"genres": ("Drama",) * 50})
    quality = judged((vocabulary_of(*genres.ids), {}), catalogue=genres, related=["genres"])
    assert list(quality.metrics()) == ["genre_overlap@10"]
    assert quality.remarks()[1].endswith("genre_overlap@10 judges genres.")


def test_columns_that_relate_nothing_or_are_unknown_are_refused():
    with pytest.raises(DataError, match="no two items share a value of the column 'isbn'"):
        NeighborQuality.of(BOOKS, ["isbn"])
    with pytest.raises(ParameterError, match="no column 'author': its columns are series, isbn"):
        NeighborQuality.of(BOOKS, ["series", "author"])
    with pytest.raises(ParameterError, match=r"give a table with catalogue="):
        NeighborQuality.of(None, ["author"])
    with command_line(), pytest.raises(ParameterError, match="give a table with --items FILE"):
        NeighborQuality.of(None, ["author"])
    with pytest.raises(
        ParameterError, match=r"must be a sequence of columns, such as \['series'\]"
    ):
        NeighborQuality.of(BOOKS, "series")


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("Dune", ["dune"]),
        ("Dune|Arrakis; x", ["arrakis; x", "dune"]),
        ("Frank Herbert, Brian Herbert", ["brian herbert", "frank herbert"]),
        ('["Dune", "DUNE "]', ["dune"]),
        ("(no genres listed)", []),
        ("  ", []),
        ("Unknown", []),
    ],
)
def test_a_field_may_hold_several_values_and_blanks_are_none(text, values):
    assert split_values(text) == values


def test_over_folds_an_item_gets_the_mean_of_the_folds_that_knew_it():
    first = (vocabulary_of("a1", "a2"), {"a1": ["a2"], "a2": ["a1"]})
    second = (vocabulary_of("a2", "a3", "a1"), {"a1": ["a2"]})
    assert found(judged(first, second)) == pytest.approx([0.75, 0.5, 0.0])


def test_models_are_compared_on_the_items_that_all_of_them_judged():
    quality = NeighborQuality.of(BOOKS, ["series"])
    wide, narrow = vocabulary_of("a1", "a2", "b1", "b2"), vocabulary_of("b2", "b1")
    quality.add("wide", GivenNeighbors(wide, {"a1": ["a2"], "b1": ["b2"]}), wide)
    quality.add("narrow", GivenNeighbors(narrow, {"b2": ["b1"]}), narrow)
    quality.add("popularity", object(), narrow)
    assert found(quality, "wide") == [1.0, 0.0]
    assert found(quality, "narrow") == [0.0, 1.0]
    assert list(quality.metrics()[METRIC].values) == ["wide", "narrow"]
    groups = quality.metrics()[METRIC].groups
    assert (groups.items.tolist(), groups.n_values) == ([0, 1], 1)


def test_an_item_counts_under_each_value_that_relates_it():
    groups = judged((vocabulary_of(*BOOKS.ids), {})).metrics()[METRIC].groups
    held = [set(groups.values[groups.items == item].tolist()) for item in range(6)]
    a, b = held[0], held[3]
    assert held == [a, a, a, b, b, a | b]
    assert groups.shares.tolist() == [1, 1, 1, 1, 1, 0.5]


def test_genres_and_columns_are_measured_side_by_side():
    catalogue = Catalogue(
        ("x", "y", "z"), {"genres": ("Horror", "Horror", "War"), "series": ("S", "", "S")}
    )
    near = {"x": ["z"], "y": ["x"], "z": ["y"]}
    metrics = judged((vocabulary_of("z", "y", "x"), near), catalogue=catalogue).metrics()
    assert metrics[METRIC].values["model"].tolist() == [1.0, 0.0]
    overlap = metrics["genre_overlap@10"].values["model"]
    assert overlap.tolist() == pytest.approx([0.0, 0.1, 0.0])


@pytest.mark.parametrize("seed", range(3))
def test_any_share_is_that_of_sets(seed):
    rng = np.random.default_rng(seed)
    held = [set(rng.choice(8, rng.integers(0, 4), replace=False).tolist()) for _ in range(40)]
    ids = tuple(f"i{n:02}" for n in range(40))
    vectors = rng.standard_normal((40, 6)).astype(np.float32)
    near = ExactNeighbors(vectors).neighbors(np.arange(40, dtype=np.int32), 10)[0]
    texts = ["|".join(f"v{value}" for value in sorted(values)) for values in held]
    expected = []
    for n, own in enumerate(held):
        related = {m for m in range(40) if m != n and own & held[m]}
        if related:
            expected.append(len(related & set(near[n].tolist())) / min(10, len(related)))
    names = {ids[n]: [ids[m] for m in near[n]] for n in range(40)}
    quality = judged((vocabulary_of(*ids), names), catalogue=Catalogue(ids, {"series": texts}))
    assert found(quality) == pytest.approx(expected)


def test_a_large_catalogue_is_sampled_alike_for_all_models(monkeypatch):
    monkeypatch.setattr("item2vec.evaluation.neighbor_quality.MOST_JUDGED", 10)
    ids = tuple(f"i{n:02}" for n in range(60))
    catalogue = Catalogue(ids, {"series": tuple(f"s{n // 3}" for n in range(60))})
    quality = NeighborQuality.of(catalogue, ["series"])
    for name, order in (("up", ids), ("down", ids[::-1])):
        quality.add(name, GivenNeighbors(vocabulary_of(*order), {}), vocabulary_of(*order))
    assert {name: len(values) for name, values in quality.metrics()[METRIC].values.items()} == {
        "up": 10,
        "down": 10,
    }
