"""Export of item vectors to pandas and gensim."""

import re
import warnings
from typing import TYPE_CHECKING

import numpy as np

from item2vec._support.finite import check_finite
from item2vec._support.messages import shown

if TYPE_CHECKING:
    import gensim
    import pandas as pd

    from item2vec.models.item_vectors import ItemVectors


def to_frame(vectors: "ItemVectors") -> "pd.DataFrame":
    """Return the item vectors as a DataFrame; see `ItemVectors.to_frame`."""
    import pandas as pd

    check_finite({"item_vectors": vectors.item_vectors}, vectors.vocabulary.ids)
    return pd.DataFrame(vectors.item_vectors, index=pd.Index(vectors.vocabulary.ids, name="item"))


def to_keyed_vectors(vectors: "ItemVectors") -> "gensim.models.KeyedVectors":
    """Return the item vectors as ``KeyedVectors``; see `ItemVectors.to_keyed_vectors`."""
    from gensim.models import KeyedVectors

    vocabulary = vectors.vocabulary
    check_finite({"item_vectors": vectors.item_vectors}, vocabulary.ids)
    spaced = next((item_id for item_id in vocabulary.ids if re.search(r"\s", item_id)), None)
    if spaced is not None:
        warnings.warn(
            f"the item id {shown(spaced)} contains whitespace, and a file that gensim's "
            "save_word2vec_format writes can't be read back with such ids: store the vectors with "
            "KeyedVectors.save, or with `item2vec vectors MODEL -o vectors.tsv`",
            UserWarning,
            stacklevel=3,  # the caller of ItemVectors.to_keyed_vectors
        )
    keyed = KeyedVectors(vectors.vector_size, count=0, dtype=np.float32)
    keyed.add_vectors(list(vocabulary.ids), vectors.item_vectors)
    for item_id, count in zip(vocabulary.ids, vocabulary.counts.tolist(), strict=True):
        keyed.set_vecattr(item_id, "count", count)
    return keyed
