"""Lines with a list each: in brackets, or after a mark behind the user."""

import pytest
from reading_helpers import counts, histories_of, write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many notations, each of which is read from a file

ITEMS = [["1", "2", "3"], ["2", "4"], ["1", "4", "5"], ["3", "5"], ["2", "3", "1"], ["5", "2", "4"]]
BRACKETS = {"json": "[{}]", "python": "({})", "postgres": "{{{}}}"}


def text_of(lines):
    return "".join(f"{line}\n" for line in lines)


@pytest.mark.parametrize("header", ["", "items\n"])
@pytest.mark.parametrize("form", ["['{}']", "('{}')", "[{}]", "({})", "{{{}}}"])
def test_a_list_in_brackets_in_each_line_is_a_history(tmp_path, form, header):
    histories = [[f"i{item}" if "'" in form else item for item in items] for items in ITEMS]
    joiner = "', '" if "'" in form else ", "
    lines = [form.format(joiner.join(items)) for items in histories]
    read = read_interactions(write(tmp_path / "t.txt", header + text_of(lines)))
    assert list(histories_of(read).values()) == histories


@pytest.mark.parametrize("mark", [":", ": ", " : ", "=", " = ", " -> ", "->", " => "])
@pytest.mark.parametrize("separator", [",", ", ", " ", ";", "|"])
@pytest.mark.parametrize("user", ["", "u", "playlist "])
def test_a_mark_between_user_and_items_is_no_part_of_either(tmp_path, mark, separator, user):
    lines = [f"{user}{n}{mark}{separator.join(items)}" for n, items in enumerate(ITEMS)]
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)))
    assert histories_of(read) == {f"{user}{n}": items for n, items in enumerate(ITEMS)}


@pytest.mark.parametrize("mark", [":", ": ", "=", " -> ", " ", ",", ";", "\t"])
@pytest.mark.parametrize("form", ["[{}]", "['{}']"])
def test_lists_in_brackets_follow_any_mark(tmp_path, mark, form):
    joiner = "', '" if "'" in form else ", "
    lines = [f"u{n}{mark}{form.format(joiner.join(items))}" for n, items in enumerate(ITEMS)]
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)))
    assert histories_of(read) == {f"u{n}": items for n, items in enumerate(ITEMS)}


def test_quoted_items_of_such_lists_may_hold_the_separator(tmp_path):
    lines = ["u1: ['Good, Bad', 'Up']", 'u2: ["Up", "Heat: 2"]', "u3: ['Heat: 2']"]
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)))
    assert histories_of(read) == {
        "u1": ["Good, Bad", "Up"], "u2": ["Up", "Heat: 2"], "u3": ["Heat: 2"],
    }  # fmt: skip


def test_a_blank_may_separate_a_user_from_joined_codes(tmp_path):
    lines = [f"{n} {','.join(items)}" for n, items in enumerate(ITEMS)]
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)))
    assert histories_of(read) == {str(n): items for n, items in enumerate(ITEMS)}


def test_a_number_with_a_blank_before_other_columns_is_no_user(tmp_path):
    path = write(tmp_path / "t.csv", text_of(f"12 {n:03},{n % 3},5" for n in range(9)))
    with pytest.raises(DataError, match="column0='12 000', column1='0'"):
        read_interactions(path)


def test_lists_of_equal_lengths_need_a_blank_after_the_mark(tmp_path):
    spaced = text_of(["1: 1 2", "2: 2 3", "3: 1 3"])
    read = read_interactions(write(tmp_path / "t.txt", spaced))
    assert histories_of(read) == {"1": ["1", "2"], "2": ["2", "3"], "3": ["1", "3"]}
    dense = write(tmp_path / "d.txt", text_of(["1:1,2", "2:2,3", "3:1,3"]))
    with pytest.raises(DataError, match="column0='1:1'"):
        read_interactions(dense)
    read = read_interactions(dense, layout="sequences")
    assert histories_of(read) == {"1": ["1", "2"], "2": ["2", "3"], "3": ["1", "3"]}


@pytest.mark.parametrize(
    "lines",
    [
        ["a:1,b:2,c:3", "b:2,c:3", "a:1,c:3,d:9,b:2"],
        ["x://1,x://2", "x://3,x://2,x://1", "x://3"],
        ["s:1,2,3", "s:2,4", "s:1,2,5,6"],
    ],
)
def test_colons_in_ids_are_no_marks(tmp_path, lines):
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)), user="none")
    assert list(histories_of(read).values()) == [line.split(",") for line in lines]


def test_times_of_day_are_no_users(tmp_path):
    lines = ["10:30,u1,i1", "10:35,u2,i1,x", "11:03,u1,i2", "11:05,u2,i3", "12:22,u3"]
    read = read_interactions(write(tmp_path / "t.txt", text_of(lines)))
    assert "10" not in read.user_ids
    assert not any("':'" in note for note in read.report.notes)


def test_users_of_such_lines_may_be_ignored_and_have_no_items(tmp_path):
    path = write(tmp_path / "t.txt", text_of(["1: 4 5", "2: 4 6 7", "3: ", "4: 5 6"]))
    read = read_interactions(path)
    assert histories_of(read) == {"1": ["4", "5"], "2": ["4", "6", "7"], "4": ["5", "6"]}
    assert counts(read) == {"item missing": 1}
    assert len(read_interactions(path, user="none").user_ids) == 3


def test_all_files_have_the_layout_of_the_first(tmp_path):
    write(tmp_path / "1.txt", text_of(["1: 4 5", "2: 4 6 7"]))
    write(tmp_path / "2.txt", text_of(["3: 4", "4:"]))
    read = read_interactions(tmp_path / "*.txt")
    assert histories_of(read) == {"1": ["4", "5"], "2": ["4", "6", "7"], "3": ["4"]}


@pytest.mark.parametrize("names", [("test", "train"), ("train", "valid")])
def test_files_with_one_item_per_user_are_read_like_those_beside_them(tmp_path, names):
    one = text_of(f"{n} {7 + n % 3}" for n in range(1, 9))
    several = text_of(f"{n} {' '.join(items)}" for n, items in enumerate(ITEMS * 2, 1))
    for name in names:
        write(tmp_path / f"{name}.txt", several if name == "train" else one)
    for source in (tmp_path, [tmp_path / f"{name}.txt" for name in names]):
        read = read_interactions(source)
        assert len(read.items) == 8 + 2 * 16
        assert sorted(read.user_ids) == sorted(str(n) for n in range(1, 13))
