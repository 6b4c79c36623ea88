"""Scores of vectors with an item-item memory beside them, for every choice of how to mix both."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np

from item2vec._support.top_k import top_k
from item2vec.evaluation.metrics import METRICS, find_hits, parse_metric
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.item_item_memory import Memory
from item2vec.trainers.stages.selection_users import relative
from item2vec.types import Floats, Values

CROSSOVERS = (5.0, 8.0, 12.0, 20.0, 30.0)
# How far the scores of the memory are spread over the items, in units of those of the vectors.
MIXING_WEIGHTS = (0.5, 1.0, 2.0, 4.0)
MOST_CASES = 1_000


@dataclass(frozen=True, eq=False)
class ScoreGrid:
    """Scores of all choices under one protocol, a mean for each user.

    Parameters
    ----------
    both : array of shape (crossovers, 1 + mixing weights, users), float64
        The first mixing weight is 0: the vectors alone.
    memory : array of shape (crossovers, users), float64
        The memory alone.
    """

    both: Values
    memory: Values

    @classmethod
    def of(cls, vectors: ItemVectors, memory: Memory, cases: Cases, metric: str) -> "ScoreGrid":
        """Score all choices on some of the cases."""
        cases = some_cases(cases)
        inputs = cases.inputs.known()
        of_vectors = vectors.score_rows(cases.inputs)
        short, long = (
            Memory(part).score_rows(inputs, power=vectors.power) for part in memory.parts().values()
        )
        _, users = np.unique(cases.users, return_inverse=True)
        means = np.bincount(users)

        def score(scores: Floats) -> Values:
            values = case_values(scores, cases, metric)
            result: Values = np.bincount(users, values) / means
            return result

        without = score(of_vectors)
        both, alone = [], []
        for crossover in CROSSOVERS:
            share = replace(memory, crossover=crossover).long_share(inputs.lengths)[:, None]
            of_memory = short + share * (long - short)
            both.append(
                [without, *(score(of_vectors + np.float32(w) * of_memory) for w in MIXING_WEIGHTS)]
            )
            alone.append(score(of_memory))
        return cls(np.array(both), np.array(alone))

    @property
    def n_users(self) -> int:
        """The number of validation users."""
        return int(self.both.shape[2])

    def relative(self) -> Values:
        """Return the scores in units of their mean over all choices."""
        return relative(self.both)

    def scores(self, place: int, chosen: Mapping[str, float]) -> dict[str, float]:
        """Return the mean scores of the choice and of its parts."""
        weight = (0.0, *MIXING_WEIGHTS).index(chosen["mixing_weight"])
        return {
            "vectors": float(self.both[place, 0].mean()),
            "memory": float(self.memory[place].mean()),
            "both": float(self.both[place, weight].mean()),
        }


def case_values(scores: Floats, cases: Cases, metric: str) -> Values:
    """Return the metric of each case, from the scores of all items, which are changed.

    Float64 (cases,).
    """
    name, k = parse_metric(metric)
    if not cases.keep_seen:
        inputs = cases.inputs.known()
        scores[np.repeat(np.arange(len(inputs)), inputs.lengths), inputs.items] = -np.inf
    found = find_hits(top_k(scores, k), cases.labels.items, cases.labels.offsets)
    return METRICS[name](found, cases.labels.lengths, k)


def some_cases(cases: Cases) -> Cases:
    """Return some of the cases, evenly spaced, where there are many."""
    if len(cases) <= MOST_CASES:
        return cases
    places = np.linspace(0, len(cases) - 1, MOST_CASES).astype(np.int64)
    return replace(
        cases,
        inputs=cases.inputs.take(places),
        labels=cases.labels.take(places),
        users=cases.users[places],
        lengths=cases.lengths[places],
        digests=None,
    )
