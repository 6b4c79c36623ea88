"""How fast the items of a history lose weight with age: a stage after training.

It concerns nothing but histories in order, of which is asked what comes next.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

from item2vec.data.histories import Histories
from item2vec.models.item_vectors import ItemVectors
from item2vec.parameters import Parameters, parameter
from item2vec.trainers.stages.recency_selection import RECENCIES, select_recency
from item2vec.trainers.stages.selection_users import are_same

Train = Callable[[Histories], ItemVectors]


class Pilots:
    """Trains vectors on some of the users, and remembers them for the stages that come later.

    Parameters
    ----------
    train : callable
        Trains vectors on histories.
    """

    def __init__(self, train: Train) -> None:
        self._train = train
        self._trained: list[tuple[Histories, ItemVectors]] = []

    def __call__(self, fitted: Histories) -> ItemVectors:
        """Return vectors trained on these histories."""
        for histories, vectors in self._trained:
            if are_same(histories, fitted):
                return vectors
        vectors = self._train(fitted)
        self._trained.append((fitted, vectors))
        return vectors


@dataclass(frozen=True, kw_only=True)
class OrderStage(Parameters):
    """The exponent with which items lose weight with age, and the stage that chooses it."""

    recency: float | Literal["auto"] = parameter(
        "auto",
        "where the next item is asked for, an item weighs (1 + age)^-recency, and the latest has "
        "age 0; auto: the smallest of "
        f"{', '.join(f'{value:g}' for value in RECENCIES)} within a standard error of the best on "
        "validation users, where times are known; 0: all items weigh the same",
        at_least=0,
        at_most=10,
        reported=True,
    )

    def wants_recency(self, histories: Histories) -> bool:
        """Whether the exponent is chosen after training on these histories."""
        return self.recency == "auto" and histories.moments is not None

    def with_recency(
        self,
        vectors: ItemVectors,
        train: Train,
        histories: Histories,
        *,
        seed: int,
    ) -> ItemVectors:
        """Return the vectors with the exponent, which is chosen where it is "auto".

        Parameters
        ----------
        vectors, train, seed
            As in `MemoryStage.with_memory`.
        histories : Histories
            Those of all users. Without `moments` the exponent stays 0 where it is "auto".
        """
        if self.recency != "auto":
            return replace(vectors, recency=float(self.recency))
        if not self.wants_recency(histories):
            return vectors
        recency, report = select_recency(
            train,
            vectors.metadata.get("memory"),
            histories,
            seed=seed,
        )
        parameters = {**vectors.metadata["parameters"], "recency": recency}
        metadata = {**vectors.metadata, "order": report, "parameters": parameters}
        return replace(vectors, recency=recency, metadata=metadata)
