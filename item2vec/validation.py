"""Choosing a parameter on validation users, who are training users: never on the scored ones."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from item2vec.heldout import HeldOutProtocol, split_users
from item2vec.histories import Histories
from item2vec.metrics import find_hits, ndcg
from item2vec.progress import Progress
from item2vec.recommender import Trainer

SHARE = 0.2
MAX_CASES = 2000
K = 10

T = TypeVar("T", bound=Trainer)


def best_on_validation_users(
    make: Callable[[float], T],
    choices: Sequence[float],
    histories: Histories,
    protocol: HeldOutProtocol,
    *,
    seed: int = 0,
    progress: Progress | None = None,
) -> T:
    """Return the trainer whose ndcg@10 on a share of the training users is largest.

    The choices are climbed from the middle: neighbours are tried for as long as they are better.

    Parameters
    ----------
    make : callable
        Makes a trainer of one of the choices.
    choices : sequence of float
        In rising order.
    histories : Histories
        Of training users. A fifth of them is scored, by what the others teach.
    protocol : HeldOutProtocol
        How the validation users are split.
    """
    training, held_out = split_users(histories, held_out=SHARE, seed=seed)
    cases = protocol.cases(held_out.slice(0, min(MAX_CASES, len(held_out))), seed=seed)
    scores: dict[int, float] = {}

    def score(place: int) -> float:
        if not 0 <= place < len(choices):
            return -np.inf
        if place not in scores:
            fitted = make(choices[place]).fit(training)
            found = find_hits(
                fitted.recommend_rows(cases.inputs, K), cases.labels.items, cases.labels.offsets
            )
            scores[place] = float(ndcg(found, cases.labels.lengths, K).sum())
            if progress:
                progress(len(scores), len(choices))
        return scores[place]

    best = len(choices) // 2
    step = 1 if score(best + 1) > score(best) else -1
    while score(best + step) > score(best):
        best += step
    return make(choices[best])
