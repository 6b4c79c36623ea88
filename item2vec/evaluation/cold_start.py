"""A cold-start experiment: some items are hidden from training as if they were new.

Models are trained on the other items. Their predictions for the hidden items, for example by
`ItemVectors.with_cold_items`, are scored on held-out users who have these items. Cold items are
ranked among themselves, because an item without interactions can't compete with popular ones
(Schein et al., "Methods and Metrics for Cold-Start Recommendations", 2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from item2vec._support.checks import check_between, check_seed, check_whole
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import select_packed, shuffled_within, take_slices
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Scores


def hide_items(
    interactions: Interactions, *, share: float = 0.2, seed: int = 0
) -> tuple[Interactions, tuple[str, ...]]:
    """Return the interactions without a random share of the items, and the ids of these items.

    Parameters
    ----------
    interactions : Interactions
    share : float
        Share of the items to hide, between 0 and 1.
    seed : int
        Random seed.

    Raises
    ------
    ParameterError
        If `share` is not between 0 and 1.
    """
    check_between("share", share)
    check_seed(seed)
    hidden = np.random.default_rng(seed).random(len(interactions.item_ids)) < share
    items, offsets = select_packed(
        interactions.items, interactions.offsets, ~hidden[interactions.items]
    )
    ids = interactions.item_ids
    rest = Interactions(items, offsets, ids, interactions.user_ids, interactions.report)
    return rest, tuple(ids[place] for place in np.flatnonzero(hidden).tolist())


def cold_cases(
    held_out: Interactions,
    vocabulary: Vocabulary,
    hidden: Sequence[str],
    *,
    inputs: int = 3,
    seed: int = 0,
) -> Cases:
    """Return cases whose labels are a user's hidden items, and whose inputs are some of the others.

    Parameters
    ----------
    held_out : Interactions
        Interactions of users who are not in the training data.
    vocabulary : Vocabulary
        The vocabulary of a model with cold items. A hidden item that is not in it, because it has
        no features, is a label that no model can recommend: a miss.
    hidden : sequence of str
        The ids of the hidden items.
    inputs : int
        Number of inputs. Users with fewer items, or without a hidden item, are skipped and counted.
    seed : int
        Seed of the draw of inputs.

    Raises
    ------
    ParameterError
        If `inputs` is below 1.
    """
    check_whole("inputs", inputs, 1)
    check_seed(seed)
    is_hidden = np.isin(np.array(held_out.item_ids, dtype=object), list(hidden))
    packed = held_out.to_histories(vocabulary=vocabulary, repeated="keep")
    rows, offsets, hides = packed.items, packed.offsets, is_hidden[held_out.items]
    labels = Histories(*select_packed(rows, offsets, hides), vocabulary).without_repeats()
    seen = Histories(*select_packed(rows, offsets, ~hides), vocabulary).known().without_repeats()
    shuffled = shuffled_within(seen.items, seen.offsets, np.random.default_rng(seed))
    users = np.flatnonzero((seen.lengths >= inputs) & (labels.lengths > 0))
    shown = take_slices(shuffled, seen.offsets[:-1][users], np.full(len(users), inputs))
    return Cases(
        Histories(*shown, vocabulary),
        labels.take(users),
        users,
        (seen.lengths + labels.lengths)[users],
        len(held_out) - len(users),
    )


@dataclass(frozen=True, eq=False)
class AmongColdItems(ScoringRecommender):
    """A recommender restricted to cold items, those with a count of 0."""

    recommender: ScoringRecommender
    vocabulary: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", self.recommender.vocabulary)

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of cold items, ``-inf`` for all others, float32 (m, n_items)."""
        scores = self.recommender.score_rows(histories)
        scores[:, self.vocabulary.counts > 0] = -np.inf
        return scores
