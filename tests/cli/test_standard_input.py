"""Commands read interactions from standard input, and say what is wrong with it."""

import subprocess
import sys

import pytest
from click.testing import CliRunner

from item2vec.cli import main
from item2vec.models import model_file

CLIQUES = "user,item\n" + "".join(
    f"u{user},{'ab'[user % 2]}{(user + k) % 12}\n" for user in range(60) for k in range(11)
)
TINY = ["--vector-size", "4", "--epochs", "1", "--workers", "1", "--memory", "0"]


def run(*arguments, stdin, code=0):
    content = stdin.encode() if isinstance(stdin, str) else stdin
    result = CliRunner().invoke(main, list(map(str, arguments)), input=content)
    assert result.exit_code == code, result.stderr
    return result


@pytest.fixture
def model(tmp_path):
    path = tmp_path / "m.safetensors"
    run("train", "-", "-o", path, *TINY, stdin=CLIQUES)
    return path


def test_train_reads_a_pipe(tmp_path):
    path = tmp_path / "m.safetensors"
    command = [sys.executable, "-m", "item2vec", "train", "-", "-o", str(path), *TINY]
    done = subprocess.run(command, input=CLIQUES.encode(), capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert b"read 660, kept 660" in done.stderr
    assert len(model_file.load(path)) == 24


def test_the_same_input_as_a_file_gives_the_same_model(tmp_path, model):
    (tmp_path / "a.csv").write_text(CLIQUES)
    other = tmp_path / "other.safetensors"
    run("train", tmp_path / "a.csv", "-o", other, *TINY, stdin="")
    assert other.read_bytes() == model.read_bytes()


@pytest.mark.parametrize(
    "arguments",
    [
        ["split", "-", "-o", "parts"],
        ["evaluate", "-", "--recommender", "popularity", "--without", "ease"],
        ["evaluate", "-", "--model", "m.safetensors", "--in-sample"],
        ["recommend", "m.safetensors", "--histories", "-", "-o", "r.csv"],
        ["recommend", "m.safetensors", "--histories", "-"],
    ],
    ids=lambda arguments: " ".join(arguments[:4]),
)
def test_every_command_reads_interactions_from_standard_input(
    tmp_path, monkeypatch, model, arguments
):
    monkeypatch.chdir(tmp_path)
    result = run(*arguments, stdin=CLIQUES)
    assert "read 660, kept 660" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "stdin", "code", "why"),
    [
        (["-"], "", 1, "standard input is empty"),
        (["-", "-"], CLIQUES, 2, "standard input (-) is named twice"),
        (["-", "--items", "-"], CLIQUES, 2, "standard input (-) is named twice"),
        (["-"], b"\xff\xd8\xff\xe0", 1, "standard input is an image (JPEG)"),
        (["-", "--encoding", "koi8"], CLIQUES, 2, "--encoding must be"),
        (["-"], CLIQUES.replace("b", "é").encode("cp1252"), 0, "--encoding cp1252"),
        (["s3://bucket/a.csv"], "", 1, "is a URL"),
    ],
    ids=["empty", "twice", "items", "image", "encoding", "advice", "URL"],
)
def test_what_is_wrong_with_the_input_is_one_line(tmp_path, arguments, stdin, code, why):
    output = tmp_path / "m.safetensors"
    result = run("train", *arguments, "-o", output, *TINY, stdin=stdin, code=code)
    assert why in result.stderr
    assert "Traceback" not in result.stderr
    if code:
        assert sum(line.startswith("Error: ") for line in result.stderr.splitlines()) == 1
        assert not output.exists()


def test_the_case_windows_1252(tmp_path):
    """Files as Excel on Windows saves them: curly quotes and a euro sign."""
    plays, titles = tmp_path / "plays.csv", tmp_path / "titles.csv"
    rows = [f"{user},“Film” {(user + k) % 7} €\n" for user in range(40) for k in range(5)]
    plays.write_bytes(("userId,movieId\n" + "".join(rows)).encode("cp1252"))
    movies = "".join(f"“Film” {k} €,„{k}“\n" for k in range(7))
    titles.write_bytes(("movieId,title\n" + movies).encode("cp1252"))
    output = tmp_path / "m.safetensors"
    told = run("train", plays, "-o", output, *TINY, stdin="", code=1).stderr
    assert "Windows-1252" in told
    assert "--encoding cp1252" in told
    for encoding in ("cp1252", "latin-1"):
        command = ["train", plays, "--encoding", encoding, "--items", titles, "-o", output, *TINY]
        told = run(*command, stdin="").stderr
        assert "titles.csv is not UTF-8: it is read as Windows-1252" in told
        vectors = model_file.load(output)
        assert vectors.catalogue.find("„3“") == "“Film” 3 €"
