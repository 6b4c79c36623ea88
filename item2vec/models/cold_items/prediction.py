"""Addition of cold items, which have no interactions, to a model, with predicted vectors."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.finite import check_finite
from item2vec._support.messages import either
from item2vec.data.catalogue import Catalogue
from item2vec.errors import DataError, ParameterError
from item2vec.models.cold_items.feature_fit import FeatureFit
from item2vec.models.cold_items.feature_map import FeatureMap
from item2vec.models.scoring_law import ARRAYS
from item2vec.types import Vectors

if TYPE_CHECKING:
    from item2vec.models.item_vectors import ItemVectors
    from item2vec.reading.files.paths import Source


def learn_feature_map(vectors: "ItemVectors", names: Sequence[str]) -> FeatureMap:
    """Fit the map from features to vectors on the trained items; see `ItemVectors.feature_map`."""
    check_finite({name: getattr(vectors, name) for name in ARRAYS}, vectors.vocabulary.ids)
    trained = np.flatnonzero(vectors.vocabulary.counts > 0)
    items = vectors.catalogue.aligned([vectors.vocabulary.ids[row] for row in trained.tolist()])
    return FeatureMap.fit(items, {name: getattr(vectors, name)[trained] for name in ARRAYS}, names)


def add_cold_items(
    vectors: "ItemVectors", items: "Catalogue | Source", features: Sequence[str] | None
) -> "ItemVectors":
    """Return the vectors with predicted vectors of new items; see `ItemVectors.with_cold_items`."""
    from item2vec.reading.catalogue import read_catalogue

    names = _feature_names(vectors, features)
    catalogue = items if isinstance(items, Catalogue) else read_catalogue(items)
    new = catalogue.aligned([item for item in catalogue.ids if item not in vectors.vocabulary])
    if len(new) == 0:
        raise DataError(f"the model already has all {len(catalogue)} items: provide new ones")
    feature_map = learn_feature_map(vectors, names)
    described, predicted = feature_map.predict(new)
    if len(described) == 0:
        raise DataError(
            f"none of the {len(new)} new items has a known feature: each needs a value in one of "
            f"{', '.join(names)} that items of the model also have"
        )
    new = new.aligned([new.ids[place] for place in described.tolist()])
    return _extended(vectors, new, predicted, feature_map.report())


def _feature_names(vectors: "ItemVectors", features: Sequence[str] | None) -> Sequence[str]:
    """Return the features to predict from: the given ones, or those of the trained model."""
    if features is not None:
        return features if isinstance(features, str) else list(features)  # e.g. a pandas.Index
    if vectors.feature_fit is None or not vectors.feature_fit.features:
        raise ParameterError(
            "the model was trained without features: name the columns to predict vectors from, "
            + either("as in --features genres,year", 'as in features=["genres", "year"]')
        )
    return vectors.feature_fit.features


def _extended(
    vectors: "ItemVectors", new: Catalogue, arrays: Mapping[str, Vectors], fit: FeatureFit
) -> "ItemVectors":
    """Return the vectors with those of new items, in the order of the extended vocabulary."""
    vocabulary, order = vectors.vocabulary.with_unseen(new.ids)

    def joined(name: str) -> Vectors:
        old: Vectors = getattr(vectors, name)
        both: Vectors = np.concatenate([old, arrays[name].reshape(-1, *old.shape[1:])])
        return both[order]

    metadata = {name: value for name, value in vectors.metadata.items() if name != "checksum"}
    metadata["cold_items"] = int(np.count_nonzero(vocabulary.counts == 0))
    return replace(
        vectors,
        vocabulary=vocabulary,
        item_vectors=joined("item_vectors"),
        context_vectors=joined("context_vectors"),
        bias=joined("bias"),
        catalogue=vectors.catalogue.joined(new).aligned(vocabulary.ids),
        memory=None if vectors.memory is None else vectors.memory.reordered(order),
        metadata=metadata,
        feature_fit=fit,
    )
