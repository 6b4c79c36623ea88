"""Advice on dropped records goes by the largest reason, and names only columns that are free."""

import pytest
from reading_helpers import write

from item2vec._support.messages import command_line
from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

HEADER = "user,sessionId,item,date,created at,rating,stars\n"


def advice(path, text, read=read_interactions, **options):
    """The message on the command line for a file without a record that can be kept."""
    with command_line(), pytest.raises(DataError) as caught:
        read(write(path, text), **options)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("rows", "options", "parts"),
    [
        (",s,i,1,1,3,4\n" * 3 + "u,s,,1,1,3,4\n", {}, ["--user sessionId", "1: item missing"]),
        ("u,s,,1,1,3,4\n" * 3, {}, ["column 'item' is empty", "--item"]),
        (
            "u,s,i,,1,3,4\n" * 3 + "u,s,,1,1,3,4\n",
            {"time": "date"},
            ["3 of 4", "'date'", "--time 'created at'", "--time none"],
        ),
        (
            "u,s,i,never,1,3,4\n" * 3 + "u,s,i,,1,3,4\n",
            {"time": "date"},
            ["'never'", "with --time-format, or", "--time none"],
        ),
        (
            "u,s,i,2021-03-01,1,3,4\n" * 3,
            {"time": "date", "time_format": "%d/%m/%Y"},
            ["'2021-03-01'", "--time-format %d/%m/%Y", "--time none"],
        ),
        ("u,s,i,1,1,,4\n" * 3, {"min_rating": 3}, ["'rating' is empty", "--rating stars"]),
        ("u,s,i,1,1,good,4\n" * 3, {"min_rating": 3}, ["'good'", "--rating stars", "3.5"]),
        ("u,s,i,1,1,0.8,4\n" * 3, {"min_rating": 3}, ["--min-rating 0.8"]),
        (
            "u,s,i,1,1,0.8,4\n" * 3,
            {"where": "stars > 5"},
            ["--where 'stars > 5'", "stars is '4'"],
        ),
        ("NA,s,i,1,1,3,4\n" * 30, {"anonymous": "drop"}, ["--anonymous keep"]),
        ("u,s\n" * 3, {}, ["none of 3 records", "--delimiter"]),
    ],
)
def test_the_largest_reason_has_a_remedy(tmp_path, rows, options, parts):
    told = advice(tmp_path / "a.csv", HEADER + rows, **options)
    assert all(part in told for part in parts), told
    assert "item2vec" not in told


def test_one_record_is_in_the_singular(tmp_path):
    good, path = "u,s,i,2021-03-01,1,3,4\n" * 4, tmp_path / "a.csv"
    for bad, said in {
        ",s,i,2021-03-01,1,3,4\n": "1 of 5 records has no user in column 'user'",
        "u,s,i,never,1,3,4\n": "1 of 5 times is not understood",
        "u,s\n": "1 of 5 records doesn't have the columns",
    }.items():
        notes = read_interactions(write(path, HEADER + good + bad), time="date").report.notes
        assert any(said in note for note in notes), notes
    one = advice(path, HEADER + "u,s,i,1,1,3,4\n", where="stars > 5", time="date")
    assert "none of the 1 record of" in one


def test_a_column_that_is_used_is_never_suggested(tmp_path):
    told = advice(tmp_path / "a.csv", "userId,sessionId,item\n,s,i\n,s,i\n", item="sessionId")
    assert "--user sessionId" not in told
    path = write(tmp_path / "b.csv", "item_id,itm,user\n1,2,3\n")
    with pytest.raises(ParameterError) as caught:
        read_interactions(path, user="itm", item="item")
    assert "'itm'" not in str(caught.value)
    assert "'item_id'" in str(caught.value)


def test_the_file_with_the_times_is_named(tmp_path):
    write(tmp_path / "1.csv", "user,item,time\nu,,1\n")
    write(tmp_path / "2.csv", "user,item,time\nu,a,never\nu,b,never\n")
    with pytest.raises(DataError, match=r"'never' in column 'time' of 2\.csv"):
        read_interactions(str(tmp_path / "*.csv"))


def test_a_large_share_has_advice_in_the_report(tmp_path):
    good, bad = "u,s,i,2021-03-01,1,3,4\n", "u,s,i,never,1,3,4\n"
    path = write(tmp_path / "a.csv", HEADER + good * 8 + bad * 2)
    notes = read_interactions(path, time="date").report.notes
    assert any("2 of 10" in note and "'never'" in note and "time_format" in note for note in notes)
    path = write(tmp_path / "b.csv", HEADER + good * 19 + bad)
    notes = read_interactions(path, time="date").report.notes
    assert not any("never" in note for note in notes)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (["3,5", "4", "2,25"], [3.5, 4, 2.25]),
        (["3,5", "4", "1,125"], [3.5, 4, 1.125]),
        (["3.5", "4"], [3.5, 4]),
    ],
)
def test_a_decimal_comma_is_read_and_reported(tmp_path, values, expected):
    rows = "".join(f"u{place};i;{value}\n" for place, value in enumerate(values))
    ratings = read_ratings(write(tmp_path / "r.csv", f"user;item;rating\n{rows}"))
    assert ratings.values.tolist() == expected
    told = [note for note in ratings.report.notes if "decimal comma" in note]
    assert bool(told) == any("," in value for value in values)
    if told:
        assert "'3,5'" in told[0]


def test_a_comma_that_may_separate_thousands_is_not_guessed(tmp_path):
    told = advice(tmp_path / "r.csv", "user;item;rating\nu;a;1,000\nu;b;2,000\n", read_ratings)
    assert "'1,000'" in told


@pytest.mark.parametrize(
    ("values", "part"),
    [
        (["2019Q2", "2019Q3"], "no time format fits them"),
        (["1,611,824,707"], "no time format fits them"),
        (["2021-03-25 24:10:00", "2021-03-25 24:11:00"], "no time format fits them"),
        (["Jan-19", "Feb-19"], "--time-format %b-%y, or"),
        (["never", "day 25/03/2021", "day 26/03/2021"], "--time-format 'day %d/%m/%Y', or"),
    ],
)
def test_a_time_format_is_advised_only_if_it_fits(tmp_path, values, part):
    rows = "".join(f'u,i{n},"{value}"\n' for n, value in enumerate(values))
    told = advice(tmp_path / "a.csv", f"user,item,time\n{rows}")
    assert part in told
    quoted = next(each for each in values if any(map(str.isdigit, each)))
    assert repr(quoted) in told


def test_a_format_that_fits_fewer_times_is_not_advised(tmp_path):
    rows = "u,a,2021-02-26 07:09:46\n" * 10 + "u,b,11/03/2021 03:38\n" * 5
    notes = read_interactions(write(tmp_path / "a.csv", f"user,item,time\n{rows}")).report.notes
    (note,) = [note for note in notes if "5 of 15 times" in note]
    assert "one notation" in note
    assert "time_format" not in note
