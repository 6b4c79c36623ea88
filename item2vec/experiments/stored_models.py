"""Comparison of stored models with one another and with the baselines."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from item2vec._support.messages import either, shown
from item2vec.baselines.non_personalized import by_counts
from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions, Repeated
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import ParameterError
from item2vec.evaluation.evaluate import CUTOFFS, Observer, score_source
from item2vec.evaluation.joining import side_by_side, with_quality
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.case_source import CaseSource
from item2vec.evaluation.splitting.held_out_users import HeldOutUsers
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, protocol_for_users, to_splits
from item2vec.experiments.comparison import (
    ALWAYS,
    ParametersByName,
    compare_named,
    recorded_without,
    remaining,
)
from item2vec.experiments.registry import RECOMMENDERS
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.recommender import Recommender
from item2vec.types import Progress


def compare_stored(
    models: Mapping[str, ItemVectors],
    held_out: Interactions | Split,
    protocol: SplitProtocol | None = None,
    *,
    training: Interactions | None = None,
    names: Sequence[str] = ALWAYS,
    without: Collection[str] = (),
    parameters: ParametersByName | None = None,
    min_count: int = 5,
    repeated: Repeated = "first",
    cutoffs: Sequence[int] = CUTOFFS,
    catalogue: Catalogue | None = None,
    related: Sequence[str] = (),
    observers: Sequence[Observer] = (),
    seed: int = 0,
    progress: Progress | None = None,
    in_sample: bool = False,
) -> Evaluation:
    """Score stored models and the baselines on interactions that the models were not trained on.

    The other parameters are as in `compare_named`; the default catalogue is the first model's.

    Parameters
    ----------
    models : mapping of str to ItemVectors
    held_out : Interactions or Split
        Interactions of users that no model was trained on, to be split by `protocol`; or a split of
        the same users later, whose training part the models were trained on.
    training : Interactions, optional
        Interactions to train `names` on; a `Split` has its own. Without them only popularity is
        scored, by the counts of the first model.
    in_sample : bool
        Whether models may be scored on users that they were trained on.
    """
    _check_distinct(models)
    quality = NeighborQuality.of(catalogue or next(iter(models.values())).catalogue, related)
    source, split = _source(held_out, protocol, training)
    wanted = remaining(names, without)
    named = wanted if split is not None else ["popularity"] * ("popularity" not in without)
    comparison = _StoredComparison(
        models, source, named, tuple(cutoffs), (quality, *observers), seed, progress
    )
    parts = comparison.score_models(in_sample=in_sample)
    if split is not None and named:
        parts.append(comparison.train_and_score(split, parameters, min_count, repeated))
    elif named:
        parts.append(comparison.score_popularity())
    joined = _with_left_out(side_by_side(parts), [name for name in wanted if name not in named])
    return recorded_without(with_quality(joined, quality), without)


@dataclass(frozen=True, eq=False)
class _StoredComparison:
    """Scores stored models, and recommenders by name for comparison.

    Parameters
    ----------
    models : mapping of str to ItemVectors
    source : CaseSource
        Makes the cases.
    names : sequence of str
        The recommenders to compare the models with.
    cutoffs, observers, seed, progress
        As in `compare_stored`.
    """

    models: Mapping[str, ItemVectors]
    source: CaseSource
    names: Sequence[str]
    cutoffs: tuple[int, ...]
    observers: tuple[Observer, ...]
    seed: int
    progress: Progress | None

    def score_models(self, *, in_sample: bool) -> list[Evaluation]:
        """Score the stored models, one after the other."""
        parts = []
        for done, (name, vectors) in enumerate(self.models.items(), start=1):
            parts.append(self._score(name, vectors, vectors.vocabulary, in_sample=in_sample))
            self._report(done)
        return parts

    def score_popularity(self) -> Evaluation:
        """Score popularity, by the counts of the first model."""
        vocabulary = next(iter(self.models.values())).vocabulary
        scored = self._score("popularity", by_counts(vocabulary), vocabulary, in_sample=None)
        self._report(len(self.models) + 1)
        return scored

    def train_and_score(
        self, split: Split, parameters: ParametersByName | None, min_count: int, repeated: Repeated
    ) -> Evaluation:
        """Train the recommenders on the training part of a split, and score them."""
        return compare_named(
            self.names,
            [split],
            parameters=parameters,
            min_count=min_count,
            repeated=repeated,
            cutoffs=self.cutoffs,
            observers=self.observers,
            seed=self.seed,
            progress=lambda done, _: self._report(len(self.models) + done),
        )

    def _score(
        self,
        name: str,
        recommender: Recommender,
        vocabulary: Vocabulary,
        *,
        in_sample: bool | None,
    ) -> Evaluation:
        """Score a recommender; with `in_sample` None, without a check for its training users."""
        return score_source(
            {name: recommender},
            vocabulary,
            self.source,
            cutoffs=self.cutoffs,
            observers=self.observers,
            seed=self.seed,
            in_sample=in_sample,
        )

    def _report(self, done: int) -> None:
        if self.progress is not None:
            self.progress(done, len(self.models) + len(self.names))


def _check_distinct(models: Mapping[str, ItemVectors]) -> None:
    """Raise ParameterError if a model has the name of a recommender."""
    for name in models:
        if name in RECOMMENDERS:
            raise ParameterError(
                f"the model {shown(name)} has the name of a baseline or trainer: rename its file"
            )


def _with_left_out(evaluation: Evaluation, names: Sequence[str]) -> Evaluation:
    """Return an evaluation that records which recommenders could not be trained."""
    reason = f"it needs training users; give them with {either('--train-on', 'training=')}"
    return replace(evaluation, left_out={**evaluation.left_out, **dict.fromkeys(names, reason)})


def _source(
    held_out: Interactions | Split, protocol: SplitProtocol | None, training: Interactions | None
) -> tuple[CaseSource, Split | None]:
    """Return the source of the cases, and the split that baselines are trained on, if any."""
    if isinstance(held_out, Split):
        to_splits([held_out], protocol)  # which raises an error if the protocol is another one
        if training is not None:
            raise ParameterError("a split contains its training part: leave training out")
        return held_out.source, held_out
    if training is not None:
        (split,) = to_splits([(training, held_out)], protocol)
        return split.source, split
    return HeldOutUsers(held_out, protocol_for_users(protocol)), None
