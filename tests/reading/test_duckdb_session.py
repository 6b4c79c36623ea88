"""The database reads the given files only, within its memory, and stops on Ctrl-C."""

import os
import signal
import subprocess
import sys
import time

import pytest
from reading_helpers import write
from table_helpers import CSV

from item2vec.reading.duckdb_session import Database, QueryError
from item2vec.reading.interactions import read_interactions


def test_the_database_can_read_its_files_only(tmp_path):
    allowed, secret = write(tmp_path / "a.csv", CSV), write(tmp_path / "secret.csv", CSV)
    with Database(tmp_path / "own", [allowed]) as database:
        assert database.rows(f"SELECT count(*) FROM read_csv('{allowed}')") == [(3,)]
        for statement in (
            f"SELECT * FROM read_csv('{secret}')",
            f"SELECT * FROM read_text('{secret}')",
            f"SELECT * FROM glob('{tmp_path}/*')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'out.db'}'",
            "SET enable_external_access = true",
            "SELECT * FROM secret",  # a variable of this function
        ):
            with pytest.raises(QueryError) as caught:
                database.rows(statement)
            assert "\n" not in str(caught.value)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.csv", "secret.csv"]


def test_data_that_do_not_fit_in_memory_are_spilled_to_disk_and_removed(tmp_path, monkeypatch):
    # DuckDB needs some memory for each thread. With two, 20 MB of these rows were put aside.
    monkeypatch.setattr(
        "item2vec.reading.duckdb_session.MEMORY_LIMIT", f"{30 * max(2, os.cpu_count() or 2)}MB"
    )
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    n = 500_000
    path = write(tmp_path / "a.csv", "user,item\n" + "".join(f"{k % 977},{k}\n" for k in range(n)))
    interactions = read_interactions(path)
    assert interactions.report.rows_kept == len(interactions.items) == n
    assert [path.name for path in tmp_path.iterdir()] == ["a.csv"]


def test_progress_rises_to_the_end(tmp_path):
    n = 300_000
    path = write(tmp_path / "a.csv", "user,item\n" + "".join(f"{k % 977},{k}\n" for k in range(n)))
    reported = []
    read_interactions(path, progress=lambda done, total: reported.append((done, total)))
    assert reported == sorted(reported)
    assert reported[-1] == (100, 100)


@pytest.mark.posix
def test_ctrl_c_stops_at_once_and_leaves_nothing(tmp_path):
    n = 2_000_000
    path = tmp_path / "a.csv"
    with path.open("w") as file:
        file.write("user,item\n")
        file.writelines(f"{k % 9973},{k}\n" for k in range(n))
    (tmp_path / "spill").mkdir()
    script = (
        "import sys\nfrom item2vec import read_interactions\n"
        "started = lambda done, total: print('started', flush=True)\n"
        "try: read_interactions(sys.argv[1], progress=started)\n"
        "except KeyboardInterrupt: print('interrupted')\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", script, str(path)],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path / "spill")},
    )
    assert child.stdout.readline() == "started\n"
    child.send_signal(signal.SIGINT)
    begin = time.monotonic()
    output, _ = child.communicate(timeout=30)
    assert output.endswith("interrupted\n")
    assert time.monotonic() - begin < 5
    assert not list((tmp_path / "spill").iterdir())


def test_importing_the_value_objects_needs_no_duckdb():
    script = (
        "import sys, item2vec.data.interactions, item2vec.data.catalogue\n"
        "assert not {'duckdb', 'pandas'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
