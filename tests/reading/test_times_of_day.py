"""Times of day in a column of their own are added to dates, in whatever notation they are."""

import pytest
from reading_helpers import histories_of, write

from item2vec.reading.interactions import read_interactions
from item2vec.reading.times.parsing import parse_time


def read(tmp_path, date, clock, values):
    rows = "".join(f'u,i{n},20210128,"{value}"\n' for n, value in enumerate(values))
    path = write(tmp_path / "a.csv", f"user,item,{date},{clock}\n{rows}")
    return read_interactions(path, keep_times=True)


@pytest.mark.parametrize(
    ("early", "late"),
    [
        ("90000", "180000"),
        ("935", "1800"),
        ("09:00:00Z", "18:00:00Z"),
        ("09:00:00+02:00", "18:00:00+02:00"),
        ("9.35", "18.00"),
        ("9h35", "18h00"),
        ("09:00:00,125", "18:00:00,250"),
        ("09 AM", "06 PM"),
        ("9:00 a.m.", "6:00 p.m."),
        ("1899-12-30 09:00:00", "1899-12-30 18:00:00"),
        ("0.375", "0.75"),
    ],
)
def test_times_of_day_of_every_notation_sort_the_items_of_a_day(tmp_path, early, late):
    found = read(tmp_path, "date", "time", [late, early])
    assert histories_of(found) == {"u": ["i1", "i0"]}
    assert any("time of day in column 'time'" in note for note in found.report.notes)


@pytest.mark.parametrize(
    ("value", "iso"),
    [
        ("93005", "2021-01-28T09:30:05"),
        ("935", "2021-01-28T09:35"),
        ("18:00:00+02:00", "2021-01-28T16:00"),
        ("18:00:00,250", "2021-01-28T18:00:00.250"),
        ("0.75", "2021-01-28T18:00"),
        ("1900-01-01 18:00:00", "2021-01-28T18:00"),
    ],
)
def test_the_time_of_day_is_added_to_the_date(tmp_path, value, iso):
    assert read(tmp_path, "date", "time", [value]).times.tolist() == [parse_time(iso)]


@pytest.mark.parametrize(
    ("date", "clock"),
    [
        ("InvoiceDate", "InvoiceTime"),
        ("transaction_date", "transaction_time"),
        ("DATE", "HOUR_MINUTE"),
        ("date", "hour"),
        ("order_date", "order_hour"),
        ("event_date", "event_time"),
    ],
)
def test_columns_of_one_event_belong_together(tmp_path, date, clock):
    values = ["18", "9"] if "hour" in clock else ["18:00", "09:15"]
    found = read(tmp_path, date, clock, values)
    assert histories_of(found) == {"u": ["i1", "i0"]}
    assert f"time='{date}'" in str(found.report.notes)


@pytest.mark.parametrize("values", [["17", "8"], ["late", "early"]])
def test_the_report_says_that_a_column_of_times_is_not_used(tmp_path, values):
    found = read(tmp_path, "date", "time", values)
    assert histories_of(found) == {"u": ["i0", "i1"]}
    (note,) = [note for note in found.report.notes if "not used" in note]
    assert "'time'" in note
    assert f"'{values[0]}'" in note


def test_a_duration_is_not_added_to_a_date(tmp_path):
    found = read(tmp_path, "date", "watch_time", ["01:30", "00:45"])
    assert histories_of(found) == {"u": ["i0", "i1"]}
