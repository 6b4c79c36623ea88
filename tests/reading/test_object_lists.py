"""Lists of objects, as sessions and playlists are often stored."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from reading_helpers import counts, histories_of

from item2vec.errors import DataError
from item2vec.reading.interactions import read_interactions

SESSIONS = [
    {"session": 12, "events": [{"aid": 5, "ts": 30_000_000_003}, {"aid": 7, "ts": 30_000_000_001}]},
    {"session": 11, "events": [{"aid": 7, "ts": 30_000_000_002}]},
    {"session": 13, "events": []},
]


def sources(tmp_path, rows):
    path = tmp_path / "t.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "t.parquet")
    return path, tmp_path / "t.parquet", pd.DataFrame(rows)


def test_fields_of_objects_in_a_list_are_columns(tmp_path):
    for source in sources(tmp_path, SESSIONS):
        read = read_interactions(source, keep_times=True)
        assert histories_of(read) == {"11": ["7"], "12": ["7", "5"]}
        assert counts(read) == {"item missing": 1}
        assert dict(read.report.columns) == {"user": "session", "item": "aid", "time": "ts"}


def test_a_field_that_is_called_like_a_column_gets_the_name_of_its_list(tmp_path):
    rows = [{"id": "ann", "user": "ann", "plays": [{"id": "x"}, {"id": "y", "user": "z"}]}]
    for source in sources(tmp_path, rows):
        read = read_interactions(source, item="plays.id")
        assert histories_of(read) == {"ann": ["x", "y"]}


def test_playlists_under_a_key_of_a_document_are_read(tmp_path):
    tracks = [{"track_uri": "spotify:1"}, {"track_uri": "spotify:2"}]
    path = tmp_path / "t.json"
    path.write_text(json.dumps({"info": {}, "playlists": [{"pid": 7, "tracks": tracks}]}))
    read = read_interactions(path, user="none")
    assert histories_of(read) == {"1": ["spotify:1", "spotify:2"]}
    assert read_interactions(path, user="pid").user_ids == ("7",)


def test_rows_are_not_searched_for_objects(tmp_path):
    for source in sources(tmp_path, SESSIONS):
        with pytest.raises(DataError, match="well-known name for the item"):
            read_interactions(source, layout="rows")
