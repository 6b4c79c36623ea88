"""The feature map: ridge regressions that predict the vectors of cold items from their features.

The regressions are fitted on the trained items; they predict the item vectors, the context vectors
and the bias from features such as genres and year. Schein et al., "Methods and Metrics for
Cold-Start Recommendations" (2002), describe the problem; Gantner et al., "Learning
Attribute-to-Feature Mappings for Cold-Start Recommendations" (2010), map features to factors.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.cold_items.features import Features
from item2vec.models.cold_items.ridge import Ridge, fit_ridges
from item2vec.types import Floats


@dataclass(frozen=True, eq=False)
class FeatureMap:
    """An encoding of features, and a ridge regression from them to each array of a model.

    Parameters
    ----------
    features : Features
    ridges : mapping of str to Ridge
        The regression for each array, by the name of the array.
    """

    features: Features
    ridges: Mapping[str, Ridge]

    @classmethod
    def fit(
        cls, items: Catalogue, arrays: Mapping[str, Floats], names: Sequence[str]
    ) -> "FeatureMap":
        """Fit the regressions on trained items.

        Parameters
        ----------
        items : Catalogue
            n items.
        arrays : mapping of str to array of shape (n, ...), float32
            The targets, by name.
        names : sequence of str
            Columns of `items`; see `Features.of`.

        Raises
        ------
        ParameterError
            If there is no such column.
        DataError
            If a column has no usable value, or there are fewer than two items.
        """
        if len(items) < 2:
            raise DataError(
                f"vectors are predicted from those of at least 2 items, not {len(items)}: train on "
                "more items"
            )
        try:
            features = Features.of(items, names)
        except ParameterError as error:
            raise ParameterError(f"in the catalogue of the model, {error}") from error
        targets = {name: array.reshape(len(items), -1) for name, array in arrays.items()}
        return cls(features, fit_ridges(features.encode(items), targets))

    def predict(self, items: Catalogue) -> tuple[npt.NDArray[np.int64], dict[str, Floats]]:
        """Predict the arrays of the items that have a known feature.

        Returns
        -------
        places : array of shape (m,), int64
            The positions of these items in `items`.
        arrays : dict of str to array of shape (m, d), float32
            The predictions, by the name of the array.

        Raises
        ------
        DataError
            If the items lack one of the columns.
        """
        try:
            matrix = self.features.encode(items)
        except ParameterError as error:
            message = f"in the catalogue of the new items, {error} ({setting('features')})"
            raise DataError(message) from error
        places = np.flatnonzero(np.diff(matrix.indptr))
        return places, {name: ridge.predict(matrix[places]) for name, ridge in self.ridges.items()}

    def report(self) -> FeatureFit:
        """Return the features and how well they predict each array."""
        return FeatureFit(
            tuple(column.name for column in self.features.columns),
            {name: round(ridge.r2, 4) for name, ridge in self.ridges.items()},
            {name: round(ridge.residual_variance, 6) for name, ridge in self.ridges.items()},
        )
