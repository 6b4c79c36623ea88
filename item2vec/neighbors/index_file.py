"""The files of an index of items, and the checks that they pass before a library opens them.

An index is a cache beside its model. Its name holds the beginning of the model's checksum, and a
small JSON file beside it describes it: kind, shape, search width, measured recall, and a checksum
of its own. Libraries crash or give wrong answers on a file that is not what they expect, so an
index is used only if everything in its description fits the model and both checksums are right.
"""

import hashlib
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np

from item2vec._support.atomic_files import replaced
from item2vec._support.messages import brief, shown
from item2vec.errors import DataError, ParameterError
from item2vec.types import Vectors

FORMAT = 2  # format 1, of item2vec 0.1, has no kind, no search width and no recall
MOST_INFO = 1 << 16  # bytes of the JSON beside an index
MAX_WIDTH = 2**31 - 1
TUNED_K = 10  # the number of neighbours for which search widths are chosen and recall is measured
AGAIN = "build it again with `item2vec index`"


@dataclass(frozen=True)
class Kind:
    """A kind of index, as its files describe it.

    Parameters
    ----------
    name : str
        Also the ending of the file.
    metric : str
    size : str
        The parameter that makes an index larger and better, such as ``trees``.
    largest : int
        The largest value of that parameter.
    """

    name: str
    metric: str
    size: str
    largest: int


ANNOY = Kind("annoy", "angular", "trees", 10_000)  # Annoy's files of the dot metric differ by build
HNSW = Kind("hnsw", "cosine", "connections", 256)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ANNOY, HNSW)}


@dataclass(frozen=True, kw_only=True)
class Recall:
    """The recall of an index against exact search, and how it was measured.

    Parameters
    ----------
    measured : float
        Share of the exact `k` nearest items that were found, averaged over the sampled items.
    asked : float or None
        The recall that was asked for; None if the search width was not chosen by recall.
    k : int
    items : int
        How many items were sampled as queries.
    seed : int
        Seed of the sample.
    """

    measured: float
    asked: float | None
    k: int
    items: int
    seed: int


@dataclass(frozen=True, kw_only=True)
class IndexInfo:
    """The description of an index: the content of the JSON file beside it.

    Parameters
    ----------
    kind : Kind
    n_items, vector_size : int
        Shape of the item vectors.
    size : int
        Value of the parameter that ``kind.size`` names.
    seed : int
    model, index : str
        Checksums of the model and of the index file.
    search_width : int or None
        None for the default of the library.
    recall : Recall or None
        None if it was not measured.
    """

    kind: Kind
    n_items: int
    vector_size: int
    size: int
    seed: int
    model: str
    index: str
    search_width: int | None = None
    recall: Recall | None = None

    def to_json(self) -> str:
        """Return the text of the JSON file."""
        content = {
            "format": FORMAT,
            "kind": self.kind.name,
            "metric": self.kind.metric,
            "n_items": self.n_items,
            "vector_size": self.vector_size,
            self.kind.size: self.size,
            "seed": self.seed,
            "model": self.model,
            "index": self.index,
            "search_width": self.search_width,
            "recall": None if self.recall is None else asdict(self.recall),
        }
        return json.dumps(content, sort_keys=True, indent=1) + "\n"

    @classmethod
    def read(cls, path: Path, kind: Kind, *, shape: tuple[int, ...], model: str) -> Self:
        """Read the description of the index at `path` and compare it with what it must be.

        Parameters
        ----------
        path : Path
            The index file.
        kind : Kind
        shape : (n_items, vector_size)
        model : str
            Checksum of the model.

        Raises
        ------
        DataError
            If the description is missing, damaged, incomplete, or of another index or model.
        """
        raw = _read_json(path)
        _check_numbers(path, raw, kind)
        expected = {
            "kind": kind.name,
            "metric": kind.metric,
            "n_items": shape[0],
            "vector_size": shape[1],
            "model": model,
        }
        if raw["format"] == 1:
            del expected["kind"]
        for name, value in expected.items():
            _check_equal(path, name, raw[name], value)
        return cls(
            kind=kind,
            n_items=shape[0],
            vector_size=shape[1],
            size=raw[kind.size],
            seed=raw["seed"],
            model=model,
            index=raw["index"],
            search_width=raw.get("search_width"),
            recall=Recall(**raw["recall"]) if raw.get("recall") else None,
        )

    def check_content(self, path: Path, checksum: str) -> None:
        """Raise DataError unless the index at `path` has the checksum that is described."""
        if checksum != self.index:
            raise DataError(
                f"the index {path.name} is damaged: its checksum does not match its description; "
                f"{AGAIN}"
            )

    def write(self, path: Path) -> None:
        """Write the description of the index at `path` beside it."""
        with replaced(info_path(path)) as beside:
            beside.write_text(self.to_json(), encoding="utf-8")


