"""Trained models: item vectors, their scoring law, look-ups, cold items, and model files."""

from item2vec.models.embedding_bag import Bags
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.lookup.recommendation_lookup import Recommendation
from item2vec.models.lookup.similarity_lookup import Neighbor
from item2vec.models.memory.recommender import MemoryRecommender
from item2vec.models.model_file import load, save
from item2vec.models.recommender import (
    Recommender,
    SameForAll,
    ScoringRecommender,
    SimilarItems,
    Trainer,
)

__all__ = [
    "Bags",
    "ItemVectors",
    "MemoryRecommender",
    "Neighbor",
    "Recommendation",
    "Recommender",
    "SameForAll",
    "ScoringRecommender",
    "SimilarItems",
    "Trainer",
    "load",
    "save",
]
