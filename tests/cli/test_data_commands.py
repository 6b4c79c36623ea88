"""`item2vec split`: files that it writes, and files that it never replaces."""

import csv

import pytest
from invoking import error, run

from item2vec.reading.interactions import read_interactions

LAST = ("--protocol", "leave-last-out", "--recommender", "popularity", "--min-count", 1)


def rows_of(folder):
    """Return the header and the rows of both parts."""
    header, rows = None, []
    for name in ("training.csv", "held_out.csv"):
        with (folder / name).open(encoding="utf-8", newline="") as file:
            header, *part = csv.reader(file)
        rows += part
    return header, rows


@pytest.fixture
def unordered(tmp_path):
    """Write interactions of 20 users without times."""
    rows = [f"u{user},i{(user * n) % 7}" for user in range(20) for n in range(1, 6)]
    path = tmp_path / "plain.csv"
    path.write_text("\n".join(["user,item", *rows]) + "\n")
    return path


def test_parts_have_the_times_of_the_file(tmp_path):
    times = ["1965-05-04T10:00:00.000000001", "1970-01-01T00:00:00.000000000", "2020-02-29"]
    rows = [[f"u{user}", f"i{n}", time] for user in range(10) for n, time in enumerate(times)]
    path = tmp_path / "timed.csv"
    path.write_text("user,item,time\n" + "".join(",".join(row) + "\n" for row in reversed(rows)))
    told = run("split", path, "-o", tmp_path / "parts")
    assert "have no times" not in told.stderr
    header, found = rows_of(tmp_path / "parts")
    assert header == ["user", "item", "time"]
    times[2] = "2020-02-29T00:00:00.000000000"
    assert sorted(found) == [[user, item, times[int(item[1])]] for user, item, _ in rows]
    whole = read_interactions(path, keep_times=True)
    part = read_interactions(tmp_path / "parts" / "training.csv", keep_times=True)
    places = [whole.user_ids.index(user) for user in part.user_ids]
    assert part.times.tolist() == whole.take(places).times.tolist()


def test_parts_of_unknown_order_have_no_times(unordered, tmp_path):
    told = run("split", unordered, "-o", tmp_path / "parts")
    assert "--time none" not in told.stderr
    header, rows = rows_of(tmp_path / "parts")
    assert header == ["user", "item"]
    lines = unordered.read_text().splitlines()[1:]
    for user in {row[0] for row in rows}:
        part = [",".join(row) for row in rows if row[0] == user]
        assert part == [line for line in lines if line.startswith(f"{user},")], "the same order"
    message = error("evaluate", tmp_path / "parts" / "training.csv", *LAST, code=1)
    assert "there are no times" in message


def test_parts_of_declared_order_need_the_declaration(unordered, tmp_path):
    told = run("split", unordered, "--time", "none", "-o", tmp_path / "parts")
    assert "have no times: use --time none with them, too" in told.stderr
    assert rows_of(tmp_path / "parts")[0] == ["user", "item"]
    run("evaluate", tmp_path / "parts" / "training.csv", *LAST, "--time", "none")


def test_a_folder_that_cannot_be_made_is_told(folder, interactions):
    assert "can't be created" in error("split", interactions, "-o", interactions / "x", code=1)


def test_split_replaces_nothing_that_it_did_not_write(folder, interactions, tmp_path):
    (tmp_path / "held_out.csv").write_text("mine")
    told = error("split", interactions, "-o", tmp_path, code=1)
    assert "held_out.csv exists with other contents" in told
    assert [path.name for path in tmp_path.iterdir()] == ["held_out.csv"], "all or nothing"
    run("split", interactions, "-o", tmp_path, "--force")
    run("split", interactions, "-o", tmp_path)  # the same once more changes nothing
    assert len(list(tmp_path.iterdir())) == 2
