"""The course's factorisation: it finds what invented ratings are made of, and beats biases."""

import runpy
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
NOISE = np.sqrt(0.5**2 + 0.5**2 / 12)  # of an invented rating, and of rounding it to half a star


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / "latent_factors.py"))


@pytest.fixture(scope="module")
def learned(program):
    training, scored = program["invent"]()[0].split(0.1, seed=0)
    return program["learn"](training, scored, sigmoid=False)


def test_factors_come_near_the_noise_and_biases_alone_do_not(learned):
    mean, biases, factors = learned[1].values()
    assert factors < 1.15 * NOISE
    assert factors < 0.75 * biases
    assert biases < 0.85 * mean


def test_two_factors_are_found_where_two_were_put_in(learned):
    vectors = learned[0].item_vectors.astype(np.float64)
    shares = np.linalg.svd(vectors, compute_uv=False) ** 2
    assert shares[:2].sum() > 0.6 * shares.sum()
    assert shares[2] < 0.3 * shares[1]


@pytest.mark.thorough
@pytest.mark.parametrize("option", [[], ["--sigmoid"]])
def test_it_shows_holes_then_none_and_ranks_what_a_user_has_not_seen(program, tmp_path, option):
    result = CliRunner().invoke(program["main"], ["--output", str(tmp_path), *option])
    assert result.exit_code == 0, result.output
    before, _, after = result.output.partition("The same corner, with all ratings predicted")
    assert before.count(" .") > 10
    table = after[: after.index("Highest ratings of user")]
    assert " ." not in table
    seen, _, unseen = after.partition("Highest predicted ratings")
    seen = {line.split("  ")[-1] for line in seen.splitlines() if "  Film" in line}
    unseen = {line.split("  ")[-1] for line in unseen.splitlines() if "  Film" in line}
    assert len(unseen) == 5
    assert not seen & unseen
    with Image.open(tmp_path / "latent_factors.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50


@pytest.mark.thorough
@pytest.mark.real_data
def test_on_movielens_factors_are_better_than_biases_alone(program, shared_data):
    ratings, titles = program["read"](shared_data / "ml-latest-small")
    training, scored = ratings.split(0.1, seed=1)
    mean, biases, factors = program["learn"](training, scored, sigmoid=False)[1].values()
    assert factors < 0.98 * biases < 0.9 * mean
    assert titles["1"] == "Toy Story (1995)"
