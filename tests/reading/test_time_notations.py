"""Notations of times that are rare, in other languages, mixed, or with values that are missing."""

import numpy as np
import pytest
from reading_helpers import counts, write
from test_time_formats import times_of

from item2vec.errors import DataError
from item2vec.reading.columns import words
from item2vec.reading.interactions import read_interactions
from item2vec.reading.times.parsing import parse_time

pytestmark = pytest.mark.thorough  # many notations, each of which is read from a file


def ns(iso):
    return np.datetime64(iso, "ns").astype(np.int64).item()


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2021-07-01 12:00:00 BST", "2021-07-01T11:00"),
        ("2021-01-01 12:00:00 AST", "2021-01-01T16:00"),
        ("2021-07-01 12:00:00 PST", "2021-07-01T20:00"),
        ("2021-07-01 12:00:00 CST", "2021-07-01T18:00"),
        ("2021-07-01 12:00:00 IST", "2021-07-01T06:30"),
        ("1 Jul 2021 12:00 nzst", "2021-07-01T00:00"),
        ("Sun Jul 25 10:30:00 MSK 2021", "2021-07-25T07:30"),
        ("1/28/21 1:00a", "2021-01-28T01:00"),
        ("1/28/21 1:00p", "2021-01-28T13:00"),
        ("2021/01/28 下午 01:16:00", "2021-01-28T13:16"),
        ("2021/01/28 上午01:16:00", "2021-01-28T01:16"),
        ("2021-07-01 10:00:00+2", "2021-07-01T08:00"),
        ("2021-07-01 10:00:00 -3", "2021-07-01T13:00"),
        ("07/21/2021 12:00 UTC+2", "2021-07-21T10:00"),
        ("07/21/2021 12:00 GMT-05", "2021-07-21T17:00"),
        ("00:00:10 on 2021-07-01", "2021-07-01T00:00:10"),
        ("10:30:00 2021-07-01", "2021-07-01T10:30"),
        ("2021-07-01 23:59:60", "2021-07-01T23:59:59"),
        ("20210128_090507", "2021-01-28T09:05:07"),
        ("1. Mai 2021", "2021-05-01"),
        ("4. März 2021 10:30", "2021-03-04T10:30"),
        ("14 mars 2021", "2021-03-14"),
        ("14 AOÛT 2021", "2021-08-14"),
        ("14 de marzo de 2021", "2021-03-14"),
        ("28-ene-2021", "2021-01-28"),
        ("1 gennaio 2021", "2021-01-01"),
        ("3 fev. 2021", "2021-02-03"),
        ("4 фев 2021", "2021-02-04"),
        ("4 февраля 2021 \N{CYRILLIC SMALL LETTER GHE}.", "2021-02-04"),
        ("/Date(1611824707000)/", "2021-01-28T09:05:07"),
        ("/Date(1611824707000+0100)/", "2021-01-28T09:05:07"),
        ('{"$date":"2021-01-28T00:35:07Z"}', "2021-01-28T00:35:07"),
        ('{"$date": {"$numberLong": "1611824707000"}}', "2021-01-28T09:05:07"),
        ("ISODate('2021-01-28T01:35:07+01:00')", "2021-01-28T00:35:07"),
    ],
)
def test_a_rare_notation_is_read(tmp_path, text, iso):
    assert times_of(tmp_path, [text])[0] == [ns(iso)]
    assert parse_time(text) == ns(iso)


@pytest.mark.parametrize("zone", ["BST", "IST", "CST"])
def test_the_report_says_how_an_ambiguous_zone_is_read(tmp_path, zone):
    _, report = times_of(tmp_path, [f"2021-07-01 12:00 {zone}", "2021-07-01 12:00 PDT"])
    (note,) = [note for note in report.notes if "times are read as" in note]
    assert f"{zone} as UTC" in note
    assert "PDT" not in note


def test_a_number_with_underscores_is_no_epoch(tmp_path):
    path = write(tmp_path / "a.csv", "user,item,time\nu,a,1_611_824_707\n")
    with pytest.raises(DataError, match="no time is understood"):
        read_interactions(path)


