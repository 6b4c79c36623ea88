"""Memory mapping of safetensors files, with the header and the data read from one open file.

The safetensors library validates the header only if it opens the path itself or copies all data.
If the file were opened a second time and replaced in between, the header of one model would be
combined with the numbers of another. Therefore the header is validated here, by the rules of the
format: every tensor has a known type, its number of bytes matches its shape, and the tensors fill
the file without gaps or overlaps.
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

LENGTH = 8  # number of bytes at the beginning that encode the length of the header
MOST_HEADER = 100_000_000  # bytes, as in the safetensors library
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
    """Write a safetensors file.

    Raises
    ------
    OSError
        If it can't be written, for instance because the disk is full.
    """
    tensors = {name: np.ascontiguousarray(tensors[name]) for name in sorted(tensors)}
    try:
        safetensors.numpy.save_file(tensors, path, metadata=dict(metadata))
    except safetensors.SafetensorError as error:  # how the library reports a full disk
        raise OSError(str(error)) from error


def checksum(header: Mapping[str, Any], tensors: Tensors) -> str:
    """Return the SHA-256 checksum of all tensors and of a JSON header without its "checksum"."""
    entries = {name: value for name, value in header.items() if name != "checksum"}
    digest = hashlib.sha256(json.dumps(entries, sort_keys=True).encode())
    for name in sorted(tensors):
        digest.update(f"{name}{tensors[name].shape}".encode())
        digest.update(tensors[name].reshape(-1).view(np.uint8).data)
    return f"sha256:{digest.hexdigest()}"


def header_of(metadata: Mapping[str, str], key: str) -> str:
    """Return the JSON header in the metadata of a file.

    Raises
    ------
    TensorFileError
        If the metadata do not contain `key`; the message names the keys that they contain.
    """
    if key not in metadata:
        held = ", ".join(sorted(metadata)[:3]) or "nothing"
        raise TensorFileError(f"its metadata contain {held[:80]} but not {key}")
    return metadata[key]


def mapped(file: BinaryIO) -> tuple[Mapping[str, str], Tensors]:
    """Map an open safetensors file into memory.

    Parameters
    ----------
    file : binary file
        Open for reading. It may be closed afterwards, and may be replaced on the disk.

    Returns
    -------
    metadata : mapping of str to str
        Empty if the file has none.
    tensors : mapping of str to array
        Views of the mapped file, which are read from the disk on access.

    Raises
    ------
    TensorFileError
        If the header is damaged, or its tensors do not fill the file exactly.
    """
    file.seek(0, 2)
    size = file.tell()
    if size < LENGTH:
        raise TensorFileError(f"it has {size} bytes, too few for a header")
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
    """Parse a header and return its entries by name."""

    def without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        entries = dict(pairs)
        if len(entries) < len(pairs):
            raise TensorFileError("its header has two entries of the same name")
        return entries

    entries = json.loads(text.decode(), object_pairs_hook=without_duplicates)
    if not text.startswith(b"{") or not isinstance(entries, dict):
        raise TensorFileError("its header is not a JSON object")
    return entries


def _span(name: str, entry: Any) -> tuple[int, int]:
    """Check the entry of a tensor and return where its bytes begin and end."""
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
        raise TensorFileError(f"the shape of tensor {shown(name)} is not a list of sizes")
    if not (_are_sizes(offsets) and len(offsets) == 2):
        raise TensorFileError(f"the offsets of tensor {shown(name)} are not two positions")
    begin, end = offsets
    if end - begin != math.prod(shape) * DTYPES[dtype].itemsize:
        raise TensorFileError(f"the bytes of tensor {shown(name)} do not fit its shape")
    return begin, end


def _are_sizes(values: Any) -> bool:
    """Return whether this is a list of integers in the range of sizes and positions of a file."""
    return isinstance(values, list) and all(
        type(value) is int and 0 <= value < 1 << 62 for value in values
    )


def _check_filled(spans: list[tuple[int, int]], size: int) -> None:
    """Raise TensorFileError unless the spans cover 0 to `size` without gaps or overlaps."""
    covered = 0
    for begin, end in sorted(spans):
        if begin != covered:
            raise TensorFileError("its tensors overlap or leave a gap")
        covered = end
    if covered != size:
        raise TensorFileError(f"its tensors take {covered:,} bytes, and it has {size:,} for them")
