"""A condition can't take much memory, because it is checked before it is run."""

import resource
import subprocess
import sys

import pandas as pd
import pytest

from item2vec.errors import ParameterError
from item2vec.reading.interactions import read_interactions


@pytest.fixture(scope="module")
def films(tmp_path_factory):
    """A Parquet file, whose columns have types."""
    columns = {
        "user": ["a", "a", "b", "c"],
        "item": ["x", "y", "y", "[REC]"],
        "genres": ["Comedy|Drama", "comedy", "Horror", None],
        "price": ["$5", "1,000", "7", "free"],
        "about": ['{"year": 2012}', "{}", '{"a": 1}', None],
        "tags": [["new"], ["a", "b"], [], None],
        "qty": [1, 2, 3, 4],
        "day": pd.to_datetime(["2012-01-01", "2012-02-03", "2013-02-03", "2014-12-31"]),
    }
    path = tmp_path_factory.mktemp("films") / "films.parquet"
    pd.DataFrame(columns).to_parquet(path)
    return path


@pytest.mark.parametrize(
    ("where", "kept"),
    [
        ("genres LIKE '%Comedy%'", 1),
        ("genres ILIKE '%comedy%' OR genres IS NULL", 3),
        ("lower(genres) IN ('comedy', 'horror')", 2),
        ("regexp_matches(genres, '^C.*a$')", 1),
        ("genres SIMILAR TO '[Cc]omedy.*'", 2),
        ("split_part(genres, '|', 2) = 'Drama'", 1),
        ("starts_with(item, '[') AND contains(item, 'REC')", 1),
        ("item IN ['x', 'y']", 3),
        ("trim(substr(genres, 1, 3)) = 'Com' AND length(genres) > 3", 1),
        ("try_cast(replace(price, '$', '') AS DOUBLE) > 4", 2),
        ("try_cast(regexp_replace(price, '[^0-9]', '', 'g') AS INTEGER) >= 7", 2),
        ("\"user\" || '-' || item = 'b-y'", 1),
        ("qty % 2 = 0 AND abs(-qty) BETWEEN 1 AND 3", 1),
        ("qty::VARCHAR = '4' OR round(qty / 3) = 0", 2),
        ("CASE WHEN qty > 2 THEN 'many' ELSE 'few' END = 'many'", 2),
        ("coalesce(nullif(genres, 'Horror'), 'none') = 'none'", 2),
        ("year(day) = 2012 AND extract(month FROM day) < 2", 1),
        ("day >= DATE '2013-01-01' - INTERVAL 1 YEAR AND day < '2013-01-01'", 2),
        ("date_trunc('month', day) = '2013-02-01'", 1),
        ("strftime(day, '%d') = '03'", 2),
        ("about ->> '$.year' = '2012' AND json_extract_string(about, 'a') IS NULL", 1),
        ("list_contains(tags, 'new') OR len(tags) = 0 OR tags[2] = 'b'", 3),
        ("list_has_any(tags, ['b', 'z'])", 1),
        ("item IN (" + ", ".join(f"'{k}'" for k in range(9000)) + ", 'x')", 1),
        (" OR ".join(f"qty = {k}" for k in range(3, 200)), 2),
    ],
    ids=lambda value: str(value)[:40],
)
def test_usual_conditions_work(films, where, kept):
    assert read_interactions(films, where=where, time="none").report.rows_kept == kept


@pytest.mark.parametrize(
    ("where", "why"),
    [
        ("len(range(2000000000)) > 0", "the function 'range' is not allowed"),
        ("length(repeat('x', 4000000000)) > 0", "'repeat' is not allowed"),
        ("length(lpad(item, 2000000000, 'x')) > 0", "'lpad' is not allowed"),
        ("length(format('{:>2000000000}', item)) > 0", "'format' is not allowed"),
        ("length(bar(qty, 0, 1, 2000000000)) > 0", "'bar' is not allowed"),
        ("len(list_resize([1], 2000000000)) > 0", "'list_resize' is not allowed"),
        ("len(generate_series(1, 2000000000)) > 0", "'generate_series' is not allowed"),
        ("length(replace(replace(item, 'x', 'xxxx'), 'x', 'xxxx')) > 0", "replace may only"),
        (r"length(regexp_replace(item, '(.*)', '\1\1\1')) > 0", "regexp_replace may only"),
        ("length(" + " || ".join(["item"] * 30) + ") > 0", "calls that lengthen a text"),
        ("length(concat(" + ", ".join(["item"] * 300) + ")) > 0", "calls that lengthen a text"),
        ("len([item, item]) > 0", "a list may contain only literals"),
        ("item::INTEGER[100000] IS NULL", "a cast to 'array' is not allowed"),
        ("length(about ->> ['$', '$', '$']) > 0", "->> needs one path"),
        ("length(json_extract_string(about, '$..*')) > 0", "needs one path"),
        ("getenv('HOME') = 'x'", "'getenv' is not allowed"),
        ("item = '" + "x" * 1001 + "'", "a literal of more than 1,000 characters"),
        (" OR ".join(f"item ~ 'x{k}'" for k in range(60)), "regular expressions"),
        (" OR ".join(f"qty + {k} > 9" for k in range(2000)), "expressions, and 2,000 are"),
        ("1" + " + 1" * 900 + " > 0", "nested too deeply|more than 100 levels"),
        ("1" + " + 1" * 150 + " > 0", "more than 100 levels deep"),
        ("(" * 3000 + "qty > 1" + ")" * 3000, "nested too deeply"),
        ("qty > 1" + " " * 100_000, "more than 100,000 characters"),
        ("foo(qty) > 1" + " " * 90_000 + "x", "syntax error"),
        ("foo(qty) > 1" + " " * 90_000, "'foo' is not allowed"),
        ("qty > 1 " + "x" * 90_000, "syntax error"),
        ("qty = " + "'" * 90_000 + " 1", "syntax error"),
        ("(" * 50 + "1 < " * 9_000, "syntax error|parentheses|nested|not allowed|incomplete"),
        ("row_number() OVER () > 1", "a window function"),
        ("COLUMNS(*) > 1", "the kind STAR is not allowed"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_could_take_memory_is_refused_in_a_short_line(films, where, why):
    with pytest.raises(ParameterError, match=why) as caught:
        read_interactions(films, where=where)
    assert len(str(caught.value)) < 600
    assert "\n" not in str(caught.value)


def test_where_takes_all_memory(tmp_path):
    """faults/27: the condition is refused within 4 GB, where DuckDB alone would take 16 GB."""
    (tmp_path / "r.csv").write_text("user,item\na,x\nb,y\n")
    where = "len(range(2000000000)) > 0"
    result = subprocess.run(
        [*(sys.executable, "-m", "item2vec", "split", "r.csv", "-o", "o", "--where"), where],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (4 << 30, 4 << 30)),
    )
    assert result.returncode == 2
    assert "'range' is not allowed" in result.stderr
    assert "Traceback" not in result.stderr
