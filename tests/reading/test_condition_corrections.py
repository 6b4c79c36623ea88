"""A condition that means something else than is written is refused, with one that can be pasted."""

import contextlib
import re
import shlex

import duckdb
import pandas as pd
import pytest
from reading_helpers import write

from item2vec._support.messages import command_line
from item2vec.errors import DataError, ParameterError
from item2vec.reading.conditions.syntax import KEYWORDS
from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many notations, each of which is read from a file

FILES = {
    "seconds": "timestamp\n1500000000\n1600000000\n1700000000\n1500000001\n",
    "milliseconds": "timestamp\n1500000000000\n1600000000000\n1700000000000\n",
    "compact": "day\n20210101\n20210315\n20210601\n",
    "day": "day\n2024-01-01\n2024-06-01\n2024-07-01\n",
    "us": "dt\n6/25/2021\n5/3/2021\n7/1/2021\n",
    "german": "dt\n25.06.2021 10:00\n3.5.2021 11:00\n1.7.2021 12:00\n",
    "ambiguous": (
        "t\n" + "".join(f"{d:02d}/{m:02d}/2021\n" for d in range(1, 13) for m in range(1, 6))
    ),
    "clock": "clock\n13:30\n9:30\n12:00\n",
    "commas": 'price\n"12,50"\n13\n"5,25"\n14\n"20,10"\n9\n',
    "thousands": 'price\n"1,200"\n300\n"1,000"\n14\n',
    "currency": 'price\n"$1,200.50"\n$300\n"$1,000"\n$14\n',
    "ratings": "rating,bought,flag,code\n1,yes,0,7\n4,no,1,x\n5,yes,1,10\n2,no,0,9\n",
    "names": (
        "event type,my col,ünïcode,price,order date,group,desc,end,default\n"
        + "".join(f"purchase,a,ja,{k},2021-0{k}-01,1,1,1,1\n" for k in range(1, 6))
    ),
}  # fmt: skip


@pytest.fixture
def source(tmp_path):
    def written(name):
        header, *rows = FILES[name].splitlines()
        lines = [f"u{k},i{k},{row}\n" for k, row in enumerate(rows)]
        return write(tmp_path / f"{name}.csv", f"user,item,{header}\n{''.join(lines)}")

    return written


def refused(path, where):
    with command_line(), pytest.raises(ParameterError) as caught:
        read_interactions(path, where=where, time="none")
    return str(caught.value)


def corrections(message):
    parts = re.split(r", or (?=--where)", message.partition(": write ")[2])
    return [shlex.split(part)[1] for part in parts if part]


def kept(path, where):
    with contextlib.suppress(DataError):  # no record matches
        return read_interactions(path, where=where, time="none").report.rows_kept
    return 0


@pytest.mark.parametrize(
    ("name", "where", "corrected", "n"),
    [
        ("seconds", "timestamp >= 2020-01-01", "to_timestamp(timestamp) >= '2020-01-01'", 2),
        ("seconds", "timestamp >= '2020-01-01'", "to_timestamp(timestamp) >= '2020-01-01'", 2),
        ("seconds", "timestamp >= '31.12.2019'", "to_timestamp(timestamp) >= '2019-12-31'", 2),
        ("seconds", "timestamp >= 2020-06", "to_timestamp(timestamp) >= '2020-06-01'", 2),
        ("seconds", "timestamp >= 2020", "year(to_timestamp(timestamp)) >= 2020", 2),
        ("seconds", "timestamp >= 20200101", "to_timestamp(timestamp) >= '2020-01-01'", 2),
        ("seconds", "year(timestamp) = 2020", "year(to_timestamp(timestamp)) = 2020", 1),
        ("milliseconds", "timestamp < '2020-01-01'", "to_timestamp(timestamp / 1000)", 1),
        ("day", "day > 2024-05-01", "day > '2024-05-01'", 2),
        ("day", "day > 2024-06-01 10:00", "day > '2024-06-01 10:00'", 1),
        ("day", "day >= '2024-06'", "day >= '2024-06-01'", 2),
        ("day", "day <= '2024-06'", "date_trunc('month', day) <= '2024-06-01'", 2),
        ("day", "day = '2024'", "date_trunc('year', day) = '2024-01-01'", 3),
        ("day", "'2024-06' <= day", "'2024-06-01' <= day", 2),
        ("day", "day BETWEEN '13.5.2024' AND '13.6.2024'", "'2024-05-13' AND '2024-06-13'", 1),
        ("compact", "day >= '2021-03-01'", "'%Y%m%d') >= '2021-03-01'", 2),
        ("compact", "month(day) = 3", "'%Y%m%d')) = 3", 1),
        ("day", "day > DATE '13.5.2024'", "day > DATE '2024-05-13'", 2),
        ("us", "dt >= '6/1/2021'", "dt >= '2021-06-01'", 2),
        ("us", "dt >= 6/1/2021", "dt >= '2021-06-01'", 2),
        ("german", "dt >= '1.6.2021'", "dt >= '2021-06-01'", 2),
        ("clock", "hour(clock) >= 12", "hour(TRY_CAST(clock AS TIME)) >= 12", 2),
        ("clock", "clock >= 12", "hour(TRY_CAST(clock AS TIME)) >= 12", 2),
        ("clock", "clock >= 12:30", "TRY_CAST(clock AS TIME) >= '12:30'", 1),
    ],
)
def test_dates_are_compared_as_dates(source, name, where, corrected, n):
    message = refused(source(name), where)
    (written,) = corrections(message)
    assert corrected in written
    assert kept(source(name), written) == n


