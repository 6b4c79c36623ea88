"""What features of items say about their vectors, so that a new item can have some.

A ridge regression learns, on the items that training saw, what features such as genres and year
say about the item vectors, the context vectors and the bias; what they say of a new item is its
vectors. Schein et al., "Methods and Metrics for Cold-Start Recommendations" (2002), name the
problem; the map from features to factors is Gantner et al.'s, "Learning Attribute-to-Feature
Mappings for Cold-Start Recommendations" (2010).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError
from item2vec.models.cold_items.features import Features
from item2vec.models.cold_items.ridge import Ridge, fit_ridges
from item2vec.types import Floats


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """Features, and a ridge regression from them to each array that items have.

    Parameters
    ----------
    features : Features
    ridges : mapping of str to Ridge
        By the name of the array.
    """

    features: Features
    ridges: Mapping[str, Ridge]

    @classmethod
    def fit(
        cls, items: Catalogue, arrays: Mapping[str, Floats], names: Sequence[str]
    ) -> "FeatureMap":
        """Learn from items what their columns say.

        Parameters
        ----------
        items : Catalogue
            n of them, which training saw.
        arrays : mapping of str to array of shape (n, ...), float32
        names : sequence of str
            Columns of `items`; see `Features.of`.

        Raises
        ------
        ParameterError
            If there is no such column.
        DataError
            If a column tells nothing, or there are less than two items.
        """
        if len(items) < 2:
            raise DataError(f"training saw {len(items)} items: too few to learn what features say")
        try:
            features = Features.of(items, names)
        except ParameterError as error:
            raise ParameterError(f"of the model's items, {error}") from error
        targets = {name: array.reshape(len(items), -1) for name, array in arrays.items()}
        return cls(features, fit_ridges(features.encode(items), targets))

    def predict(self, items: Catalogue) -> tuple[npt.NDArray[np.int64], dict[str, Floats]]:
        """Return the places of the items of which a feature is known, and their arrays.

        Raises
        ------
        DataError
            If the items have not all the columns.

        Returns
        -------
        places : array of shape (m,), int64
        arrays : dict of str to array of shape (m, d), float32
        """
        try:
            matrix = self.features.encode(items)
        except ParameterError as error:
            raise DataError(f"of the new items, {error} ({setting('features')})") from error
        places = np.flatnonzero(np.diff(matrix.indptr))
        return places, {name: ridge.predict(matrix[places]) for name, ridge in self.ridges.items()}

    def metadata(self) -> dict[str, Any]:
        """Return which features these are, how much variance they explain, and what they leave."""
        r2 = {name: round(ridge.r2, 4) for name, ridge in self.ridges.items()}
        names = [column.name for column in self.features.columns]
        residual = {name: round(ridge.residual_variance, 6) for name, ridge in self.ridges.items()}
        return {"features": names, "r2": r2, "residual_variance": residual}


def said(metadata: Mapping[str, Any]) -> str:
    """Say what `FeatureMap.metadata` holds, of an item's vectors and bias."""
    shares = {name: max(0.0, share) for name, share in metadata["r2"].items()}
    return (
        f"What {' and '.join(metadata['features'])} tell of an item explains "
        f"{shares['item_vectors']:.0%} of how item vectors differ, {shares['context_vectors']:.0%} "
        f"of how context vectors do, {shares['bias']:.0%} of the bias (on items left out)."
    )
