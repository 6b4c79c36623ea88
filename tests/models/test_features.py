"""Features: the encoding of columns as numbers, values or words."""

import numpy as np
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError
from item2vec.models.cold_items.features import KNOTS, MOST_WORDS, Features


def catalogue(**columns):
    n = len(next(iter(columns.values())))
    return Catalogue(tuple(map(str, range(n))), {k: tuple(v) for k, v in columns.items()})


def test_values_shared_by_two_items_are_features_of_equal_weight():
    films = catalogue(genres=["Comedy|Horror", "horror", "Comedy|Western", "", "Horror|Comedy"])
    features = Features.of(films, ["genres"])
    assert features.names == ("genres: comedy", "genres: horror")  # nobody shares Western
    half = np.sqrt(0.5)
    expected = [[half, half], [0, 1], [1, 0], [0, 0], [half, half]]
    np.testing.assert_allclose(features.encode(films).toarray(), expected, rtol=1e-6)


def test_a_number_is_interpolated_between_its_nearest_knots():
    films = catalogue(price=["1", "2", "4", "8", "?"] + ["2"] * 40)
    features = Features.of(films, ["price"])
    knots = features.columns[0].knots
    assert knots[0] == 1
    assert knots[-1] == 8
    asked = catalogue(price=["0", "1", "8", "100", "", "nonsense", "nan"])
    rows = features.encode(asked).toarray()
    assert rows[0].tolist() == rows[1].tolist() == [1] + [0] * (len(knots) - 1)
    assert rows[2].tolist() == rows[3].tolist() == [0] * (len(knots) - 1) + [1]
    assert not rows[4:].any()
    between = features.encode(catalogue(price=["5"])).toarray()[0]
    assert between @ knots == pytest.approx(5)
    assert np.count_nonzero(between) == 2


def test_knots_are_quantiles():
    numbers = np.random.default_rng(0).exponential(size=2000)
    knots = Features.of(catalogue(n=[repr(x) for x in numbers.tolist()]), ["n"]).columns[0].knots
    assert len(knots) == KNOTS
    inside = np.histogram(numbers, knots)[0]
    assert inside.min() > 0.9 * 2000 / (KNOTS - 1)


def test_a_column_with_few_shared_values_is_encoded_by_words():
    films = catalogue(
        title=["The Thing", "The Thing from Space", "Up", "Space Thing 2", "Heat", "THE HEAT"]
    )
    assert Features.of(films, ["title"]).names == tuple(
        f"title: {word}" for word in ("heat", "space", "the", "thing")
    )


def test_only_the_most_frequent_words_are_kept():
    words = [f"w{n:04}" for n in range(MOST_WORDS + 50)]
    lists = ["|".join(words)] * 2 + ["|".join(words[50:])]
    assert Features.of(catalogue(tags=lists), ["tags"]).names == tuple(
        f"tags: {word}" for word in words[50:]
    )


def test_the_year_is_taken_from_titles_if_there_is_no_column():
    titles = ["Up (2009)", "Heat (1995)", "(500) Days of Summer (2009)", "2001", "Alien (1979) "]
    features = Features.of(catalogue(title=titles), ["year"])
    assert features.names == ("year about 1979", "year about 1995", "year about 2009")
    assert features.encode(catalogue(title=titles)).sum(axis=1).tolist() == [1, 1, 1, 0, 1]
    told = catalogue(title=titles, year=["1", "2", "1", "2", "1"])
    assert Features.of(told, ["year"]).names == ("year about 1", "year about 2")


def test_missing_years_are_taken_from_titles():
    told = catalogue(title=["Up (2009)", "Heat (1995)", "Alien"], year=["", "", "1979"])
    features = Features.of(told, ["year"])
    assert features.names == ("year about 1979", "year about 1995", "year about 2009")
    assert features.encode(told).toarray().argmax(axis=1).tolist() == [2, 1, 0]


def test_column_names_ignore_case_and_may_be_those_of_the_table():
    films = catalogue(genres=["A", "A"], Year=["1999", "2001"])
    assert Features.of(films, ["category"]).names == ("category: a",)
    assert Features.of(films, ["year"]).names == ("year about 1999", "year about 2001")


def test_new_items_without_a_year_in_the_title_have_no_year():
    with pytest.raises(DataError, match="'year' is empty"):
        Features.of(catalogue(title=["Up", "Heat"]), ["year"])
    learned = Features.of(catalogue(title=["Up (2009)", "Heat (1995)"]), ["year"])
    assert not learned.encode(catalogue(title=["Space Saloon"])).toarray().any()


def test_many_shared_authors_are_encoded_as_values():
    authors = [f"First Last{n % 3000}" for n in range(6000)]
    column = Features.of(catalogue(author=authors), ["author"]).columns[0]
    assert not column.is_text
    assert len(column.words) == MOST_WORDS


def test_features_of_columns_are_concatenated():
    films = catalogue(genres=["A|B", "A", "B"], year=["1990", "2000", "2010"])
    both = Features.of(films, ["year", "genres"])
    alone = [Features.of(films, [name]).encode(films).toarray() for name in ("year", "genres")]
    np.testing.assert_array_equal(both.encode(films).toarray(), np.hstack(alone))


@pytest.mark.parametrize(
    ("names", "kind", "told"),
    [
        (["color"], ParameterError, r"no column 'color' among.*\(genres, sku, blank\)"),
        (["year"], ParameterError, "no column 'year'"),
        ([], ParameterError, "one or more"),
        ("genres", ParameterError, "one or more"),
        (["genres", "genres"], ParameterError, "one or more"),
        (["sku"], DataError, "share a value of column 'sku'"),
        (["blank"], DataError, "'blank' is empty"),
    ],
)
def test_columns_that_are_no_features_are_an_error(names, kind, told):
    films = catalogue(genres=["A", "A", "B"], sku=["x1", "x2", "x3"], blank=["", " ", ""])
    with pytest.raises(kind, match=told):
        Features.of(films, names)


def test_encoding_a_catalogue_without_a_column_is_an_error():
    features = Features.of(catalogue(genres=["A", "A"]), ["genres"])
    with pytest.raises(ParameterError, match="no column 'genres'"):
        features.encode(catalogue(title=["Up"]))
