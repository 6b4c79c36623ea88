"""Checking the trees in an Annoy file, which Annoy itself follows wherever they lead.

A file of Annoy's angular metric is an array of nodes of the same size: one for each item, then
those of the trees, the roots last. A node holds

* ``int32``: the number of items below it, 1 for an item;
* two ``int32``: its children (for an item, the square of its length as a ``float32``);
* ``float32 (vector_size,)``: the normal of the plane that parts the children, or the item's vector.

Where few items are below a node, their rows take the place of children and normal. A node that
names one beyond the file, or an ancestor, ends in a crash or an endless search; so everything that
is followed is checked here, some nodes at a time. A child stands before its parent, which excludes
cycles.
"""

from pathlib import Path

import numpy as np
import numpy.typing as npt

HEAD = 3  # int32 before the vector
BLOCK_BYTES = 1 << 25
TOLERANCE = 1e-4  # of vectors of length 1, which another machine may have rounded otherwise

Nodes = npt.NDArray[np.int32]


def node_bytes(vector_size: int) -> int:
    """Return the bytes that a node takes."""
    return 4 * (HEAD + vector_size)


def most_bytes(n_items: int, vector_size: int, trees: int) -> int:
    """Return the largest size of a file: a tree has fewer inner nodes than items, but for a root.

    The roots stand in the file twice.
    """
    return node_bytes(vector_size) * (n_items + trees * (n_items + 2))


def likely_bytes(n_items: int, vector_size: int, trees: int) -> int:
    """Return about the size of a file: leaves are half full, and as many nodes part them."""
    leaves = max(1, 2 * n_items // (vector_size + HEAD - 1))
    return node_bytes(vector_size) * (n_items + 2 * leaves * trees)


def fault_in_trees(path: Path, unit_vectors: npt.NDArray[np.float32]) -> str | None:
    """Describe what is wrong with the nodes of an Annoy file; None if nothing is.

    Parameters
    ----------
    path : Path
    unit_vectors : array of shape (n_items, vector_size), float32
        The vectors that the index was built of: of length 1, or zero.
    """
    n_items, vector_size = unit_vectors.shape
    width = HEAD + vector_size
    if path.stat().st_size == 0 or path.stat().st_size % (4 * width):
        return "its size is not that of whole nodes"
    nodes = np.memmap(path, dtype="<i4", mode="r").reshape(-1, width)
    if len(nodes) <= n_items:
        return "it holds no tree"
    below = np.asarray(nodes[:, 0])
    if below[-1] != n_items:
        return "its last tree is not one of all items"
    step = max(1, BLOCK_BYTES // (4 * width))
    for start in range(0, n_items, step):
        stop = min(start + step, n_items)
        if not _are_items(nodes[start:stop], unit_vectors[start:stop]):
            return "its vectors are not those of the model"
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
        and (np.abs(squares - expected) <= TOLERANCE).all()  # NaN is not
        and (np.abs(vectors - unit_vectors) <= TOLERANCE).all()
    )


def _are_trees(nodes: Nodes, start: int, below: Nodes, n_items: int) -> bool:
    """Return whether these nodes, which begin at place `start`, part items or name them."""
    counts = nodes[:, 0]
    if counts.min() < 1 or counts.max() > n_items:
        return False
    names = counts <= nodes.shape[1] - 1  # as many rows fit in the place of children and normal
    named = nodes[names, 1:]
    is_row = np.arange(named.shape[1]) < counts[names, None]
    if (is_row & ((named < 0) | (named >= n_items))).any():
        return False
    places = start + np.flatnonzero(~names)
    children, normals = nodes[~names, 1:HEAD], nodes[~names, HEAD:].copy().view("<f4")
    if (children < 0).any() or (children >= places[:, None]).any():
        return False
    sums = below[children].astype(np.int64).sum(axis=1)
    return bool((sums == counts[~names]).all() and np.isfinite(normals).all())
