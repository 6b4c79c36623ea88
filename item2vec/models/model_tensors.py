"""The parts of a model as tensors of a model file: strings, and the item-item memory."""

import itertools
from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec._support.tensor_file import Tensors
from item2vec.errors import DataError
from item2vec.models.memory.item_item_memory import Memory
from item2vec.models.memory.item_weights import ItemWeights

WEIGHTS = ("items", "offsets", "weights")
MEMORY = {"short": "memory", "long": "memory/long"}  # prefix of the tensors of each part


def memory_tensors(memory: Memory) -> Tensors:
    """Return the weights of a memory as tensors."""
    return {
        f"{MEMORY[part]}/{name}": getattr(weights, name)
        for part, weights in memory.parts().items()
        for name in WEIGHTS
    }


def memory_header(memory: Memory | None) -> bool | dict[str, float]:
    """Return the header entry of a memory; earlier versions reject the mapping for two parts."""
    if memory is None or memory.long is None:
        return memory is not None
    return {"crossover": memory.crossover}


def memory_of(header: object, tensors: Tensors) -> Memory | None:
    """Return the memory in a file, if there is one."""
    if header is False:
        return None
    if header is True:
        return Memory(_weights("short", tensors))
    if not isinstance(header, dict):
        raise DataError(f"memory must be true, false or a mapping, not {shown(header)}")
    short, long = _weights("short", tensors), _weights("long", tensors)
    return Memory(short, long, crossover=header["crossover"])


def _weights(part: str, tensors: Tensors) -> ItemWeights:
    """Return the weights of one part of a memory."""
    arrays: dict[str, Any] = {name: tensors[f"{MEMORY[part]}/{name}"] for name in WEIGHTS}
    return ItemWeights(**arrays)


def string_column(name: str, strings: Sequence[str]) -> dict[str, npt.NDArray[Any]]:
    """Return strings as two tensors: their UTF-8 bytes, and the offsets of the strings."""
    encoded = [string.encode() for string in strings]
    offsets = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return {f"{name}/bytes": np.frombuffer(b"".join(encoded), np.uint8), f"{name}/offsets": offsets}


def strings_of(tensors: Tensors, name: str) -> tuple[str, ...]:
    """Return the strings in tensors that `string_column` created."""
    data, offsets = tensors[f"{name}/bytes"], tensors[f"{name}/offsets"]
    if data.dtype != np.uint8 or data.ndim != 1 or offsets.dtype != np.int64 or offsets.ndim != 1:
        raise DataError(f"{name} are not bytes and their offsets")
    rises = len(offsets) > 0 and offsets[0] == 0 and not (offsets[1:] < offsets[:-1]).any()
    if not rises or offsets[-1] != len(data):
        raise DataError(f"the offsets of {name} do not fit its bytes")
    text = data.tobytes()
    return tuple(text[begin:end].decode() for begin, end in itertools.pairwise(offsets.tolist()))
