"""`benchmarks/published.py`: its numbers on a toy split equal ones worked out by hand."""

import importlib.util
import sys
from math import log2
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def published():
    spec = importlib.util.spec_from_file_location("published", ROOT / "benchmarks/published.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["published"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def toy(tmp_path) -> Path:
    """User n of 8 has the items 1 ... 9 - n, so that item k is the k-th most popular."""
    train = [" ".join(map(str, [n, *range(1, 10 - n)])) for n in range(1, 9)]
    (tmp_path / "train.txt").write_text("\n".join(train) + "\n9\n")
    # User 8 is recommended 2 ... 8: labels at ranks 3 and 6. User 7 is recommended 3 ... 8: a label
    # at rank 6, and one that nobody can know. User 1 has all items already, user 6 only old ones.
    (tmp_path / "test.txt").write_text("8 7 4\n7 8 99\n1 99\n6 1 2\n2\n\n10 3\n")
    return tmp_path


def test_the_numbers_are_those_worked_out_by_hand(published, toy):
    values = published.score(toy, ["popularity"]).scores["popularity"].values
    ideal = 1 + 1 / log2(3)  # of two labels
    third, sixth = 1 / log2(4), 1 / log2(7)
    expected = {
        "recall@20": (2 / 2 + 1 / 2 + 0) / 3,
        "ndcg@20": ((third + sixth) / ideal + sixth / ideal + 0) / 3,
        "hit@5": 1 / 3,
        "hit@10": 2 / 3,
        "hit@20": 2 / 3,
        "ndcg@5": (third / ideal) / 3,
        "ndcg@10": ((third + sixth) / ideal + sixth / ideal) / 3,
    }
    assert list(published.COLUMNS) == list(expected)
    found = {name: values[metric].mean() for name, metric in published.COLUMNS.items()}
    assert found == pytest.approx(expected)


def test_what_is_printed_are_these_numbers_for_the_recommenders_named(published, toy, capsys):
    published.main([str(toy), "--recommender", "popularity", "--recommender", "item-knn"])
    header, popularity, item_knn, *notes = capsys.readouterr().out.splitlines()
    assert header.split() == ["recommender", *published.COLUMNS]
    assert popularity.split()[:3] == ["popularity", "0.5000", "0.2478"]
    assert item_knn.split()[0] == "item-knn"
    assert notes[0] == "3 users with 5 test items"
    assert "1 user was skipped: only the later part has them." in notes


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({}, "train.txt can't be read"),
        ({"train.txt": "1\n2\n", "test.txt": "1 2\n"}, 'train.txt holds no line "user item'),
        ({"train.txt": "1 2\n", "test.txt": "3 4\n"}, "has both an earlier item"),
    ],
)
def test_a_folder_that_is_none_is_one_line(published, tmp_path, files, told):
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    with pytest.raises(SystemExit, match=f"Error: .*{told}"):
        published.main([str(tmp_path)])
