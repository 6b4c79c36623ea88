"""A map of films: what two of many dimensions show, what they lose, and how many are useful.

    python pipelines/movie_map.py FOLDER    # of MovieLens: ratings and movies
    python pipelines/movie_map.py           # on synthetic histories

Principal component analysis rotates the item vectors so that the first two coordinates keep as much
variance as possible. The map uses no genre and no year, and most of the information in the vectors
is not on it.
"""

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import click
import numpy as np
import numpy.typing as npt

import item2vec
from item2vec.cli import OneLine
from item2vec.data import synthetic

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from item2vec.models import Trainer

SHOWN = 50  # number of films on the map: the most popular ones
EXAMPLES = 4  # films whose neighbors are printed
FLOOR = "popularity"
MOST_LETTERS = 26  # of a title on the map
MAPS = (2, 8, 32)  # numbers of dimensions for which losses are printed
SIZES = (2, 4, 8, 16, 32, 64, 128, 256)  # dimensions that are trained
PROTOCOL = item2vec.RandomProtocol(inputs=3, labels=7)

Matrix = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Components:
    """Item vectors of length 1 in the coordinates of their principal axes.

    Parameters
    ----------
    coordinates : array of shape (n_items, vector_size), float64
        Coordinates along each axis, in descending order of variance.
    shares : array of shape (vector_size,), float64
        Share of the variance along each axis.
    """

    coordinates: Matrix
    shares: Matrix

    @classmethod
    def of(cls, vectors: item2vec.ItemVectors) -> "Components":
        """Return the principal components, by the singular vectors of the centered matrix."""
        unit = vectors.item_vectors.astype(np.float64)
        unit /= np.linalg.norm(unit, axis=1, keepdims=True).clip(1e-12)
        left, lengths, _ = np.linalg.svd(unit - unit.mean(axis=0), full_matrices=False)
        return cls(left * lengths, lengths**2 / np.square(lengths).sum())

    def kept(self, dimensions: int) -> float:
        """Return the share of the variance that the first dimensions keep."""
        return float(self.shares[:dimensions].sum())

    def neighbors_kept(self, dimensions: int, k: int = 10) -> float:
        """Return the share of the films' `k` nearest neighbors that the first dimensions keep.

        Neighbors are by distance, which for vectors of length 1 is the order of the cosine.
        """
        before = nearest(self.coordinates, k)
        after = nearest(self.coordinates[:, :dimensions], k)
        kept = [len(set(a) & set(b)) / len(a) for a, b in zip(before, after, strict=True)]
        return float(np.mean(kept))


def nearest(points: Matrix, k: int) -> list[list[int]]:
    """Return the `k` nearest neighbors of each point, nearest first."""
    k = min(k, len(points) - 1)
    squares = np.square(points).sum(axis=1)
    rows = []
    for start in range(0, len(points), 1000):
        distances = squares - 2 * points[start : start + 1000] @ points.T
        distances[np.arange(len(distances)), np.arange(start, start + len(distances))] = np.inf
        rows += np.argsort(distances, axis=1)[:, :k].tolist()
    return rows


def read(folder: Path) -> tuple[item2vec.Interactions, item2vec.Catalogue]:
    """Read a MovieLens folder."""
    interactions = item2vec.read_interactions(folder / "ratings.csv")
    return interactions, item2vec.read_catalogue(folder / "movies.csv")


def invent() -> tuple[item2vec.Interactions, item2vec.Catalogue]:
    """Return synthetic histories of users who prefer some genres."""
    with tempfile.TemporaryDirectory() as folder:
        interactions, films = synthetic.invent(n_users=600).write(folder)
        return item2vec.read_interactions(interactions), item2vec.read_catalogue(films)


def try_sizes(
    interactions: item2vec.Interactions, folds: int, sizes: Sequence[int]
) -> item2vec.Evaluation:
    """Score vectors of every size on all users, each held out once."""
    trainers: dict[str, Trainer] = {
        str(size): item2vec.Softmax(vector_size=size, memory=0) for size in sizes
    }
    trainers[FLOOR] = item2vec.Popularity()
    return item2vec.compare(trainers, item2vec.fold_users(interactions, folds=folds), PROTOCOL)


def show_axes(components: Components, vectors: item2vec.ItemVectors) -> None:
    """Print the films at the ends of the axes of the map."""
    for place, name in enumerate(("left ←→ right", "below ←→ above")):
        order = np.argsort(components.coordinates[:SHOWN, place])
        ends = [[vectors.title(row) or "" for row in rows] for rows in (order[:3], order[:-4:-1])]
        print(f"  {name}: {'; '.join(ends[0])}  ←→  {'; '.join(ends[1])}")


def show_lost(components: Components, vectors: item2vec.ItemVectors) -> None:
    """Print the nearest films by all dimensions and on the map."""
    shown = components.coordinates[:SHOWN]
    whole, flat = nearest(shown, 3), nearest(shown[:, :2], 3)
    for row in range(EXAMPLES):
        print(f"  {vectors.title(row)}")
        for where, near in (("in the vectors", whole[row]), ("on the map", flat[row])):
            print(f"    {where}: {'; '.join(vectors.title(other) or '' for other in near)}")


