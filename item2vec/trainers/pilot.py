"""A short pilot on validation users: which memory to keep beside the vectors, and how loud.

The vectors are trained without it, so that they are vectors of all that histories tell; the memory
is added to their scores. (Trained together, vectors learned what the memory did not know, and the
sum was no better: docs/experiments.md.)
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from item2vec.co_occurrences import Matrix
from item2vec.errors import DataError, TooLargeError
from item2vec.heldout import Cases, SplitProtocol
from item2vec.histories import Histories
from item2vec.memory import Memory
from item2vec.metrics import MAIN_METRIC
from item2vec.ranking import Scores
from item2vec.recommender import ScoringRecommender
from item2vec.trainers.item_weights import MOST_ITEMS, ItemWeights, Shape
from item2vec.validation import SHARE, climbed, hold_out, mean_metric
from item2vec.vectors import ItemVectors
from item2vec.vocabulary import Vocabulary
from item2vec.wording import counted, setting

KEPT = 200  # weights of each item: at 3 -> 7 nobody misses the others
PILOT_ITEMS = 1_000  # the most popular: what is best among them is best among all
BUDGET = 16
CHOICES = {
    "ridge": (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1000.0),
    "input_power": (0.0, 0.2),
    "candidate_power": (-0.3, -0.15, 0.0),
}
# How far a memory's scores are spread, in units of the vectors'.
LOUDNESS = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0)


@dataclass(frozen=True, kw_only=True)
class Chosen:
    """What the validation users chose.

    Parameters
    ----------
    shape : Shape
    factor : float
        By which the weights are multiplied.
    pays : bool
        Whether vectors with it did better than without.
    told : dict
        What the metadata of a model tell of it. JSON only.
    """

    shape: Shape
    factor: float
    pays: bool
    told: dict[str, Any]

    def memory(self, histories: Histories, n_largest: int) -> Memory:
        """Make the memory of some histories: the `n_largest` weights of every item."""
        weights = ItemWeights(histories).blocks(self.shape)
        return Memory.of_largest(weights, n_largest).scaled(self.factor)


def is_wanted(wanted: int | Literal["auto"], n_items: int) -> bool:
    """Return whether a memory is to be looked for, before any work is done.

    Parameters
    ----------
    wanted : int or "auto"
        Weights of each item; 0: none.
    n_items : int

    Raises
    ------
    TooLargeError
        If a number of weights is wanted, of more than `MOST_ITEMS` items.
    """
    if n_items <= MOST_ITEMS or wanted in (0, "auto"):
        return wanted != 0 and n_items <= MOST_ITEMS
    raise TooLargeError(
        f"a memory of {n_items:,} items is too large: raise {setting('min_count')} to have at most "
        f"{MOST_ITEMS:,}, or leave it out by {setting('memory', 0)}"
    )


def memory_beside(
    train: Callable[[Histories], ItemVectors],
    histories: Histories,
    wanted: int | Literal["auto"],
    protocol: SplitProtocol,
    *,
    seed: int = 0,
) -> tuple[Memory | None, dict[str, Any]]:
    """Return the memory to keep beside vectors, if any, and what metadata tell of its choice.

    Parameters
    ----------
    wanted : int or "auto"
        Weights of each item, of which `is_wanted`; "auto": `KEPT` where validation users gain.
    train, histories, protocol, seed
        As in `choose_memory`.

    Raises
    ------
    DataError
        If a number is wanted, and no history is long enough to choose by.
    """
    n_largest = KEPT if wanted == "auto" else wanted
    chosen = choose_memory(train, histories, n_largest, protocol, seed=seed)
    if chosen is None:
        if wanted == "auto":
            return None, {}
        raise DataError(
            "no history is long enough to choose a memory by: leave it out by "
            f"{setting('memory', 0)}"
        )
    kept = chosen.pays or wanted != "auto"
    told = {"memory": chosen.told | {"kept": n_largest if kept else 0}}
    return (chosen.memory(histories, n_largest) if kept else None), told


def choose_memory(
    train: Callable[[Histories], ItemVectors],
    histories: Histories,
    n_largest: int,
    protocol: SplitProtocol,
    *,
    seed: int = 0,
) -> Chosen | None:
    """Return the memory that does best beside the vectors; None where nobody can say.

    Parameters
    ----------
    train : callable
        Trains vectors without a memory.
    histories : Histories
        Training users'. A fifth of them is scored, by what the others teach.
    n_largest : int
        Weights kept of each item.
    protocol : SplitProtocol
        How the validation users are split.
    seed : int
        Of the split.
    """
    popular = histories.of_most_popular(PILOT_ITEMS)
    fitted, cases = hold_out(popular, SHARE, protocol, seed=seed)
    if len(cases) == 0:
        return None
    weights = ItemWeights(fitted)
    shape, of_memory = _best_shape(weights, cases)
    memory = Memory.of_largest(weights.blocks(shape), n_largest)
    vectors = train(fitted)
    unit = _unit(vectors, memory, cases)

    def together(loudness: float) -> float:
        return mean_metric(replace(vectors, memory=memory.scaled(loudness * unit)), cases)

    louder, of_both = climbed({"loudness": LOUDNESS}, together, budget=len(LOUDNESS))
    of_vectors = mean_metric(vectors, cases)
    scores = {"vectors": of_vectors, "memory": of_memory, "both": of_both}
    told = {
        "metric": MAIN_METRIC,
        "users": len(set(cases.users.tolist())),
        "pilot_items": len(fitted.vocabulary),
        "scores": {name: round(score, 6) for name, score in scores.items()},
        "shape": vars(shape),
        **louder,
    }
    return Chosen(
        shape=shape, factor=louder["loudness"] * unit, pays=of_both > of_vectors, told=told
    )


def said(told: Mapping[str, Any]) -> str:
    """Say in a sentence what the pilot found, from what the metadata tell."""
    scores = told["scores"]
    return (
        f"{'A' if told['kept'] else 'No'} memory is kept beside the vectors: {told['metric']} on "
        f"{counted(told['users'], 'validation user')} and the {told['pilot_items']:,} most "
        f"popular items was {scores['both']:.4f} with it, {scores['vectors']:.4f} without, "
        f"{scores['memory']:.4f} of the memory alone."
    )


def _best_shape(weights: ItemWeights, cases: Cases) -> tuple[Shape, float]:
    """Return the shape of weights that do best without vectors, and their score."""

    def alone(**shape: float) -> float:
        recommender = _WeightsAlone(cases.inputs.vocabulary, weights.of(Shape(**shape)))
        return mean_metric(recommender, cases)

    best, score = climbed(CHOICES, alone, budget=BUDGET)
    return Shape(**best), score


@dataclass(frozen=True, eq=False)
class _WeightsAlone(ScoringRecommender):
    """Weights between items, before any are dropped."""

    vocabulary: Vocabulary
    weights: Matrix

    def score_rows(self, histories: Histories) -> Scores:
        self.check_scorable(histories)
        scores: Scores = histories.to_csr() @ self.weights
        return scores


def _unit(vectors: ItemVectors, memory: Memory, cases: Cases) -> float:
    """Return the factor that spreads the scores of both over items alike, in an average case."""
    some = cases.inputs.slice(0, min(200, len(cases))).known()
    of_memory = memory.score_rows(some, power=vectors.power).std(axis=1).mean()
    return float(vectors.score_rows(some).std(axis=1).mean() / max(of_memory, 1e-12))