@pytest.mark.parametrize(
    ("name", "where", "n"),
    [
        ("commas", "price > 10", 4),
        ("commas", "price >= '6'", 5),
        ("commas", "price >= '6,5'", 5),
        ("commas", "price = 12.5", 1),
        ("commas", "abs(price) > 10", 4),
        ("thousands", "price > 500", 2),
        ("currency", "price BETWEEN 20 AND 1100", 2),
        ("ratings", "rating = '4,5'", 0),
        ("ratings", "rating > '3,5'", 2),
    ],
)
def test_texts_are_compared_as_the_numbers_that_they_are(source, name, where, n):
    (written,) = corrections(refused(source(name), where))
    assert kept(source(name), written) == n


@pytest.mark.parametrize(
    ("where", "n"),
    [
        ("rating = 4 or 5", 2),
        ("rating <> 1 and 2", 2),
        ("(rating = 4) or 5", 2),
        ("user = 'u1' or 'u2'", 2),
        ("user = ('u1' or 'u2')", 2),
        ("3 < rating < 5", 1),
        ("rating > 1 and < 5", 2),
        ('user in ("u1","u2")', 2),
        ('"bought" = "yes" and "user" = "u0"', 1),
        ("bought in (yes, no)", 4),
        ("(rating > 3) & (flag > 0)", 2),
        ("(rating > 3) | (flag > 0)", 2),
        ("rating > 3 & flag > 0", 2),
        ("rating in [4,5]", 2),
        ("WHERE rating = 5", 1),
        ("SELECT * FROM x WHERE rating = 5", 1),
        ("rating = 5;", 1),
        ("rating => 4", 2),
        ("rating ≥ 4", 2),
        ("contain(bought, 'e')", 2),
        ("'user' = 'u1'", 1),
        ("'rating' > 3", 2),
        ("rating = None", 0),
        ("rating is not None", 4),
        ("[rating] > 3", 2),
    ],
)
def test_the_corrected_condition_works(source, where, n):
    (written,) = corrections(refused(source("ratings"), where))
    assert kept(source("ratings"), written) == n


@pytest.mark.parametrize(
    "where",
    [
        'event type = "purchase"',
        'ünïcode = "ja"',
        "my col = “a”",
        "[event type] = 'purchase'",
        "event type in (purchase)",
        "[order date] > '2020-12-31'",
        "group = 1",
        "desc = 1 and end = 1",
        "default = 1",
    ],
)
def test_all_mistakes_in_names_are_corrected_at_once(source, where):
    (written,) = corrections(refused(source("names"), where))
    assert kept(source("names"), written) == 5


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("rating >= 4 and 5", "5 is not true or false"),
        ("rating and bought = 'yes'", "rating is a number, not true or false"),
        ("code or rating > 3", "code is text, not true or false"),
        ("foo(rating) > 1", "not allowed: use comparisons, arithmetic and common string"),
        ("rating > (select 1)", "contains a subquery: use comparisons"),
        ("[rating] > 3 and hour(code) > 1", "SQL writes column.*; and hour needs a time"),
        ("hour(code) > 3", "hour needs a time, and code is text"),
        (" ", "it is empty: give an SQL condition"),
    ],
)
def test_nothing_is_suggested_that_does_not_work(source, where, why):
    message = refused(source("ratings"), where)
    assert re.search(why, message), message
    assert not corrections(message)


