"""Building, storing and opening of indexes that reach a given recall.

`annoy` needs no extra. `hnsw` needs faiss (the extra ``index``) and is faster at every recall.
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from item2vec._support.checks import check_path, check_up_to_one
from item2vec._support.messages import brief, either, setting
from item2vec.errors import DataError, ParameterError
from item2vec.neighbors.annoy_file import likely_bytes
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors
from item2vec.neighbors.index_file import (
    ANNOY,
    HNSW,
    KINDS,
    TUNED_K,
    index_path,
    remove_others,
)
from item2vec.neighbors.index_recall import (
    CHOOSING,
    MEASURING,
    GroundTruth,
    with_tuned_width,
)
from item2vec.types import Progress, Vectors

AnyIndex: TypeAlias = AnnoyNeighbors | HnswNeighbors

RECALL = 0.95
MOST_BYTES = 4 << 30  # larger numbers of trees are not tried if the index would exceed this size


@dataclass(frozen=True)
class Plan:
    """The sizes and search widths that are tried for an index of one kind.

    Parameters
    ----------
    kind : type
    sizes : sequence of int
        Numbers of trees or connections, in ascending order.
    least_width : int
        The smallest search width.
    small_catalogue_width : int
        The largest search width in a small catalogue.
    width_share : float
        The largest search width in a large catalogue, as a fraction of the number of items; beyond
        it, exact search for one item takes less time.
    """

    kind: type[AnnoyNeighbors] | type[HnswNeighbors]
    sizes: Sequence[int]
    least_width: int
    small_catalogue_width: int
    width_share: float

    def most_width(self, n_items: int) -> int:
        """Return the largest search width to try."""
        return max(self.small_catalogue_width, int(self.width_share * n_items))


# Measured by benchmarks/lookup.py: one candidate of Annoy takes as much time as 4 items of exact
# search, and one candidate that HNSW keeps takes as much as 80 items.
PLANS: Mapping[str, Plan] = {
    ANNOY.name: Plan(
        AnnoyNeighbors,
        sizes=(50, 100, 200),
        least_width=11,
        small_catalogue_width=5_000,
        width_share=1 / 4,
    ),
    HNSW.name: Plan(
        HnswNeighbors,
        sizes=(48, 96),
        least_width=11,
        small_catalogue_width=1_000,
        width_share=1 / 80,
    ),
}


def build_index(
    item_vectors: Vectors,
    kind: str = ANNOY.name,
    *,
    recall: float = RECALL,
    size: int | None = None,
    seed: int = 0,
    progress: Progress | None = None,
) -> AnyIndex:
    """Build an index whose measured recall reaches `recall`.

    The search width, and if necessary the size of the index, are increased until recall@10 against
    exact search reaches `recall` on 500 sampled items and on another sample of 1,000. The
    attributes ``search_width`` and ``recall`` of the result are the width and the measurement.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    kind : {"annoy", "hnsw"}
    recall : float in (0, 1]
    size : int, optional
        Number of trees (`annoy`) or connections (`hnsw`); chosen if not given.
    seed : int
        Seed of the index and of the samples.
    progress : Progress, optional
        Called with the number of items added so far and the number of all items (`hnsw` only).

    Raises
    ------
    ParameterError
        If a parameter is out of its range.
    DataError
        If `recall` can't be reached before exact search takes less time.
    MissingExtraError
        If the library that `kind` needs is not installed.
    """
    if kind not in PLANS:
        raise ParameterError(f"kind must be {' or '.join(PLANS)}, not {brief(str(kind))}")
    check_up_to_one("recall", recall)
    plan = PLANS[kind]
    most = plan.most_width(len(item_vectors))
    least = min(plan.least_width, most)
    sizes = plan.sizes if size is None else [size]
    samples: tuple[GroundTruth, GroundTruth] | None = None
    for index in _indexes(item_vectors, kind, sizes, seed, progress):
        samples = samples or _samples(item_vectors, seed)  # after the checks of the first build
        fitted = with_tuned_width(index, recall, *samples, least=least, most=most)
        if fitted is not None:
            return fitted
    raise DataError(_unreachable(kind, recall, sizes, most))


def write_index(index: AnyIndex, model_path: str | os.PathLike[str], *, model: str) -> Path:
    """Write an index beside its model, in place of any other; return its path.

    Parameters
    ----------
    index : AnnoyNeighbors or HnswNeighbors
    model_path : path
    model : str
        The model's checksum: ``vectors.metadata["checksum"]``.
    """
    path = index_path(model_path, model, index.kind.name)
    index.save(path, model=model)
    remove_others(path)
    return path


def find_index(model_path: str | os.PathLike[str], model: str) -> Path | None:
    """Return the path of the index beside a model with this checksum; None if there is none."""
    for kind in reversed(list(KINDS)):  # HNSW, the faster one, first
        if (path := index_path(model_path, model, kind)).exists():
            return path
    return None


def open_index(path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> AnyIndex:
    """Open an index of any kind, after checking it against the (verified) checksum of its model.

    Raises
    ------
    DataError
        If it is missing, damaged or built from other vectors, or its library is not installed.
    """
    path = check_path(path)
    kind = path.suffix.removeprefix(".")
    if kind not in PLANS:
        raise DataError(
            f"{path.name} is not an index: its name must end with .{' or .'.join(PLANS)}"
        )
    return PLANS[kind].kind.open(path, item_vectors, model=model)


def _indexes(
    item_vectors: Vectors, kind: str, sizes: Sequence[int], seed: int, progress: Progress | None
) -> Iterator[AnyIndex]:
    """Yield an index of each size in turn; only the first Annoy index may be above 4 GiB."""
    n_items, vector_size = item_vectors.shape
    for size in sizes:
        if kind == HNSW.name:
            yield HnswNeighbors.build(item_vectors, connections=size, seed=seed, progress=progress)
        elif size == sizes[0] or likely_bytes(n_items, vector_size, size) <= MOST_BYTES:
            yield AnnoyNeighbors.build(item_vectors, trees=size, seed=seed)
        else:
            return


def _samples(item_vectors: Vectors, seed: int) -> tuple[GroundTruth, GroundTruth]:
    """Return the sample on which widths are chosen, and the one on which recall is measured."""
    choosing = GroundTruth.sample(item_vectors, CHOOSING, seed=seed + 1)
    return choosing, GroundTruth.sample(item_vectors, MEASURING, seed=seed)


def _unreachable(kind: str, recall: float, sizes: Sequence[int], most: int) -> str:
    """Return the message for a recall that no index reached."""
    tried = f"{' or '.join(map(str, sizes))} {KINDS[kind].size}"
    exact = either("`similar` without an index", "ExactNeighbors")
    others = f"{setting('kind', HNSW.name)} may reach it, " if kind == ANNOY.name else ""
    return (
        f"{kind} does not reach a recall@{TUNED_K} of {recall:g} with {tried} and a search width "
        f"of up to {most:,}, beyond which exact search takes less time: {others}exact search "
        f"({exact}) has a recall of 1, or set a lower {setting('recall')}"
    )
