"""Mapping the tensors of a safetensors file into memory, header and data from one open file.

The library safetensors checks a header only where it opens the path itself, or copies all data. A
file that is replaced between two openings would give the header of one model and the numbers of
another, so the header is checked here, by the rules of the format: every tensor has a known type,
its bytes are as many as its shape needs, and together the tensors fill the file without gap or
overlap.
"""

import hashlib
import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import numpy.typing as npt
import safetensors
import safetensors.numpy

from item2vec._support.messages import shown

Tensors = Mapping[str, npt.NDArray[Any]]

LENGTH = 8  # bytes at the beginning, which hold the length of the header
MOST_HEADER = 100_000_000  # bytes, as in the library safetensors
MOST_DIMENSIONS = 32
DTYPES: dict[str, np.dtype[Any]] = {
    "F32": np.dtype("<f4"),
    "I32": np.dtype("<i4"),
    "I64": np.dtype("<i8"),
    "U8": np.dtype("u1"),
}


class TensorFileError(ValueError):
    """A file does not follow the format of safetensors."""


def write(path: Path, tensors: Tensors, metadata: Mapping[str, str]) -> None:
    """Write a safetensors file; a full disk is an OSError."""
    tensors = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    try:
        safetensors.numpy.save_file(tensors, path, metadata=dict(metadata))
    except safetensors.SafetensorError as error:  # a full disk, in the words of the library
        raise OSError(str(error)) from error


def checksum(header: Mapping[str, Any], tensors: Tensors) -> str:
    """Return the SHA-256 of a JSON header without its checksum, and of all tensors."""
    entries = {name: value for name, value in header.items() if name != "checksum"}
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(f"{name}{tensors[name].shape}".encode())
        digest.update(tensors[name].reshape(-1).view(np.uint8).data)
    return f"sha256:{digest.hexdigest()}"


def header_of(metadata: Mapping[str, str], key: str) -> str:
    """Return the JSON header that the metadata of a file hold under a key.

    Raises
    ------
    TensorFileError
        If there is none; what else the metadata hold is told.
    """
    if key not in metadata:
        held = ", ".join(sorted(metadata)[:3]) or "nothing"
        raise TensorFileError(f"its metadata hold {held[:80]} and not {key}")
    return metadata[key]


def mapped(file: BinaryIO) -> tuple[Mapping[str, str], Tensors]:
    """Map an open safetensors file.

    Parameters
    ----------
    file : binary file
        Open for reading; it may be closed afterwards, and may be replaced on the disk.

    Returns
    -------
    metadata : mapping of str to str
        Empty where the file has none.
    tensors : mapping of str to array
        Views of the mapped file, which are read when they are used.

    Raises
    ------
    TensorFileError
        If the header is damaged, or its tensors do not fill the file exactly.
    """
    file.seek(0, 2)
    size = file.tell()
    if size < LENGTH:
        raise TensorFileError(f"it holds {size} bytes, too few for a header")
    data = np.memmap(file, dtype=np.uint8, mode="r")
    length = int.from_bytes(data[:LENGTH].tobytes(), "little")
    if length > min(MOST_HEADER, len(data) - LENGTH):
        raise TensorFileError("it does not begin as a safetensors file does, or its end is missing")
    entries = _entries(data[LENGTH : LENGTH + length].tobytes())
    metadata = entries.pop("__metadata__", {})
    if not isinstance(metadata, dict) or not all(isinstance(v, str) for v in metadata.values()):
        raise TensorFileError("its metadata are not text")
    body = np.asarray(data)[LENGTH + length :]
    spans = {name: _span(name, entry) for name, entry in entries.items()}
    _check_filled(list(spans.values()), len(body))
    return metadata, {
        name: body[slice(*spans[name])]
        .view(DTYPES[entries[name]["dtype"]])
        .reshape(entries[name]["shape"])
        for name in sorted(entries)
    }


def _entries(text: bytes) -> dict[str, Any]:
    """Return the entries of a header by name."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            raise TensorFileError("its header has two entries of the same name")
        return entries

    entries = json.loads(text.decode(), object_pairs_hook=once)
    if not text.startswith(b"{") or not isinstance(entries, dict):
        raise TensorFileError("its header is no JSON object")
    return entries


def _span(name: str, entry: Any) -> tuple[int, int]:
    """Return where the bytes of a tensor begin and end, after checking its entry."""
    if not isinstance(entry, dict) or entry.keys() != {"dtype", "shape", "data_offsets"}:
        raise TensorFileError(
            f"the entry of tensor {shown(name)} is not a type, a shape and offsets"
        )
    dtype, shape, offsets = entry["dtype"], entry["shape"], entry["data_offsets"]
    if not isinstance(dtype, str) or dtype not in DTYPES:
        raise TensorFileError(
            f"tensor {shown(name)} has the type {shown(dtype)}, which no model has"
        )
    if not (_are_sizes(shape) and len(shape) <= MOST_DIMENSIONS):
        raise TensorFileError(f"the shape of tensor {shown(name)} is no list of sizes")
    if not (_are_sizes(offsets) and len(offsets) == 2):
        raise TensorFileError(f"the offsets of tensor {shown(name)} are not two positions")
    begin, end = offsets
    if end - begin != math.prod(shape) * DTYPES[dtype].itemsize:
        raise TensorFileError(f"the bytes of tensor {shown(name)} do not fit its shape")
    return begin, end


def _are_sizes(values: Any) -> bool:
    """Return whether this is a list of whole numbers that may be sizes or positions in a file."""
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value < 1 << 62 for value in values
    )


def _check_filled(spans: list[tuple[int, int]], size: int) -> None:
    """Raise TensorFileError unless the spans lie end to end, from 0 to `size`."""
    place = 0
    for begin, end in sorted(spans):
        if begin != place:
            raise TensorFileError("its tensors overlap or leave a gap")
        place = end
    if place != size:
        raise TensorFileError(f"its tensors take {place:,} bytes, and it has {size:,} for them")
