"""Filters of the items that may be recommended or returned as similar."""

from dataclasses import replace

import gensim
import numpy as np
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.reading.ids.item_ids import read_item_ids

N, SIZE = 300, 8


@pytest.fixture(scope="module")
def vectors() -> ItemVectors:
    """Return 300 items in random directions; every third is a comedy, of 1950 to 1999."""
    rng = np.random.default_rng(1)
    items, contexts = rng.standard_normal((2, N, SIZE)).astype(np.float32)
    vocabulary = Vocabulary([f"i{row:03}" for row in range(N)], np.full(N, 5))
    catalogue = Catalogue(
        vocabulary.ids,
        {
            "title": tuple(f"Film {row}" for row in range(N)),
            "genres": tuple("Comedy|Crime" if row % 3 == 0 else "Drama" for row in range(N)),
            "year": tuple(str(1950 + row % 50) for row in range(N)),
        },
    )
    bias = rng.standard_normal(N).astype(np.float32)
    return ItemVectors(vocabulary, items, contexts, bias, power=0.5, catalogue=catalogue)


@pytest.fixture(scope="module")
def with_memory(vectors) -> ItemVectors:
    """Return the vectors with a memory that dominates the scores."""
    rng = np.random.default_rng(2)
    weights = rng.standard_normal((N, N)).astype(np.float32) * 3
    return replace(vectors, memory=Memory.of_largest([weights], 40))


def brute_force(vectors, history, allowed, k, *, keep_seen=False):
    """Return the best allowed items by sorting all scores."""
    packed = Histories.from_lists([history], vocabulary=vectors.vocabulary)
    scores = vectors.score_rows(packed)[0]
    ids = vectors.vocabulary.ids
    rows = [r for r in allowed if keep_seen or ids[r] not in history]
    return [ids[r] for r in sorted(rows, key=lambda r: -scores[r])[:k]]


@pytest.mark.parametrize("model", ["vectors", "with_memory"])
@pytest.mark.parametrize("keep_seen", [False, True])
def test_filters_are_applied_before_the_best_are_chosen(model, keep_seen, request):
    """The 100 comedies are scattered over the ranking, and all that are left are returned."""
    vectors = request.getfixturevalue(model)
    comedies = range(0, N, 3)
    history = ["i000", "i001", "i003"]
    found = vectors.recommend(
        history, 100, items_where="genres like '%Comedy%'", keep_seen=keep_seen
    )
    expected = brute_force(vectors, history, comedies, 100, keep_seen=keep_seen)
    assert [each.id for each in found] == expected
    assert len(found) == (100 if keep_seen else 98)


@pytest.mark.parametrize("model", ["vectors", "with_memory"])
def test_many_histories_are_filtered_as_each_of_them_is(model, request):
    vectors = request.getfixturevalue(model)
    rng = np.random.default_rng(3)
    lists = [[f"i{row:03}" for row in rng.permutation(N)[:5].tolist()] for _ in range(100)]
    options = {"items_where": "genres like '%Comedy%' and year >= 1975", "exclude": ["i033"]}
    frame = vectors.recommend_frame(lists, 7, **options)
    for user in (0, 57, 99):
        mine = frame[frame["user"] == user]
        single = vectors.recommend(lists[user], 7, **options)
        assert mine["item"].tolist() == [each.id for each in single]
        assert mine["score"].tolist() == pytest.approx([e.score for e in single], abs=1e-4)
        assert mine["rank"].tolist() == [1, 2, 3, 4, 5, 6, 7]


def test_only_keep_seen_recommends_items_of_the_history(vectors):
    history = [f"i{row:03}" for row in range(200)]
    found = vectors.recommend(history, N, keep_seen=True)
    assert {each.id for each in found} == set(vectors)


def test_only_and_exclude_take_ids_and_titles(vectors):
    only = ["i005", "Film 6", "film 7", "i008"]
    found = vectors.recommend(["i000"], 10, only=only, exclude=["Film 8"])
    assert {each.id for each in found} == {"i005", "i006", "i007"}


@pytest.mark.parametrize(
    ("where", "rows"),
    [
        ("year > 1997", {48, 49}),  # text, compared as a number
        ("item in ('i001', 'i002')", {1, 2}),
        ("title = 'Film 9' or title = 'Film 10'", {9, 10}),
    ],
)
def test_items_where_is_sql_over_the_catalogue(vectors, where, rows):
    found = vectors.recommend(["i100"], N, items_where=where)
    assert {
        int(each.id[1:]) % 50 if "year" in where else int(each.id[1:]) for each in found
    } == rows


