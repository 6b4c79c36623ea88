"""Formats of times are found from the times, or asked for if they can be read in several ways."""

import datetime as dt

import hypothesis
import numpy as np
import pytest
from hypothesis import strategies as st
from reading_helpers import write

from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.times.formats import plausible_formats
from item2vec.reading.times.parsing import parse_time

DATES = """
    %d/%m/%Y|%d.%m.%Y|%d-%m-%Y|%m/%d/%Y|%m-%d-%Y|%d. %m. %Y|%d/%m/%y|%m/%d/%y|%d.%m.%y|%d %b %Y
    |%d %B %Y|%b %d, %Y|%B %d, %Y|%d-%b-%y|%a, %d %b %Y|%A, %d %B %Y|%Y.%m.%d|%Y/%m/%d|%Y-%b-%d
    |%Y%m%d|%Y-%j
""".replace("\n    |", "|").strip()
TIMES = "|%H:%M|%H:%M:%S|%H:%M:%S.%f|%H:%M:%S,%f|%I:%M %p|%I:%M:%S%p|%H.%M.%S"
ZONES = "|%z| %z| UTC|Z"


def times_of(tmp_path, values, **options):
    """Item -> its time as numpy reads it, of a file with these times."""
    rows = [f"u\ti{place}\t{value}\n" for place, value in enumerate(values)]
    path = write(tmp_path / "t.tsv", "user\titem\ttime\n" + "".join(rows))
    found = read_interactions(path, keep_times=True, **options)
    items = [found.item_ids[row] for row in found.items.tolist()]
    assert len(items) == len(values), found.report.lines()
    times = dict(zip(items, found.times.tolist(), strict=True))
    return [times[f"i{place}"] for place in range(len(values))], found.report


def utc(moment):
    moment = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
    return (moment - dt.datetime(1970, 1, 1, tzinfo=dt.UTC)) // dt.timedelta(microseconds=1) * 1000


def unpadded(text):
    """Write 01/03/2021 08:26 as 1/3/2021 8:26."""
    return "".join(
        "" if c == "0" and text[p + 1 : p + 2].isdigit() and not text[p - 1 : p].isdigit() else c
        for p, c in enumerate(text)
    )


