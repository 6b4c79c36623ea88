"""Checks of the trees in an Annoy file, because Annoy does not check the references in it.

An Annoy file for the angular metric is an array of nodes of equal size: one for each item, then the
nodes of the trees, with the roots at the end. A node consists of

* ``int32``: the number of items below it, 1 for an item;
* two ``int32``: its children (for an item, its squared length as a ``float32``);
* ``float32 (vector_size,)``: the normal of the plane between the children, or the item's vector.

In a node with few items below it (a leaf), the rows of these items are stored in place of children
and normal. A reference beyond the end of the file would crash the process, and a reference to an
ancestor would cause an endless search, so every reference is checked here, block by block. A child
must precede its parent, which excludes cycles.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

HEAD = 3  # number of int32 before the vector
BLOCK_BYTES = 1 << 25
TOLERANCE = 1e-4  # for unit vectors, which another machine may have rounded differently

Nodes = npt.NDArray[np.int32]


def node_bytes(vector_size: int) -> int:
    """Return the size of a node in bytes."""
    return 4 * (HEAD + vector_size)


def most_bytes(n_items: int, vector_size: int, trees: int) -> int:
    """Return the largest possible size of a file in bytes.

    A tree has fewer inner nodes than items, except for its root; the file contains each root twice.
    """
    return node_bytes(vector_size) * (n_items + trees * (n_items + 2))


def likely_bytes(n_items: int, vector_size: int, trees: int) -> int:
    """Return the approximate size of a file in bytes.

    Leaves are half full on average, and there is about one inner node for each leaf.
    """
    leaves = max(1, 2 * n_items // (vector_size + HEAD - 1))
    return node_bytes(vector_size) * (n_items + 2 * leaves * trees)


def fault_in_trees(path: Path, unit_vectors: npt.NDArray[np.float32]) -> str | None:
    """Describe the first fault in the nodes of an Annoy file; None if there is none.

    Parameters
    ----------
    path : Path
    unit_vectors : array of shape (n_items, vector_size), float32
        The vectors that the index was built from: of length 1, or zero.
    """
    n_items, vector_size = unit_vectors.shape
    width = HEAD + vector_size
    if path.stat().st_size == 0 or path.stat().st_size % (4 * width):
        return "its size is not that of whole nodes"
    nodes = np.memmap(path, dtype="<i4", mode="r").reshape(-1, width)  # (n_nodes, width)
    if len(nodes) <= n_items:
        return "it contains no tree"
    below = np.asarray(nodes[:, 0])  # (n_nodes,) int32, number of items below each node
    if below[-1] != n_items:
        return "its last tree does not contain all items"
    step = max(1, BLOCK_BYTES // (4 * width))
    for start in range(0, n_items, step):
        stop = min(start + step, n_items)
        if not _are_items(nodes[start:stop], unit_vectors[start:stop]):
            return "its vectors differ from those of the model"
    for start in range(n_items, len(nodes), step):
        stop = min(start + step, len(nodes))
        if not _are_trees(nodes[start:stop], start, below, n_items):
            return "its trees lead to nodes that do not exist"
    return None


def _are_items(nodes: Nodes, unit_vectors: npt.NDArray[np.float32]) -> bool:
    """Return whether these are the nodes of items with these vectors."""
    squares = nodes[:, 1].copy().view("<f4")
    vectors = nodes[:, HEAD:].copy().view("<f4")
    expected = np.einsum("ij,ij->i", unit_vectors, unit_vectors)
    return bool(
        (nodes[:, 0] == 1).all()
        and (np.abs(squares - expected) <= TOLERANCE).all()  # False for NaN
        and (np.abs(vectors - unit_vectors) <= TOLERANCE).all()
    )


def _are_trees(nodes: Nodes, start: int, below: Nodes, n_items: int) -> bool:
    """Return whether these nodes, the first of which is node `start`, are valid nodes of trees."""
    counts = nodes[:, 0]
    if counts.min() < 1 or counts.max() > n_items:
        return False
    is_leaf = counts <= nodes.shape[1] - 1  # its rows fit into the space of children and normal
    rows = nodes[is_leaf, 1:]
    is_row = np.arange(rows.shape[1]) < counts[is_leaf, None]
    if (is_row & ((rows < 0) | (rows >= n_items))).any():
        return False
    places = start + np.flatnonzero(~is_leaf)
    children, normals = nodes[~is_leaf, 1:HEAD], nodes[~is_leaf, HEAD:].copy().view("<f4")
    if (children < 0).any() or (children >= places[:, None]).any():
        return False
    sums = below[children].astype(np.int64).sum(axis=1)
    return bool((sums == counts[~is_leaf]).all() and np.isfinite(normals).all())
