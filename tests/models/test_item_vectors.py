"""ItemVectors: the scoring law, names, look-ups and exports."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.models.item_vectors import ItemVectors


def with_titles(vectors: ItemVectors, titles: dict[str, str]) -> ItemVectors:
    catalogue = Catalogue(tuple(titles), {"title": tuple(titles.values())})
    return ItemVectors(
        vectors.vocabulary,
        vectors.item_vectors,
        vectors.context_vectors,
        vectors.bias,
        vectors.power,
        catalogue,
        {"min_count": 5},
    )


def test_score_is_the_mean_of_item_vectors_times_context_plus_bias(small_vectors):
    # h = ([2, 0] + [3, 4]) / 2 = [2.5, 2]
    histories = Histories.from_lists([["a", "b"]], vocabulary=small_vectors.vocabulary)
    assert small_vectors.score_rows(histories).tolist() == [[3.0, 2.0, 4.5, -1.0]]


def test_power_divides_by_a_power_of_the_length(small_vectors):
    halved = ItemVectors(
        small_vectors.vocabulary,
        small_vectors.item_vectors,
        small_vectors.context_vectors,
        small_vectors.bias,
        power=0.5,
    )
    expected = np.array([5, 4]) / math.sqrt(2)
    np.testing.assert_allclose(halved.fold_in(["a", "b"]), expected, rtol=1e-6)


def test_a_history_of_unknown_items_is_ranked_by_the_bias(small_vectors):
    histories = Histories.from_lists([["new", "newer"]], vocabulary=small_vectors.vocabulary)
    assert small_vectors.score_rows(histories)[0].tolist() == small_vectors.bias.tolist()
    assert small_vectors.recommend_rows(histories, 4)[0].tolist() == [0, 1, 2, 3]


def test_unknown_items_do_not_count_in_the_length(small_vectors):
    known = Histories.from_lists([["a", "b"]], vocabulary=small_vectors.vocabulary)
    mixed = Histories.from_lists([["a", "x", "b", "y"]], vocabulary=small_vectors.vocabulary)
    np.testing.assert_array_equal(
        small_vectors.fold_in_rows(known), small_vectors.fold_in_rows(mixed)
    )


@given(st.lists(st.lists(st.integers(-1, 5), max_size=6), max_size=30), st.integers(1, 7))
def test_fold_in_of_many_equals_a_loop_whatever_the_blocks(lists, block):
    rng = np.random.default_rng(0)
    matrix = rng.standard_normal((6, 3)).astype(np.float32)
    vocabulary = Vocabulary([f"i{row}" for row in range(6)], np.full(6, 3))
    vectors = ItemVectors(vocabulary, matrix, matrix, np.zeros(6, np.float32), power=0.5)
    offsets = np.cumsum([0, *map(len, lists)])
    items = np.array([row for rows in lists for row in rows], dtype=np.int32)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("item2vec.models.scoring_law.FOLD_IN_ITEMS", block)
        found = vectors.fold_in_rows(Histories(items, offsets, vocabulary))
    for row, rows in zip(found, lists, strict=True):
        known = [item for item in rows if item >= 0]
        expected = matrix[known].sum(axis=0) / max(1, len(known)) ** 0.5
        np.testing.assert_allclose(row, expected, atol=1e-5)


def test_recommend_ranks_by_score_without_the_history(small_vectors):
    found = small_vectors.recommend(["a", "b"], k=4)
    assert [(r.id, r.score) for r in found] == [("c", 4.5), ("d", -1.0)]
    assert small_vectors.recommend(["b", "a", "b", "a"], k=4) == found, "an item counts once"


def test_most_similar_ranks_by_cosine_of_item_vectors(small_vectors):
    found = small_vectors.most_similar("b", k=9)
    assert [n.id for n in found] == ["c", "a", "d"]
    np.testing.assert_allclose([n.cosine for n in found], [0.8, 0.6, -0.6], rtol=1e-6)
    assert small_vectors.similarity("b", "c") == pytest.approx(0.8)


def test_an_id_takes_precedence_over_a_title_unless_title_only(small_vectors):
    vectors = with_titles(small_vectors, {"a": "b", "b": "Heat", "c": "c", "d": "Up"})
    assert vectors.find("b") == 1
    assert vectors.find("b", title_only=True) == 0
    assert vectors.find("Heat") == 1
    assert vectors.most_similar("Heat", k=1)[0].title == "c"


def test_an_ambiguous_title_lists_its_ids(small_vectors):
    vectors = with_titles(small_vectors, {"a": "Heat", "b": "Heat", "c": "x", "d": "y"})
    with pytest.raises(ParameterError, match=r"a.*b"):
        vectors.find("Heat")
    assert "Heat" in vectors


def test_the_error_for_an_unknown_item_names_a_similar_one_and_min_count(small_vectors):
    vectors = with_titles(small_vectors, {"a": "Toy Story (1995)", "b": "B", "c": "C", "d": "D"})
    with pytest.raises(UnknownItemError, match=r"Toy Story \(1995\).*fewer than 5 interactions"):
        vectors.find("Toy Storey (1995)")
    assert "Toy Storey (1995)" not in vectors
    assert "Toy Story (1995)" in vectors
    assert "a" in vectors


def test_an_integer_is_never_taken_for_a_row(small_vectors):
    with pytest.raises(UnknownItemError, match="strings"):
        small_vectors[1]
    with pytest.raises(UnknownItemError):
        small_vectors["1"]
    assert 1 not in small_vectors


def test_a_bare_string_or_an_empty_list_is_no_history(small_vectors):
    with pytest.raises(ParameterError, match=r"\['a'\]"):
        small_vectors.recommend("a")
    with pytest.raises(ParameterError, match="empty"):
        small_vectors.fold_in([])
    with pytest.raises(ParameterError, match="k must be at least 1"):
        small_vectors.recommend(["a"], k=0)


def test_vectors_cannot_be_written_to(small_vectors):
    with pytest.raises(ValueError, match="read-only"):
        small_vectors["a"][0] = 1


def test_histories_of_another_vocabulary_are_refused(small_vectors):
    with pytest.raises(DataError, match="vocabulary"):
        small_vectors.recommend_rows(Histories.from_lists([["a"]]), 1)


def test_arrays_that_do_not_fit_are_refused(small_vectors):
    with pytest.raises(DataError, match="bias"):
        ItemVectors(
            small_vectors.vocabulary,
            small_vectors.item_vectors,
            small_vectors.context_vectors,
            np.zeros(3, np.float32),
            power=1.0,
        )


def test_to_frame_has_a_row_for_each_item(small_vectors):
    frame = small_vectors.to_frame()
    assert frame.loc["b"].tolist() == [3.0, 4.0]
    assert frame.index.tolist() == ["a", "b", "c", "d"]


def test_gensim_finds_the_same_neighbors(cliques):
    rng = np.random.default_rng(1)
    matrix = rng.standard_normal((60, 8)).astype(np.float32)
    vectors = ItemVectors(cliques.vocabulary, matrix, matrix, np.zeros(60, np.float32), power=1.0)
    keyed = vectors.to_keyed_vectors()
    for item in vectors.vocabulary:
        ours = vectors.most_similar(item, k=5)
        theirs = keyed.most_similar(item, topn=5)
        assert [n.id for n in ours] == [name for name, _ in theirs]
        np.testing.assert_allclose(
            [n.cosine for n in ours], [cosine for _, cosine in theirs], rtol=1e-4
        )
    first = vectors.vocabulary.ids[0]
    assert keyed.get_vecattr(first, "count") == vectors.vocabulary.counts[0]


def test_ids_with_blanks_can_be_saved_only_by_gensim_itself(tmp_path):
    from gensim.models import KeyedVectors

    vocabulary = Vocabulary(["Doom", "Portal 2"], np.array([2, 1]))
    matrix = np.eye(2, dtype=np.float32)
    vectors = ItemVectors(vocabulary, matrix, matrix, np.zeros(2, np.float32), power=1.0)
    with pytest.warns(UserWarning, match=r"'Portal 2'.*KeyedVectors\.save.*vectors\.tsv") as found:
        keyed = vectors.to_keyed_vectors()
    assert found[0].filename == __file__, "the warning names the line of the caller"
    keyed.save(str(tmp_path / "kv"))
    assert KeyedVectors.load(str(tmp_path / "kv")).index_to_key == ["Doom", "Portal 2"]


def test_iteration_yields_item_ids(small_vectors):
    assert list(small_vectors) == ["a", "b", "c", "d"]
    assert all(item in small_vectors for item in small_vectors)


def test_the_repr_of_a_large_model_is_one_line():
    vocabulary = Vocabulary.from_counts([f"{n:06}" for n in range(5000)], np.ones(5000, int))
    zeros = np.zeros((5000, 2), np.float32)
    catalogue = Catalogue(vocabulary.ids, {"title": vocabulary.ids})
    vectors = ItemVectors(vocabulary, zeros, zeros, zeros[:, 0].copy(), 1.0, catalogue)
    assert repr(vectors) == "ItemVectors of 5000 items in 2 dimensions"
    assert repr(vocabulary) == "Vocabulary of 5000 items: '000000', '000001', '000002', ..."
    assert repr(catalogue) == "Catalogue of 5000 items: title"
