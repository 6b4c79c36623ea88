"""Objects in columns: their fields are named by a path, such as user.id."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import histories_of, write

from item2vec.errors import DataError, ParameterError
from item2vec.reading.interactions import read_interactions

SESSIONS = [
    {
        "user": {"id": f"u{k % 3}", "home": {"city": "Graz"}},
        "plays": [{"track": {"id": f"t{k}"}, "at": 20 + k}, {"track": {"id": "t9"}, "at": 10 + k}],
    }
    for k in range(6)
]
EVENTS = [
    {"_id": str(k), "_source": {"visitor": {"key": f"u{k % 3}"}, "film": f"f{k % 4}", "ts": k}}
    for k in range(9)
]


def sources(tmp_path, rows):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    answer = tmp_path / "answer.json"
    answer.write_text(json.dumps({"meta": {"page": 1}, "data": {"total": 6, "sessions": rows}}))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    return path, answer, tmp_path / "t.parquet", pd.DataFrame(rows)


def test_fields_of_objects_are_named_by_a_path(tmp_path):
    for source in sources(tmp_path, EVENTS):
        read = read_interactions(
            source, user="_source.visitor.key", item="_source.film", time="_source.ts"
        )
        assert histories_of(read) == {
            "u0": ["f0", "f3", "f2"], "u1": ["f1", "f0", "f3"], "u2": ["f2", "f1", "f0"],
        }  # fmt: skip


@pytest.mark.parametrize("item", ["plays.track.id", "track.id"])
def test_fields_of_objects_in_lists_are_lists(tmp_path, item):
    for source in sources(tmp_path, SESSIONS):
        read = read_interactions(source, user="user.id", item=item, time="at")
        assert histories_of(read)["u0"] == ["t9", "t9", "t0", "t3"]
        assert len(read.items) == 12


def test_the_guess_names_fields_of_objects(tmp_path):
    for source in sources(tmp_path, EVENTS):
        with pytest.raises(DataError, match=r"user='_source.visitor.key', item='_source.film'"):
            read_interactions(source)


def test_a_path_that_leads_nowhere_is_an_error(tmp_path):
    for source in sources(tmp_path, EVENTS):
        with pytest.raises(ParameterError, match=r"has no column '_source\.who' for the user"):
            read_interactions(source, user="_source.who", item="_source.film", time="none")


def test_a_table_with_a_column_for_each_item_is_named(tmp_path):
    rows = "".join(f"u{k}," + ",".join("35"[k % 2] * (k % j == 0) for j in range(1, 9)) + "\n"
                   for k in range(30))  # fmt: skip
    wide = write(tmp_path / "wide.csv", "user," + ",".join("abcdefgh") + "\n" + rows)
    with pytest.raises(DataError, match=r"column for each item.*frame.melt\(id_vars='user'"):
        read_interactions(wide)
    marks = pd.DataFrame({f"milk {k}": [bool(k & n) for n in range(64)] for k in range(8)})
    with pytest.raises(DataError, match=r"such as 'milk 0' and 'milk 1'.*frame.melt"):
        read_interactions(marks)
