"""Times are understood in every usual notation, and sort the interactions of each user."""

import pytest
from reading_helpers import histories_of, write

from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions


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
