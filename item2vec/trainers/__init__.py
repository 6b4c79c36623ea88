"""Trainers: word2vec and softmax learn from histories, matrix factorization from ratings.

`base.EpochTrainer.fit` is the place to start reading.
"""

from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.initialization import random_initialization
from item2vec.trainers.matrix_factorization.rating_model import RatingModel
from item2vec.trainers.matrix_factorization.trainer import MatrixFactorization
from item2vec.trainers.rmsprop import RowRMSprop
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.state import TrainerState
from item2vec.trainers.state_file import load_state, save_state
from item2vec.trainers.word2vec.trainer import Word2Vec

__all__ = [
    "EpochTrainer",
    "MatrixFactorization",
    "RatingModel",
    "RowRMSprop",
    "Softmax",
    "TrainerState",
    "Word2Vec",
    "load_state",
    "random_initialization",
    "save_state",
]
