"""Which lines are sequences, whether they begin with a user, and when the program asks."""

import json
import random

import pytest
from reading_helpers import CLIQUES, USERS, counts, histories_of, lines_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions


def lines(tmp_path, *rows):
    return write(tmp_path / "t.txt", "".join(f"{row}\n" for row in rows))


@pytest.mark.parametrize("delimiter", [" ", "\t", ",", ";"])
def test_baskets_without_a_user_are_found_because_first_items_come_again(tmp_path, delimiter):
    text = "".join(delimiter.join(items) + "\n" for items in CLIQUES)
    read = read_interactions(write(tmp_path / "baskets.txt", text))
    assert histories_of(read) == {str(k): items for k, items in enumerate(CLIQUES, 1)}
    assert any("the items of one anonymous user" in note for note in read.report.notes)
    assert "user" not in read.report.columns


def test_numbers_that_ascend_line_by_line_are_users(tmp_path):
    """As in the benchmark sets of graph recommenders, whose items are numbers, too."""
    histories = {
        str(user): [str((user * 7 + k) % 9) for k in range(1 + user % 4)] for user in range(30)
    }
    read = read_interactions(write(tmp_path / "train.txt", lines_of(histories, " ")))
    assert histories_of(read) == histories


def test_a_table_with_a_few_malformed_records_is_no_sequence(tmp_path):
    lines = [f"{user},i{user % 5},3" for user in range(40)]
    lines[3] += ",x,y"
    lines[7] = "7"
    read = read_interactions(
        write(tmp_path / "t.csv", "\n".join(lines)), user="column0", item="column1"
    )
    assert counts(read) == {"malformed record": 2}
    unknown = "kunde,artikel\n" + "".join(
        f"{user},Up{', Heat' * (user % 3)}\n" for user in range(9)
    )
    with pytest.raises(DataError, match="user='kunde', item='artikel'"):
        read_interactions(write(tmp_path / "unknown.csv", unknown))
    header = "user,item\n" + "".join(f"{user},Good, Bad and {user}\n" for user in range(9))
    with pytest.raises(DataError, match=r"columns of the first one \(user, item\)"):
        read_interactions(write(tmp_path / "h.csv", header))


def test_a_header_of_sequences_is_no_sequence(tmp_path):
    text = "user_id,items\n" + lines_of(USERS, ",")
    assert histories_of(read_interactions(write(tmp_path / "t.csv", text))) == USERS


@pytest.mark.parametrize(
    "rows",
    [
        ["2 14 6 2", "7 13 17"],
        ["1 2 3", "2 4", "5 6 7 8"],
        ["milk,bread", "jam,tea,milk,x"],
        ["9 1 2", "4 1", "8 2 3 1", "2 3", "7 1 2 3 4", "5 2"],
    ],
)
def test_a_few_lines_that_do_not_show_whether_there_are_users_are_asked_about(tmp_path, rows):
    path = lines(tmp_path, *rows)
    if rows[0].startswith("milk"):  # "milk" is not only a first field
        assert set(read_interactions(path).item_ids) >= {"milk", "jam"}
        return
    with pytest.raises(DataError, match=r"not clear.*user='column0'.*user='none'"):
        read_interactions(path)
    assert len(read_interactions(path, user="column0").user_ids) == len(rows)
    n_fields = sum(len(row.split()) for row in rows)
    assert len(read_interactions(path, user="none").items) == n_fields


@pytest.mark.parametrize(
    "text",
    [
        "order_id,product_1,product_2,product_3\n1,a,b,c\n2,a,,\n3,b,c,a\n4,c,b,\n",
        "user_id,item,item.1,item.2\n1,a,b,c\n2,a,,\n3,b,c,a\n4,c,b,\n",
    ],
)
def test_a_header_of_padded_baskets_is_no_basket(tmp_path, text):
    name = text.split(",")[0]
    read = read_interactions(write(tmp_path / "t.csv", text), layout="sequences", user=name)
    assert read.user_ids == ("1", "2", "3", "4")
    assert read.item_ids == ("a", "b", "c")


def test_marks_of_the_ends_of_sequences_are_no_items(tmp_path):
    """The format of SPMF: -1 ends an item set, and -2 a sequence."""
    path = lines(tmp_path, "1 -1 2 -1 3 -1 -2", "4 -1 2 -1 -2", "1 -1 -2", "2 5 -1 7 -1 -2")
    assert list(histories_of(read_interactions(path)).values()) == [
        ["1", "2", "3"], ["4", "2"], ["1"], ["2", "5", "7"],
    ]  # fmt: skip