def test_dates_that_can_be_read_in_two_ways_are_not_compared_as_texts(source):
    path = source("ambiguous")
    day_first, month_first = corrections(refused(path, "t > '04/06/2021'"))
    assert (kept(path, day_first), kept(path, month_first)) == (0, 40)
    assert "31/06/2021' is not a valid date" in refused(path, "t > '31/06/2021'")
    assert kept(path, "t = '04/05/2021'") == 1
    choices = corrections(refused(source("us"), "dt > '5.6.2021'"))  # dots are often day-first
    assert [each[-12:] for each in choices] == ["'2021-06-05'", "'2021-05-06'"]


@pytest.mark.parametrize(
    ("name", "where", "n"),
    [
        ("commas", "price = '12,50' OR price IN ('13')", 2),
        ("ratings", "code > 'a'", 1),
        ("ratings", "rating = 4 OR rating = 5", 2),
        ("ratings", "flag <> 0 AND true", 2),
        ("ratings", "flag AND NOT rating = 4", 1),
        ("compact", "day >= '20210301' AND day <= 20210401", 1),
        ("ratings", "rating > 2020 - 2017 -- after 2020-01-01", 2),
        ("ratings", "user || '-' || item = 'u1-i1'", 1),
        ("seconds", "timestamp > 1600000000", 1),
        ("day", "day > '2024-06-01 10:00'", 1),
        ("ratings", "CASE WHEN rating > 3 THEN bought END = 'no'", 1),
    ],
)
def test_what_is_clear_works_as_before(source, name, where, n):
    assert kept(source(name), where) == n


def test_elements_of_a_list_are_compared_with_texts(tmp_path):
    frame = pd.DataFrame({"user": ["u", "v"], "item": ["a", "b"], "tags": [["1", "2"], ["3"]]})
    frame.to_parquet(path := tmp_path / "lists.parquet")
    (written,) = corrections(refused(path, "list_contains(tags, 2)"))
    assert kept(path, written) == 1
    assert not corrections(refused(frame, "list_contains(tags, 2)"))  # there it is text


def test_keywords_are_those_of_duckdb():
    rows = duckdb.execute(
        "SELECT keyword_name FROM duckdb_keywords() "
        "WHERE keyword_category IN ('reserved', 'type_function')"
    ).fetchall()
    assert {name for (name,) in rows} <= KEYWORDS


@pytest.mark.parametrize("at_terminal", [True, False])
def test_reasons_name_the_settings_of_the_reader(tmp_path, at_terminal):
    path = write(tmp_path / "r.csv", "user,item,rating\nu,a,1\nu,b,4\nv,a,5\nv,b,2\n")
    report = read_interactions(path, where="rating < 5", min_rating=2, time="none").report
    assert list(report.dropped) == ["left out by where", "rating below min_rating"]
    if not at_terminal:
        assert "dropped 1: excluded by where (r.csv record 4)" in report.lines()
        return
    with command_line():
        assert "dropped 1: excluded by --where (r.csv record 4)" in report.lines()
        assert "dropped 1: rating below --min-rating (r.csv record 2)" in report.lines()


def test_advice_on_a_condition_is_true_of_all_records(tmp_path):
    path = write(tmp_path / "r.csv", "user,item,rating,name\nu,a,1,\nu,b,4,x\nv,a,5,y\nv,b,2,x\n")
    with command_line():
        with pytest.raises(DataError, match="3 of 4 records do not match --where 'rating = 4'"):
            read_interactions(path, where="rating = 4", min_rating=5)
        with pytest.raises(DataError, match=r"largest rating is 4: .*--min-rating 4"):
            read_interactions(path, where="rating < 5", min_rating=4.5)
        with pytest.raises(DataError, match="write --where 'name IS NULL', because empty is NULL"):
            read_interactions(path, where="name = ''")
