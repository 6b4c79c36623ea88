"""The files of an index: their names, their kinds, and checks before a library opens them.

An index is a cache beside its model. Its name contains the beginning of the model's checksum, and a
small JSON file beside it describes it (see `index_info`). A library may crash or return wrong
results on a file that it did not write, so an index is used only if its description fits the model
and both checksums match.
"""

import hashlib
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from item2vec._support.checks import check_path
from item2vec.errors import DataError, ParameterError
from item2vec.types import Vectors

MAX_WIDTH = 2**31 - 1
TUNED_K = 10  # the number of neighbors for which search widths are chosen and recall is measured
AGAIN = "build it again with `item2vec index`"


@dataclass(frozen=True)
class Kind:
    """A kind of index, as its files describe it.

    Parameters
    ----------
    name : str
        Also the extension of the file.
    metric : str
        Name of the metric in the library.
    size : str
        Name of the parameter that trades size for recall, such as ``trees``.
    largest : int
        Largest value of that parameter.
    """

    name: str
    metric: str
    size: str
    largest: int


ANNOY = Kind("annoy", "angular", "trees", 10_000)  # Annoy's files of the dot metric differ by build
HNSW = Kind("hnsw", "cosine", "connections", 256)
KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (ANNOY, HNSW)}


def index_path(model_path: str | os.PathLike[str], model: str, kind: str = ANNOY.name) -> Path:
    """Return the path of a model's index: beside the model, named by the model's checksum.

    Parameters
    ----------
    model_path : path
    model : str
        The model's checksum.
    kind : {"annoy", "hnsw"}
    """
    path = check_path(model_path)
    return path.with_name(f"{path.stem}.{model.removeprefix('sha256:')[:16]}.{kind}")


def info_path(path: Path) -> Path:
    """Return the path of the JSON file that describes the index at `path`."""
    return path.with_name(path.name + ".json")


def remove_others(path: Path) -> None:
    """Remove the model's other indexes: those of other kinds, and those of earlier versions of it.

    Parameters
    ----------
    path : Path
        The index to keep.
    """
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

    Reading a pipe would block, and reading a device or a sparse file might never end.
    """
    try:
        found = path.stat()
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): {AGAIN}"
        ) from error
    if not stat.S_ISREG(found.st_mode) or found.st_size > most:
        what = "not a regular file" if not stat.S_ISREG(found.st_mode) else "larger than any index"
        raise DataError(f"{path.name} can't be read, because it is {what}: remove it, and {AGAIN}")


def check_width(search_width: int | None) -> None:
    """Raise ParameterError unless a search width is None or lies in 1 ... `MAX_WIDTH`."""
    if search_width is not None and not 1 <= search_width <= MAX_WIDTH:
        raise ParameterError(f"search_width must lie in 1 ... {MAX_WIDTH}, not {search_width}")


def check_buildable(item_vectors: Vectors, seed: int) -> None:
    """Raise ParameterError unless an index can be built from these vectors with this seed."""
    if not 0 <= seed < 2**31:
        raise ParameterError(f"seed must lie in 0 ... 2147483647, not {seed}")
    if not np.isfinite(item_vectors).all():
        raise ParameterError(
            "item vectors must be finite numbers: train again with a lower learning rate"
        )


def checksum_of(path: Path) -> str:
    """Return the checksum of a file in the form of `IndexInfo`: ``sha256:...``."""
    try:
        with path.open("rb") as file:
            return f"sha256:{hashlib.file_digest(file, 'sha256').hexdigest()}"
    except OSError as error:
        raise DataError(
            f"the index {path.name} can't be read ({error.strerror}): {AGAIN}"
        ) from error
