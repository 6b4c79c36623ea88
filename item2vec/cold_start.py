"""Cold start, as an experiment: some items are hidden as if nobody had watched them yet.

Training sees the rest; what it makes of the hidden ones, by `ItemVectors.with_cold_items` say, is
scored on those who did watch them. Cold items are ranked among themselves, for an item that nobody
has watched has no chance against those that everybody has (Schein et al., "Methods and Metrics for
Cold-Start Recommendations", 2002).
"""

from dataclasses import dataclass

import numpy as np

from item2vec.errors import ParameterError
from item2vec.heldout import Cases, check_share
from item2vec.histories import (
    Histories,
    select_packed,
    shuffled_within,
    take_slices,
)
from item2vec.interactions import Interactions
from item2vec.ranking import Rows, top_k
from item2vec.recommender import ScoringRecommender


def hide_items(
    interactions: Interactions, *, share: float = 0.2, seed: int = 0
) -> tuple[Interactions, tuple[str, ...]]:
    """Return the interactions without those with some items, and the ids of these.

    Parameters
    ----------
    interactions : Interactions
    share : float
        Of the items, drawn at random, between 0 and 1.
    seed : int
        Of the draw.
    """
    check_share(share)
    hidden = np.random.default_rng(seed).random(len(interactions.item_ids)) < share
    items, offsets = select_packed(
        interactions.items, interactions.offsets, ~hidden[interactions.items]
    )
    ids = interactions.item_ids
    rest = Interactions(items, offsets, ids, interactions.user_ids, interactions.report)
    return rest, tuple(ids[place] for place in np.flatnonzero(hidden).tolist())


def cold_cases(histories: Histories, *, inputs: int = 3, seed: int = 0) -> Cases:
    """Show some items of each history that training saw, and ask for all that it did not.

    Parameters
    ----------
    histories : Histories
        Of held-out users, over a vocabulary in which a cold item has a count of 0. Items that it
        does not hold are passed over.
    inputs : int
        Items shown of each. Who has fewer, or no cold item, is skipped and counted.
    seed : int
        Of the draw.
    """
    if inputs < 1:
        raise ParameterError(f"inputs must be at least 1, not {inputs}")
    known = histories.known().without_repeats()
    is_cold = known.vocabulary.counts[known.items] == 0
    labels = Histories(*select_packed(known.items, known.offsets, is_cold), known.vocabulary)
    seen, offsets = select_packed(known.items, known.offsets, ~is_cold)
    shuffled = shuffled_within(seen, offsets, np.random.default_rng(seed))
    users = np.flatnonzero((np.diff(offsets) >= inputs) & (labels.lengths > 0))
    shown = take_slices(shuffled, offsets[:-1][users], np.full(len(users), inputs))
    return Cases(
        Histories(*shown, known.vocabulary),
        labels.take(users),
        users,
        known.lengths[users],
        len(known) - len(users),
    )


@dataclass(frozen=True, eq=False)
class AmongColdItems:
    """Ranks the items with a count of 0, and no others, by the scores of a recommender."""

    recommender: ScoringRecommender

    def recommend_rows(self, histories: Histories, k: int) -> Rows:
        """Return the `k` best cold items for each history, int32 (m, k); -1 where none is left."""
        self.recommender.check(histories, k)
        scores = self.recommender.score_rows(histories)
        scores[:, self.recommender.vocabulary.counts > 0] = -np.inf
        return top_k(scores, k)
