import gzip
import os
import time

import duckdb
import numpy as np
import pandas as pd
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.genre_lists import split_genres
from item2vec.errors import DataError, ParameterError, UnknownItemError
from item2vec.reading.catalogue import read_catalogue


@pytest.fixture
def films():
    return Catalogue(
        ("1", "2", "3", "4", "Heat"),
        {
            "title": ("Heat", "Alien", "ALIEN", "Solaris", "4"),
            "genres": ("Crime", "", "A|B", "", "C"),
        },
    )


def test_an_id_takes_precedence_over_a_title_unless_titles_are_forced(films):
    assert films.find("Heat") == "Heat"
    assert films.find("Heat", title_only=True) == "1"
    assert films.find("4") == "4"
    assert films.find("4", title_only=True) == "Heat"


def test_a_title_is_found_in_any_letter_case_but_as_written_first(films):
    assert films.find("Alien") == "2"
    assert films.find("ALIEN") == "3"
    assert films.find(" solaris") == "4"


def test_an_ambiguous_title_lists_the_ids(films):
    with pytest.raises(ParameterError, match=r"2 items have the title 'alien'.*2, 3"):
        films.find("alien")


def test_an_unknown_item_is_an_error_that_names_similar_ones(films):
    with pytest.raises(UnknownItemError, match=r"'Solarsi'.*'Solaris' \(4\)"):
        films.find("Solarsi")
    with pytest.raises(UnknownItemError, match="title 'zzz'"):
        films.find("zzz", title_only=True)
    with pytest.raises(UnknownItemError, match="''"):
        films.find("")


def test_without_titles_ids_are_all_there_is():
    ids = Catalogue(("item10", "item11"), {})
    assert ids.find("item10") == "item10"
    with pytest.raises(UnknownItemError, match="nearest are 'item1"):
        ids.find("item1O")
    with pytest.raises(UnknownItemError, match="by its id"):
        ids.find("item10", title_only=True)
    with pytest.raises(UnknownItemError, match="'a'"):
        Catalogue((), {}).find("a")


def test_many_titles_are_searched_at_once():
    words = np.array(["story", "toy", "night", "dark", "love", "king", "lion", "alien", "return"])
    drawn = words[np.random.default_rng(0).integers(0, len(words), (200_000, 2))]
    titles = tuple(f"{a} {b} {k}" for k, (a, b) in enumerate(drawn.tolist()))
    catalogue = Catalogue(tuple(map(str, range(len(titles)))), {"title": titles})
    begin = time.perf_counter()
    with pytest.raises(UnknownItemError, match=r"\(165432\)"):
        catalogue.find(titles[165_432][:-6] + "165423")
    assert time.perf_counter() - begin < 2  # about 0.2 s; difflib alone takes 20


def test_aligned_rows_follow_the_ids_that_are_asked_for(films):
    aligned = films.aligned(["3", "unknown", "1"])
    assert aligned.ids == ("3", "unknown", "1")
    assert aligned.titles == ("ALIEN", "", "Heat")
    assert aligned.genres() == (frozenset("AB"), frozenset(), frozenset({"Crime"}))
    assert Catalogue((), {}).aligned(["a"]).titles is None


def test_a_catalogue_that_does_not_fit_is_refused():
    with pytest.raises(DataError, match="'title'"):
        Catalogue(("1", "2"), {"title": ("a",)})
    with pytest.raises(DataError, match="twice"):
        Catalogue(("1", "1"), {})
    with pytest.raises(DataError, match="7"):
        Catalogue((7,), {})


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("Action|Sci-Fi", {"Action", "Sci-Fi"}),
        ("Action", {"Action"}),
        ("Drama; Sci-Fi, Fantasy", {"Drama", "Sci-Fi, Fantasy"}),
        ("Drama, Comedy ,", {"Drama", "Comedy ,"}),
        ('["Action", "Comedy"]', {"Action", "Comedy"}),
        ("['Action', \"Children's\"]", {"Action", "Children's"}),
        ('[{"id": 28, "name": "Action"}]', {"Action"}),
        ("[Action, Comedy]", {"Action", "Comedy"}),
        ("[]", set()),
        ("(no genres listed)", set()),
        ("", set()),
    ],
)
def test_genres_are_split_in_every_notation(text, genres):
    assert split_genres(text) == genres


# -- reading ----------------------------------------------------------------------------------


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def test_well_known_columns_get_their_names_and_others_keep_theirs(tmp_path):
    text = "Product ID,Year,Product_Name,Category\n007,1999,Pen,Tools\n8,,Cup,\n"
    catalogue = read_catalogue(write(tmp_path / "a.csv", text))
    assert catalogue.ids == ("007", "8")
    assert catalogue.columns == {
        "title": ("Pen", "Cup"),
        "genres": ("Tools", ""),
        "Year": ("1999", ""),
    }
    assert all(name in str(catalogue.notes) for name in ("Product ID", "Product_Name", "Category"))


