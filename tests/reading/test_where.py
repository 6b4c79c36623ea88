"""An SQL condition selects records, and can do nothing else."""

import pytest
from reading_helpers import write

from item2vec.errors import ParameterError
from item2vec.reading.interactions import read_interactions


@pytest.fixture
def sales(tmp_path):
    good = "".join(f"u,i{k},{k},2011-01-{1 + k % 28:02},x{k},true\n" for k in range(30))
    text = f"user,item,qty,day,code,paid\n{good}u,bad,many,never,x,perhaps\n"
    return write(tmp_path / "sales.csv", text)


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("qty > 0", 29),
        ("QTY >= 10 AND day < '2011-01-15'", 6),
        ("year(day) = 2011", 30),
        ("paid", 30),
        ("item = 'i7' OR code = 'x'", 2),
        ("qty > 0 -- all that are sold", 29),
        ("contains(item, ')') OR qty = 3", 1),
    ],
)
def test_where_keeps_the_matching_records(sales, where, kept):
    report = read_interactions(sales, where=where, time="none").report
    assert report.rows_kept == kept
    assert report.dropped["left out by where"].count == 31 - kept


@pytest.mark.parametrize(
    "where",
    [
        "",
        "qty >",
        "quantity > 0",
        "qty",
        "qty > ?",
        "sum(qty) > 1",
        "item::INT > 3",
        "qty > 0) UNION SELECT (1",
        "qty > 0) GROUP BY (qty",
        "qty > 0; DROP TABLE loaded",
        "qty > 0)) -- ",
        "qty > 0) /*",
        "qty > (SELECT count(*) FROM read_csv('SECRET'))",
        "EXISTS (FROM read_text('SECRET'))",
        "qty IN (SELECT 1)",
        "qty > (SELECT max(qty) FROM 'SECRET')",
    ],
)
def test_a_condition_can_do_nothing_but_select(sales, tmp_path, where):
    secret = write(tmp_path / "secret.csv", "user,item\n1,2\n")
    with pytest.raises(ParameterError, match="where=") as caught:
        read_interactions(sales, where=where.replace("SECRET", str(secret)))
    assert "\n" not in str(caught.value)


def test_an_error_of_comparing_an_id_names_the_cast(tmp_path):
    path = tmp_path / "r.csv"
    path.write_text("user,item\n1,7\n2,x\n")
    with pytest.raises(ParameterError, match=r"item is text; as a number it is item::DOUBLE"):
        read_interactions(path, where="item > 5 + 1")
