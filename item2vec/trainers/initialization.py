"""The initialization of the vectors with which both trainers begin.

After training, ``item_vectors[i] @ context_vectors[j]`` estimates the pointwise mutual information
of two items: the logarithm of how much more likely item j is in a history with item i than in any
history (Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", 2014). The
weights of EASE are large for the same pairs, unless other items of the history explain them. So
training begins with eigenvectors of EASE's weights. It then needs fewer epochs, and neighbors are
better than from random vectors (docs/experiments.md).
"""

import math

import numpy as np

from item2vec.data.histories import Histories
from item2vec.trainers.ease_products import EaseProducts, leading_eigenvectors
from item2vec.types import Floats

# The item vectors are eigenvectors of EASE's weights with this ridge. Neighbors are better with a
# small ridge, and scores of short histories with a larger one, so the context vectors are fitted to
# weights with another ridge, which each trainer sets.
RIDGE = 12.0
N_SAMPLED, BLOCK_PRODUCTS = 256, 1 << 22  # items of a sample, and numbers computed at a time
# Root mean squared length of random vectors, and of their part in dimensions without eigenvectors.
RANDOM_LENGTH, FILL_LENGTH = 0.3, 0.1
LEAST_EIGENVALUE = 1e-4  # of the largest one: smaller ones are rounding


def random_initialization(
    histories: Histories, vector_size: int, seed: int, length: float = RANDOM_LENGTH
) -> tuple[Floats, Floats]:
    """Return normally distributed item vectors and context vectors, float32 (n_items, d) each.

    Their root mean squared length is `length`.
    """
    rng = np.random.default_rng([seed, 0])
    shape = (len(histories.vocabulary), vector_size)
    item_vectors, context_vectors = (rng.standard_normal(shape, dtype=np.float32) for _ in range(2))
    for vectors in (item_vectors, context_vectors):
        vectors *= np.float32(length / math.sqrt(vector_size))
    return item_vectors, context_vectors


def spectral_initialization(
    histories: Histories, vector_size: int, seed: int, *, context_ridge: float, largest: float
) -> tuple[Floats, Floats]:
    """Return item vectors and context vectors whose products are close to EASE's weights.

    Parameters
    ----------
    histories : Histories
        Histories of known items, each at most once in a history.
    vector_size : int
        The number of dimensions d. If the weights have fewer positive eigenvalues, the other
        dimensions contain small random numbers.
    seed : int
        Random seed.
    context_ridge : float
        The ridge of the weights to which the context vectors are fitted.
    largest : float
        All vectors are scaled so that the largest absolute product of an item vector with any
        context vector has this value, on average over items.

    Returns
    -------
    item_vectors, context_vectors : arrays of shape (n_items, d), float32
    """
    products = EaseProducts(histories, seed=seed)
    values, vectors = leading_eigenvectors(
        products.symmetric(RIDGE), len(products), vector_size, seed=seed
    )
    is_positive = values > LEAST_EIGENVALUE * max(float(values.max(initial=0)), 1e-6)
    roots: Floats = np.sqrt(values[is_positive])  # (k,), the k <= d positive eigenvalues
    vectors = vectors[:, is_positive]  # (n_items, k) float32
    items: Floats = vectors * roots
    # items @ contexts.T is then V Vᵀ W for the weights W with the other ridge: their projection on
    # the eigenvectors V.
    contexts = products.symmetric(context_ridge)(vectors / roots)  # (n_items, k) float32
    scale = np.float32(math.sqrt(largest / max(_mean_largest(items, contexts), 1e-9)))
    item_vectors, context_vectors = random_initialization(histories, vector_size, seed, FILL_LENGTH)
    np.multiply(items, scale, out=item_vectors[:, : items.shape[1]])
    np.multiply(contexts, scale, out=context_vectors[:, : items.shape[1]])
    return item_vectors, context_vectors


def _mean_largest(items: Floats, contexts: Floats) -> float:
    """Return the largest absolute product of an item with any context, averaged over a sample."""
    sample = items[:: max(1, len(items) // N_SAMPLED)]  # (s, k)
    largest = np.zeros(len(sample), dtype=np.float32)
    step = max(1, BLOCK_PRODUCTS // max(1, len(sample)))
    for start in range(0, len(contexts), step):
        products = np.abs(sample @ contexts[start : start + step].T)  # (s, step)
        np.maximum(largest, products.max(axis=1, initial=0), out=largest)
    return float(largest.mean()) if len(largest) else 0.0