def test_given_columns_take_precedence(tmp_path):
    path = write(tmp_path / "a.csv", "id,code,title,label,kind\n1,x,A,B,C\n")
    catalogue = read_catalogue(path, item="code", title="label", genres="kind")
    assert catalogue.ids == ("x",)
    # There can be one title: the other column of that name is ignored, with a note.
    assert catalogue.columns == {"title": ("B",), "genres": ("C",), "id": ("1",)}
    assert any("title is ignored" in note for note in catalogue.notes)
    assert read_catalogue(path).ids == ("1",)
    with pytest.raises(ParameterError, match=r"'kin'.*'kind'"):
        read_catalogue(path, genres="kin")


def test_the_first_value_of_an_item_with_several_rows_is_taken(tmp_path):
    text = "item,title,colour\nb, ,\na,A,\nb,B,red\nb,C,blue\n,D,green\nbroken\n"
    catalogue = read_catalogue(write(tmp_path / "a.csv", text))
    assert catalogue.ids == ("b", "a")
    assert catalogue.columns == {"title": ("B", "A"), "colour": ("red", "")}
    assert any("1 malformed" in note for note in catalogue.notes)


def test_only_titles_and_genres_are_taken_from_a_table_of_users(tmp_path):
    text = "CustomerID,StockCode,Description,InvoiceDate\n17850,22,A CUP,2011-01-01\n"
    catalogue = read_catalogue(write(tmp_path / "a.csv", text))
    assert catalogue.columns == {"title": ("A CUP",)}
    assert any("CustomerID" in note for note in catalogue.notes)


def test_movielens_of_1996_is_latin_1(tmp_path):
    text = "1::Toy Story (1995)::Animation|Children's\n2::Misérables, Les (1995)::Drama|Musical\n"
    catalogue = read_catalogue(write(tmp_path / "movies.dat", text.encode("latin-1")))
    assert catalogue.find("misérables, les (1995)") == "2"
    assert catalogue.genres() == ({"Animation", "Children's"}, {"Drama", "Musical"})
    assert any("Latin-1" in note for note in catalogue.notes)
    catalogue = read_catalogue(write(tmp_path / "movies.dat", text))
    assert catalogue.find("misérables, les (1995)") == "2"
    assert not any("Latin-1" in note for note in catalogue.notes)


def test_a_frame_of_items_is_read():
    frame = pd.DataFrame(
        {"id": [1.0, 2.0, np.nan], "name": ["A", None, "C"], "year": [1995.0, 1.5, 2]}
    )
    catalogue = read_catalogue(frame)
    assert catalogue.ids == ("1", "2")
    assert catalogue.columns == {"title": ("A", ""), "year": ("1995", "1.5")}


def test_a_broken_archive_is_an_error(tmp_path):
    text = "item,title\n" + "".join(f"{k},{os.urandom(20).hex()}\n" for k in range(10_000))
    path = write(tmp_path / "a.csv.gz", gzip.compress(text.encode())[:-1000])
    with pytest.raises(DataError, match=r"a\.csv\.gz can't be read"):
        read_catalogue(path)


@pytest.mark.parametrize("text", ["item,title\n", "item,title\n,A\n", "what,title\n1,A\n", ""])
def test_a_table_without_items_is_an_error(tmp_path, text):
    with pytest.raises(DataError, match=r"a\.csv"):
        read_catalogue(write(tmp_path / "a.csv", text))


@pytest.mark.real_data
def test_real_films_are_found(shared_data):
    films = read_catalogue(shared_data / "ml-latest-small" / "movies.csv")
    assert len(films) == 9742
    assert films.find("Toy Story (1995)") == "1"
    assert films.genres()[0] == {"Adventure", "Animation", "Children", "Comedy", "Fantasy"}
    with pytest.raises(UnknownItemError, match=r"'Toy Story \(1995\)' \(1\)"):
        films.find("Toy Stroy (1995)")


@pytest.mark.real_data
def test_real_books_and_goods_are_found(shared_data):
    books = read_catalogue(shared_data / "goodbooks-10k" / "books.csv")
    assert books.find("The Hunger Games (The Hunger Games, #1)") == "1"
    goods = read_catalogue(shared_data / "online-retail" / "online_retail.csv.gz")
    assert len(goods) == 4070
    assert list(goods.columns) == ["title"]
    assert goods.find("WHITE METAL LANTERN") == "71053"


