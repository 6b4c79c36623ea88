"""Is a one-hot matrix just an identity matrix? What multiplying by it does, and what it costs.

    python pipelines/one_hot_is_a_lookup.py [--output DIR]

The product of a one-hot row and a weight matrix is a row of the matrix: a look-up. This is all that
an embedding layer does. The program checks every claim by computing both ways.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np
import numpy.typing as npt

from item2vec.cli import OneLine
from item2vec.data import pack_lengths
from item2vec.models import Bags

Matrix = npt.NDArray[np.float32]

EXAMPLES, VALUES, SIZE = 209, 15, 5  # one-hot rows, different values, dimensions
CATALOGUES = (1_000, 10_000, 100_000, 1_000_000)  # films
WATCHED, DIMENSIONS, USERS = 10, 16, 8


@dataclass(frozen=True)
class Cost:
    """The cost of the vectors of `USERS` histories: by multi-hot rows, and by look-up."""

    films: int
    row_bytes: int
    row_seconds: float
    lookup_bytes: int
    lookup_seconds: float
    same: bool


def one_hot(values: npt.ArrayLike, n: int) -> Matrix:
    """Return a one-hot row of length n for each value, float32 (m, n)."""
    values = np.asarray(values)
    rows = np.zeros((len(values), n), dtype=np.float32)
    rows[np.arange(len(values)), values] = 1
    return rows


def multi_hot(histories: npt.NDArray[np.int32], n: int) -> Matrix:
    """Return the sum of the one-hot rows of each history, float32 (m, n)."""
    return np.stack([one_hot(history, n).sum(axis=0) for history in histories])


def show_look_ups(rng: np.random.Generator) -> None:
    """Compare products with one-hot rows and columns to look-ups."""
    values = rng.integers(0, VALUES, EXAMPLES)
    rows = one_hot(values, VALUES)
    weights = rng.standard_normal((VALUES, SIZE), dtype=np.float32)
    report(
        f"({EXAMPLES} x {VALUES}) @ ({VALUES} x {SIZE}) equals weights[values]: each row is "
        f"selected as often as its value occurs. An identity matrix would be {VALUES} x {VALUES}",
        same(rows @ weights, weights[values]),
    )
    report(
        f"({SIZE} x {VALUES}) @ ({VALUES} x 1), the transposed weights times a one-hot column, is "
        "the same look-up, transposed",
        same(weights.T @ rows[[7]].T, weights[values[[7]]].T),
    )
    try:
        weights @ rows
        defined = True
    except ValueError:
        defined = False
    report(
        f"({VALUES} x {SIZE}) @ ({EXAMPLES} x {VALUES}) is not defined: {SIZE} columns do not "
        f"match {EXAMPLES} rows. The order matters",
        not defined,
    )


def show_bags(rng: np.random.Generator) -> None:
    """Compare an embedding bag and its gradient to products with multi-hot rows."""
    weights = rng.standard_normal((VALUES, SIZE), dtype=np.float32)
    histories = np.array([[2, 3, 11], [3, 5, 0]], dtype=np.int32)
    bags = Bags.of(histories.ravel(), pack_lengths([3, 3]), power=0)
    rows = multi_hot(histories, VALUES)
    report(
        "A history is a row with several ones; its product with the weights is the sum of their "
        "rows: an embedding bag",
        same(rows @ weights, bags.sums(weights)),
    )
    grad_sums = rng.standard_normal((2, SIZE), dtype=np.float32)
    touched, gradient = bags.gradient(grad_sums)
    dense = rows.T @ grad_sums
    untouched = np.delete(dense, touched, axis=0)
    report(
        f"The gradient is nonzero only in the {len(touched)} rows that were looked up, and zero in "
        f"the other {len(untouched)}",
        same(dense[touched], gradient) and not untouched.any(),
    )


def cost(films: int, rng: np.random.Generator) -> Cost:
    """Measure both ways to compute the vectors of `USERS` histories of `WATCHED` films each."""
    weights = rng.standard_normal((films, DIMENSIONS), dtype=np.float32)
    watched = rng.integers(0, films, (USERS, WATCHED)).astype(np.int32)
    rows = multi_hot(watched, films)
    bags = Bags.of(watched.ravel(), pack_lengths([WATCHED] * USERS), power=0)
    return Cost(
        films,
        rows.nbytes,
        seconds(lambda: rows @ weights),
        watched.nbytes,
        seconds(lambda: bags.sums(weights)),
        same(rows @ weights, bags.sums(weights)),
    )


def seconds(work: Callable[[], Any]) -> float:
    """Return the shortest of five times."""
    taken = []
    for _ in range(5):
        begun = time.perf_counter()
        work()
        taken.append(time.perf_counter() - begun)
    return min(taken)


def same(product: Matrix, looked_up: Matrix) -> bool:
    """Return whether both ways give the same numbers, except for rounding."""
    return bool(np.allclose(product, looked_up, rtol=1e-5, atol=1e-5))


def report(claim: str, holds: bool) -> None:
    """Print a claim and whether it holds."""
    print(f"{'yes' if holds else 'NO '}  {claim}.")


def show_costs(costs: list[Cost]) -> None:
    """Print the cost of both ways, and the size of one history."""
    print(f"\n{USERS} histories of {WATCHED} films, {DIMENSIONS} dimensions:")
    print("            multi-hot rows          look-up")
    print("     films       bytes       ms     bytes       ms  speed-up")
    for c in costs:
        print(
            f"{c.films:>10,}{c.row_bytes:>12,}{c.row_seconds * 1e3:>9.3f}{c.lookup_bytes:>10,}"
            f"{c.lookup_seconds * 1e3:>9.3f}{c.row_seconds / c.lookup_seconds:>10,.1f}"
        )
    report(
        "Both ways give the same vectors for every size of the catalogue",
        all(c.same for c in costs),
    )
    print(
        f"     A history of {WATCHED} among 10,000 films is a row of {4 * 10_000:,} bytes, nearly "
        f"all zeros, or {WATCHED} integers in {4 * WATCHED} bytes."
    )


def draw(costs: list[Cost], picture: Path) -> None:
    """Draw time and memory of both ways as the catalogue grows."""
    from matplotlib.figure import Figure

    films = [c.films for c in costs]
    figure = Figure(figsize=(9, 3.6), layout="constrained")
    time_axes, memory_axes = figure.subplots(1, 2)
    time_axes.plot(
        films, [c.row_seconds * 1e3 for c in costs], "o-", label="one-hot rows @ weights"
    )
    time_axes.plot(films, [c.lookup_seconds * 1e3 for c in costs], "s-", label="look-up and sum")
    time_axes.set_ylabel("milliseconds")
    memory_axes.plot(films, [c.row_bytes for c in costs], "o-", label="one-hot rows")
    memory_axes.plot(films, [c.lookup_bytes for c in costs], "s-", label="integers")
    memory_axes.set_ylabel("bytes")
    for axes in (time_axes, memory_axes):
        axes.set(xscale="log", yscale="log", xlabel="films in the catalogue")
        axes.grid(alpha=0.3)
        axes.legend(frameon=False)
    figure.suptitle(f"{USERS} histories of {WATCHED} films as vectors of {DIMENSIONS} dimensions")
    figure.savefig(picture, dpi=120)


@click.command(cls=OneLine)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(output: Path) -> None:
    """Check every claim by computing both ways, and measure their cost."""
    output.mkdir(
        parents=True, exist_ok=True
    )  # a wrong path is reported before anything is computed
    rng = np.random.default_rng(0)
    show_look_ups(rng)
    show_bags(rng)
    costs = [cost(films, rng) for films in CATALOGUES]
    show_costs(costs)
    picture = output / "one_hot_is_a_lookup.png"
    draw(costs, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
