"""Cold start, as an experiment: some items are hidden as if nobody had watched them yet.

Training sees the rest; what it makes of the hidden ones, by `ItemVectors.with_cold_items` say, is
scored on those who did watch them. Cold items are ranked among themselves, for an item that nobody
has watched has no chance against those that everybody has (Schein et al., "Methods and Metrics for
Cold-Start Recommendations", 2002).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from item2vec._support.checks import check_between, check_seed, check_whole
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import select_packed, shuffled_within, take_slices
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.held_out_users import Cases
from item2vec.models.recommender import ScoringRecommender
from item2vec.types import Scores


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

    Raises
    ------
    ParameterError
        If `share` does not lie between 0 and 1.
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
    """Show some items of each held-out user that were not hidden, and ask for all that were.

    Parameters
    ----------
    held_out : Interactions
        Of users that nothing was learned from.
    vocabulary : Vocabulary
        Of a model that has cold items too. A hidden item that it does not hold, as nothing is known
        of it, is a label that nobody can find: a miss.
    hidden : sequence of str
        The ids of the hidden items.
    inputs : int
        Items shown of each user. Who has fewer, or no hidden item, is skipped and counted.
    seed : int
        Of the draw of what is shown.

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
    """Ranks the items with a count of 0, and no others, by the scores of a recommender."""

    recommender: ScoringRecommender
    vocabulary: Vocabulary = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "vocabulary", self.recommender.vocabulary)

    def score_rows(self, histories: Histories) -> Scores:
        """Return the scores of cold items, ``-inf`` for all others, float32 (m, n_items)."""
        scores = self.recommender.score_rows(histories)
        scores[:, self.vocabulary.counts > 0] = -np.inf
        return scores
