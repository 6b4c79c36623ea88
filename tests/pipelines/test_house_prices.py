"""House prices: with a tanh, three dimensions recover the size and the location of a house."""

import re
import runpy
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def program():
    return runpy.run_path(str(ROOT / "pipelines" / "house_prices.py"))


@pytest.fixture(scope="module")
def parts(program):
    return program["invent"]().split(0.2, seed=0)


@pytest.fixture(scope="module")
def trained(program, parts):
    vocabulary = program["vocabulary_of"](parts[0])
    return {
        has_tanh: program["Network"](vocabulary, has_tanh=has_tanh).fit(parts[0])
        for has_tanh in (True, False)
    }


def test_three_dimensions_explain_the_size_and_the_location_that_were_never_told(
    program, parts, trained
):
    scored = parts[1]
    size, location = scored.truth.T
    bent, straight = (trained[has_tanh].of(scored) for has_tanh in (True, False))
    assert program["explained"](bent, size) > 0.7
    assert program["explained"](bent, location) > 0.6
    assert program["explained"](straight, location) < 0.4


def test_without_a_tanh_three_dimensions_are_one_direction(program, parts, trained):
    shares = {
        has_tanh: program["axes_of"](
            network.of(parts[1]), parts[1].logs
        )[1]
        for has_tanh, network in trained.items()
    }  # fmt: skip
    assert shares[False][0] > 0.99
    assert shares[True][1] > 0.05


def test_it_is_better_than_ridge_regression_and_that_than_the_median(program, parts, trained):
    errors = program["show_errors"](trained[True], *parts)
    median, ridge, network = errors.values()
    assert network < 0.85 * ridge < 0.6 * median


def test_prices_rise_along_every_axis(program, parts, trained):
    latent = trained[True].of(parts[1])
    axes, shares = program["axes_of"](latent, parts[1].logs)
    for axis in axes:
        assert np.corrcoef(latent @ axis, parts[1].logs)[0, 1] >= 0
    assert shares.sum() == pytest.approx(1)
    low, high = program["ends"](trained[True], axes[0])
    assert {"studio", "rundown"} <= set(low.split(", "))
    assert {"ballroom", "riverside"} <= set(high.split(", "))


@pytest.mark.parametrize("has_tanh", [True, False])
def test_the_gradient_is_that_of_finite_differences(program, parts, has_tanh):
    ads = parts[0].take(np.arange(20))
    network = program["Network"](program["vocabulary_of"](parts[0]), has_tanh=has_tanh)
    bags, logs = ads.bags(network.vocabulary), ads.logs.astype(np.float64)
    names = ("words", "offset", "last", "mean")
    for name in names:
        setattr(network, name, getattr(network, name).astype(np.float64))
    network.mean += logs.mean()
    rows, gradients = network.gradients(bags, logs)

    def loss():
        return float(((network.predict(bags) - logs) ** 2).sum() / 2)

    for name, gradient in zip(names, gradients, strict=True):
        parameters = getattr(network, name)
        chosen = rows[:5] if name == "words" else [0]
        for at, row in enumerate(chosen):
            for column in range(parameters.shape[1]):
                before = parameters[row, column]
                parameters[row, column] = before + 1e-4
                above = loss()
                parameters[row, column] = before - 1e-4
                numeric = (above - loss()) / 2e-4
                parameters[row, column] = before
                assert gradient[at, column] == pytest.approx(numeric, rel=1e-2, abs=1e-3)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("$1,250.00", 1250),
        ("$ 1,250", 1250),
        ("1.250,00 EUR", 1250),
        ("1.250.000", 1_250_000),
        ("CHF 1'250.50", 1250.5),
        ("1 250 000", 1_250_000),
        ("99.9", 99.9),
        ("250000", 250000),
        ("from 300,000 dollars.", 300000),
        ("on request", 0),
        ("$350k", 350_000),
        ("$1.2M", 1_200_000),
        ("1.5 million", 1_500_000),
        ("40312.857142857145", 40312.857142857145),
        ("2.5e+05", 250_000),
        ("250\u202f000 €", 250_000),
        ("298.000", 298_000),
        ("-5", 0),
        ("from 3 to 5", 0),
        ("9" * 300, 0),
        ("", 0),
    ],
)
def test_prices_are_understood_as_people_write_them(program, text, number):
    assert program["to_price"](text) == number


@pytest.mark.thorough
def test_a_table_of_advertisements_is_read_and_what_is_left_out_is_said(program, parts, tmp_path):
    lines = ["About,Asking"]
    for place in range(400):
        said = " ".join(parts[0].words[place])
        lines.append(f'"{said}!","${parts[0].prices[place]:,.2f}"')
    lines += ['"nice, but no price",on request', ",$5"]
    path = tmp_path / "ads.csv"
    path.write_text("\n".join(lines) + "\n")
    options = [str(path), "--output", str(tmp_path)]
    result = CliRunner().invoke(program["main"], [*options, "--text", "About", "--price", "Asking"])
    assert result.exit_code == 0, result.output
    assert "402 advertisements, 2 without a text or a price" in result.output
    assert "true size" not in result.output
    with Image.open(tmp_path / "house_prices.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
    wrong = CliRunner().invoke(program["main"], options)
    assert wrong.exit_code == 2
    assert "no column 'description': it has About, Asking; name one with --text" in wrong.output
    path.write_text("description,price\nsmall,1\n")
    few = CliRunner().invoke(program["main"], options)
    assert few.exit_code == 1
    assert "too few" in few.output
    path.write_text("description,price\n" + "".join(f"w{n},{n + 1}\n" for n in range(99)))
    apart = CliRunner().invoke(program["main"], options)
    assert apart.exit_code == 1
    assert "no word occurs in 3 advertisements" in apart.output
    path.write_bytes(b"\xff\xfe\x00price")
    assert CliRunner().invoke(program["main"], options).exit_code == 1


def test_it_tells_and_draws_what_it_found(program, tmp_path):
    result = CliRunner().invoke(program["main"], ["--output", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.output.count("←→") == 3
    assert "the true location with R²" in result.output
    course = (ROOT / "docs" / "course.md").read_text(encoding="utf-8")
    printed = course.split("<!-- printed by house_prices.py -->")[1].split("```")[1]
    ours, shown = (re.findall(r"\d[\d,.]*", text.partition("picture")[0]) for text in
                   (result.output, printed))  # fmt: skip
    assert len(ours) == len(shown)
    for mine, told in zip(ours, shown, strict=True):
        mine, told = (float(number.strip(",.").replace(",", "")) for number in (mine, told))
        assert mine == pytest.approx(told, rel=0.05, abs=3 if told > 1 else 0.02)
    with Image.open(tmp_path / "house_prices.png") as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 50