@pytest.mark.parametrize(
    "where",
    [
        "item in (select 'i001')",
        "exists (select 1 from read_text('setup.cfg'))",
        "true) union select (true",
        "nothing = 1",
        "",
        "genres like",
        "year > ?",
    ],
)
def test_items_where_is_one_predicate_over_the_catalogue(vectors, where):
    with pytest.raises(ParameterError, match="items_where"):
        vectors.recommend(["i000"], 5, items_where=where)


def test_items_where_needs_a_catalogue(small_vectors):
    with pytest.raises(ParameterError, match="items_where needs columns"):
        small_vectors.recommend(["a"], items_where="genres like '%Comedy%'")


def test_filters_that_leave_no_item_are_an_error(vectors):
    with pytest.raises(ParameterError, match="filters leave none of 300 items"):
        vectors.recommend(["i000"], only=["i001"], exclude=["i001"])
    with pytest.raises(ParameterError, match="filters leave none"):
        vectors.most_similar("i000", items_where="year > 3000")
    with pytest.raises(ParameterError, match="keep_seen=True"):
        vectors.recommend(["i000"], only=["i000"])
    assert vectors.recommend(["i000"], only=["i000"], keep_seen=True)[0].id == "i000"


def test_an_unknown_id_in_a_filter_is_an_error_or_skipped(vectors):
    with pytest.raises(UnknownItemError, match="i999"):
        vectors.recommend(["i000"], exclude=["i999"])
    assert vectors.recommend(["i000"], only=["i999", "i005"], unknown="skip")[0].id == "i005"
    frame = vectors.recommend_frame([["i000"]], only=["i999", "i005"], unknown="skip")
    assert frame["item"].tolist() == ["i005"]
    assert frame.attrs["skipped"]["filter_ids"] == 1
    for unknown in ("error", None):
        with pytest.raises(UnknownItemError, match="i999"):
            vectors.recommend_frame([["i000"]], exclude=["i999"], unknown=unknown)


def test_an_excluded_item_that_is_not_a_string_is_never_skipped(vectors):
    """Otherwise an item that must be excluded would be recommended."""
    for call in (vectors.recommend_frame, lambda lists, **_: vectors.recommend(lists[0], **_)):
        with pytest.raises(UnknownItemError, match="item ids are strings: write '5', not 5"):
            call([["i000"]], exclude=[5], unknown="skip")


def test_unknown_items_of_a_history_are_an_error_or_skipped(vectors):
    with pytest.raises(UnknownItemError, match="nobody"):
        vectors.recommend(["i000", "nobody"])
    known = vectors.recommend(["i000"])
    assert vectors.recommend(["i000", "nobody"], unknown="skip") == known
    with pytest.raises(UnknownItemError, match="none of the 1 item named"):
        vectors.recommend(["nobody"], unknown="skip")


def test_a_string_is_not_a_list_of_items(vectors):
    with pytest.raises(ParameterError, match=r"only takes a list of items: write \['i005'\]"):
        vectors.recommend(["i000"], only="i005")


def test_similar_items_are_filtered_before_the_nearest_are_chosen(vectors):
    everything = [each.id for each in vectors.most_similar("i000", N)]
    comedies = [each for each in everything if int(each[1:]) % 3 == 0]
    found = vectors.most_similar("i000", 99, items_where="genres like '%Comedy%'")
    assert [each.id for each in found] == comedies
    assert len(comedies) == 99
    frame = vectors.similar_frame(5, items_where="genres like '%Comedy%'")
    assert frame[frame["item"] == "i000"]["neighbor"].tolist() == comedies[:5]
    assert len(frame) == 5 * N


# -- by several items and by vector -----------------------------------------------------------


@pytest.fixture(scope="module")
def keyed(vectors) -> gensim.models.KeyedVectors:
    return vectors.to_keyed_vectors()


@pytest.mark.parametrize(
    ("positive", "negative"),
    [
        (["i001", "i002"], []),
        (["i001", "i002", "i003"], ["i004"]),
        (["i001"], ["i002", "i003"]),
        ([], ["i007"]),
    ],
)
def test_queries_of_several_items_find_what_gensim_finds(vectors, keyed, positive, negative):
    found = vectors.most_similar(positive, 20, negative=negative)
    expected = keyed.most_similar(positive=positive, negative=negative, topn=20)
    assert [each.id for each in found] == [name for name, _ in expected]
    assert [each.cosine for each in found] == pytest.approx([c for _, c in expected], abs=1e-5)


