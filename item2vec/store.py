"""The model file: one file in the safetensors format, read in place.

It holds the vectors, the memory if there is one, counts, item ids and catalogue columns as tensors,
and one metadata entry of sorted JSON (several would come out in a varying order). No pickle:
nothing in it runs. No user id, path, host name or clock time goes in, so the same training gives
the same bytes.
"""

import hashlib
import itertools
import json
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from item2vec._version import __version__
from item2vec.catalogue import Catalogue
from item2vec.errors import DataError, Item2VecError
from item2vec.files import check_replaceable, replaced
from item2vec.history_sketch import HistorySketch
from item2vec.memory import Memory
from item2vec.vectors import ItemVectors
from item2vec.vocabulary import Vocabulary

FORMAT = 1
KEY = "item2vec"
VECTORS = ("item_vectors", "context_vectors", "bias")
MEMORY = ("items", "offsets", "weights")
SKETCH = "sketch/values"
DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}

Tensors = Mapping[str, npt.NDArray[Any]]


def save(vectors: ItemVectors, path: str | os.PathLike[str]) -> None:
    """Write item vectors to a file, replacing the one that is there whole or not at all.

    Raises
    ------
    DataError
        If the file can't be written; what was there is then as before.
    """
    try:
        _save(vectors, Path(path))
    except UnicodeEncodeError as error:
        raise DataError(
            f"{path} can't be written: an item id or title holds half of a character "
            f"({error.object[error.start : error.end]!a}): mend the table that it comes from"
        ) from error
    except TypeError as error:
        raise DataError(f"{path} can't be written: metadata must be JSON: {error}") from error


def _save(vectors: ItemVectors, path: Path) -> None:
    tensors: dict[str, npt.NDArray[Any]] = {name: getattr(vectors, name) for name in VECTORS}
    tensors["counts"] = vectors.vocabulary.counts
    tensors |= _string_column("ids", vectors.vocabulary.ids)
    if vectors.memory is not None:
        tensors |= {f"memory/{name}": getattr(vectors.memory, name) for name in MEMORY}
    if vectors.sketch is not None:
        tensors[SKETCH] = vectors.sketch.values
    for name, column in vectors.catalogue.columns.items():
        tensors |= _string_column(f"catalogue/{name}", column)
    tensors = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    metadata = {name: value for name, value in vectors.metadata.items() if name != "checksum"}
    versions = metadata.get("versions", {}) | {"item2vec": __version__, "numpy": np.__version__}
    header = {
        "format": FORMAT,
        "power": vectors.power,
        "memory": vectors.memory is not None,
        "catalogue": list(vectors.catalogue.columns),
        "metadata": metadata | {"versions": versions},
    }
    if vectors.sketch is not None:
        header["sketch"] = vectors.sketch.to_dict()
    header["checksum"] = _checksum(header, tensors)
    text = json.dumps(header, sort_keys=True, ensure_ascii=False)
    with replaced(path) as beside:
        try:
            safetensors.numpy.save_file(tensors, beside, metadata={KEY: text})
        except safetensors.SafetensorError as error:  # a full disk, told in its own words
            raise OSError(str(error)) from error


def check_output(path: str | os.PathLike[str]) -> None:
    """Raise DataError if a model can't be saved there, or something else would be lost by it."""
    check_replaceable(path, "model", _is_model)


def _is_model(path: Path) -> bool:
    try:
        _open(path)
    except DataError:
        return False
    return True


def load(path: str | os.PathLike[str], *, verify: bool = False) -> ItemVectors:
    """Open a model file; its arrays are mapped into memory, not read.

    Parameters
    ----------
    path : path
    verify : bool
        Read everything and compare the checksum first.

    Raises
    ------
    DataError
        If it is no model file, is damaged, or is of a newer format.
    """
    header, tensors = _open(path)
    if verify and _checksum(header, tensors) != header.get("checksum"):
        raise DataError(f"{path} is damaged: its checksum does not match; train or copy it again")
    try:
        ids = _strings(tensors, "ids")
        columns = {name: _strings(tensors, f"catalogue/{name}") for name in header["catalogue"]}
        return ItemVectors(
            vocabulary=Vocabulary(ids, tensors["counts"]),
            **{name: tensors[name] for name in VECTORS},
            power=header["power"],
            memory=Memory(*(tensors[f"memory/{name}"] for name in MEMORY))
            if header.get("memory")
            else None,
            catalogue=Catalogue(ids, columns),
            sketch=HistorySketch(tensors[SKETCH], **header["sketch"])
            if header.get("sketch")
            else None,
            metadata=header["metadata"] | {"checksum": str(header["checksum"])},
        )
    except (
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        UnicodeDecodeError,
        Item2VecError,
    ) as error:
        raise DataError(
            f"{path} is not a whole item2vec model ({error}): train or copy it again"
        ) from error