@hypothesis.settings(
    max_examples=12, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
@hypothesis.given(
    date=st.sampled_from(DATES.split("|")),
    time=st.sampled_from(TIMES.split("|")),
    zone=st.sampled_from(ZONES.split("|")),
    offset=st.integers(-47, 56).map(lambda n: dt.timezone(dt.timedelta(minutes=15 * n))),
    moments=st.lists(
        st.datetimes(dt.datetime(1970, 1, 2), dt.datetime(2067, 12, 31)), min_size=1, max_size=6
    ),
    pads=st.booleans(),
)
def test_times_in_every_notation_are_those_of_python(
    tmp_path, date, time, zone, offset, moments, pads
):
    written = f"{date} {time}{zone if time and '%p' not in time else ''}".strip()
    # The 28th of months whose days show what they are, in years that vary less than days.
    moments += [dt.datetime(2021, 1, day) for day in range(13, 31)]
    if "%z" in written:
        moments = [moment.replace(tzinfo=offset) for moment in moments]
    texts = [moment.strftime(written) for moment in moments]
    if not pads and date[1] in "dm" and "%b" not in date and "%B" not in date:
        texts = [" ".join([unpadded(text.split(" ")[0]), *text.split(" ")[1:]]) for text in texts]
    found, report = times_of(tmp_path, texts)
    read = [dt.datetime.strptime(moment.strftime(written), written) for moment in moments]
    zones = [moment.tzinfo for moment in moments]
    assert found == [utc(each.replace(tzinfo=z)) for each, z in zip(read, zones, strict=True)]
    assert any("times are read as" in note for note in report.notes) or date.startswith("%Y/")


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("3/25/2021, 10:00:05\u202fPM", "2021-03-25T22:00:05"),
        ("25/3/2021 10:00 p.m.", "2021-03-25T22:00"),
        ("March 25th, 2021 at 10:00 PM", "2021-03-25T22:00"),
        ("Sept. 5, 2021", "2021-09-05"),
        ("25-MAR-21 10.30.00.000000 PM", "2021-03-25T22:30"),
        ("2021-03-25-10.30.00.000001", "2021-03-25T10:30:00.000001"),
        ("2021:03:25 10:30:00", "2021-03-25T10:30"),
        ("25/Mar/2021:10:30:00 +0200", "2021-03-25T08:30"),
        ("Thu Mar 25 10:30:00 2021", "2021-03-25T10:30"),
        ("Thu Mar 25 10:30:00 +0100 2021", "2021-03-25T09:30"),
        ("Sun Jul 25 10:30:00 CEST 2021", "2021-07-25T08:30"),
        ("Thu Mar 25 10:30:00 CET 2021", "2021-03-25T09:30"),
        ("Thu Mar 25 2021 10:30:00 GMT+0100 (Central European Time)", "2021-03-25T09:30"),
        ("Thu, 25 Mar 2021 10:30:00 GMT", "2021-03-25T10:30"),
        ("2021-03-25T10:30:00+01:00[Europe/Berlin]", "2021-03-25T09:30"),
        ("2021-03-25T10:30:00[Europe/Berlin]", "2021-03-25T09:30"),
        ("2021-03-25T10:30:00,123", "2021-03-25T10:30:00.123"),
        ("2021-03-25 10:30:00.123456789 +01:00", "2021-03-25T09:30:00.123456789"),
        ("10:30 25.03.2021", "2021-03-25T10:30"),
        ("25.3.2021 10.30", "2021-03-25T10:30"),
        ("3/25/2021 10PM", "2021-03-25T22"),
        ("20210325", "2021-03-25"),
        ("2021032510", "2021-03-25T10"),
        ("202103251030", "2021-03-25T10:30"),
        ("20210325103005", "2021-03-25T10:30:05"),
        ("20210325103005123", "2021-03-25T10:30:05.123"),
        ("25032021", "2021-03-25"),
        ("03252021", "2021-03-25"),
        ("20121920", "1920-12-20"),
        ("25032021 10:30", "2021-03-25T10:30"),
        ("20210325T103005Z", "2021-03-25T10:30:05"),
        ("20210325T103005+0200", "2021-03-25T08:30:05"),
        ("2021W124", "2021-03-25"),
        ("2021-W12-4", "2021-03-25"),
        ("2021-03", "2021-03-01"),
        ("03/2021", "2021-03-01"),
        ("Mar 2021", "2021-03-01"),
        ("2021年3月25日 10時30分", "2021-03-25T10:30"),
        ("99-03-25", "1999-03-25"),
    ],
)
def test_a_time_is_read_as_people_write_it(tmp_path, text, iso):
    expected = np.datetime64(iso, "ns").astype(np.int64).item()
    assert times_of(tmp_path, [text])[0] == [expected]
    assert parse_time(text) == expected


def test_epochs_and_iso_dates_are_no_dates_of_other_formats(tmp_path):
    for values in (["1614592800", "20210301"], ["2021-03-01", "2021-02-03"], ["1", "2"]):
        assert not any("times are read" in note for note in times_of(tmp_path, values)[1].notes)
    assert times_of(tmp_path, ["1614592800"])[0] == [1614592800 * 10**9]


@pytest.mark.parametrize(
    "values",
    [
        ["20210301", "2021-03-02"],
        ["2021-03-01", "20210302", "2021-03-03T00:00:00Z", "2021-03-04 00:00"],
        ["01032021", "2021-03-02", "03032021", "04/03/2021", "2021-03-05", "13032021"],
    ],
)
def test_dates_as_one_number_stand_beside_iso_dates(tmp_path, values):
    days = [f"2021-03-{day:02}" for day in (1, 2, 3, 4, 5, 13)][: len(values)]
    assert times_of(tmp_path, values)[0] == [parse_time(day) for day in days]


def test_an_ambiguous_date_is_asked_about_with_both_formats(tmp_path):
    with pytest.raises(DataError) as caught:
        times_of(tmp_path, ["01/03/2021 10:00", "02/03/2021 11:00"])
    for part in ("'01/03/2021 10:00'", "'time'", "'%d/%m/%Y %H:%M'", "'%m/%d/%Y %H:%M'"):
        assert part in str(caught.value)
    with pytest.raises(DataError, match=r"day-first.*'25/03/2021'.*month-first.*'03/25/2021'"):
        times_of(tmp_path, ["25/03/2021", "03/25/2021"])
    with pytest.raises(DataError, match=r"'01032021'.*'%d%m%Y'.*'%m%d%Y'"):
        times_of(tmp_path, ["01032021", "02032021"])
    with pytest.raises(DataError, match=r"%d-%m-%y.*%y-%m-%d"):
        times_of(tmp_path, ["20-01-01", "21-01-01"])
    with pytest.raises(ParameterError, match=r"2021-01-03 or 2021-03-01"):
        parse_time("01/03/2021")