def test_sorted_baskets_are_asked_about(tmp_path):
    sets = [sorted({k * step % 23 for step in range(1, 2 + k % 4)}) for k in range(1, 60)]
    rows = [" ".join(map(str, items)) for items in sets]
    rows.sort(key=lambda row: int(row.split()[0]))
    with pytest.raises(DataError, match=r"not clear.*user='none'"):
        read_interactions(lines(tmp_path, *rows))


def test_users_that_count_up_are_users_however_few(tmp_path):
    read = read_interactions(lines(tmp_path, "1 13 17 5", "2 14 6 2 18"))
    assert histories_of(read) == {"1": ["13", "17", "5"], "2": ["14", "6", "2", "18"]}


def test_lines_of_equal_length_are_sequences_if_that_is_said(tmp_path):
    path = lines(tmp_path, "0 2 11", "1 13 12", "2 11 13")
    with pytest.raises(DataError, match="layout='sequences' if each line"):
        read_interactions(path)
    read = read_interactions(path, layout="sequences", user="column0")
    assert histories_of(read) == {"0": ["2", "11"], "1": ["13", "12"], "2": ["11", "13"]}
    read = read_interactions(path, user="none")
    assert histories_of(read)["1"] == ["0", "2", "11"]
    named = lines(tmp_path, "ann a b c", "bob b c d")
    with pytest.raises(DataError, match="layout='sequences' if each line"):
        read_interactions(named)
    read = read_interactions(named, layout="sequences", user="column0")
    assert histories_of(read) == {"ann": ["a", "b", "c"], "bob": ["b", "c", "d"]}


@pytest.mark.parametrize("in_lines", [True, False])
def test_json_arrays_of_equal_length_are_sequences_if_that_is_said(tmp_path, in_lines):
    rows = [["2", "11", "5"], ["13", "2", "5"]]
    path = tmp_path / "t.json"
    text = "".join(json.dumps(row) + "\n" for row in rows) if in_lines else json.dumps(rows)
    path.write_text(text)
    read = read_interactions(path, layout="sequences")
    assert list(histories_of(read).values()) == rows
    read = read_interactions(path, layout="sequences", user="user")
    assert histories_of(read) == {"2": ["11", "5"], "13": ["2", "5"]}


def test_baskets_of_mostly_one_item_are_found(tmp_path):
    baskets = [["a"], ["b"], ["a", "c"], ["c"], ["b", "a"]] * 20
    read = read_interactions(lines(tmp_path, *map(" ".join, baskets)))
    assert histories_of(read) == {str(n): items for n, items in enumerate(baskets, 1)}


def test_lines_with_one_field_are_no_users_without_items(tmp_path):
    path = lines(tmp_path, "1", "2", "3", "4 5", "6", "7", "8")
    with pytest.raises(DataError, match="not clear whether it begins with a user"):
        read_interactions(path)


def test_the_number_of_items_at_the_beginning_of_lines_is_no_item(tmp_path):
    """The format of the users of CiteULike and Delicious."""
    folder = tmp_path / "parts"
    folder.mkdir()
    histories = [[f"{3 * n % 17}" for n in range(user, user + 1 + user % 5)] for user in range(30)]
    rows = [" ".join([str(len(items)), *items]) for items in histories]
    write(folder / "1.dat", "\n".join(rows[:20]))
    write(folder / "2.dat", "\n".join(rows[20:]))
    read = read_interactions(folder)
    assert sorted(histories_of(read).values()) == sorted(histories)
    assert any("the number of its items" in note for note in read.report.notes)


def test_a_colon_after_a_user_is_not_part_of_its_id(tmp_path):
    text = [line.replace(" ", ": ", 1) for line in lines_of(USERS, " ").splitlines()]
    assert histories_of(read_interactions(lines(tmp_path, *text))) == USERS


def test_a_first_line_of_many_items_is_read(tmp_path):
    draw = random.Random(0).sample
    histories = {str(user): list(map(str, draw(range(10**5), 30_000))) for user in range(3)}
    path = write(tmp_path / "train.txt", lines_of(histories, " "))
    assert histories_of(read_interactions(path)) == histories
