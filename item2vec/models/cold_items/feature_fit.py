"""The quality of the prediction of vectors from features, as stored in a model."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from item2vec._support.messages import shown
from item2vec.errors import DataError
from item2vec.models.metadata import FEATURE_FIT, is_number

MOST_VARIANCE = 1e30


@dataclass(frozen=True)
class FeatureFit:
    """The features from which vectors of new items are predicted, and how well they predict.

    Parameters
    ----------
    features : sequence of str
        Columns of the catalogue.
    r2 : mapping of str to float
        For each array of the model, the fraction of its variance that the features explain
        (leave-one-out). If it is below 0, the mean would have been a better prediction.
    residual_variance : mapping of str to float
        For each array of the model, the mean squared error of the predictions (leave-one-out),
        summed over the dimensions.

    Raises
    ------
    DataError
        If a value has a wrong type or is out of its range.

    Examples
    --------
    >>> fit = FeatureFit(
    ...     ["genres", "year"], {"item_vectors": 0.21, "context_vectors": 0.18, "bias": 0.4}
    ... )
    >>> fit.describe().split(",")[0]
    'Genres and year explain 21% of the variance of item vectors'
    """

    features: tuple[str, ...]
    r2: Mapping[str, float] = field(default_factory=dict)
    residual_variance: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names: Any = self.features
        if not isinstance(names, list | tuple) or not all(isinstance(name, str) for name in names):
            raise DataError(f"features must be a list of column names, not {shown(names)}")
        _check_numbers("r2", self.r2)
        _check_numbers("residual_variance", self.residual_variance, (0, MOST_VARIANCE))
        object.__setattr__(self, "features", tuple(names))
        object.__setattr__(self, "r2", dict(self.r2))
        object.__setattr__(self, "residual_variance", dict(self.residual_variance))

    @classmethod
    def from_metadata(cls, metadata: Mapping[str, Any]) -> "FeatureFit | None":
        """Return the fit in the metadata of a model file; None if there is none."""
        if not any(key in metadata for key in FEATURE_FIT):
            return None
        return cls(
            metadata.get("features", ()),
            metadata.get("r2", {}),
            metadata.get("residual_variance", {}),
        )

    def to_metadata(self) -> dict[str, Any]:
        """Return the entries of the metadata of a model file."""
        entries = {
            "features": list(self.features),
            "r2": self.r2,
            "residual_variance": self.residual_variance,
        }
        return {key: value for key, value in entries.items() if value}

    def describe(self) -> str:
        """Return a sentence about the fraction of variance that the features explain."""
        shares = {name: max(0.0, share) for name, share in self.r2.items()}
        names = " and ".join(self.features)
        return (
            f"{names[:1].upper()}{names[1:]} {'explain' if len(self.features) > 1 else 'explains'} "
            f"{shares['item_vectors']:.0%} of the variance of item vectors, "
            f"{shares['context_vectors']:.0%} of that of context vectors and {shares['bias']:.0%} "
            "of that of the bias (each item predicted without itself)."
        )


def _check_numbers(
    name: str, values: Any, limits: tuple[float, float] = (-float("inf"), float("inf"))
) -> None:
    """Raise DataError unless `values` maps names to numbers within the limits."""
    if not isinstance(values, Mapping):
        raise DataError(f"{name} must be a number for each array, not {shown(values)}")
    for array, value in values.items():
        if not isinstance(array, str) or not is_number(value):
            raise DataError(f"{name} must be a number for each array, not {shown(values)}")
        if not limits[0] <= value <= limits[1]:
            raise DataError(f"{name} must lie in 0 ... {limits[1]:.0e}, not {shown(value)}")
