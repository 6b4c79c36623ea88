"""Improbable times are reported, with remedies that work when they are pasted."""

import re

import pytest
from reading_helpers import counts, write

from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many notations, each of which is read from a file


def read(tmp_path, values, name="time", **options):
    rows = "".join(f"u,i{place},{value}\n" for place, value in enumerate(values))
    return read_interactions(write(tmp_path / "t.csv", f"user,item,{name}\n{rows}"), **options)


def note_on(report, what):
    (note,) = [note for note in report.notes if what in note]
    return note


@pytest.mark.parametrize(
    ("values", "quoted", "n"),
    [
        (["1614592800"] * 8 + ["0"], "'0'", 1),
        (["1614592800"] * 8 + ["-1", "0"], "'0'", 2),
        (["1614592800000"] * 8 + ["-1"] * 8, "'-1'", 8),
        (["1614592800"] * 8 + ["20210128", "20210129"], "'20210129'", 2),
        (["2021-03-25"] * 8 + ["9999-12-31"], "'9999-12-31'", 1),
        (["2021-03-25 10:30"] * 8 + ["1970-01-01 00:00"], "'1970-01-01 00:00'", 1),
        (["20210325"] * 5 + ["99991231"] * 5, "'99991231'", 5),
        (["2021-03-25"] * 8 + ["2021"], "'2021'", 1),
        (["25.03.2021"] * 5 + ["01.01.1900"], "'01.01.1900'", 1),
    ],
)
@pytest.mark.parametrize("name", ["time", "created at"])
def test_times_far_from_the_others_can_be_left_out(tmp_path, values, quoted, n, name):
    note = note_on(read(tmp_path, values, name).report, "far from the others")
    assert quoted in note
    where = re.search(r"where=(['\"])(.*)\1$", note)[2].replace("\\'", "'")
    found = read(tmp_path, values, name, where=where)
    assert counts(found) == {"left out by where": n}
    assert "far from" not in str(found.report.notes)


def test_a_condition_that_was_given_remains(tmp_path):
    values = ["1614592800"] * 8 + ["0"]
    note = note_on(read(tmp_path, values, where="item <> 'i1'").report, "far from the others")
    assert """(item <> 'i1') AND time > 0""" in note.replace("\\'", "'")


@pytest.mark.parametrize("values", [["0", "1"], ["1960-01-01", "1971-05-01", "2021-01-01"]])
def test_old_times_are_not_far_from_others(tmp_path, values):
    assert "far from" not in str(read(tmp_path, values).report.notes)


@pytest.mark.parametrize(
    ("values", "written", "first"),
    [
        (["210128003507", "210129003507"], "%y%m%d%H%M%S", "2021-01-28"),
        (["210128", "210301", "-1"], "%y%m%d", "2021-01-28"),
        (["202101", "202103"], "%Y%m", "2021-01-01"),
        (["2021.029", "2021.129"], "%Y.%j", "2021-01-29"),
        (["2021029", "2021129"], "%Y%j", "2021-01-29"),
    ],
)
def test_numbers_that_fit_a_format_are_asked_about(tmp_path, values, written, first):
    note = note_on(read(tmp_path, values).report, "are read as Unix times")
    assert f"time_format='{written}'" in note
    found = read(tmp_path, values, time_format=written)
    assert f"times from {first}" in str(found.report.notes)


@pytest.mark.parametrize(
    ("value", "what"),
    [
        ("637474425070000000", ".NET"),
        ("132562980000000000", "Windows"),
        ("44197", "spreadsheet"),
    ],
)
def test_counts_of_other_units_are_asked_about(tmp_path, value, what):
    assert what in note_on(read(tmp_path, [value]).report, "are read as Unix times")


def test_epochs_in_milliseconds_and_nanoseconds_are_not_asked_about(tmp_path):
    for value in ("978307199000", "631152000", "1611824707000000000"):
        assert "Unix" not in str(read(tmp_path, [value]).report.notes)
