"""Reading of interactions, ratings and catalogues from files and DataFrames, with DuckDB."""

from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

__all__ = [
    "read_catalogue",
    "read_interactions",
    "read_ratings",
]
