"""Times are understood in every usual notation, and sort the interactions of each user."""

import pytest
from reading_helpers import counts, histories_of, write

from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.times.parsing import parse_time


@pytest.mark.parametrize(
    "ascending",
    [
        ["-5", "0", "964982703", "964982703.25", "964982703.5", "964982704"],
        # Seconds, milli-, micro- and nanoseconds of one decade, each a little later.
        ["1600000000", "1600000001000", "1600000002000000", "1600000003000000000"],
        ["1600000000123456788", "1600000000123456789"],
        ["2011-12-01", "2011-12-01 08:26", "2011-12-01T08:26:00.5", "2011-12-02T00:00:00Z"],
        # Where the offset counts: these are 06:26, 06:30 and 07:00 UTC.
        ["2011-12-01T08:26:00+02:00", "2011-12-01 06:30:00", "2011-12-01T01:00:00-06:00"],
        ["2011-12-01 08:26:00.123456788", "2011-12-01 08:26:00.123456789"],
        ["0001-01-01", "1969-12-31", "2400-01-01", "9999-12-31"],
    ],
)
def test_times_are_understood_in_every_notation(tmp_path, ascending):
    want = [f"i{place}" for place in range(len(ascending))]
    rows = [f"u,{item},{time}\n" for item, time in zip(want, ascending, strict=True)]
    path = write(tmp_path / "t.csv", "user,item,time\n" + "".join(reversed(rows)))
    assert histories_of(read_interactions(path)) == {"u": want}


def test_a_time_format_is_for_times_of_unknown_notation(tmp_path):
    path = write(tmp_path / "us.csv", "user,item,date\n1,a,day 12/1/2010\n1,b,day 11/30/2010\n")
    with pytest.raises(DataError, match=r"'day 12/1/2010'.*time_format=.*time='none'"):
        read_interactions(path)
    with pytest.raises(ParameterError, match="'%Q'"):
        read_interactions(path, time_format="%Q")
    assert histories_of(read_interactions(path, time_format="day %m/%d/%Y")) == {"1": ["b", "a"]}
    assert histories_of(read_interactions(path, time="none")) == {"1": ["a", "b"]}


def test_without_a_time_the_order_of_the_file_is_taken_and_said(tmp_path):
    interactions = read_interactions(write(tmp_path / "a.csv", "user,item\n1,b\n1,a\n1,b\n"))
    assert histories_of(interactions) == {"1": ["b", "a", "b"]}
    assert any("order" in note for note in interactions.report.notes)


def notes_on_times(tmp_path, values, **options):
    """Return the notes on the span of these times."""
    rows = [f"u,i{place},{value}\n" for place, value in enumerate(values)]
    path = write(tmp_path / "t.csv", "user,item,time\n" + "".join(rows))
    notes = read_interactions(path, **options).report.notes
    return [note for note in notes if note.startswith(("times from", "times on"))]


@pytest.mark.parametrize(
    ("values", "note"),
    [
        (["2021-11-30T23:59", "2019-01-03"], "times from 2019-01-03 to 2021-11-30"),
        (["25/03/2021", "25/03/2021", "never"], "times on 2021-03-25"),
        (["-1", "1614592800"], "times from 1969-12-31 to 2021-03-01"),
        (["1970-01-01"], "times on 1970-01-01"),
        (["0001-01-01", "9999-12-31"], "times from 0001-01-01 to 9999-12-31"),
    ],
)
def test_the_report_has_the_span_of_the_times(tmp_path, values, note):
    assert notes_on_times(tmp_path, values) == [note]


@pytest.mark.parametrize(
    ("values", "parts"),
    [
        (["2020", "2021"], ["1970-01-01", "'2020'", "Unix", "time_format='%Y'"]),
        (["202001", "202112"], ["1970-01-03", "time_format='%Y%m'"]),
        (["44197.5", "44198.25"], ["1970-01-01", "'44197.5'", "spreadsheet"]),
        (["2459215", "2459216.5"], ["1970-01-29", "Julian"]),
        (["1", "30000000"], ["1970-12-14", "with time_format, ", "another column with time"]),
        (["32503680000", "32503680001"], ["3000-01-01", "Unix", "with time_format, "]),
    ],
)
def test_improbable_unix_times_are_to_be_checked(tmp_path, values, parts):
    (note,) = notes_on_times(tmp_path, values)
    assert all(part in note for part in parts)
    if "='" in parts[-1]:
        written = parts[-1].split("'")[1]
        assert "Unix" not in str(notes_on_times(tmp_path, values, time_format=written))


def test_without_times_there_is_no_span(tmp_path):
    path = write(tmp_path / "a.csv", "user,item\n1,b\n1,a\n")
    assert not any("times from" in note for note in read_interactions(path).report.notes)


