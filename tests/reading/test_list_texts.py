"""Texts that represent lists are recognized, and titles in brackets are not."""

import ast
import re

import pandas as pd
import pytest

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

pytestmark = pytest.mark.thorough  # many notations


def test_ids_that_only_look_like_lists_are_kept(tmp_path):
    titles = ["[REC] (2007)", "[4]", "(500) Days of Summer", "['71]", "{}", "Heat", "M", "Up", "9"]
    path = tmp_path / "t.csv"
    pd.DataFrame({"user": "a", "item": titles}).to_csv(path, index=False)
    assert set(read_interactions(path).item_ids) == set(titles)
    brackets = [f"[{name}]" for name in ("Heat", "Up", "REC")]
    pd.DataFrame({"user": "a", "item": brackets}).to_csv(path, index=False)
    assert set(read_interactions(path).item_ids) == set(brackets)


WRITTEN = {
    "DuckDB": "[i{0}, i{1}]",
    "PostgreSQL": "{{i{0},i{1}}}",
    "NumPy with nan": "[ {0}. nan]",
    "Python with nan": "[nan, {0}.0]",
    "NumPy's repr": "array([{0}, {1}])",
    "frozenset": "frozenset({{{0}, {1}}})",
    "objects": "[UUID('{0}'), {1}]",
    "Scala": "List(i{0}, i{1})",
    "NumPy's texts": "['i{0}' 'i{1}']",
    "nested": "[[{0}, x], [{1}]]",
    "lines": "[{0}\n {1}]",
}


# The elements of the list of 7 and 8 in each notation; None if it is not read as a list of items.
ELEMENTS = {
    "DuckDB": ["i7", "i8"],
    "PostgreSQL": ["i7", "i8"],
    "NumPy with nan": ["7."],
    "Python with nan": ["7.0"],
    "NumPy's repr": ["7", "8"],
    "frozenset": ["7", "8"],
    "objects": None,
    "Scala": ["i7", "i8"],
    "NumPy's texts": ["i7", "i8"],
    "nested": None,
    "lines": ["7", "8"],
}


def with_lists(role, written):
    """Return a frame with a list in most rows of one column, in some notation."""
    frame = pd.DataFrame({"user": "a", "item": "x", "rating": 1}, index=range(7))
    frame[role] = [written.format(k, k + 1) for k in range(4)] + ["i1", "i2", "i3"]
    return frame


@pytest.mark.parametrize("written", WRITTEN.values(), ids=WRITTEN)
def test_lists_of_users_and_in_catalogues_are_errors_in_every_notation(tmp_path, written):
    path = tmp_path / "t.csv"
    for role, read in (
        ("user", read_interactions), ("user", read_ratings), ("item", read_catalogue),
    ):  # fmt: skip
        frame = with_lists(role, written)
        frame = frame.drop(columns="user") if read is read_catalogue else frame
        frame.to_csv(path, index=False)
        for source in (path, frame):
            with pytest.raises(DataError, match=f"'{role}' contains lists, such as"):
                read(source)


@pytest.mark.parametrize("read", [read_interactions, read_ratings])
@pytest.mark.parametrize("notation", WRITTEN)
def test_lists_of_items_are_read_in_every_notation(tmp_path, read, notation):
    path = tmp_path / "t.csv"
    frame = with_lists("item", WRITTEN[notation])
    frame.loc[0, "item"] = WRITTEN[notation].format(7, 8)
    frame.to_csv(path, index=False)
    for source in (path, frame):
        if ELEMENTS[notation] is None:
            with pytest.raises(DataError, match="'item' contains lists, such as"):
                read(source)
        else:
            elements = set(ELEMENTS[notation])
            assert elements | {"i1", "i2", "i3"} <= set(read(source).item_ids)