def show_sizes(evaluation: item2vec.Evaluation) -> None:
    """Print the score of each size, and its difference from the best."""
    best = max(evaluation.models, key=lambda name: evaluation.summary(name)["ndcg@10"].mean)
    for name in evaluation.models:
        mean, low, high = evaluation.summary(name)["ndcg@10"]
        line = f"  {name:>10}  {mean:.4f}  ({low:.4f} … {high:.4f})"
        if name != best:
            mean, low, high = evaluation.difference(name, best)["ndcg@10"]
            line += f"   minus {best} dimensions: {mean:+.4f} ({low:+.4f} … {high:+.4f})"
        print(line)


def draw_map(
    figure: "Figure", axes: "Axes", components: Components, vectors: item2vec.ItemVectors
) -> None:
    """Plot the most popular films at their first two coordinates."""
    from adjustText import adjust_text

    genres = [min(names, default="") for names in vectors.catalogue.genres() or ()]
    x, y = components.coordinates[:SHOWN, :2].T
    for kind in sorted(set(genres[:SHOWN])):
        own = [row for row in range(len(x)) if genres[row] == kind]
        axes.scatter(x[own], y[own], s=25, label=kind)
    names = [short(vectors.title(row) or vectors.vocabulary.ids[row]) for row in range(len(x))]
    texts = [axes.text(a, b, name, fontsize=7) for a, b, name in zip(x, y, names, strict=True)]
    axes.legend(frameon=False, fontsize=7, title="first genre", title_fontsize=7, loc="lower left")
    axes.set_xlabel(f"1st axis: {components.shares[0]:.0%} of the variance")
    axes.set_ylabel(f"2nd axis: {components.shares[1]:.0%}")
    figure.draw_without_rendering()  # text sizes are known after the layout
    lines = {"arrowstyle": "-", "color": "0.6", "linewidth": 0.5}
    # A fixed number of steps, and not of seconds, gives the same map on every machine.
    adjust_text(texts, x=x, y=y, ax=axes, iter_lim=500, arrowprops=lines)


def draw(
    components: Components,
    vectors: item2vec.ItemVectors,
    evaluation: item2vec.Evaluation,
    picture: Path,
) -> None:
    """Plot the map, what its first axes keep, and the score by number of dimensions."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(14, 8), layout="constrained")
    panels = figure.subplot_mosaic([["map", "kept"], ["map", "paid"]], width_ratios=(2.4, 1))
    kept, paid = panels["kept"], panels["paid"]
    sizes = [size for size in SIZES if size <= vectors.vector_size]
    kept.plot(sizes, [components.neighbors_kept(size) for size in sizes], "o-", label="neighbors")
    kept.plot(sizes, [components.kept(size) for size in sizes], "s--", label="variance")
    kept.set(ylabel="share kept", title="what the first axes keep", ylim=(0, 1.02))
    kept.legend(frameon=False)
    scores = [evaluation.summary(str(size))["ndcg@10"] for size in SIZES]
    means, lows, highs = np.array(scores).T
    paid.errorbar(SIZES, means, [means - lows, highs - means], fmt="o-", capsize=3)
    paid.axhline(evaluation.summary(FLOOR)["ndcg@10"].mean, color="0.6", label=FLOOR)
    paid.legend(frameon=False)
    paid.set(ylabel="ndcg@10", xlabel="dimensions", title="score by number of dimensions")
    for axes in (kept, paid):
        axes.set_xscale("log")
        axes.set_xticks(SIZES, [str(size) for size in SIZES])
        axes.minorticks_off()
    draw_map(figure, panels["map"], components, vectors)
    figure.savefig(picture, dpi=120)


def short(title: str) -> str:
    """Return a title without year and other names; of a long title, the part after the colon."""
    name = title.split(" (")[0]
    for article in ("The", "A", "An"):
        if name.endswith(f", {article}"):
            name = f"{article} {name.removesuffix(f', {article}')}"
    return re.split(": | - ", name)[-1] if len(name) > MOST_LETTERS else name


@click.command(cls=OneLine)
@click.argument(
    "folder", required=False, type=click.Path(exists=True, file_okay=False, path_type=Path)
)
@click.option("--folds", type=click.IntRange(min=2), default=5, show_default=True)
@click.option(
    "--output", type=click.Path(path_type=Path), default=Path("course"), show_default=True
)
def main(folder: Path | None, folds: int, output: Path) -> None:
    """Plot a map of the films of a MovieLens FOLDER."""
    output.mkdir(
        parents=True, exist_ok=True
    )  # a wrong path is reported before anything is computed
    interactions, catalogue = read(folder) if folder else invent()
    vectors = item2vec.Softmax(memory=0).fit(interactions.to_histories())
    vectors = replace(vectors, catalogue=catalogue)
    components = Components.of(vectors)
    print(f"{vectors}, rotated to their principal axes.\n")
    print("dimensions  variance kept  10 nearest films kept")
    for size in MAPS:
        kept, stay = components.kept(size), components.neighbors_kept(size)
        print(f"{size:>10}{kept:>15.1%}{stay:>22.1%}")
    print("\nFilms at the ends of the axes:")
    show_axes(components, vectors)
    print(f"\nNearest films among the {SHOWN} of the map:")
    show_lost(components, vectors)
    print(f"\nndcg@10 by number of dimensions, 3 → 7, {len(interactions)} users:")
    evaluation = try_sizes(interactions, folds, SIZES)
    show_sizes(evaluation)
    picture = output / "movie_map.png"
    draw(components, vectors, evaluation, picture)
    print(f"\nThe picture is in {picture}.")


if __name__ == "__main__":
    main()