def _open(path: str | os.PathLike[str]) -> tuple[dict[str, Any], Tensors]:
    """Return the header and the tensors of a model file, mapped."""
    path = Path(path)
    if path.is_dir():
        raise DataError(f"{path} can't be read: it is a folder; name the model file in it")
    if path.exists() and not path.is_file():
        raise DataError(f"{path} can't be read: it is no regular file; name a model file")
    try:
        path.open("rb").close()  # safetensors says of a file that is closed to us that it is none
        with safetensors.safe_open(path, framework="numpy") as file:  # validates the header
            header = json.loads((file.metadata() or {})[KEY])
        return _current(path, header), _mapped(path)
    except FileNotFoundError as error:
        raise DataError(f"{path} does not exist: train a model with `item2vec train`") from error
    except OSError as error:
        raise DataError(
            f"{path} can't be read: {error.strerror or error}: name a file that is open to you"
        ) from error
    except (safetensors.SafetensorError, KeyError, ValueError, RecursionError) as error:
        if isinstance(error, Item2VecError):
            raise
        raise DataError(
            f"{path} is not an item2vec model ({error}): make one with `item2vec train`"
        ) from error


def _current(path: Path, header: Any) -> dict[str, Any]:
    """Return `header` if it is of a format that this version reads."""
    if not isinstance(header, dict) or header.get("format") != FORMAT:
        version = header.get("format") if isinstance(header, dict) else None
        raise DataError(
            f"{path} is of model format {version}; this version of item2vec reads format {FORMAT}: "
            "upgrade item2vec, or train again"
        )
    return header


def _mapped(path: Path) -> Tensors:
    """Map the tensors of a file whose header safetensors has found valid; its own call copies."""
    data = np.memmap(path, dtype=np.uint8, mode="r")
    size = int.from_bytes(data[:8].tobytes(), "little")
    entries = json.loads(data[8 : 8 + size].tobytes())
    body = np.asarray(data)[8 + size :]
    return {
        name: body[slice(*entry["data_offsets"])]
        .view(np.dtype(DTYPES[entry["dtype"]]))
        .reshape(entry["shape"])
        for name, entry in sorted(entries.items())
        if name != "__metadata__"
    }


def _checksum(header: Mapping[str, Any], tensors: Tensors) -> str:
    """Return the SHA-256 of the header but for itself, and the names and bytes of all tensors."""
    told = {name: value for name, value in header.items() if name != "checksum"}
    digest = hashlib.sha256(json.dumps(told, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(f"{name}{tensors[name].shape}".encode())
        digest.update(tensors[name].reshape(-1).view(np.uint8).data)
    return f"sha256:{digest.hexdigest()}"


def _string_column(name: str, strings: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return strings as two tensors: their UTF-8 bytes, and where each of them begins and ends."""
    encoded = [string.encode() for string in strings]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return {f"{name}/bytes": np.frombuffer(b"".join(encoded), np.uint8), f"{name}/offsets": offsets}


def _strings(tensors: Tensors, name: str) -> tuple[str, ...]:
    """Undo `_string_column`."""
    data = tensors[f"{name}/bytes"].tobytes()
    offsets = tensors[f"{name}/offsets"].tolist()
    if offsets[:1] != [0] or offsets[-1] != len(data) or sorted(offsets) != offsets:
        raise DataError(f"the offsets of {name} do not fit its bytes")
    return tuple(data[begin:end].decode() for begin, end in itertools.pairwise(offsets))
