"""A cache of vectors trained for a selection, for the stages that follow."""

from collections.abc import Callable

from item2vec.data.histories import Histories
from item2vec.models.item_vectors import ItemVectors
from item2vec.trainers.stages.selection_users import are_same

FitVectors = Callable[[Histories], ItemVectors]


class VectorCache:
    """Trains vectors on histories, but only once on the same ones.

    Parameters
    ----------
    train : callable
        Trains vectors on the histories that it is called with.
    """

    def __init__(self, train: FitVectors) -> None:
        self._train = train
        self._cached: list[tuple[Histories, ItemVectors]] = []

    def __call__(self, fitted: Histories) -> ItemVectors:
        """Return vectors trained on these histories."""
        for histories, vectors in self._cached:
            if are_same(histories, fitted):
                return vectors
        vectors = self._train(fitted)
        self._cached.append((fitted, vectors))
        return vectors
