"""Selection of the largest entries of each row of a sparse matrix, without dense rows.

Each entry is encoded as one 64-bit unsigned integer, its key. The upper half contains the bits of
the value, which for positive float32 numbers have the same order as the values; the lower half
contains the complement of the column. Sorting by key therefore ranks by value, and breaks ties in
favor of the lower column, as `top_k.top_k` does.
"""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from item2vec.types import Lengths, Rows, Scores

if TYPE_CHECKING:
    import scipy.sparse

    Sparse = scipy.sparse.csr_array[np.float32]

Keys = npt.NDArray[np.uint64]

_COLUMN = np.uint64(0xFFFFFFFF)
_HALF = np.uint64(32)


def keep_largest(matrix: "Sparse", n: int) -> "Sparse":
    """Return a sparse matrix with only the `n` largest positive entries of each row.

    Parameters
    ----------
    matrix : CSR array of shape (m, width), float32
        Without duplicate entries.
    n : int

    Returns
    -------
    CSR array of shape (m, width), float32
        The columns of a row are in no particular order.
    """
    keys, lengths = _largest_keys(matrix, n)
    values, columns = _decoded(keys)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    return type(matrix)((values, columns, ends), shape=matrix.shape)


def top_k_of_sparse(matrix: "Sparse", k: int) -> tuple[Rows, Scores]:
    """Return the columns of the `k` largest positive entries of each row, best first.

    Ties are broken in favor of the lower column.

    Parameters
    ----------
    matrix : CSR array of shape (m, width), float32
        Without duplicate entries.
    k : int

    Returns
    -------
    columns : array of shape (m, k), int32
        -1 where a row has fewer than `k` positive entries.
    values : array of shape (m, k), float32
        NaN where the column is -1.

    Examples
    --------
    >>> from scipy.sparse import csr_array
    >>> top_k_of_sparse(csr_array(np.array([[0, 2, 5, 2]], dtype=np.float32)), k=4)[0]
    array([[ 2,  1,  3, -1]], dtype=int32)
    """
    keys, lengths = _largest_keys(matrix, k)
    is_entry = np.arange(k) < lengths[:, None]  # (m, k)
    table = np.zeros((len(lengths), k), dtype=np.uint64)
    table[is_entry] = keys
    table = np.sort(table, axis=1)[:, ::-1]
    values, columns = _decoded(table)
    return np.where(is_entry, columns, np.int32(-1)), np.where(is_entry, values, np.float32(np.nan))


def _largest_keys(matrix: "Sparse", n: int) -> tuple[Keys, Lengths]:
    """Return the keys of the `n` largest positive entries of each row, and their numbers.

    Returns
    -------
    keys : array of shape (sum(lengths),), uint64
        Row after row, in no particular order within a row.
    lengths : array of shape (m,), int64
        The number of keys of each row, at most `n`.
    """
    data = np.ascontiguousarray(matrix.data, dtype=np.float32)
    keys = data.view(np.uint32).astype(np.uint64) << _HALF
    keys |= _COLUMN - matrix.indices.astype(np.uint64)
    positive = data > 0
    before = np.concatenate([[0], np.cumsum(positive)])
    ends = before[matrix.indptr]
    keys, lengths = keys[positive], np.diff(ends)
    kept = np.minimum(lengths, n)
    if (kept == lengths).all():
        return keys, kept
    is_short = kept == lengths
    result = np.empty(int(kept.sum()), dtype=np.uint64)
    result[np.repeat(is_short, kept)] = keys[np.repeat(is_short, lengths)]
    begins = np.cumsum(kept) - kept  # of each row in the result
    # Rows of similar lengths are padded to the same width and partitioned together.
    widths = 1 << np.ceil(np.log2(np.maximum(lengths, 1))).astype(np.int64)
    for width in np.unique(widths[~is_short]).tolist():
        rows = np.flatnonzero((widths == width) & ~is_short)
        at = ends[rows][:, None] + np.arange(width)
        inside = np.arange(width) < lengths[rows][:, None]
        table = np.where(inside, keys[np.minimum(at, len(keys) - 1)], np.uint64(0))
        table.partition(width - n, axis=1)
        result[begins[rows][:, None] + np.arange(n)] = table[:, width - n :]
    return result, kept


def _decoded(keys: Keys) -> tuple[Scores, Rows]:
    """Return the values and columns of keys, of the same shape."""
    values = (keys >> _HALF).astype(np.uint32).view(np.float32)
    return values, (_COLUMN - (keys & _COLUMN)).astype(np.int64).astype(np.int32)
