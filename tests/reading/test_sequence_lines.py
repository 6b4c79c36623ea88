"""Headers, counts, padding and sizes beside sequences, and first fields that are nearly users."""

import pytest
from reading_helpers import counts, histories_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many notations, each of which is read from a file

ITEMS = [["1", "2", "3"], ["2", "4"], ["1", "4", "5"], ["3", "5"], ["2", "3", "1"], ["5", "2", "4"]]
LINES = "".join(f"{user} {' '.join(items)}\n" for user, items in enumerate(ITEMS, 1))
GRAPH = {str(user): items for user, items in enumerate(ITEMS, 1)}


def padded(rows, pad="", width=3):
    return "".join(",".join([*row, *[pad] * (width - len(row))]) + "\n" for row in rows)


def names(*words):
    return [[f"{words[int(item) % len(words)]} {item}" for item in items] for items in ITEMS]


@pytest.mark.parametrize("kinds", [("Movie",), ("Movie", "Film", "Book")])
@pytest.mark.parametrize("delimiter", [",", "\t"])
@pytest.mark.parametrize("style", ["json", "joined"])
def test_names_of_columns_in_lists_are_no_header(tmp_path, kinds, delimiter, style):
    histories = {f"u{user}": items for user, items in enumerate(names(*kinds))}
    text = f"user_id{delimiter}items\n"
    for user, items in histories.items():
        quoted = ", ".join(f'""{item}""' for item in items)
        cell = f"[{quoted}]" if style == "json" else ", ".join(items)
        text += f'{user}{delimiter}"{cell}"\n'
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert histories_of(read) == histories
    assert not any("skipped" in note for note in read.report.notes)


@pytest.mark.parametrize("kinds", [("Movie",), ("item",), ("Movie", "Film")])
@pytest.mark.parametrize("layout", ["auto", "sequences"])
def test_a_first_basket_of_numbered_names_is_no_header(tmp_path, kinds, layout):
    baskets = names(*kinds)
    path = write(tmp_path / "t.csv", "".join(",".join(items) + "\n" for items in baskets))
    assert list(histories_of(read_interactions(path, layout=layout)).values()) == baskets


def test_a_first_basket_of_words_that_recur_is_no_header(tmp_path):
    path = write(tmp_path / "t.csv", "film,book\nbook,jam,film\nmilk,book\njam,film,milk\n")
    read = read_interactions(path, layout="sequences", user="none")
    assert histories_of(read)["1"] == ["film", "book"]


def test_a_header_stays_one_if_ids_look_like_its_names(tmp_path):
    text = "user,item_1,item_2\nu1,item_1,item_2\nu2,item_17,\n"
    read = read_interactions(write(tmp_path / "t.csv", text), layout="sequences")
    assert histories_of(read) == {"u1": ["item_1", "item_2"], "u2": ["item_17"]}


@pytest.mark.parametrize("header", ["Item(s),Item 1,Item 2,Item 3\n", ""])
@pytest.mark.parametrize("layout", ["auto", "sequences"])
@pytest.mark.parametrize("pad", ["", "nan"])
def test_a_count_of_the_items_in_padded_lines_is_no_item(tmp_path, header, layout, pad):
    rows = [[str(len(items)), *(f"g{item}" for item in items)] for items in ITEMS]
    path = write(tmp_path / "groceries.csv", header + padded(rows, pad, 4))
    read = read_interactions(path, layout=layout)
    assert list(histories_of(read).values()) == [row[1:] for row in rows]
    assert any("the number of its items" in note for note in read.report.notes)


@pytest.mark.parametrize("pad", ["", "nan", "NaN", "None"])
@pytest.mark.parametrize("has_index", [True, False])
def test_padded_tables_of_pandas_are_baskets(tmp_path, pad, has_index):
    baskets = [[f"g{item}" for item in items] for items in ITEMS]
    rows = [["", "0", "1", "2"][not has_index :]]
    rows += [[str(n), *items][not has_index :] for n, items in enumerate(baskets)]
    path = write(tmp_path / "t.csv", padded(rows, pad, 3 + has_index))
    read = read_interactions(path, layout="sequences", user="none")
    assert list(histories_of(read).values()) == baskets


def test_an_index_before_users_is_ignored(tmp_path):
    text = ",user,item1,item2\n0,u1,a,b\n1,u2,b,\n"
    read = read_interactions(write(tmp_path / "t.csv", text), layout="sequences")
    assert histories_of(read) == {"u1": ["a", "b"], "u2": ["b"]}


