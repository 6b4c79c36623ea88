"""Text files as they come: typed headers, blanks, no header, comments and preambles."""

import shlex

import pandas as pd
import pytest
from click.testing import CliRunner
from reading_helpers import counts, histories_of, write

from item2vec._support.messages import command_line
from item2vec.cli import main
from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions

PAIRS = [("1", "13"), ("1", "17"), ("2", "14"), ("2", "13"), ("3", "17")]
HISTORIES = {"1": ["13", "17"], "2": ["14", "13"], "3": ["17"]}
NAMED = {"user": "column0", "item": "column1"}


def text_of(delimiter, head="", ending="\n"):
    return head + "".join(delimiter.join(pair) + ending for pair in PAIRS)


def test_types_in_a_header_are_no_part_of_the_names(tmp_path):
    head = "user_id:token\titem_id:token\trating:float\ttimestamp:float\n"
    path = write(tmp_path / "set.inter", head + "1\t13\t4.0\t20\n1\t17\t4.0\t10\n")
    read = read_interactions(path, keep_times=True)
    assert histories_of(read) == {"1": ["17", "13"]}
    assert read.report.columns["time"] == "timestamp"
    items = write(
        tmp_path / "set.item",
        "item_id:token\tmovie_title:token_seq\tclass:token_seq\n13\tHeat (1995)\tCrime Drama\n",
    )
    catalogue = read_catalogue(items)
    assert catalogue.columns["title"] == ("Heat (1995)",)
    assert read_interactions(path, user="user_id", item="item_id:token").user_ids == ("1",)


@pytest.mark.parametrize("delimiter", [" ", "   "])
@pytest.mark.parametrize("head", ["", "user item\n", "user  item\n"])
def test_blanks_separate_columns_where_nothing_else_does(tmp_path, delimiter, head):
    path = write(tmp_path / "pairs.txt", text_of(delimiter, head))
    named = {} if head else NAMED
    assert histories_of(read_interactions(path, **named)) == HISTORIES
    mixed = text_of(delimiter, head).replace("7", "7 \t").replace("1 ", "1\t ")
    assert (
        histories_of(read_interactions(write(tmp_path / "mixed.txt", mixed), **named)) == HISTORIES
    )
    path = write(tmp_path / "pairs.txt", text_of(delimiter, head).replace("\n", " \r\n  "))
    assert histories_of(read_interactions(path, **named)) == HISTORIES


def test_records_with_other_numbers_of_columns_are_malformed(tmp_path):
    lines = [f"{user} i{user % 3}" for user in range(20)]
    lines[4] += " x"
    lines[6] = "7"
    read = read_interactions(write(tmp_path / "t.txt", "\n".join(lines)), **NAMED)
    assert counts(read) == {"malformed record": 2}
    assert read.report.dropped["malformed record"].places == ("t.txt record 5", "t.txt record 7")


@pytest.mark.parametrize(
    "text",
    [
        "user, item\nann, a\nann, b c\nbob, a\n",
        'user, item\nann, "a"\n"ann", b c\nbob, a\n',
        " user | item \n------+------\n ann  | a\n ann  | b c\n bob  | a\n",
        "+------+------+\n| user | item |\n+------+------+\n| ann  | a    |\n| ann  | b c  |\n"
        "| bob  | a    |\n+------+------+\n",
        "| user | item |\n|------|:-----|\n| ann  | a    |\n| ann | b c |\n| bob | a |\n",
    ],
    ids=["commas", "quotes", "psql", "MySQL", "Markdown"],
)
def test_padding_of_fields_is_no_part_of_ids(tmp_path, text):
    read = read_interactions(write(tmp_path / "t.txt", text))
    assert histories_of(read) == {"ann": ["a", "b c"], "bob": ["a"]}
    assert not read.report.dropped


def test_an_id_with_a_space_in_some_records_stays(tmp_path):
    path = write(tmp_path / "t.csv", "user,item\nann, a\nann,a\n")
    assert read_interactions(path).item_ids == (" a", "a")


def test_titles_of_two_words_are_one_column(tmp_path):
    path = write(tmp_path / "t.csv", "user,item\n1,Toy Story\n2,Star Wars\n")
    assert read_interactions(path).item_ids == ("Star Wars", "Toy Story")


@pytest.mark.parametrize(
    "head",
    [
        "# user item\n",
        "#user,item\n",
        "# Plays of 2020\n# made by us\n\n",
        "% bip unweighted\n% 5 3 3\n",
        "// a comment, with a comma, and another\n",
        "Report of plays\n\nuser,item\n",
        "Shop: ACME; plays\nfrom 2020, to 2021, all shops\nuser_id,item_id\n",
    ],
)
def test_lines_before_the_records_are_skipped_and_noted(tmp_path, head):
    path = write(tmp_path / "t.csv", text_of(",", head))
    named = {} if "user" in head and "item" in head and "# user" not in head else NAMED
    read = read_interactions(path, **named)
    assert histories_of(read) == HISTORIES
    assert any("skipped" in note and head.split("\n")[0] in note for note in read.report.notes)


def test_the_places_of_records_count_the_lines_before_them(tmp_path):
    path = write(tmp_path / "t.csv", "# a\n# b\nuser,item\n1,13\n,14\n")
    places = read_interactions(path).report.dropped["user missing"].places
    assert places == ("t.csv record 5",)


def test_the_sizes_of_a_matrix_are_no_record(tmp_path):
    text = "%%MatrixMarket matrix coordinate integer general\n% ratings\n4 4 5\n"
    text += "1 2 5\n1 3 4\n2 3 4\n3 1 2\n4 2 1\n"
    read = read_interactions(write(tmp_path / "t.mtx", text), **NAMED)
    assert histories_of(read) == {"1": ["2", "3"], "2": ["3"], "3": ["1"], "4": ["2"]}


