"""The description of an index: a JSON file beside it, read and checked field by field.

It contains the kind, the shape of the vectors, the search width, the measured recall, and the
checksums of the model and of the index file.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

from item2vec._support.atomic_files import replaced
from item2vec._support.messages import brief, shown
from item2vec.errors import DataError
from item2vec.neighbors.index_file import AGAIN, MAX_WIDTH, Kind, check_size, info_path

FORMAT = 2  # format 1, of item2vec 0.1, has no kind, no search width and no recall
MOST_INFO = 1 << 16  # bytes of the JSON file


@dataclass(frozen=True, kw_only=True)
class Recall:
    """The measured recall of an index relative to exact search.

    Parameters
    ----------
    measured : float
        Fraction of the exact `k` nearest items that were found, averaged over the sampled items.
    asked : float or None
        The requested recall; None if the search width was not chosen by recall.
    k : int
    items : int
        Number of items that were sampled as queries.
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
        """Return the content of the JSON file."""
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
        """Read the description of the index at `path` and check that it fits a model.

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
            If the description is missing, damaged or incomplete, or describes another index or
            model.
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


def _read_json(path: Path) -> dict[str, Any]:
    file = info_path(path)
    if not file.exists():
        raise DataError(f"{file.name}, which describes the index, is missing: {AGAIN}")
    check_size(file, MOST_INFO)
    try:
        raw = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        why = f"can't be read ({error.strerror})" if isinstance(error, OSError) else "is damaged"
        raise DataError(f"{file.name}, which describes the index, {why}: {AGAIN}") from error
    if not isinstance(raw, dict):
        raise DataError(f"{file.name} does not describe an index: {AGAIN}")
    return raw


def _check_numbers(path: Path, raw: Mapping[str, Any], kind: Kind) -> None:
    """Raise DataError unless the description is complete and its numbers are in their ranges."""
    required = ["format", "metric", "n_items", "vector_size", kind.size, "seed", "model", "index"]
    if raw.get("format") != 1:
        required += ["kind", "search_width", "recall"]
    for name in required:
        if name not in raw:
            raise DataError(f"the description of the index {path.name} lacks {name}: {AGAIN}")
    if type(raw["format"]) is not int or not 1 <= raw["format"] <= FORMAT:
        raise DataError(
            f"the index {path.name} does not fit the model: its format is "
            f"{brief(str(raw['format']))}, not a number up to {FORMAT}; {AGAIN}"
        )
    ranges = {kind.size: (1, kind.largest), "seed": (0, 2**31 - 1)}
    if raw.get("search_width") is not None:
        ranges["search_width"] = (1, MAX_WIDTH)
    for name, (low, high) in ranges.items():
        if type(raw[name]) is not int or not low <= raw[name] <= high:
            raise DataError(
                f"the index {path.name} does not fit the model: its {name} is {shown(raw[name])}, "
                f"not a whole number in {low} ... {high}; {AGAIN}"
            )
    if raw.get("recall") is not None and not _is_recall(raw["recall"]):
        raise DataError(
            f"the index {path.name} does not fit the model: its recall is {shown(raw['recall'])}, "
            f"not a measurement of recall; {AGAIN}"
        )


def _check_equal(path: Path, name: str, value: object, expected: object) -> None:
    if value != expected:
        raise DataError(
            f"the index {path.name} does not fit the model: its {name} is "
            f"{brief(str(value))}, not {expected}; {AGAIN}"
        )


def _is_recall(raw: Any) -> bool:
    """Return whether this is a mapping of the fields of a `Recall`, each in its range."""
    if not isinstance(raw, dict) or raw.keys() != Recall.__dataclass_fields__.keys():
        return False
    shares = [raw["measured"], *([] if raw["asked"] is None else [raw["asked"]])]
    numbers = [raw["k"], raw["items"], raw["seed"]]
    return all(type(n) is int and n >= 0 for n in numbers) and all(
        type(share) in (int, float) and 0 <= share <= 1 for share in shares
    )
