"""Histories and interactions for the tests of sketches."""

import numpy as np

from item2vec.data.interactions import Interactions


def draws(n_users: int, *, length: int = 10, n_items: int = 80, seed: int = 0) -> list[list[str]]:
    """Return histories of random items: different users' are never the same."""
    rng = np.random.default_rng(seed)
    return [
        [f"i{item}" for item in rng.choice(n_items, length, replace=False)] for _ in range(n_users)
    ]


def interactions(lists: list[list[str]], *, users: str = "u") -> Interactions:
    ids = sorted({item for items in lists for item in items})
    place = {item: n for n, item in enumerate(ids)}
    items = np.array([place[item] for items in lists for item in items], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lists)])
    return Interactions(items, offsets, tuple(ids), tuple(f"{users}{n}" for n in range(len(lists))))