def test_a_first_basket_that_counts_is_no_header(tmp_path):
    """As in retail.dat, whose items are numbered in the order in which they occur."""
    path = write(tmp_path / "retail.dat", "0 1 2\n1 3 4\n0 5 2\n6 1 0\n")
    read = read_interactions(path, layout="sequences", user="none")
    assert histories_of(read)["1"] == ["0", "1", "2"]


@pytest.mark.parametrize(
    "head",
    [
        "6 5\n",
        "40\n",
        "6 5 16\n",
        "n_users=40 n_items=20\n",
        "users: 40, items: 20\n",
        "% a comment without numbers\n%\n",
        "# 6 users, 5 items\n",
        "% user items\n",
    ],
)
def test_sizes_and_comments_before_users_are_skipped(tmp_path, head):
    read = read_interactions(write(tmp_path / "train.txt", head + LINES))
    assert histories_of(read) == GRAPH
    assert any("skipped" in note for note in read.report.notes)


def test_users_of_joined_files_ascend_in_each(tmp_path):
    read = read_interactions(write(tmp_path / "all.txt", LINES + LINES))
    assert histories_of(read) == {user: items * 2 for user, items in GRAPH.items()}


def test_a_placeholder_at_the_beginning_of_many_lines_is_a_user(tmp_path):
    text = LINES.replace("\n", "\n-1 4 5 2\n-1 2 4\n")
    read = read_interactions(write(tmp_path / "t.txt", text))
    assert histories_of(read) == {**GRAPH, "-1": ["4", "5", "2", "2", "4"] * 6}
    big = "".join(f"{user} {user % 7} {user % 5}\n-1 3\n-1 4 2\n" for user in range(30))
    with pytest.raises(DataError, match="user '-1'"):
        read_interactions(write(tmp_path / "big.txt", big))
    read = read_interactions(tmp_path / "big.txt", anonymous="drop")
    assert counts(read) == {"placeholder user": 30 * 3}


def test_a_few_users_with_several_lines_are_asked_about(tmp_path):
    text = LINES + "6 3\n7 2 1\n3 1 2\n8 1 2 3 4\n9 1 3 4\n10 2 4\n11 2 5 1 4\n"
    with pytest.raises(DataError, match="not clear whether it begins with a user"):
        read_interactions(write(tmp_path / "t.txt", text))


def test_longer_lines_of_a_table_without_a_header_are_mentioned(tmp_path):
    """As in a file of one item for most users, beside the training file of a graph recommender."""
    text = "".join(f"{user} {7 + user % 5}\n" for user in range(1, 20)) + "20 10 2 18\n"
    path = write(tmp_path / "test.txt", text)
    with pytest.raises(DataError, match=r"some lines are longer: give layout='sequences'"):
        read_interactions(path)
    read = read_interactions(path, layout="sequences")
    assert histories_of(read)["20"] == ["10", "2", "18"]


def test_lists_of_names_without_a_header_are_named(tmp_path):
    rows = [f"u{user}\t{', '.join(items)}\n" for user, items in enumerate(names("Movie"))]
    path = write(tmp_path / "t.tsv", "".join(rows))
    with pytest.raises(DataError, match=r"column0='u0'.*layout='sequences' if a text"):
        read_interactions(path)
    read = read_interactions(path, layout="sequences")
    assert list(histories_of(read).values()) == names("Movie")


def test_malformed_records_in_a_second_file_are_no_sequences(tmp_path):
    write(tmp_path / "a.csv", "1,13\n2,14\n3,5\n")
    write(tmp_path / "b.csv", "4,13\n5,14\n6,5,8\n7,3,x\n8\n")
    read = read_interactions(tmp_path / "*.csv", user="column0", item="column1")
    assert counts(read) == {"malformed record": 3}


@pytest.mark.parametrize(
    "baskets", [[["a", "nan"]], [["a", "b"], ["c", "nan"], ["b", "a"]], [["NA"]]]
)
def test_words_for_missing_values_are_items_unless_they_pad(tmp_path, baskets):
    path = write(tmp_path / "t.csv", padded(baskets, width=0))
    read = read_interactions(path, layout="sequences", user="none", delimiter=",")
    assert list(histories_of(read).values()) == baskets


def test_there_is_no_header_if_columns_have_no_names(tmp_path):
    path = write(tmp_path / "t.csv", "Movie,a\nb,c,d\nc,a\n")
    read = read_interactions(path, layout="sequences", user="column0")
    assert histories_of(read) == {"Movie": ["a"], "b": ["c", "d"], "c": ["a"]}
