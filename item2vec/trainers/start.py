"""What softmax training begins with: the leading factors of what items say of one another.

Trained to the end, ``item_vectors[i] @ context_vectors[j]`` approaches the logarithm of how much
likelier j is beside i than alone (Levy and Goldberg, "Neural Word Embedding as Implicit Matrix
Factorization", 2014, say so of word2vec; of a softmax with a bias it holds for histories of one
item). So training begins there, by a truncated factorisation that takes less than an epoch, and
needs a third of the epochs. Measured, it also ends at a better place: docs/experiments.md.
"""

import math

import numpy as np

from item2vec.co_occurrences import Matrix, co_occurrences, short_first
from item2vec.embedding_bag import Floats
from item2vec.histories import Histories

MOST_ITEMS = 4_000  # the most popular, whose lift is factorised
RANDOM = 0.3  # length of a vector that begins at random ...
RARE = 0.1  # ... and beside vectors that do not
SHRINKAGE = 1.0  # of the lift, in units of what two average items are expected to share
LARGEST, SAMPLED = 4.0, 256  # the largest product of an item, on average over so many of them
OVERSAMPLED, ITERATIONS = 16, 2
ROWS = 256


def random_start(
    histories: Histories, vector_size: int, seed: int, length: float = RANDOM
) -> tuple[Floats, Floats]:
    """Return item vectors and context vectors of normal numbers, float32 (n_items, d) each."""
    rng = np.random.default_rng([seed, 0])
    shape = (len(histories.vocabulary), vector_size)
    item_vectors, context_vectors = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    for vectors in (item_vectors, context_vectors):
        vectors *= np.float32(length / math.sqrt(vector_size))
    return item_vectors, context_vectors


def spectral_start(histories: Histories, vector_size: int, seed: int) -> tuple[Floats, Floats]:
    """Return item vectors and context vectors whose products are close to the logarithm of lift.

    Of the most popular items; the others begin at random, and short.
    """
    item_vectors, context_vectors = random_start(histories, vector_size, seed, RARE)
    lift = log_lift(histories, MOST_ITEMS)
    values, factors = leading_factors(lift, vector_size, seed)
    n, d = factors.shape
    factors *= np.sqrt(np.abs(values))
    other_side = factors * np.sign(values)
    products = factors[:: max(1, n // SAMPLED)] @ other_side.T
    largest = float(np.abs(products).max(axis=1, initial=0).mean())
    scale = np.float32(math.sqrt(LARGEST / max(largest, 1e-9)))
    np.multiply(factors, scale, out=item_vectors[:n, :d])
    np.multiply(other_side, scale, out=context_vectors[:n, :d])
    return item_vectors, context_vectors


def log_lift(histories: Histories, most_items: int) -> Matrix:
    """Return log(1 + lift) between the first items, float32 (n, n), 0 on the diagonal.

    The lift of two items is how often they share a history, over how often they would by chance;
    a history of m items counts for 1/√m.
    """
    together = co_occurrences(histories.of_most_popular(most_items), short_first(histories))
    np.fill_diagonal(together, 0)
    sums = together.sum(axis=1)
    total = np.float32(max(float(sums.sum(dtype=np.float64)), 1e-9))
    shrinkage = np.float32(SHRINKAGE * max(float(sums.mean()), 1e-9) ** 2 / total)
    for first in range(0, len(sums), ROWS):
        rows = slice(first, first + ROWS)
        together[rows] /= (sums[rows, None] / total) * sums + shrinkage
    return np.log1p(together, out=together)


def leading_factors(matrix: Matrix, n: int, seed: int) -> tuple[Floats, Floats]:
    """Return the eigenvalues of a symmetric matrix that are largest in size, and their vectors.

    By a random projection (Halko, Martinsson and Tropp, 2011), for few of very many.

    Returns
    -------
    values : array of shape (k,), float32
        k = n, or the size of the matrix if that is less.
    vectors : array of shape (size, k), float32
        Orthonormal.
    """
    size, sampled = len(matrix), n + OVERSAMPLED
    if size <= sampled:
        basis = np.eye(size, dtype=np.float32)
    else:
        rng = np.random.default_rng([seed, 0, 2])
        basis = rng.standard_normal((size, sampled), dtype=np.float32)
        for _ in range(1 + ITERATIONS):
            basis = _orthonormal(matrix @ basis)
    values, vectors = np.linalg.eigh(basis.T @ matrix @ basis)
    largest = np.argsort(-np.abs(values))[:n]
    return values[largest], basis @ vectors[:, largest]


def _orthonormal(columns: Floats) -> Floats:
    """Return an orthonormal basis of the columns, without directions that are hardly there.

    By the eigenvalues of their products: far quicker than a QR, and exact enough where a product
    with the matrix follows.
    """
    values, vectors = np.linalg.eigh(columns.T @ columns)
    there = values > values[-1] * np.float32(1e-6)
    basis: Floats = columns @ (vectors[:, there] / np.sqrt(values[there]))
    return basis
