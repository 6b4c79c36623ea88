"""Cold items: prediction of the vectors of new items from features in the catalogue."""

from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.cold_items.feature_map import FeatureMap
from item2vec.models.cold_items.features import Features, as_number, values_of, words
from item2vec.models.cold_items.ridge import Ridge, fit_ridges

__all__ = [
    "FeatureFit",
    "FeatureMap",
    "Features",
    "Ridge",
    "as_number",
    "fit_ridges",
    "values_of",
    "words",
]
