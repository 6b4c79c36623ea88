"""The course's first program: every claim holds, and would be seen to fail."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / "one_hot_is_a_lookup.py"))


@pytest.fixture(scope="module")
def costs(program):
    return [program["cost"](films, np.random.default_rng(0)) for films in (1_000, 1_000_000)]


def test_every_claim_holds_and_a_picture_is_drawn(program, tmp_path):
    result = CliRunner().invoke(program["main"], ["--output", str(tmp_path / "new")])
    assert result.exit_code == 0, result.output
    lines = result.output.splitlines()
    assert sum(line.startswith("yes  ") for line in lines) == 6
    assert not any(line.startswith("NO") for line in lines)
    with Image.open(tmp_path / "new" / "one_hot_is_a_lookup.png") as picture:
        assert picture.size[0] > 800
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


def test_a_claim_that_does_not_hold_is_reported_as_wrong(program, capsys):
    wrong = np.ones((2, 2), dtype=np.float32)
    program["report"]("1 is 0", program["same"](wrong, 0 * wrong))
    assert capsys.readouterr().out == "NO   1 is 0.\n"


def test_one_hot_rows_are_rows_of_an_identity(program):
    np.testing.assert_array_equal(program["one_hot"]([2, 0, 2], 4), np.eye(4)[[2, 0, 2]])


def test_a_look_up_costs_the_same_whatever_the_catalogue_and_a_row_does_not(costs):
    small, large = costs
    assert large.row_bytes == 1000 * small.row_bytes
    assert large.lookup_bytes == small.lookup_bytes == 8 * 10 * 4
    assert small.same
    assert large.same
    grown = large.row_seconds / small.row_seconds
    assert grown > 5 * large.lookup_seconds / small.lookup_seconds