def index_path(model_path: str | os.PathLike[str], model: str, kind: str = ANNOY.name) -> Path:
    """Return the path of a model's index: beside it, named by the content of the vectors."""
    path = Path(model_path)
    return path.with_name(f"{path.stem}.{model.removeprefix('sha256:')[:16]}.{kind}")


def info_path(path: Path) -> Path:
    """Return the path of the JSON file that describes the index at `path`."""
    return path.with_name(path.name + ".json")


def remove_others(path: Path) -> None:
    """Remove the model's other indexes: those of other kinds, and of earlier content."""
    stem = ".".join(path.name.split(".")[:-2])
    kinds = "|".join(KINDS)
    for other in path.parent.glob("*"):
        name = re.sub(r"\.json$", "", other.name)
        if name != path.name and re.fullmatch(
            rf"{re.escape(stem)}\.[0-9a-f]{{16}}\.({kinds})", name
        ):
            other.unlink(missing_ok=True)


def check_size(path: Path, most: int) -> None:
    """Raise DataError unless this is a regular file of at most `most` bytes.

    A pipe would block, and a device or a sparse file may have no end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): {AGAIN}"
        ) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        what = "no regular file" if not stat.S_ISREG(found.st_mode) else "larger than any index"
        raise DataError(f"{path.name} can't be read, for it is {what}: remove it, and {AGAIN}")


def check_width(search_width: int | None) -> None:
    """Raise ParameterError unless a search width is None or a number that indexes take."""
    if search_width is not None and not 1 <= search_width <= MAX_WIDTH:
        raise ParameterError(f"search_width must lie in 1 ... {MAX_WIDTH}, not {search_width}")


def check_buildable(item_vectors: Vectors, seed: int) -> None:
    """Raise ParameterError unless an index can be built from these vectors with this seed."""
    if not 0 <= seed < 2**31:
        raise ParameterError(f"seed must lie in 0 ... 2147483647, not {seed}")
    if not np.isfinite(item_vectors).all():
        raise ParameterError("item vectors must be finite numbers: train again, lower alpha")


def checksum_of(path: Path) -> str:
    """Return the checksum of a file, as descriptions hold it."""
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): {AGAIN}"
        ) from error


def _read_json(path: Path) -> dict[str, Any]:
    described = info_path(path)
    try:
        check_size(described, MOST_INFO)
        raw = json.loads(described.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(
            f"{described.name}, which describes the index, can't be read ({error}): {AGAIN}"
        ) from error
    if not isinstance(raw, dict):
        raise DataError(f"{described.name} does not describe an index: build it again")
    return raw


def _check_numbers(path: Path, raw: Mapping[str, Any], kind: Kind) -> None:
    """Raise DataError unless the description is complete and its numbers are in their ranges."""
    needed = ["format", "metric", "n_items", "vector_size", kind.size, "seed", "model", "index"]
    if raw.get("format") != 1:
        needed += ["kind", "search_width", "recall"]
    for name in needed:
        if name not in raw:
            raise DataError(f"the index {path.name} does not say its {name}: {AGAIN}")
    if type(raw["format"]) is not int or not 1 <= raw["format"] <= FORMAT:
        raise DataError(
            f"the index {path.name} does not fit the model: its format is "
            f"{brief(str(raw['format']))}, not a number up to {FORMAT}; {AGAIN}"
        )
    ranges = {kind.size: (1, kind.largest), "seed": (0, 2**31 - 1)}
    if raw.get("search_width") is not None:
        ranges["search_width"] = (1, 2**31 - 1)
    for name, (low, high) in ranges.items():
        if type(raw[name]) is not int or not low <= raw[name] <= high:
            raise DataError(
                f"the index {path.name} does not fit the model: its {name} is {shown(raw[name])}, "
                f"not a whole number in {low} ... {high}; {AGAIN}"
            )
    if raw.get("recall") is not None and not _is_recall(raw["recall"]):
        raise DataError(
            f"the index {path.name} does not fit the model: its recall is {shown(raw['recall'])}, "
            f"which describes no measurement; {AGAIN}"
        )


def _check_equal(path: Path, name: str, value: object, expected: object) -> None:
    if value != expected:
        raise DataError(
            f"the index {path.name} does not fit the model: its {name} is "
            f"{brief(str(value))}, not {expected}; {AGAIN}"
        )


def _is_recall(raw: Any) -> bool:
    """Return whether these are the fields of a `Recall`."""
    if not isinstance(raw, dict) or raw.keys() != Recall.__dataclass_fields__.keys():
        return False
    shares = [raw["measured"], *([] if raw["asked"] is None else [raw["asked"]])]
    numbers = [raw["k"], raw["items"], raw["seed"]]
    return all(type(n) is int and n >= 0 for n in numbers) and all(
        type(share) in (int, float) and 0 <= share <= 1 for share in shares
    )
