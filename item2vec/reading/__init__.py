"""How files and frames become interactions and catalogues. All of DuckDB is in here."""

from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

__all__ = [
    "read_catalogue",
    "read_interactions",
    "read_ratings",
]
