"""The initialization of the vectors, from which both trainers begin.

Trained to the end, ``item_vectors[i] @ context_vectors[j]`` says how much more likely j is beside i
than alone (Levy and Goldberg, "Neural Word Embedding as Implicit Matrix Factorization", 2014). The
weights of EASE say the same, without what other items of the history explain. So training begins
with eigenvectors of EASE's weights: it needs a small part of the epochs, and ends with better
neighbors (see docs/experiments.md).
"""

import math

import numpy as np

from item2vec.data.histories import Histories
from item2vec.trainers.ease_products import EaseProducts, leading_eigenvectors
from item2vec.types import Floats

# The ridge of EASE's weights of which the item vectors are eigenvectors. They are the better
# neighbors with a small ridge; a larger one scores short histories better, so the context vectors
# are fitted to weights with another ridge, which each trainer chooses.
RIDGE = 12.0
SAMPLED, BLOCK_PRODUCTS = 256, 1 << 22
RANDOM = 0.3  # length of a random vector ...
SHORT = 0.1  # ... and of one in dimensions for which there is no eigenvector
LEAST_EIGENVALUE = 1e-4  # in units of the largest


def random_initialization(
    histories: Histories, vector_size: int, seed: int, length: float = RANDOM
) -> tuple[Floats, Floats]:
    """Return item vectors and context vectors of normal numbers, float32 (n_items, d) each."""
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
        Every item known, and each once in a history.
    vector_size : int
        The dimensions d. Where the weights have fewer positive eigenvalues, the other dimensions
        hold short random numbers.
    seed : int
    context_ridge : float
        The ridge of the weights to which the context vectors are fitted.
    largest : float
        The largest product of an item with a context vector, on average over items: all vectors
        are scaled to it.

    Returns
    -------
    item_vectors, context_vectors : arrays of shape (n_items, d), float32
    """
    products = EaseProducts(histories, seed=seed)
    values, vectors = leading_eigenvectors(
        products.symmetric(RIDGE), len(products), vector_size, seed=seed
    )
    is_positive = values > LEAST_EIGENVALUE * max(float(values.max(initial=0)), 1e-6)
    roots: Floats = np.sqrt(values[is_positive])
    vectors = vectors[:, is_positive]
    items: Floats = vectors * roots
    # The product of both is then the weights with the other ridge, projected on the eigenvectors.
    contexts = products.symmetric(context_ridge)(vectors / roots)
    scale = np.float32(math.sqrt(largest / max(_mean_largest(items, contexts), 1e-9)))
    item_vectors, context_vectors = random_initialization(histories, vector_size, seed, SHORT)
    np.multiply(items, scale, out=item_vectors[:, : items.shape[1]])
    np.multiply(contexts, scale, out=context_vectors[:, : items.shape[1]])
    return item_vectors, context_vectors


def _mean_largest(items: Floats, contexts: Floats) -> float:
    """Return the largest product of an item, without its sign, on average over a sample."""
    sample = items[:: max(1, len(items) // SAMPLED)]
    largest = np.zeros(len(sample), dtype=np.float32)
    step = max(1, BLOCK_PRODUCTS // max(1, len(sample)))
    for start in range(0, len(contexts), step):
        products = np.abs(sample @ contexts[start : start + step].T)
        np.maximum(largest, products.max(axis=1, initial=0), out=largest)
    return float(largest.mean()) if len(largest) else 0.0
