"""Cold items: what nobody has watched yet gets its vectors from what is told of it.

A ridge regression learns, on the items that training saw, what features such as genres and year
say about the item vectors, the context vectors and the bias; what they say of a new item is its
vectors. Schein et al., "Methods and Metrics for Cold-Start Recommendations" (2002), name the
problem; the map from features to factors is Gantner et al.'s, "Learning Attribute-to-Feature
Mappings for Cold-Start Recommendations" (2010).
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np

from item2vec.catalogue import Catalogue
from item2vec.embedding_bag import Floats
from item2vec.errors import DataError, ParameterError
from item2vec.features import Features
from item2vec.histories import take_slices
from item2vec.memory import Memory
from item2vec.ranking import Rows
from item2vec.ridge import Ridge
from item2vec.vocabulary import Vocabulary

if TYPE_CHECKING:
    from item2vec.vectors import ItemVectors

ARRAYS = ("item_vectors", "context_vectors", "bias")


def regress(vectors: "ItemVectors", names: Sequence[str]) -> tuple[Features, dict[str, Ridge]]:
    """Learn what features say about each of `ARRAYS`, on the items that training saw.

    Raises
    ------
    ParameterError
        If the model knows no such column of its items.
    DataError
        If a column tells nothing, or training saw less than two items.
    """
    seen = np.flatnonzero(vectors.vocabulary.counts > 0).tolist()
    if len(seen) < 2:
        raise DataError(f"{len(seen)} items were seen in training: too few to learn from")
    catalogue = vectors.catalogue.aligned([vectors.vocabulary.ids[row] for row in seen])
    features = Features.of(catalogue, names)
    matrix = features.encode(catalogue)
    arrays = {name: getattr(vectors, name)[seen].reshape(len(seen), -1) for name in ARRAYS}
    return features, {name: Ridge.fit(matrix, array) for name, array in arrays.items()}


def with_features(vectors: "ItemVectors", names: Sequence[str]) -> "ItemVectors":
    """Return the vectors with a note of these features, and of how much they explain.

    Raises
    ------
    ParameterError, DataError
        As `regress` does.
    """
    told = _told(names, regress(vectors, names)[1])
    return replace(vectors, metadata={**vectors.metadata, **told})


def said(metadata: Mapping[str, Any]) -> str:
    """Say what `with_features` and `with_cold_items` note in the metadata."""
    shares = {name: max(0.0, share) for name, share in metadata["explained"].items()}
    return (
        f"What {' and '.join(metadata['features'])} tell of an item explains "
        f"{shares['item_vectors']:.0%} of how item vectors differ, {shares['context_vectors']:.0%} "
        f"of how context vectors do, {shares['bias']:.0%} of the bias (each item left out in turn)."
    )


def _told(names: Sequence[str], ridges: Mapping[str, Ridge]) -> dict[str, Any]:
    explained = {name: round(ridge.explained, 4) for name, ridge in ridges.items()}
    return {"features": list(names), "explained": explained}


def with_cold_items(
    vectors: "ItemVectors", items: Catalogue, features: Sequence[str] | None
) -> "ItemVectors":
    """Return the vectors with those of new items beside them; see `ItemVectors.with_cold_items`."""
    names = features if features is not None else vectors.metadata.get("features")
    if names is None:
        raise ParameterError(
            "the model was trained without features: name the columns that tell of items, as in "
            '--features genres,year (features=["genres", "year"] in Python)'
        )
    learned, ridges = regress(vectors, names)
    new = items.aligned([item for item in items.ids if item not in vectors.vocabulary])
    if len(new) == 0:
        raise DataError(f"the model has all {len(items)} items already: there is none to add")
    matrix = learned.encode(new)
    told = np.diff(matrix.indptr) > 0
    if not told.any():
        raise DataError(
            f"nothing is known of the {len(new)} new items: each needs a value in one of "
            f"{', '.join(names)} that items of the model have too"
        )
    new = new.aligned([item for item, known in zip(new.ids, told.tolist(), strict=True) if known])
    predicted = {name: ridge.predict(matrix[told]) for name, ridge in ridges.items()}
    return _beside(vectors, new, predicted, _told(names, ridges))


def _beside(
    vectors: "ItemVectors",
    new: Catalogue,
    predicted: Mapping[str, Floats],
    metadata: Mapping[str, Any],
) -> "ItemVectors":
    """Return the vectors with new items, in the order of rows that a vocabulary has."""
    ids = [*vectors.vocabulary.ids, *new.ids]
    counts = np.append(vectors.vocabulary.counts, np.zeros(len(new), dtype=np.int64))
    vocabulary = Vocabulary.from_counts(ids, counts, min_count=0)
    places = {item: place for place, item in enumerate(ids)}
    order = np.array([places[item] for item in vocabulary.ids], dtype=np.int32)

    def joined(name: str) -> Floats:
        old: Floats = getattr(vectors, name)
        array: Floats = np.concatenate([old, predicted[name].reshape(len(new), *old.shape[1:])])
        return array[order]

    return replace(
        vectors,
        vocabulary=vocabulary,
        item_vectors=joined("item_vectors"),
        context_vectors=joined("context_vectors"),
        bias=joined("bias"),
        catalogue=_joined(vectors.catalogue, new).aligned(vocabulary.ids),
        memory=None if vectors.memory is None else _reordered(vectors.memory, order),
        metadata={
            **{name: value for name, value in vectors.metadata.items() if name != "checksum"},
            **metadata,
            "cold_items": int(np.count_nonzero(vocabulary.counts == 0)),
        },
    )


def _joined(old: Catalogue, new: Catalogue) -> Catalogue:
    """Return both catalogues as one, "" where one of them has no such column."""
    columns = {
        name: old.columns.get(name, ("",) * len(old)) + new.columns.get(name, ("",) * len(new))
        for name in dict.fromkeys([*old.columns, *new.columns])
    }
    return Catalogue(old.ids + new.ids, columns)


def _reordered(memory: Memory, order: Rows) -> Memory:
    """Return the memory in a new order of rows, where what it had no row for has no weights."""
    n_new = len(order) - len(memory)
    lengths = np.append(np.diff(memory.offsets), np.zeros(n_new, dtype=np.int64))[order]
    begins = np.append(memory.offsets[:-1], np.zeros(n_new, dtype=np.int64))[order]
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    entries, offsets = take_slices(np.arange(len(memory.items), dtype=np.int32), begins, lengths)
    return Memory(place[memory.items[entries]], offsets, memory.weights[entries])
