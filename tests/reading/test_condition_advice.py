"""An SQL condition that can't be used is explained, with the condition that was meant."""

import re
import shlex

import numpy as np
import pandas as pd
import pytest
from reading_helpers import write

from item2vec._support.messages import command_line
from item2vec.data.catalogue import Catalogue
from item2vec.errors import ParameterError
from item2vec.reading.conditions.catalogue_where import matching_items
from item2vec.reading.interactions import read_interactions

pytestmark = pytest.mark.thorough  # many conditions, each of which is run on a file

INTERNAL = re.compile(r"item2vec |field\d|Candidate|unnamed|COALESCE|source column|VARCHAR and")


@pytest.fixture(scope="module")
def frame():
    n = np.arange(30)
    return pd.DataFrame(
        {
            "user": [f"u{k % 5}" for k in n],
            "item": [f"{k}" for k in n],
            "qty": n,
            "day": pd.to_datetime("2011-01-01") + pd.to_timedelta(n, unit="D"),
            "country": ["UK", "France", "UK"] * 10,
            "Order Date": ["2011-01-02"] * 30,
            "game-title": ["Doom"] * 30,
            "code": [str(k) if k % 2 else f"x{k}" for k in n],
        }
    )


@pytest.fixture(params=["csv", "frame"])
def source(request, frame, tmp_path):
    if request.param == "frame":
        return frame
    return write(tmp_path / "sales.csv", frame.to_csv(index=False))


def refused(source, where):
    with command_line(), pytest.raises(ParameterError) as caught:
        read_interactions(source, where=where, time="none")
    told = str(caught.value)
    assert "\n" not in told
    assert set(INTERNAL.findall(told)) <= set(INTERNAL.findall(where)), told
    return told


@pytest.mark.parametrize(
    ("where", "why", "kept"),
    [
        ('country = "UK"', "single quotes", 20),
        ("country = UK", "'UK'", 20),
        ("country IN (\"UK\", 'France')", "single quotes", 30),
        ("county = 'UK'", "did you mean country", 20),
        ("\"Order Dat\" > '2011-01-01'", "did you mean Order Date", 30),
        ("item > 5 AND qty > 7", "item is text, and 5 is a number", 22),
        ("user = 5 OR qty > 7", "user is text", 22),
        ("code BETWEEN 1 AND 9", "code is text", 5),
        ("country IN (1, 2) OR qty = 3", "country is text", 1),
        ("country <> NULL", "IS NOT NULL", 30),
        ("country = 'UK' AND NOT qty = NULL", "NULL is never true", 20),
        ("Order Date > '2011-01-01'", "double quotes", 30),
        ("game-title = 'Doom'", "double quotes", 30),
        ("qty > 7 && country = 'UK'", "AND", 15),
        ("sales.qty > 7", "refers to a table", 22),
        ("frame.qty > 7", "refers to a table", 22),
        ("day = 2011", "day is a time", 30),
        ("abs(code) > 7", "code is text", 11),
        ("item LIKE 5", "5 is a number", 1),
        ("country = \u2018UK\u2019", "quotes", 20),
        ("country = \u201cUK\u201d", "quotes", 20),
    ],
)
def test_the_condition_that_was_meant_can_be_pasted(source, where, why, kept):
    told = refused(source, where)
    assert why in told
    option, corrected = shlex.split(told.partition(": write ")[2])
    assert option == "--where"
    assert read_interactions(source, where=corrected, time="none").report.rows_kept == kept


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("country = 'UK", "never closed"),
        ("\"country = 'UK'", "never closed"),
        ("qty >", "incomplete"),
        ("(qty > 5", "parentheses"),
        ("qty > 5)", "parentheses"),
        ("qty > 'abc'", "qty is a number, and 'abc' is not"),
        ("qty = ''", "qty is a number"),
        ("day > '31/01/2011'", "'31/01/2011' is not a date"),
        ("code::INT > 3", "TRY_CAST(code"),
        ("country", "its value is a text"),
        ("not country", "not true or false"),
        ("field0 = 'u'", "there are user, item"),
        ('"item2vec malformed"', "there is no column"),
        ("strptime(code, '%d') > '2011-01-01'", "x0"),
    ],
)
def test_what_can_only_be_explained_is(source, where, why):
    assert why in refused(source, where)


@pytest.mark.parametrize(
    ("where", "kept"),
    [("country == 'UK'", 20), ("qty LIKE '1%'", 11), ("contains(qty, '1') AND item <> '1'", 11)],
)
def test_conditions_that_are_clear_just_work(tmp_path, frame, where, kept):
    path = write(tmp_path / "sales.csv", frame.to_csv(index=False))
    assert read_interactions(path, where=where, time="none").report.rows_kept == kept


@pytest.mark.parametrize("options", [{}, {"time_format": "%d/%m/%Y"}, {"time": "none"}])
def test_dates_in_other_notations_are_compared_as_dates(tmp_path, options):
    path = write(tmp_path / "a.csv", "user,item,date\nu,a,25/03/2021\nu,b,1/4/2021\nu,c,2/4/2020\n")
    report = read_interactions(path, where="date >= '2021-03-26'", **options).report
    assert report.rows_kept == 1


def test_conditions_on_the_catalogue_are_explained_too():
    catalogue = Catalogue(("1", "2"), {"title": ("Up", "Heat"), "genres": ("Comedy", "Drama")})
    with command_line(), pytest.raises(ParameterError) as caught:
        matching_items(catalogue, 'genres = "Drama"')
    option, corrected = shlex.split(str(caught.value).partition(": write ")[2])
    assert option == "--items-where"
    assert matching_items(catalogue, corrected).tolist() == [False, True]
    with pytest.raises(ParameterError, match="did you mean genres") as caught:
        matching_items(catalogue, "genre = 'Drama'")
    assert not INTERNAL.search(str(caught.value))
    with pytest.raises(ParameterError, match="item is text"):
        matching_items(catalogue, "item > 1")