@pytest.mark.parametrize("text", ["[a's, b]", '["a, b", "c\\u00e9"]', "['it\\'s', \"x\"]"])
def test_quoted_elements_are_those_of_python(text):
    """Where Python can read the list at all, which the first one is not."""
    read = read_interactions(pd.DataFrame({"user": ["a", "b"], "item": [text, "[y, z]"]}))
    try:
        expected = set(ast.literal_eval(text))
    except SyntaxError:
        expected = {"a's", "b"}
    assert set(read.item_ids) == expected | {"y", "z"}


@pytest.mark.parametrize(
    ("cells", "items"),
    [
        (["[4, 5]", "6", "7", "8,9"], ["4", "5", "6", "7", "8", "9"]),
        (["{a,b}", "{}", "{NULL}", "c", "d", "e|f"], ["a", "b", "c", "d", "e", "f"]),
        (["[4, nan]", "[None]", '["NaN", "\\\\N", "x"]', "[4, 5"], ["4", "x"]),
    ],
)
def test_cells_with_and_without_brackets_are_read_one_by_one(tmp_path, cells, items):
    frame = pd.DataFrame({"user": range(len(cells)), "items": cells})
    frame.to_csv(tmp_path / "t.csv", index=False)
    for source in (frame, tmp_path / "t.csv"):
        assert read_interactions(source).item_ids == tuple(items)


@pytest.mark.parametrize(
    "text", ["[1 2 3 ... 97 98 99]", "[1, 2, 3, ..., 98]", "['a' 'b' ... 'z']"]
)
def test_lists_that_were_shortened_when_they_were_printed_are_refused(text):
    frame = pd.DataFrame({"user": ["a", "b"], "items": [text, "[3, 4]"]})
    with pytest.raises(DataError, match=r"shortened when they were printed.*Parquet"):
        read_interactions(frame)


@pytest.mark.parametrize("text", ["Counter({'a': 3, 'b': 1})", "tensor([0, 1])", "range(0, 5)"])
def test_objects_that_python_printed_are_not_split(text):
    frame = pd.DataFrame({"user": ["a", "b"], "items": [text, text]})
    with pytest.raises(DataError, match="item"):
        read_interactions(frame)


@pytest.mark.parametrize("empty", ["set()", "frozenset()", "[]", "array([], dtype=int64)"])
def test_empty_lists_are_records_without_an_item(empty):
    items = [empty] * 3 + ["[i0, i1]", "[i1, i2]", "x", "y"]
    read = read_interactions(pd.DataFrame({"user": list("aaaabcd"), "item": items}))
    assert read.item_ids == ("i0", "i1", "i2", "x", "y")
    assert read.report.dropped["item missing"].count == 3
    assert read.report.rows_read == 9


@pytest.mark.parametrize(
    "items",
    [
        ["[4]", "[REC]", "[Heat]", "Up"],
        ["{0F8FAD5B-D9CB-469F-A165-70867728950E}", "{7C9E6679-7425-40DE-944B-E07FC1F90AE7}"],
        ["(Untitled)", "(T)", "[ REC ]", "[a, ]"],
        ["(500) Days (2009)", "[REC], [REC 2]", "(a, b) and (c, d)", "(not set)"],
    ],
    ids=["titles", "GUIDs", "blanks", "several brackets"],
)
def test_brackets_without_a_separator_are_no_lists(items):
    read = read_interactions(pd.DataFrame({"user": "a", "item": items}))
    assert set(read.item_ids) == set(items)
    assert not any("lists" in note for note in read.report.notes)


def late(lists, n_items, n_before=10_000):
    """A frame whose first records name some items, and whose last ones hold lists of them."""
    items = [f"i{k % n_items}" for k in range(n_before)] + lists
    users = [f"u{k % 50}" for k in range(len(items))]
    return pd.DataFrame({"user": users, "item": items, "rating": 1})


@pytest.mark.parametrize("read", [read_interactions, read_ratings, read_catalogue])
def test_lists_after_the_first_records_are_an_error_where_half_of_the_ids_are_lists(read):
    frame = late([f"[i{k}, i{k + 1}]" for k in range(20)], 20)
    frame = frame.drop(columns="user") if read is read_catalogue else frame
    with pytest.raises(DataError, match=r"'item' contains lists, such as '\[i0, i1\]'"):
        read(frame)


