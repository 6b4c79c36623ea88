"""`--anonymous`, for every command that reads interactions."""

import pytest
from invoking import error, run


@pytest.fixture
def clicks(tmp_path):
    rows = [f"s{k // 8},NA,i{k % 24}" for k in range(900)]
    rows += [f"t{k // 8},u{k // 8},i{k % 24}" for k in range(96)]
    path = tmp_path / "clicks.csv"
    path.write_text("sessionId,userId,itemId\n" + "\n".join(rows) + "\n")
    return path


@pytest.mark.parametrize(
    "command",
    [
        ("train", "-o", "m.safetensors"),
        ("evaluate", "--recommender", "popularity"),
        ("tune", "--trainer", "item-knn", "-o", "best.toml"),
        ("split", "-o", "parts"),
    ],
    ids=lambda command: command[0],
)
def test_a_placeholder_user_stops_the_command(command, clicks, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    told = error(*command, clicks, code=1)
    assert "the user 'NA' has 90 % of the records" in told
    for remedy in ("--user sessionId", "--anonymous drop", "--anonymous keep"):
        assert remedy in told
    assert sorted(tmp_path.iterdir()) == [clicks]


@pytest.mark.parametrize(
    ("remedy", "n_users"),
    [
        (("--user", "sessionId"), 113 + 12),
        (("--anonymous", "drop"), 12),
        (("--anonymous", "keep"), 12 + 1),
    ],
)
def test_each_remedy_works(remedy, n_users, clicks, tmp_path):
    told = run("split", clicks, "-o", tmp_path / "parts", *remedy)
    users = set()
    for name in ("training.csv", "held_out.csv"):
        lines = (tmp_path / "parts" / name).read_text().splitlines()[1:]
        users |= {line.split(",")[0] for line in lines}
    assert len(users) == n_users
    dropped = "dropped 900: placeholder user (clicks.csv record 2, "
    assert (dropped in told.stderr) == ("drop" in remedy)
    assert ("which are kept (" in told.stderr) == ("keep" in remedy)


@pytest.mark.parametrize(
    ("column", "remedy"),
    [("session_id", "--user session_id"), ("x", "column as the user with --user")],
)
def test_a_user_with_all_records_is_not_to_be_dropped(tmp_path, column, remedy):
    rows = "".join(f"NULL,i{n % 7},s{n % 9}\n" for n in range(60))
    path = tmp_path / "a.csv"
    path.write_text(f"user,item,{column}\n{rows}")
    told = error("train", path, "-o", tmp_path / "m.safetensors", code=1)
    assert remedy in told
    assert "--anonymous keep" in told
    assert "drop" not in told
