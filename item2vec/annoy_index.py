"""The Annoy index: approximate nearest items, for catalogues too large to search exactly.

Annoy itself crashes or answers nonsense on a file that is not what it expects. So an index is a
cache beside its model, named by the content of the vectors, with a small JSON that says what it is;
nothing is believed of it before both checksums are verified.
"""

import hashlib
import json
import os
import re
import stat
import threading
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any, Self

import numpy as np

from item2vec.annoy_file import fault_in_trees, most_bytes
from item2vec.errors import DataError, ParameterError
from item2vec.files import replaced
from item2vec.neighbors import (
    Cosines,
    ExactNeighbors,
    Vectors,
    check_query,
    cosines_at,
    inverse_norms,
)
from item2vec.ranking import Rows, top_k
from item2vec.wording import brief, shown

FORMAT = 1
MAX_TREES = 10_000
MOST_INFO = 1 << 16  # bytes of the JSON beside an index
POLL_SECONDS = 0.05
METRIC = "angular"  # Annoy's dot metric is poor, and its files differ between builds of Annoy


@dataclass(frozen=True, kw_only=True)
class IndexInfo:
    """What the JSON beside an index says."""

    n_items: int
    vector_size: int
    trees: int
    seed: int
    model: str  # checksum of the model
    index: str  # checksum of the index file
    metric: str = METRIC
    format: int = FORMAT


class AnnoyNeighbors:
    """Finds candidates with Annoy, and ranks them by their exact cosines.

    An item whose vector is zero has no direction to search in: it is looked up exactly.

    Parameters
    ----------
    item_vectors : array of shape (n_items, vector_size), float32
    index : annoy.AnnoyIndex
        Built over just these vectors.
    """

    def __init__(self, item_vectors: Vectors, index: Any, *, trees: int, seed: int) -> None:
        self.item_vectors = item_vectors
        self.trees = trees
        self.seed = seed
        self._index = index
        self._exact = ExactNeighbors(item_vectors)

    @classmethod
    def build(cls, item_vectors: Vectors, *, trees: int = 50, seed: int = 0) -> Self:
        """Build an index; the same vectors and seed give the same one.

        Raises
        ------
        ParameterError
            If `trees` or `seed` is out of its range, or the vectors hold NaN or infinity.
        DataError
            If Annoy is not installed.
        """
        if not 1 <= trees <= MAX_TREES:
            raise ParameterError(f"trees must lie in 1 ... {MAX_TREES}, not {trees}")
        if not 0 <= seed < 2**31:
            raise ParameterError(f"seed must lie in 0 ... 2147483647, not {seed}")
        if not np.isfinite(item_vectors).all():
            raise ParameterError("item vectors must be finite numbers: train again, lower alpha")
        index = _annoy().AnnoyIndex(item_vectors.shape[1], METRIC)
        index.set_seed(seed)
        # Of length 1: Annoy multiplies squared lengths, which in single precision can vanish.
        for row, inverse in enumerate(inverse_norms(item_vectors)):
            index.add_item(row, item_vectors[row] * inverse)
        _build_apart(index, trees)
        return cls(item_vectors, index, trees=trees, seed=seed)

    def neighbors(self, rows: Rows, k: int) -> tuple[Rows, Cosines]:
        """Return about the `k` nearest items of each item; see `Neighbors`."""
        check_query(rows, k, len(self.item_vectors))
        nearest = np.full((len(rows), k), -1, dtype=np.int32)
        cosines = np.full((len(rows), k), np.nan, dtype=np.float32)
        for place, row in enumerate(rows.tolist()):
            nearest[place], cosines[place] = self._nearest(row, k)
        return nearest, cosines

    def _nearest(self, row: int, k: int) -> tuple[Rows, Cosines]:
        vector = self.item_vectors[row]
        if not vector.any():
            found, cosines = self._exact.neighbors(np.array([row], dtype=np.int32), k)
            return found[0], cosines[0]
        # The item itself comes back as its own neighbour, so one more is asked for. Candidates are
        # put in the order of rows, so that ties go to the lower one.
        found = self._index.get_nns_by_item(row, k + 1)
        candidates = np.array(sorted(set(found) - {row}), dtype=np.int32)
        if len(candidates) == 0:
            return np.full(k, -1, np.int32), np.full(k, np.nan, np.float32)
        near = self.item_vectors[candidates]
        unit = vector * inverse_norms(vector[None])[0]
        cosine = ((near @ unit) * inverse_norms(near))[None]
        order = top_k(cosine, k)
        chosen = np.where(order >= 0, candidates[np.maximum(order, 0)], -1)
        return chosen[0], cosines_at(cosine, order)[0]

    def save(self, path: str | os.PathLike[str], *, model: str) -> None:
        """Write the index to `path`, and beside it what it is, for the model with this checksum."""
        path = Path(path)
        n_items, vector_size = self.item_vectors.shape
        with replaced(path) as beside:
            self._index.save(str(beside))
            checksum = _file_checksum(beside)
        info = IndexInfo(
            n_items=n_items,
            vector_size=vector_size,
            trees=self.trees,
            seed=self.seed,
            model=model,
            index=checksum,
        )
        with replaced(_info_path(path)) as beside:
            beside.write_text(json.dumps(asdict(info), sort_keys=True, indent=1) + "\n")

    @classmethod
    def open(cls, path: str | os.PathLike[str], item_vectors: Vectors, *, model: str) -> Self:
        """Open an index after checking it, for the model with this (verified) checksum.

        Raises
        ------
        DataError
            If anything about it is not as it should be, or Annoy is not installed.
        """
        path = Path(path)
        info = _read_info(path)
        n_items, vector_size = item_vectors.shape
        _check_numbers(path, info)
        _check_size(path, most_bytes(n_items, vector_size, info["trees"]))
        expected = {
            "format": FORMAT,
            "metric": METRIC,
            "n_items": n_items,
            "vector_size": vector_size,
            "model": model,
            "index": _file_checksum(path),
        }
        for name, value in expected.items():
            if info.get(name) != value:
                raise DataError(
                    f"the index {path.name} does not fit the model: its {name} is "
                    f"{brief(str(info[name]))}, not {value}; build it again with `item2vec index`"
                )
        fault = fault_in_trees(path, item_vectors * inverse_norms(item_vectors)[:, None])
        if fault:
            raise DataError(
                f"the index {path.name} is damaged, {fault}: build it again with `item2vec index`"
            )
        index = _annoy().AnnoyIndex(vector_size, METRIC)
        index.load(str(path))
        return cls(item_vectors, index, trees=info["trees"], seed=info["seed"])


