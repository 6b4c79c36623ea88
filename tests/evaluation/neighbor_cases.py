"""What tests of neighbor metrics share: a model whose neighbors are given, and vocabularies."""

import numpy as np

from item2vec.data.vocabulary import Vocabulary


class GivenNeighbors:
    """A model with given neighbors of each item, by id, padded with -1."""

    def __init__(self, vocabulary, near):
        self.vocabulary = vocabulary
        self.near = near

    def similar_rows(self, rows, k):
        found = np.full((len(rows), k), -1, dtype=np.int32)
        for place, row in enumerate(rows.tolist()):
            near = self.vocabulary.rows(self.near.get(self.vocabulary.ids[row], []))
            found[place, : len(near)] = near
        return found


def vocabulary_of(*ids):
    """Return a vocabulary with its rows in this order."""
    return Vocabulary(ids, np.arange(len(ids), 0, -1))
