"""The columns of a catalogue: named, called as in the interactions, or well known."""

import json

import pandas as pd
import pytest

import item2vec
from item2vec._support.messages import command_line, renamed
from item2vec.errors import DataError, ParameterError
from item2vec.experiments.item_tables import ITEMS_SETTINGS
from item2vec.reading.catalogue import CatalogueFormat, load_catalogue, read_catalogue
from item2vec.reading.ids.item_ids import read_item_ids


@pytest.fixture
def table(tmp_path):
    """Return a function that writes a table and returns its path."""

    def write(text, name="things.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


# The columns of the tables of items of public data sets: the table's header, then the names of the
# columns of ids, titles and genres.
@pytest.mark.parametrize(
    ("header", "ids", "title", "genres"),
    [
        ("movieId,title,genres", "movieId", "title", "genres"),
        ("ISBN,Book-Title,Book-Author", "ISBN", "Book-Title", None),
        ("book_id,goodreads_book_id,work_id,original_title,title", "book_id", "title", None),
        ("article_id,product_code,prod_name,product_type_name", "article_id", "prod_name",
         "product_type_name"),
        ("product_id,product_name,aisle_id,department_id", "product_id", "product_name", None),
        ("artist_id,artist_name", "artist_id", "artist_name", None),
        ("app_id,app_name,tags", "app_id", "app_name", "tags"),
        ("newsid,category,subcategory,headline", "newsid", "headline", "category"),
        ("MAL_ID,Name,Genres", "MAL_ID", "Name", "Genres"),
        ("business_id,name,categories", "business_id", "name", "categories"),
        ("song_id,genre_ids,artist_name", "song_id", "artist_name", "genre_ids"),
        ("item_id,movie_title,release_year,class", "item_id", "movie_title", "class"),
        ("imdb_id,id,title", "id", "title", None),
        ("id,title,document_id", "id", "title", None),
    ],
)  # fmt: skip
def test_tables_of_public_data_sets_are_understood(table, header, ids, title, genres):
    names = header.split(",")
    source = table(f"{header}\n{','.join(f'of {name}' for name in names)}\n")
    catalogue = read_catalogue(source)
    assert catalogue.ids == (f"of {ids}",)
    assert catalogue.titles == ((f"of {title}",) if title else None)
    assert catalogue.columns.get("genres") == ((f"of {genres}",) if genres else None)


@pytest.mark.parametrize(
    ("header", "user", "item", "time"),
    [
        ("user_id,session_id,click_article_id,click_timestamp", "user_id", "click_article_id",
         "click_timestamp"),
        ("User-ID,ISBN,Book-Rating", "User-ID", "ISBN", None),
        ("user-id,game-title,behavior-name,value", "user-id", "game-title", None),
        ("userid,artist_name,plays", "userid", "artist_name", None),
        ("session,aid,ts,type", "session", "aid", "ts"),
        ("playlist_id,track_uri,artist_name", "playlist_id", "track_uri", None),
        ("household_key,day,product_id", "household_key", "product_id", None),
        ("review_profilename,beer_beerid,review_time", "review_profilename", "beer_beerid",
         "review_time"),
        ("user,check-in time,location id", "user", "location id", "check-in time"),
    ],
)  # fmt: skip
def test_interactions_of_public_data_sets_are_understood(header, user, item, time):
    rows = {name: ["1577836800", "1577836801"] for name in header.split(",")}
    columns = item2vec.read_interactions(pd.DataFrame(rows)).report.columns
    assert (columns["user"], columns["item"], columns.get("time")) == (user, item, time)


def test_a_table_without_a_known_title_says_so_with_a_column_that_may_be_it(table):
    catalogue = read_catalogue(table("id,price,Full Name\n1,2,Lamp\n"))
    (note,) = [note for note in catalogue.notes if "for the title" in note]
    assert note.endswith("as in title='Full Name'")
    with command_line(), renamed(ITEMS_SETTINGS):
        catalogue = read_catalogue(table("id,price,Full Name\n1,2,Lamp\n"))
    assert any(note.endswith("as in --items-title 'Full Name'") for note in catalogue.notes)
    titled = read_catalogue(table("id,price,Full Name\n1,2,Lamp\n"), title="Full Name")
    assert titled.titles == ("Lamp",)
    assert not any("for the title" in note for note in titled.notes)


def test_ids_alone_are_said_to_have_no_title(table):
    assert any("only their ids" in note for note in read_catalogue(table("id\n1\n2\n")).notes)


def test_the_column_that_is_called_as_in_the_interactions_comes_first(table):
    source = table("id,What,title\n1,a,Lamp\n")
    assert load_catalogue(source, CatalogueFormat(as_in="what")).ids == ("a",)
    assert load_catalogue(source, CatalogueFormat(as_in="other")).ids == ("1",)
    assert load_catalogue(source, CatalogueFormat("id", as_in="what")).ids == ("1",)
    titled = load_catalogue(source, CatalogueFormat(title="What", as_in="what"))
    assert (titled.ids, titled.titles) == (("1",), ("a",))


def test_a_position_in_the_interactions_names_no_column_of_the_catalogue(table):
    source = table("1,Lamp,3\n2,Table,4\n")
    with pytest.raises(DataError, match="column0"):
        load_catalogue(source, CatalogueFormat(as_in="column1"))


def train(table, items, **settings):
    """Train on four users with the column "item"; return the titles in the model."""
    frame = pd.DataFrame({"user": list("aabbccdd"), "item": list("12") * 4})
    trainer = item2vec.Word2Vec(epochs=1, vector_size=4, memory=0, workers=1)
    result = item2vec.train(frame, trainer, items=items, min_count=1, **settings)
    return result.model.catalogue.titles


def test_a_column_of_the_same_name_with_other_values_gives_way_to_ids(table):
    source = table("item,item_id\nLamp,1\nTable,2\n")
    assert train(table, source) is None  # read by item_id, and "item" has no known meaning there
    assert train(table, source, items_title="item") == ("Lamp", "Table")


def test_training_takes_the_names_of_the_columns(table):
    source = table("1,Lamp,x\n2,Table,y\n")
    names = {"items_id": "column0", "items_title": "column1", "items_genres": "column2"}
    assert train(table, source, **names) == ("Lamp", "Table")


@pytest.mark.parametrize("items", [None, item2vec.Catalogue(("1", "2"), {})])
def test_names_of_columns_without_a_table_to_read_are_refused(table, items):
    with pytest.raises(ParameterError, match=r"items_id='x'.*name the file .* items"):
        train(table, items, items_id="x")


def test_a_wrong_column_of_ids_is_explained_with_the_argument_that_names_another(table):
    with pytest.raises(DataError, match=r"like 'Lamp'.*'1'.*items_id"):
        train(table, table("name,number\nLamp,1\nTable,2\n"), items_id="name")
    with pytest.raises(DataError, match="items_id='thing'"):
        train(table, table("thing,price\n1,2\n"))


def test_a_list_of_items_names_no_option_that_it_does_not_have(table):
    with command_line(), pytest.raises(DataError, match="call it item") as caught:
        read_item_ids(table("thing,price\n1,2\n"))
    assert "--" not in str(caught.value)


def test_rows_without_an_id_are_counted(table):
    catalogue = read_catalogue(table("item_id,title\n1,Up\n,Heat\n  ,Alien\n2,Solaris\n"))
    assert catalogue.ids == ("1", "2")
    assert "things.csv: 2 rows without an id in column 'item_id' are skipped" in catalogue.notes
    one = read_catalogue(pd.DataFrame({"id": ["1", None], "title": ["Up", "Heat"]}))
    assert "the DataFrame: 1 row without an id in column 'id' is skipped" in one.notes


def test_items_with_different_titles_are_counted_with_an_example(table):
    rows = "1,Up\n2,Heat\n1,Up\n2,Alien\n3,\n3,Solaris\n4,A\n4,B\n4,C\n"
    catalogue = read_catalogue(table(f"item_id,title\n{rows}"))
    assert catalogue.titles == ("Up", "Heat", "Solaris", "A")
    (note,) = [note for note in catalogue.notes if "different titles" in note]
    assert note == (
        "things.csv: 2 items have several rows with different titles, the first of which is used: "
        "'2' is 'Heat' and 'Alien', for example"
    )


def test_a_clean_catalogue_has_no_notes_on_rows(table):
    notes = read_catalogue(table("item_id,title\n1,Up\n2,Heat\n1,Up\n")).notes
    assert not any("row" in note for note in notes)
    assert not any("row" in note for note in read_catalogue(table("item_id\n1\n1\n")).notes)


def test_a_column_of_numbers_is_not_offered_as_the_title(table):
    found = read_catalogue(table("click_article_id,category_id\n1,0\n2,0\n3,1\n"))
    assert any("well-known name for the title" in note for note in found.notes)
    assert not any("category_id" in note for note in found.notes)


def test_an_object_of_titles_is_a_catalogue(tmp_path):
    titles = {f"a{n}": f"Film {n}" for n in range(12)}
    path = tmp_path / "titles.json"
    path.write_text(json.dumps(titles))
    found = read_catalogue(path)
    assert dict(zip(found.ids, found.titles, strict=True)) == titles


def test_titles_with_commas_and_without_quotes_are_explained(table):
    with pytest.raises(DataError, match=r"none of the 2 records.*item, title.*double quotes"):
        read_catalogue(table("item,title\n1,Crouching, Hidden\n2,Good, Bad\n"))


def test_genres_may_be_joined_by_commas_alone(table):
    """As in IMDb's title.basics.tsv."""
    found = read_catalogue(table('item,title,genres\n1,A,"Action,Crime"\n2,B,Drama\n'))
    assert found.genres() == ({"Action", "Crime"}, {"Drama"})