def test_a_query_vector_finds_what_gensim_finds(vectors, keyed):
    vector = vectors.fold_in(["i001", "i002"])
    expected = keyed.most_similar(positive=[vector], topn=9)
    for query in (vector, [vector], vector.astype(np.float64), vector * 7):
        found = vectors.most_similar(query, 9)
        assert [each.id for each in found] == [name for name, _ in expected]


def test_one_item_is_the_same_however_it_is_written(vectors):
    single = vectors.most_similar("i005", 9)
    assert vectors.most_similar(["i005"], 9) == single
    assert vectors.most_similar(positive="Film 5", k=9) == single
    filtered = vectors.most_similar("i005", 9, exclude=["i299"])
    assert {each.id for each in filtered[:8]} <= {each.id for each in single}


def test_queries_with_cold_items_use_expected_cosines():
    """A predicted vector of length 1 with a residual variance of 3: cosines are halved."""
    vocabulary = Vocabulary(["a", "b", "cold"], np.array([2, 1, 0]))
    items = np.array([[1, 0], [0, 1], [1, 0]], dtype=np.float32)
    fit = FeatureFit(("genres",), residual_variance={"item_vectors": 3.0})
    vectors = ItemVectors(
        vocabulary, items, items, np.zeros(3, np.float32), power=1.0, feature_fit=fit
    )
    assert vectors.most_similar("cold", 1)[0].cosine == pytest.approx(0.5)
    assert vectors.most_similar("cold", 1, only=["a"])[0].cosine == pytest.approx(0.5)
    # b + cold = (1/2, 1), plus a residual share of 3/4 of cold's expected squared length of 1.
    both = vectors.most_similar(["b", "cold"], 1, only=["a"])[0]
    assert both.cosine == pytest.approx(0.5 / np.sqrt(1 + 1 / 4 + 3 / 4))


def test_an_invalid_query_is_an_error(vectors):
    with pytest.raises(ParameterError, match="no known item to search by"):
        vectors.most_similar()
    with pytest.raises(ParameterError, match="no known item to search by"):
        vectors.most_similar(["nobody"], unknown="skip")
    with pytest.raises(ParameterError, match="cancel out"):
        vectors.most_similar("i001", negative="i001")
    with pytest.raises(ParameterError, match="cancel out or are zero"):
        vectors.most_similar(np.zeros(SIZE, np.float32))
    with pytest.raises(ParameterError, match=r"shape \(8,\)"):
        vectors.most_similar(np.ones(9, np.float32))
    with pytest.raises(ParameterError, match="NaN"):
        vectors.most_similar(np.full(SIZE, np.nan, np.float32))
    with pytest.raises(UnknownItemError):
        vectors.most_similar(["i001", "nobody"])
    with pytest.raises(UnknownItemError):
        vectors.most_similar([1])


# -- lists of ids in files --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "ids"),
    [
        ("ids.txt", "007\nNA\n1e5\n", ("007", "NA", "1e5")),
        ("ids.txt", "\ufeffitem\na\n\n  b \na\n", ("a", "b")),
        ("ids.txt", "alpha\r\nbeta\r\n", ("alpha", "beta")),  # no header: alpha is an id
        ("ids.csv", 'movieId\n"a,b"\n"say ""x"""\n', ("a,b", 'say "x"')),
        ("ids.csv", "title,movieId\nHeat,1\nUp,002\n", ("1", "002")),
        ("ids.tsv", "item\tprice\nx\t1\ny\t2\n", ("x", "y")),
        ("ids.jsonl", '{"item": "x"}\n{"item": "y"}\n', ("x", "y")),
    ],
)
def test_ids_are_read_from_lines_and_tables(tmp_path, name, text, ids):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8", newline="")
    assert read_item_ids(path) == ids


def test_a_file_without_ids_is_an_error(tmp_path):
    path = tmp_path / "ids.csv"
    path.write_text("price,colour\n1,red\n")
    with pytest.raises(DataError, match="one id per line"):
        read_item_ids(path)
    path.write_text("item\n")
    with pytest.raises(DataError, match="no ids"):
        read_item_ids(path)


def test_a_glob_of_item_lists_is_read_completely(tmp_path):
    (tmp_path / "a.txt").write_text("1\n2\n")
    (tmp_path / "b.csv").write_text("item,title\n2,Two\n3,Three\n")
    assert read_item_ids(tmp_path / "[ab].*") == ("1", "2", "3")