def test_a_title_without_its_year_or_article_is_found_among_the_nearest():
    titles = ("Heat", "Matrix, The (1999)", "Matrix Reloaded, The (2003)", "The Master")
    films = Catalogue(("1", "2", "3", "4"), {"title": titles})
    for name in ("Matrix", "The Matrix", "matrix"):
        with pytest.raises(UnknownItemError, match=r"nearest are 'Matrix, The \(1999\)' \(2\)"):
            films.find(name)


def test_two_catalogues_are_joined_with_the_columns_of_both():
    films = Catalogue(("1", "2"), {"title": ("Alien", "Up"), "year": ("1979", "2009")})
    more = Catalogue(("3",), {"genres": ("Comedy",), "title": ("Heat",)})
    joined = films.joined(more)
    assert joined.ids == ("1", "2", "3")
    assert joined.titles == ("Alien", "Up", "Heat")
    assert joined.columns["year"] == ("1979", "2009", "")
    assert joined.columns["genres"] == ("", "", "Comedy")
    with pytest.raises(DataError, match="twice"):
        films.joined(Catalogue(("2",), {}))


@pytest.mark.parametrize(
    ("text", "genres"),
    [
        ("['x' 'y']", "xy"),
        ("['x'\n 'y']", "xy"),
        ("[[\"x\" 'y']\n ['z']]", "xyz"),
        ("{x,y}", "xy"),
        ("{{x,y},{z,NULL}}", "xyz"),
        ("('x', 'y')", "xy"),
        ("('x',)", "x"),
        ("{'x', 'y'}", "xy"),
        ("frozenset({'x', 'y'})", "xy"),
        ("array(['x', 'y'], dtype=object)", "xy"),
        ("array(['x', 'y'], dtype='<U1')", "xy"),
        ("[array(['x'], dtype=object), array(['y', 'z'], dtype=object)]", "xyz"),
        ("[['x', 'y'], ['z']]", "xyz"),
        ("{'x': 1, 'y': 2}", "xy"),
        ('{"x": true, "y": false}', "x"),
        ('{"id": 28, "name": "x"}', "x"),
        ("[{'id': 28, 'name': 'x'}, {'id': 12, 'name': 'y'}]", "xy"),
        ("['x', nan, None]", "x"),
        ("[28 12]", ["28", "12"]),
        ("{}", ""),
        ("set()", ""),
        ("nan", ""),
        ("None", ""),
        ("NULL", ""),
        (r"\N", ""),
        ('{x,"Sci-Fi, dark"}', ["x", "Sci-Fi, dark"]),
        ("[\"Children's\" 'R&B']", ["Children's", "R&B"]),
        ("[Children's, Rock 'n' Roll]", ["Children's", "Rock 'n' Roll"]),
        ("[REC] | [x]", ["[REC]", "[x]"]),
        ("(500) Days", ["(500) Days"]),
        ("['a]', 'b:)']", ["a]", "b:)"]),
    ],
)
def test_genres_are_lists_in_any_common_notation(tmp_path, text, genres):
    path = tmp_path / "films.csv"
    pd.DataFrame({"item_id": ["1", "2"], "title": ["A", "B"], "genres": [text, "w"]}).to_csv(
        path, index=False
    )
    assert read_catalogue(path).genres() == (frozenset(genres), frozenset("w"))


@pytest.mark.parametrize(
    "value",
    [
        ["x", "y"],
        ("x", "y"),
        {"x", "y"},
        np.array(["x", "y"], dtype=object),
        [["x"], ["y"]],
        [{"id": 28, "name": "x"}, {"id": 12, "name": "y"}],
        {"x": 1, "y": 2},
        "[{'id': 28, 'name': 'x'}, {'id': 12, 'name': 'y'}]",
    ],
    ids=["list", "tuple", "set", "array", "nested", "objects", "dict", "text"],
)
def test_genres_in_a_data_frame_are_lists_of_any_type(value):
    frame = pd.DataFrame({"item_id": ["1", "2"], "title": ["A", "B"], "genres": [value, None]})
    assert read_catalogue(frame).genres() == (frozenset("xy"), frozenset())


@pytest.mark.parametrize(
    "value",
    [
        "['x', 'y']",
        "[['x'], ['y']]",
        "[{'id': 28, 'name': 'x'}, {'id': 12, 'name': 'y'}]",
        "MAP {'x': 1, 'y': 2}",
    ],
)
def test_genres_in_parquet_are_lists_of_any_type(tmp_path, value):
    path = tmp_path / "films.parquet"
    duckdb.execute(f"COPY (SELECT '1' AS item_id, 'A' AS title, {value} AS genres) TO '{path}'")
    assert read_catalogue(path).genres() == (frozenset("xy"),)