def test_a_date_that_is_the_same_in_both_orders_needs_no_question(tmp_path):
    found, _ = times_of(tmp_path, ["01/01/2021", "02/02/2021"])
    assert found == [parse_time("2021-01-01"), parse_time("2021-02-02")]


def test_all_records_are_examined_if_the_first_ones_are_ambiguous(tmp_path):
    early = [f"{month}/{day}/2021" for month in range(1, 13) for day in range(1, 13)] * 70
    assert len(early) > 10_000
    found, report = times_of(tmp_path, [*early, "1/31/2021"])
    assert found[1] == parse_time("2021-01-02")
    assert any("'%m/%d/%Y'" in note for note in report.notes)


@pytest.mark.parametrize(
    ("values", "written"),
    [
        (["25/03/21", "26/03/21", "01/04/21"], "%d/%m/%y"),
        ([f"{day:02}-03-21" for day in range(1, 32)], "%d-%m-%y"),
        ([f"21-03-{day:02}" for day in range(1, 32)], "%y-%m-%d"),
        (["03/25/21", "03/26/21", "01/01/00"], "%m/%d/%y"),
    ],
)
def test_years_of_two_digits_vary_less_than_days(tmp_path, values, written):
    found, report = times_of(tmp_path, values)
    assert any(f"'{written}'" in note for note in report.notes)
    assert found == [utc(dt.datetime.strptime(value, written)) for value in values]


def test_a_given_format_wins_and_other_times_are_counted(tmp_path):
    assert times_of(tmp_path, ["01/03/2021"], time_format="%m/%d/%Y")[0] == [
        parse_time("2021-01-03")
    ]
    path = write(tmp_path / "a.csv", "user,item,time\nu,a,25/03/2021\nu,b,26/3/2021\nu,c,never\n")
    dropped = read_interactions(path).report.dropped
    assert {reason: each.count for reason, each in dropped.items()} == {"time not understood": 1}


def test_files_with_different_notations_are_each_read_as_they_are(tmp_path):
    write(tmp_path / "1.csv", "user,item,time\nu,a,2021-03-02\n")
    write(tmp_path / "2.csv", "user,item,time\nu,b,01/03/2021\nu,c,03/03/2021\n")
    write(tmp_path / "3.csv", "user,item,time\nu,d,25/03/2021\n")
    found = read_interactions(str(tmp_path / "*.csv"), keep_times=True)
    assert [found.item_ids[row] for row in found.items.tolist()] == ["b", "a", "c", "d"]
    assert any("2.csv and 1 more" in note for note in found.report.notes)


def test_numbers_of_a_data_frame_are_dates_too():
    import pandas as pd

    frame = pd.DataFrame({"user": ["u", "u"], "item": ["a", "b"], "time": [20210302, 20210301]})
    found = read_interactions(frame, keep_times=True)
    assert found.times.tolist() == [parse_time("2021-03-01"), parse_time("2021-03-02")]
    frame["time"] = pd.to_datetime(["2021-03-02", "2021-03-01"])
    assert not any("times are read" in note for note in read_interactions(frame).report.notes)


def test_the_formats_are_in_the_same_order_whatever_the_order_of_the_times():
    dates = ["25/03/2021", "25.03.2021", "25-03-2021", "25 Mar 2021", "2021/03/25", "25/03/21"]
    values = dict.fromkeys([f"{date}{time}" for date in dates for time in ("", " 10:30")], 1)
    values["25/03/2021 10:30"] = 2
    formats = plausible_formats(values)
    assert formats == plausible_formats(dict(reversed(values.items())))
    # Two-digit years come first, and then the most frequent format.
    assert next(each for each in formats["day-first"] if "%Y" in each) == "%d/%m/%Y %H:%M"


@pytest.mark.parametrize("text", ["20210325103005123", "25032021", "25/03/2021 10:30:05.123"])
def test_a_format_in_the_report_is_one_of_python(tmp_path, text):
    found, report = times_of(tmp_path, [text])
    (written,) = [note.split("'")[1] for note in report.notes if "times are read as" in note]
    assert found == [utc(dt.datetime.strptime(text, written))]
    assert times_of(tmp_path, [text], time_format=written)[0] == found