def index_path(model_path: str | os.PathLike[str], model: str) -> Path:
    """Return where the index of a model lies: beside it, named by the content of the vectors."""
    path = Path(model_path)
    return path.with_name(f"{path.stem}.{model.removeprefix('sha256:')[:16]}.annoy")


def remove_older(path: Path) -> None:
    """Remove the indexes that other contents of the same model file have left beside this one."""
    stem = path.name.split(".")[:-2]
    for other in path.parent.glob("*.annoy*"):
        name = re.sub(r"\.json$", "", other.name)
        if name != path.name and re.fullmatch(
            rf"{re.escape('.'.join(stem))}\.[0-9a-f]{{16}}\.annoy", name
        ):
            other.unlink(missing_ok=True)


def recall_against_exact(
    index: AnnoyNeighbors, *, k: int = 10, sample: int = 1000, seed: int = 0
) -> float:
    """Return the share of the exact `k` nearest items that the index finds, over sampled items."""
    n_items = len(index.item_vectors)
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.permutation(n_items)[:sample]).astype(np.int32)
    exact, _ = ExactNeighbors(index.item_vectors).neighbors(rows, min(k, max(1, n_items - 1)))
    found, _ = index.neighbors(rows, exact.shape[1])
    hits = [np.isin(a, b[b >= 0]).mean() for a, b in zip(exact, found, strict=True)]
    return float(np.mean(hits))


def _build_apart(index: Any, trees: int) -> None:
    """Build in a thread of its own, for Annoy hears Ctrl-C only when it is done."""
    failed: list[Exception] = []

    def build() -> None:
        try:
            index.build(trees, n_jobs=1)  # Annoy's seed is kept with one job only
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=build, daemon=True)  # an interrupted program does not wait
    thread.start()
    while thread.is_alive():
        thread.join(POLL_SECONDS)
    if failed:
        raise failed[0]


def _annoy() -> Any:
    try:
        import annoy
    except ImportError as error:
        raise DataError(
            "Annoy can't be imported: install annoy-mm, or annoy where that has no wheels; "
            "without it every search is exact"
        ) from error
    return annoy


def _info_path(path: Path) -> Path:
    return path.with_name(path.name + ".json")


def _read_info(path: Path) -> Mapping[str, Any]:
    described = _info_path(path)
    try:
        _check_size(described, MOST_INFO)
        info = json.loads(described.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{described.name}, which describes the index, can't be read ({error}): "
            "build it again with `item2vec index`"
        ) from error
    if not isinstance(info, dict):
        raise DataError(f"{described.name} does not describe an index: build it again")
    return info


def _check_numbers(path: Path, info: Mapping[str, Any]) -> None:
    """Raise DataError unless the description is complete, with whole numbers where they belong."""
    for field in fields(IndexInfo):
        if field.name not in info:
            raise DataError(
                f"the index {path.name} does not say its {field.name}: "
                "build it again with `item2vec index`"
            )
    for name, (low, high) in {"trees": (1, MAX_TREES), "seed": (0, 2**31 - 1)}.items():
        if type(info[name]) is not int or not low <= info[name] <= high:
            raise DataError(
                f"the index {path.name} does not fit the model: its {name} is {shown(info[name])}, "
                f"not a whole number in {low} ... {high}; build it again with `item2vec index`"
            )


def _check_size(path: Path, most: int) -> None:
    """Raise DataError unless this is a regular file of at most so many bytes.

    A pipe would be waited for, and a device or a file with holes may have no end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): "
            "build it again with `item2vec index`"
        ) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        what = "no regular file" if not stat.S_ISREG(found.st_mode) else "larger than any index"
        raise DataError(
            f"{path.name} can't be read, for it is {what}: remove it, and build it again with "
            "`item2vec index`"
        )


def _file_checksum(path: Path) -> str:
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): "
            "build it again with `item2vec index`"
        ) from error