@pytest.mark.parametrize(
    ("header", "times"),
    [
        ("date,time", ["2020-01-05,10:30", "2020-01-05,9:15", "2020-01-04,23:59:59"]),
        ("Date,Time", ["25/01/2020,10:30:00", "25/01/2020,09:15:00.5", "24/01/2020,23:59"]),
        ("date,hour_min", ["20200105,10:30 PM", "20200105,9:15 AM", "20200104,11:59 PM"]),
        ("time,date", ["10:30,2020-01-05", "09:15,2020-01-05", "never,2020-01-05"]),
        ("date,time_ms", ["2020-01-05,1578220200000", "2020-01-05,1578215700000"]),
        ("event_time,event_date", ["10:30,25/01/2020", "09:15,25/01/2020"]),
        ("order_date,order_time", ["2020-01-05,2020-01-05 10:30", "2020-01-05,2020-01-05 09:15"]),
    ],
)
def test_a_date_and_a_time_of_day_in_two_columns_are_one_time(tmp_path, header, times):
    rows = "".join(f"u,i{place},{time}\n" for place, time in enumerate(times))
    path = write(tmp_path / "a.csv", f"user,item,{header}\n{rows}")
    found = read_interactions(path, keep_times=True)
    assert histories_of(found) == {"u": [f"i{place}" for place in reversed(range(len(times)))]}
    names = [f"'{name}'" for name in header.split(",")]
    (note,) = [note for note in found.report.notes if "uses the dates alone" in note]
    assert all(name in note for name in names)
    date = next(name for name in header.split(",") if "date" in name.lower())
    assert f"time='{date}'" in note
    days = read_interactions(path, keep_times=True, time=date)
    assert not (days.times % (86_400 * 10**9)).any()


def test_a_date_and_a_time_of_day_are_added(tmp_path):
    path = write(
        tmp_path / "a.csv", "user,item,date,time\nu,a,05.01.2020,10:30\nu,b,13.01.2020,1:00\n"
    )
    times = read_interactions(path, keep_times=True).times.tolist()
    assert times == [parse_time("2020-01-05 10:30"), parse_time("2020-01-13 01:00")]


@pytest.mark.parametrize(
    "rows",
    [
        ("date,time", "2020-01-05 08:00,10:30"),  # the date has a time of day
        ("date,time", "2020-01-05,17"),  # a duration
        ("date,date_added", "2020-01-05,2014-05-05 10:30"),  # the time of something else
        ("date,time_ms", "2020-01-05,1399285800000"),
        ("date,event", "2020-01-05,10:30"),
    ],
)
def test_other_columns_are_not_joined_to_dates(tmp_path, rows):
    path = write(tmp_path / "a.csv", f"user,item,{rows[0]}\nu,a,{rows[1]}\n")
    report = read_interactions(path).report
    assert report.columns["time"] == "date"
    assert not any("dates alone" in note for note in report.notes)


def test_times_of_data_frames_are_added_to_their_dates():
    import datetime as dt

    import pandas as pd

    frame = pd.DataFrame({"user": ["u", "u"], "item": ["a", "b"], "date": ["2020-01-05"] * 2})
    for name, dates in (("text", frame["date"]), ("date", pd.to_datetime(frame["date"]))):
        given = frame.assign(date=dates, time=[dt.time(10, 30), dt.time(9, 15)])
        assert histories_of(read_interactions(given)) == {"u": ["b", "a"]}, name


@pytest.mark.parametrize(
    ("value", "written"),
    [
        ("2021-03-25", "%Y-%m-%d"),
        ("25/03/2021", "%d/%m/%Y"),
        ("3/25/2021 10:30 PM", "%m/%d/%Y %I:%M %p"),
        ("day 12/1/2010", "day %d/%m/%Y"),
        ("on 25.03.2021 by % wool", "on %d.%m.%Y by %% wool"),
        ("on 25.03.2021 by 100% wool", None),
        ("2021-03-25 24:10:00", None),
        ("20210325103005123", "%Y%m%d%H%M%S%f"),
        ("32/13/2021", None),
        ("10:30", None),
        ("never", None),
        ("1614592800", None),
        ("1/1/2021 " * 100, None),
    ],
)
def test_an_example_of_a_format_fits_the_times(tmp_path, value, written):
    path = write(tmp_path / "a.csv", f"user,item,time\nu,a,\nu,b,{value}\n")
    with pytest.raises(ParameterError) as caught:
        read_interactions(path, time_format="%Q")
    assert str(caught.value).endswith(
        "or leave it out" if written is None else f"or give time_format='{written}'"
    )
    if written is not None:
        assert counts(read_interactions(path, time_format=written)) == {"time missing": 1}


def test_a_time_of_day_that_is_missing_is_midnight(tmp_path):
    times = ["2020-01-05,10:30", "2020-01-05,", ",11:00", "2020-01-05,25:30", "2020-01-04,1:30"]
    times += ["2020-01-03,1:30"]
    rows = "".join(f"u,{item},{time}\n" for item, time in zip("abcdef", times, strict=True))
    found = read_interactions(write(tmp_path / "a.csv", f"user,item,date,time\n{rows}"))
    assert histories_of(found) == {"u": ["f", "e", "b", "d", "a"]}
    assert counts(found) == {"time missing": 1}


def test_the_advice_on_times_shows_a_format_that_fits_or_none(tmp_path):
    for value, end in (
        ("day 12/1/2010", "time_format='day %d/%m/%Y', or"),
        ("x", "time_format, or"),
    ):
        path = write(tmp_path / "a.csv", f"user,item,time\nu,a,{value}\n")
        with pytest.raises(DataError, match=f"give their format with {end} use the order"):
            read_interactions(path)
