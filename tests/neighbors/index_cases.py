"""What tests of indexes share: clustered vectors, the checksum of a model, and descriptions."""

import numpy as np

MODEL = "sha256:" + "0123456789abcdef" * 4


def clustered(n_clusters, each, size, *, spread=0.3, seed=0):
    """Return vectors in clusters, like those of items that the same users interact with."""
    rng = np.random.default_rng(seed)
    centers = rng.standard_normal((n_clusters, size))
    noise = spread * rng.standard_normal((n_clusters * each, size))
    return rng.permutation(np.repeat(centers, each, axis=0) + noise).astype(np.float32)


def info_of(path):
    """Return the path of the JSON file that describes the index at `path`."""
    return path.with_name(path.name + ".json")


ANNOY_VECTORS = clustered(8, 10, 6)
HNSW_VECTORS = clustered(40, 15, 6)
CONNECTIONS = 4  # of the HNSW index in the fixtures
