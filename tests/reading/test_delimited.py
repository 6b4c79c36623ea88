"""In delimited text, every malformed record is counted, and no other one is lost."""

import gzip

import pytest
from reading_helpers import write

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

LONG = 200_000  # records: more than DuckDB reads in one piece


@pytest.mark.parametrize("place", [5, LONG // 2, LONG - 2])
@pytest.mark.parametrize("packed", [False, True])
def test_a_quote_that_is_never_closed_is_an_error(tmp_path, place, packed):
    lines = [f"{k},item{k},2020-01-01 00:00:00\n" for k in range(LONG)]
    lines[place] = f'{place},"item,2020-01-01\n'
    text = ("user,item,time\n" + "".join(lines)).encode()
    path = write(tmp_path / "a.csv", gzip.compress(text, 1) if packed else text)
    with pytest.raises(DataError, match=rf"a\.csv.*record {place + 2} .*quote|quote.*{place + 2}"):
        read_interactions(path)


def test_broken_records_of_a_long_file_are_counted_with_their_places(tmp_path):
    lines = [f'{k},"item\n{k}",2020-01-01 00:00:00\n' for k in range(LONG)]
    broken = {7: "only\n", LONG // 2: 'u,"i"x,2020-01-01\n', LONG - 1: "u,i,2020-01-01,more\n"}
    for place, line in broken.items():
        lines[place] = line
    lines[LONG // 2 + 1] = ",no user,2020-01-01\n"
    report = read_interactions(
        write(tmp_path / "a.csv", "user,item,time\n" + "".join(lines))
    ).report
    assert (report.rows_read, report.rows_kept) == (LONG, LONG - 4)
    assert report.dropped["malformed record"].places == tuple(
        f"a.csv record {place + 2}" for place in broken
    )
    assert report.dropped["user missing"].places == (f"a.csv record {LONG // 2 + 3}",)


@pytest.mark.parametrize(
    "text",
    [
        b"user,item\r\n1,a\n1,b\r\n2,c\n",
        b'user,item\n1,a\n1,"b"\r\n2,c\r\n',
        # The first line end is inside quotes, and of another kind than those of the records.
        b'user,item,"a\r\nb"\n1,a,\n1,b,\n2,c,\n',
        b'user,item,"a\nb"\r\n1,a,\r\n1,b,\r\n2,c,\r\n',
    ],
)
def test_line_ends_may_differ(tmp_path, text):
    interactions = read_interactions(write(tmp_path / "a.csv", text))
    assert interactions.report.rows_read == 3
    assert [interactions.item_ids[item] for item in interactions.items] == ["a", "b", "c"]


def test_where_sees_numbers_in_a_file_that_mixes_line_ends(tmp_path):
    path = write(tmp_path / "a.csv", b"user,item,qty\r\n1,a,10\n1,b,9\r\n")
    assert read_interactions(path, where="qty > 9").item_ids == ("a",)


def test_quotes_in_tab_separated_text_may_be_ordinary_characters(tmp_path):
    path = write(tmp_path / "a.tsv", 'user\titem\n1\t"weird al" yankovic\n1\t"heroes\n')
    interactions = read_interactions(path)
    assert interactions.item_ids == ('"heroes', '"weird al" yankovic')
    assert any("quotes" in note for note in interactions.report.notes)


def test_records_that_are_not_utf_8_are_malformed(tmp_path):
    report = read_interactions(write(tmp_path / "a.csv", b"user,item\n1,caf\xe9\n1,x\n")).report
    assert report.dropped["malformed record"].places == ("a.csv record 2",)
