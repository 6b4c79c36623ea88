"""In-memory interactions, histories, ratings and catalogues, and example data sets.

The data sets, `movielens` and `synthetic`, are modules that are imported when they are needed:
`movielens` loads libraries of the network.
"""

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.packed import pack_lengths
from item2vec.data.ratings import Ratings
from item2vec.data.read_report import ReadReport
from item2vec.data.vocabulary import Vocabulary

__all__ = [
    "Catalogue",
    "Histories",
    "Interactions",
    "Ratings",
    "ReadReport",
    "Vocabulary",
    "movielens",
    "pack_lengths",
    "synthetic",
]
