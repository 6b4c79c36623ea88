"""The graph of an HNSW index as arrays, with the reading, writing and checking of its file.

HNSW (Malkov and Yashunin, "Efficient and robust approximate nearest neighbor search using
hierarchical navigable small world graphs", 2018) links every item to nearby items on one or more
layers; a search follows these links. The file, in the safetensors format, contains only the links,
since the vectors are those of the model. faiss itself never parses a file, and every link is
checked here before faiss follows it: a link to a nonexistent item would crash the process.
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt
import safetensors.numpy

from item2vec._support.atomic_files import replaced
from item2vec._support.tensor_file import TensorFileError, mapped
from item2vec.errors import DataError
from item2vec.neighbors.index_file import AGAIN, check_size
from item2vec.neighbors.index_info import IndexInfo
from item2vec.types import Rows

RAREST = 1e-9  # faiss creates only layers to which an item is assigned with a higher probability
MOST_HEADER = 1 << 12  # largest size of the file's header, in bytes


@dataclass(frozen=True, eq=False)
class Graph:
    """The links of an HNSW index.

    Parameters
    ----------
    layers : array of shape (n_items,), int32
        The number of layers that each item is on, at least 1.
    links : array of shape (n_links,), int32
        For each item in turn, 2 · `connections` places for its links on the lowest layer, then
        `connections` places for each further layer; -1 where a place is free.
    entry : int
        Row of the item at which a search begins; it is on the highest layer.
    connections : int
        Maximum number of links of an item on each layer but the lowest, which has twice as many.
    """

    layers: Rows
    links: Rows
    entry: int
    connections: int

    @property
    def offsets(self) -> npt.NDArray[np.int64]:
        """Position in `links` at which the links of each item begin, int64 (n_items + 1,)."""
        ends = np.cumsum((self.layers.astype(np.int64) + 1) * self.connections)
        return np.concatenate([[0], ends])

    def save(self, path: Path) -> str:
        """Write the graph to `path`; return the checksum of the file."""
        tensors = {
            "layers": np.ascontiguousarray(self.layers, dtype="<i4"),
            "links": np.ascontiguousarray(self.links, dtype="<i4"),
            "entry": np.array([self.entry], dtype="<i4"),
        }
        data = safetensors.numpy.save(tensors)
        with replaced(path) as beside:
            beside.write_bytes(data)
        return f"sha256:{hashlib.sha256(data).hexdigest()}"

    @classmethod
    def open(cls, path: Path, info: IndexInfo) -> Self:
        """Read the graph that `info` describes, and check its checksum and its links.

        Raises
        ------
        DataError
            If the file is missing, damaged, or not the one described.
        """
        most_links = info.n_items * (most_layers(info.size) + 1) * info.size
        check_size(path, MOST_HEADER + 4 * (info.n_items + most_links))
        try:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
                info.check_content(path, f"sha256:{digest}")
                _, tensors = mapped(file)
                # Copied: a mapped file may change between the check and the search.
                arrays = {name: np.array(tensor) for name, tensor in tensors.items()}
        except (OSError, TensorFileError, ValueError) as error:
            if isinstance(error, DataError):
                raise
            raise DataError(f"the index {path.name} can't be read ({error}): {AGAIN}") from error
        if _are_those_of_a_graph(arrays):
            graph = cls(arrays["layers"], arrays["links"], int(arrays["entry"][0]), info.size)
            fault = fault_in_graph(graph, info.n_items)
        else:
            fault = "its arrays are not those of a graph"
        if fault:
            raise DataError(f"the index {path.name} is damaged, {fault}: {AGAIN}")
        return graph


def most_layers(connections: int) -> int:
    """Return the largest number of layers that faiss creates.

    With M connections, the probability that layer l is an item's highest is M^-l (1 - 1/M).

    Examples
    --------
    >>> most_layers(32)
    6
    """
    return 1 + math.floor(math.log((1 - 1 / connections) / RAREST) / math.log(connections))


def fault_in_graph(graph: Graph, n_items: int) -> str | None:
    """Describe the first fault in a graph of `n_items` items; None if there is none."""
    layers, links, width = graph.layers, graph.links, graph.connections
    if layers.shape != (n_items,):
        return "its number of items differs from that of the model"
    if n_items and not 1 <= layers.min() <= layers.max() <= most_layers(width):
        return "an item is on no layer, or on too many"
    if len(links) != graph.offsets[-1]:
        return "its number of links does not fit its layers"
    if len(links) and not -1 <= links.min() <= links.max() < n_items:
        return "a link leads to an item that does not exist"
    if not 0 <= graph.entry < n_items or layers[graph.entry] != layers.max():
        return "its entry is not on the highest layer"
    for layer in range(1, int(layers.max())):
        starts = graph.offsets[:-1][layers > layer] + (layer + 1) * width  # (items on the layer,)
        found = links[starts[:, None] + np.arange(width)]  # (items on the layer, width)
        if (layers[found[found >= 0]] <= layer).any():
            return "a link leads to an item that is not on its layer"
    return None


def _are_those_of_a_graph(arrays: dict[str, npt.NDArray[np.int32]]) -> bool:
    """Return whether the names, types and shapes are those of a graph's arrays."""
    return (
        arrays.keys() == {"layers", "links", "entry"}
        and all(array.dtype == np.int32 and array.ndim == 1 for array in arrays.values())
        and len(arrays["entry"]) == 1
    )
