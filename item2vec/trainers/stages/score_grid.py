"""Validation scores of vectors with an item-item memory, for a grid of mixtures.

The memory is a sparse matrix of weights between items; its scores for a history are multiplied by a
mixing weight and added to those of the vectors. How much each of its two sets of weights
counts depends on the length of the history and on the crossover.
"""

from dataclasses import dataclass, replace

import numpy as np

from item2vec._support.top_k import top_k
from item2vec.evaluation.metrics import METRICS, find_hits, parse_metric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.stages.selection_users import relative
from item2vec.types import Floats, Values

# The lengths of histories at which the weights for short and for long ones count the same: from
# where few items are known to where EASE is better than k-nearest neighbors.
CROSSOVERS = (5.0, 8.0, 12.0, 20.0, 30.0)
# The spread of the memory's scores over the items, in units of that of the vectors' scores.
MIXING_WEIGHTS = (0.5, 1.0, 2.0, 4.0)
MOST_CASES = 1_000  # largest number of cases per protocol, which limits the time of a selection


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    """Scores of all choices under one protocol, the mean of each user's cases.

    Parameters
    ----------
    both : array of shape (n_crossovers, 1 + n_mixing_weights, n_users), float64
        The first mixing weight is 0: the vectors alone.
    memory : array of shape (n_crossovers, n_users), float64
        The memory alone.
    """

    both: Values
    memory: Values

    @classmethod
    def of(cls, vectors: ItemVectors, memory: Memory, cases: Cases, metric: str) -> "ScoreGrid":
        """Score all choices on some of the cases."""
        cases = some_cases(cases)
        inputs = cases.inputs.known()
        vector_scores = vectors.score_rows(cases.inputs)  # (n_cases, n_items) float32
        short, long = (  # (n_cases, n_items) float32 each
            Memory(part).score_rows(inputs, power=vectors.power) for part in memory.parts().values()
        )
        _, users = np.unique(cases.users, return_inverse=True)  # (n_cases,)
        n_cases = np.bincount(users)  # (n_users,)

        def score(scores: Floats) -> Values:
            values = case_values(scores, cases, metric)
            result: Values = np.bincount(users, values) / n_cases
            return result

        without = score(vector_scores)
        both, alone = [], []
        for crossover in CROSSOVERS:
            share = replace(memory, crossover=crossover).long_share(inputs.lengths)  # (n_cases,)
            memory_scores = short + share[:, None] * (long - short)
            mixed = (vector_scores + np.float32(w) * memory_scores for w in MIXING_WEIGHTS)
            both.append([without, *map(score, mixed)])
            alone.append(score(memory_scores))
        return cls(np.array(both), np.array(alone))

    @property
    def n_users(self) -> int:
        """The number of validation users."""
        return int(self.both.shape[2])

    def relative(self) -> Values:
        """Return the scores in units of their mean over all choices, shaped as `both`."""
        return relative(self.both)

    def part_scores(self, crossover: float, mixing_weight: float) -> dict[str, float]:
        """Return the mean scores of a mixture and of its parts, rounded for metadata."""
        row = CROSSOVERS.index(crossover)
        column = (0.0, *MIXING_WEIGHTS).index(mixing_weight)
        scores = {
            "vectors": self.both[row, 0],
            "memory": self.memory[row],
            "both": self.both[row, column],
        }
        return {name: round(float(values.mean()), 6) for name, values in scores.items()}


def case_values(scores: Floats, cases: Cases, metric: str) -> Values:
    """Return the metric of each case, float64 (n_cases,).

    Parameters
    ----------
    scores : array of shape (n_cases, n_items), float32
        The scores of all items; overwritten.
    cases : Cases
    metric : str
        Such as "ndcg@10".
    """
    name, k = parse_metric(metric)
    if not cases.keep_seen:
        inputs = cases.inputs.known()
        scores[np.repeat(np.arange(len(inputs)), inputs.lengths), inputs.items] = -np.inf
    found = find_hits(top_k(scores, k), cases.labels.items, cases.labels.offsets)
    return METRICS[name](found, cases.labels.lengths, k)


def some_cases(cases: Cases) -> Cases:
    """Return at most `MOST_CASES` of the cases, evenly spaced."""
    if len(cases) <= MOST_CASES:
        return cases
    positions = np.linspace(0, len(cases) - 1, MOST_CASES).astype(np.int64)
    return replace(
        cases,
        inputs=cases.inputs.take(positions),
        labels=cases.labels.take(positions),
        users=cases.users[positions],
        lengths=cases.lengths[positions],
        digests=None,
    )
