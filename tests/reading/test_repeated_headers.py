"""Files that were joined, with their headers, and rules below headers."""

import pytest
from reading_helpers import counts, histories_of, write

from item2vec.reading.interactions import read_interactions

REPEATED = "1 record repeats the header"


@pytest.mark.parametrize("delimiter", [",", "\t", " ", ";"])
@pytest.mark.parametrize("names", ["user item", "user_id:token item_id:token"])
def test_a_header_in_the_middle_is_no_record(tmp_path, delimiter, names):
    lines = [names, "u1 i1", "u2 i2", names, "u3 i1"]
    text = "".join(line.replace(" ", delimiter) + "\n" for line in lines)
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert histories_of(read) == {"u1": ["i1"], "u2": ["i2"], "u3": ["i1"]}
    assert counts(read) == {"malformed record": 1}
    assert read.report.dropped["malformed record"].places == ("t.csv record 4",)
    assert any(REPEATED in note for note in read.report.notes)
    assert not any("correct the file" in note for note in read.report.notes)


def test_a_rule_below_the_header_is_no_record(tmp_path):
    read = read_interactions(write(tmp_path / "t.csv", "user,item\n----,----\nu1,i1\nu2,i2\n"))
    assert histories_of(read) == {"u1": ["i1"], "u2": ["i2"]}
    assert any("lines of dashes" in note or "line of dashes" in note for note in read.report.notes)


def test_times_and_lists_are_found_beside_repeated_headers(tmp_path):
    text = "user,item,time\nu1,i1,25/03/2021 8:26\nuser,item,time\nu1,i2,26/03/2021 8:26\n"
    read = read_interactions(write(tmp_path / "t.csv", text), where="time > '2021-03-26'")
    assert histories_of(read) == {"u1": ["i2"]}
    lists = 'user,items\nu1,"[1, 2]"\nuser,items\nu2,"[2]"\n'
    read = read_interactions(write(tmp_path / "l.csv", lists))
    assert histories_of(read) == {"u1": ["1", "2"], "u2": ["2"]}


def test_a_header_in_the_middle_of_sequences_is_no_sequence(tmp_path):
    text = "user,item_1,item_2\nu1,a,b\nuser,item_1,item_2\nu2,b,\n"
    read = read_interactions(write(tmp_path / "t.csv", text), layout="sequences")
    assert histories_of(read) == {"u1": ["a", "b"], "u2": ["b"]}
    assert counts(read) == {"malformed record": 1}


def test_other_malformed_records_are_still_advised_on(tmp_path):
    text = "user,item\nu1,i1\nu2,i2,i3\nuser,item\n"
    notes = read_interactions(write(tmp_path / "t.csv", text)).report.notes
    assert any(REPEATED in note for note in notes)
    assert any("2 of 3 records don't have the columns" in note for note in notes)


def test_a_header_after_a_byte_order_mark_is_found_again(tmp_path):
    text = b"\xef\xbb\xbfuser,item\nu1,i1\nuser,item\nu2,i2\n"
    read = read_interactions(write(tmp_path / "t.csv", text))
    assert histories_of(read) == {"u1": ["i1"], "u2": ["i2"]}
