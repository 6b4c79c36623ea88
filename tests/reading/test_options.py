"""Columns, encodings and other options are found or checked, and errors name the remedy."""

import dataclasses
import inspect
import math

import numpy as np
import pandas as pd
import pytest
from reading_helpers import histories_of, write

from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.options import ColumnNames, ReadOptions, RecordRules, TextFormat
from item2vec.reading.ratings import read_ratings


def test_min_rating_needs_ratings(tmp_path):
    path = write(tmp_path / "r.csv", "user,item\n1,a\n")
    with pytest.raises(ParameterError, match="with rating"):
        read_interactions(path, min_rating=4)
    for rating in (math.nan, "four"):
        with pytest.raises(ParameterError, match="finite"):
            read_interactions(path, min_rating=rating)
    with pytest.raises(ParameterError, match=r"time_format.*with time"):
        read_interactions(path, time_format="%Y")


@pytest.mark.parametrize(
    ("header", "columns"),
    [
        ("userId,movieId,rating,timestamp", ("userId", "movieId", "timestamp")),
        ("rating,User ID,date,book_id", ("User ID", "book_id", "date")),
        (
            "InvoiceDate,StockCode,Description,CustomerID",
            ("CustomerID", "StockCode", "InvoiceDate"),
        ),
        ("reviewerID,asin,overall,unixReviewTime", ("reviewerID", "asin", "unixReviewTime")),
        # Two that could be the item: an id is preferred to a name.
        ("title,visitor-id,ts,Movie-ID", ("visitor-id", "Movie-ID", "ts")),
    ],
)
def test_well_known_columns_are_found_and_reported(tmp_path, header, columns):
    values = ",".join("1" for _ in header.split(","))
    report = read_interactions(write(tmp_path / "r.csv", f"{header}\n{values}\n")).report
    assert report.columns == dict(zip(("user", "item", "time"), columns, strict=True))
    assert all(any(name in note for note in report.notes) for name in columns)


def test_given_columns_take_precedence(tmp_path):
    path = write(tmp_path / "r.csv", "user,item,who,what,when\n1,2,3,4,5\n")
    interactions = read_interactions(path, user="who", item="what", time="when")
    assert histories_of(interactions) == {"3": ["4"]}
    assert not any("found by" in note for note in interactions.report.notes)
    assert histories_of(read_interactions(path, item="user", user="item")) == {"2": ["1"]}


def test_columns_that_are_not_there_are_errors_with_remedies(tmp_path):
    path = write(tmp_path / "r.csv", "user,what,when\n1,2,3\n")
    with pytest.raises(DataError, match=r"r\.csv.*the item.*what='2', when='3'.*item='what'"):
        read_interactions(path)
    with pytest.raises(ParameterError, match=r"'wat'.*did you mean 'what'"):
        read_interactions(path, item="wat")
    with pytest.raises(ParameterError, match="both"):
        read_interactions(path, item="what", user="what")


def test_windows_1252_is_suggested_for_malformed_records_and_read_if_given(tmp_path):
    path = tmp_path / "r.csv"
    path.write_bytes("user,item\n1,Café\n2,Tea\n".encode("latin-1"))
    report = read_interactions(path).report
    assert report.dropped["malformed record"].count == 1
    assert any("r.csv is not UTF-8" in note and "cp1252" in note for note in report.notes)
    assert read_interactions(path, encoding="latin-1").item_ids == ("Café", "Tea")
    path.write_bytes("user,item\n1,Café\n".encode("latin-1"))
    with pytest.raises(DataError, match=r"is not UTF-8: .* encoding='cp1252'"):
        read_interactions(path)
    with pytest.raises(ParameterError, match=r"encoding must be .*'koi8'.*'koi8-r'"):
        read_interactions(path, encoding="koi8")


def test_windows_1252_is_not_suggested_for_malformed_records_in_utf_8(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item\n1,Café\n2,3,4,5\n")
    report = read_interactions(path).report
    assert report.dropped["malformed record"].count == 1
    assert not [note for note in report.notes if "cp1252" in note]


@pytest.mark.parametrize(
    ("source", "message"),
    [
        (pd.DataFrame(), "has no columns"),
        (pd.DataFrame({"user": ["a"], "item": ["x"], "item2vec id": ["z"]}), "'item2vec id'"),
        (pd.Series([1, 2]), "not Series"),
        (np.zeros((3, 2)), "not ndarray"),
        ([], r"not \[\]"),
        ({"user": [1], "item": [2]}, "not dict"),
    ],
    ids=["no columns", "a name of ours", "series", "ndarray", "empty list", "dict"],
)
def test_values_that_are_no_sources_are_errors(source, message):
    with pytest.raises((DataError, ParameterError), match=message):
        read_interactions(source)


@pytest.mark.parametrize("name", ["where", "time_format", "delimiter"])
def test_text_options_must_be_strings(name):
    with pytest.raises(ParameterError, match=f"{name} must be a string, not 5"):
        read_interactions(pd.DataFrame({"user": ["a"], "item": ["x"]}), **{name: 5})


def test_every_option_is_a_keyword_argument_of_the_same_name():
    names = {
        field.name
        for options in (ColumnNames, TextFormat, RecordRules)
        for field in dataclasses.fields(options)
    } - {"latin_1_fallback"}
    others = {"source", "progress", "layout"}
    assert set(inspect.signature(read_interactions).parameters) == names | others | {"keep_times"}
    assert set(inspect.signature(read_ratings).parameters) == names - {"min_rating"} | others


def test_the_order_of_the_records_can_be_declared_in_any_letter_case():
    columns = ColumnNames(user=0, time="None")
    assert columns.in_file_order
    assert columns.by_role() == {"user": "0", "item": None, "rating": None}
    assert columns.given() == ["0"]
    assert ColumnNames(time="when").given() == ["when"]


@pytest.mark.parametrize(("given", "delimiter"), [("tab", "\t"), ("\\t", "\t"), (";", ";")])
def test_a_tabulator_can_be_named(given, delimiter):
    assert TextFormat(given).delimiter == delimiter


def test_the_fallback_of_catalogues_is_no_encoding():
    with pytest.raises(ParameterError, match=r"encoding must be .*'utf-8 or latin-1'"):
        TextFormat(encoding="utf-8 or latin-1")


def test_records_need_ratings_if_these_are_loaded_or_compared():
    assert not ReadOptions().needs_ratings
    assert ReadOptions(load_ratings=True).needs_ratings
    assert ReadOptions(rules=RecordRules(min_rating=0)).needs_ratings