def test_months_of_another_language_stand_beside_english_ones(tmp_path):
    months = words("ene feb mar abr may jun jul ago sep oct nov dic")
    texts = [f"28-{month}-2021" for month in months]
    assert times_of(tmp_path, texts)[0] == [ns(f"2021-{month:02}-28") for month in range(1, 13)]


def test_years_followed_by_days_and_months_are_read_if_only_they_fit(tmp_path):
    found, report = times_of(tmp_path, ["2021-28-01", "2021-05-02", "2021-29-01"])
    assert found == [ns("2021-01-28"), ns("2021-02-05"), ns("2021-01-29")]
    assert any("'%Y-%d-%m'" in note for note in report.notes)
    both = ["2021-01-28", "2021-28-01", "2021-05-02"]
    with pytest.raises(DataError, match=r"'2021-01-28'.*'2021-28-01'.*'%Y-%m-%d'.*'%Y-%d-%m'"):
        times_of(tmp_path, both)
    assert times_of(tmp_path, ["2021-01-05", "2021-05-01"])[0] == [
        ns("2021-01-05"),
        ns("2021-05-01"),
    ]
    rows = "".join(f"u,i{n},{day}\n" for n, day in enumerate(["2021-01-28"] * 20 + both[1:2]))
    path = write(tmp_path / "typo.csv", f"user,item,time\n{rows}")
    assert counts(read_interactions(path)) == {"time not understood": 1}


@pytest.mark.parametrize(
    ("most", "other", "iso"),
    [
        ("2021-02-26 07:09:46", "25/03/2021 03:38", "2021-03-25T03:38"),
        ("25/03/2021 03:38", "2021-02-26 07:09:46", "2021-02-26T07:09:46"),
        ("1614592800", "25/03/2021 03:38", "2021-03-25T03:38"),
        ("2021-02-26", "4. Mai 2021", "2021-05-04"),
        ("Mon, 25 Jan 2021 10:00:00 GMT", "Tue, 26 Jan 2021 10:00 +0100", "2021-01-26T09:00"),
    ],
)
def test_mixed_notations_are_all_read(tmp_path, most, other, iso):
    found, _ = times_of(tmp_path, [most] * 10 + [other] * 3)
    assert found == [parse_time(most)] * 10 + [ns(iso)] * 3


@pytest.mark.parametrize(
    "missing",
    ["NULL", r"\N", "NaT", "nan", "None", "n/a", "0000-00-00", "00/00/0000 00:00", "0", "-1"],
)
def test_missing_times_do_not_hide_the_others(tmp_path, missing):
    rows = f"u,a,{missing}\nu,b,{missing}\nu,c,{missing}\nv,a,26/03/2021\nv,b,25/03/2021\n"
    found = read_interactions(write(tmp_path / "a.csv", f"user,item,time\n{rows}"), keep_times=True)
    assert counts(found) == {"time missing": 3}
    assert found.times.tolist() == [ns("2021-03-25"), ns("2021-03-26")]


@pytest.mark.parametrize("placeholder", ["-1", "0", "00000000"])
def test_placeholders_beside_dates_as_one_number_are_missing(tmp_path, placeholder):
    rows = f"u,a,20210129\nu,b,20210128\nv,b,{placeholder}\n"
    found = read_interactions(write(tmp_path / "a.csv", f"user,item,time\n{rows}"), keep_times=True)
    assert counts(found) == {"time missing": 1}
    assert found.times.tolist() == [ns("2021-01-28"), ns("2021-01-29")]


def test_a_year_is_its_beginning():
    assert parse_time("2021") == parse_time(2021) == ns("2021-01-01")
    assert parse_time("1614592800") == 1614592800 * 10**9


def test_formats_are_detected_from_the_records_that_match_the_condition(tmp_path):
    rows = "u,a,25/03/2021,uk\nu,b,01/03/2021,uk\nu,c,03/25/2021,us\nu,d,03/01/2021,us\n"
    path = write(tmp_path / "a.csv", f"user,item,time,shop\n{rows}")
    with pytest.raises(DataError, match="day-first"):
        read_interactions(path)
    for shop in ("uk", "us"):
        found = read_interactions(path, where=f"shop = '{shop}'", keep_times=True)
        assert sorted(found.times.tolist()) == [ns("2021-03-01"), ns("2021-03-25")]
