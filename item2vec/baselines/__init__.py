"""Baselines: popularity, random, item k-NN, EASE, iALS, and gensim with default parameters."""

from item2vec.baselines.ease import EASE
from item2vec.baselines.gensim_defaults import GensimDefaults
from item2vec.baselines.ials import IALS
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity, Random

__all__ = [
    "EASE",
    "IALS",
    "GensimDefaults",
    "ItemKNN",
    "Popularity",
    "Random",
]