def test_a_first_record_whose_values_recur_is_no_header(tmp_path):
    path = write(tmp_path / "t.csv", "ann,apple\nann,pear\nbob,apple\n")
    with pytest.raises(DataError, match="column0='ann', column1='apple'"):
        read_interactions(path)


def test_the_null_of_databases_is_a_missing_value(tmp_path):
    path = write(tmp_path / "t.csv", "user,item\nann,\\N\nann,x\n")
    assert counts(read_interactions(path)) == {"item missing": 1}


@pytest.mark.parametrize("delimiter", [",", " ", "\t"])
def test_names_of_rows_as_r_writes_them_are_a_column_without_a_name(tmp_path, delimiter):
    rows = [['"user"', '"item"'], ['"1"', '"ann"', '"a"'], ['"2"', '"bob"', '"b c"']]
    rows += [[f'"{n}"', '"cid"', '"a"'] for n in range(3, 9)]
    text = "".join(delimiter.join(row) + "\n" for row in rows)
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert histories_of(read) == {"ann": ["a"], "bob": ["b c"], "cid": ["a"] * 6}


def test_columns_of_one_name_are_noted(tmp_path):
    read = read_interactions(write(tmp_path / "t.csv", "user,item,Item\nann,a,b\n"))
    assert read.item_ids == ("a",)
    assert any(note.endswith("2 columns are called 'item': the first one is used")
               for note in read.report.notes)  # fmt: skip


def test_excels_declaration_of_the_separator_is_obeyed(tmp_path):
    path = write(tmp_path / "t.csv", "sep=;\nuser;item\n1;a,b\n2;c\n")
    assert read_interactions(path).item_ids == ("a,b", "c")


def test_records_that_begin_like_comments_are_records(tmp_path):
    path = write(tmp_path / "t.csv", "#love,#cats\n#love,#dogs\njoy,#cats\n")
    assert read_interactions(path, **NAMED).user_ids == ("#love", "joy")
    path = write(tmp_path / "h.csv", "user,item\n#a,1\n#b,2\n")
    assert read_interactions(path).user_ids == ("#a", "#b")


RATINGS = "".join(f"A{n % 9},B{n % 5:05},{n % 5 + 1}.0,{1252800000 + n}\n" for n in range(45))


def test_one_message_names_all_columns_that_are_missing(tmp_path):
    path = write(tmp_path / "ratings only.csv", RATINGS)
    with pytest.raises(DataError) as caught:
        read_interactions(path)
    for part in (
        "no header",
        "column0='A0', column1='B00000', column2='1.0', column3='1252800000'",
        "user='column0', item='column1', time='column3'",
    ):
        assert part in str(caught.value)
    with pytest.raises(DataError, match="item='column1', time='column3'"):
        read_interactions(path, user="column0")
    with pytest.raises(DataError, match="user='column0', time='column3'"):
        read_interactions(path, item="column1")
    notes = read_interactions(path, **NAMED).report.notes
    assert any("time='column3'" in note for note in notes)
    assert not any("column2" in note for note in notes)


def test_the_command_in_the_message_can_be_pasted(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "ratings only.csv", RATINGS)
    words = ["split", "ratings only.csv", "-o", "parts"]
    result = CliRunner().invoke(main, words)
    assert result.exit_code == 1
    command = result.stderr.strip().split("check is: ")[1]
    assert shlex.split(command)[:3] == ["item2vec", "split", "ratings only.csv"]
    result = CliRunner().invoke(main, shlex.split(command)[1:])
    assert result.exit_code == 0, result.stderr
    assert "read 45, kept 45" in result.stderr


def test_the_guess_goes_by_names_and_values(tmp_path):
    """A receipt belongs to one customer, so these two are no user and item."""
    lines = [
        f"{n // 2};K{n // 4};A-0{n * 7 % 9};1;{1 + n % 28:02}.08.2025 18:24" for n in range(60)
    ]
    head = "Bon-Nr;Kunden-Nr.;Art-Nr.;Menge;Verkauft am\n"
    path = write(tmp_path / "sales.csv", head + "\n".join(lines))
    with pytest.raises(DataError, match=r"user='Kunden-Nr\.', item='Art-Nr\.', time='Verkauft am'"):
        read_interactions(path)
    unnamed = write(tmp_path / "unnamed.csv", "\n".join(lines))
    with pytest.raises(DataError, match="user='column0', item='column2', time='column4'"):
        read_interactions(unnamed)


def test_a_guess_takes_lists_for_the_items_and_leaves_row_numbers_out(tmp_path):
    """The columns of the MIND data set: impression, user, time, history."""
    items = [" ".join(f"N{n * k % 37}" for k in range(1, 2 + n % 5)) for n in range(30)]
    rows = [f"{n + 1}\tU{n % 7}\t11/{1 + n % 28}/2019 9:05:58 AM\t{items[n]}" for n in range(30)]
    path = write(tmp_path / "behaviors.tsv", "\n".join(rows))
    with pytest.raises(DataError, match="user='column1', item='column3', time='column2'"):
        read_interactions(path)
    read = read_interactions(path, user="column1", item="column3", time="column2")
    assert read.report.rows_kept == sum(len(each.split()) for each in items)
    assert set(read.item_ids) == {item for each in items for item in each.split()}


def test_only_columns_that_are_free_are_suggested():
    frame = pd.DataFrame({"timestamp": [10**9 + 1, 10**9], "who": ["a", "b"], "what": ["x", "y"]})
    with command_line(), pytest.raises(DataError, match=r"--user who --item what$"):
        read_interactions(frame)
    with pytest.raises(DataError, match="provide a table with users and items"):
        read_interactions(frame[["timestamp", "who"]])