def test_few_lists_are_noted():
    lists = [f"[i{k}, i{k + 1}]" for k in range(3)]
    frame = late(lists, 20, 100)
    for notes in (read_interactions(frame).report.notes, read_catalogue(frame[["item"]]).notes):
        (note,) = [note for note in notes if "lists" in note]
        assert note.startswith("3 item ids")
        assert "'[i0, i1]'" in note
        assert "explode" in note
    one = read_interactions(late(lists[:1], 20, 100))
    assert not any("lists" in note for note in one.report.notes)
    frame = frame.rename(columns={"user": "item", "item": "user"})
    notes = read_interactions(frame).report.notes
    assert any(note.startswith("3 user ids look like lists") for note in notes)


def joined_notes(ids):
    """Return the notes on joined lists in the report of these items."""
    read = read_interactions(pd.DataFrame({"user": "a", "item": ids}))
    return [note for note in read.report.notes if "joined" in note]


@pytest.mark.parametrize("separator", ["|", ";", " | "])
def test_joined_lists_are_noted_where_their_parts_are_shared(separator):
    pairs = [f"i{k}{separator}i{j}" for k in range(5) for j in range(5)]
    (note,) = joined_notes(pairs)
    assert f"'{separator.strip()}'" in note
    assert f"'i0{separator}i0'" in note
    assert "split and explode" in note
    assert joined_notes([*pairs, "i1", "i2"]) == [note]  # 25 of 27
    assert not joined_notes([*pairs, "i1", "i2", "i3"])  # 25 of 28
    assert not joined_notes(pairs[:19])
    assert not joined_notes([f"shop{separator}i{k}" for k in range(25)])  # 26 parts, 25 ids
    assert not joined_notes([f"i{k}{separator.strip()}" for k in range(25)])


@pytest.mark.parametrize(
    "lists", [["[i0, i1]", "[i2, i0]"], ["{i0,i1}", "{i2,i0}"], ["[0 1]", "[2 0]"], ["[1, 2]"] * 2]
)
def test_the_remedy_in_the_message_works(lists):
    frame = pd.DataFrame({"user": ["a", "b"], "item": lists})
    with pytest.raises(DataError) as caught:
        read_interactions(frame, layout="rows")
    parsing, explode = str(caught.value).split("in pandas with ")[1].split(", then ")
    frame["item"] = eval(parsing, {"frame": frame, "ast": ast})
    read = read_interactions(eval(explode, {"frame": frame}), layout="rows")
    assert set(read.item_ids) == set(re.findall(r"\w+", "".join(lists)))
    assert len(read.items) == 4


@pytest.mark.parametrize("text", ["['i0' 'i1']", "array([1, 2])", "[UUID('a'), 1]"])
def test_no_remedy_is_named_that_would_make_other_lists(text):
    frame = pd.DataFrame({"user": ["a"], "item": [text]})
    with pytest.raises(DataError, match="once the texts are parsed into lists, in pandas with"):
        read_interactions(frame, layout="rows")


@pytest.mark.parametrize(
    "items",
    [
        ["(Live, 2009)"] * 50 + [f"i{n}" for n in range(5)],
        [f"[Study number {n}]" for n in range(20)],
        [f"(Part {n}, {n + 1})" for n in range(20)],
        ["[Bill, 2009]"] * 60 + ["[Alone]", "x"],
    ],
    ids=["one popular title", "titles in brackets", "titles in parentheses", "one with a comma"],
)
def test_titles_that_look_like_lists_are_read(items):
    read = read_interactions(pd.DataFrame({"user": range(len(items)), "item": items}))
    assert set(read.item_ids) == set(items)


def test_a_single_user_in_parentheses_is_read():
    frame = pd.DataFrame({"user": ["(Smith, John)"] * 30, "item": [f"i{n}" for n in range(30)]})
    assert read_interactions(frame).user_ids == ("(Smith, John)",)
