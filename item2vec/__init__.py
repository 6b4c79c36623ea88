"""Item vectors from interaction histories: train, evaluate, look up.

Examples
--------
>>> import item2vec
>>> histories = item2vec.Histories.from_lists([["a", "b", "c"], ["d", "e", "f"]] * 50)
>>> vectors = item2vec.Word2Vec(vector_size=8, workers=1).fit(histories)
>>> sorted(recommendation.id for recommendation in vectors.recommend(["a"], k=2))
['b', 'c']
"""

from item2vec import _moved
from item2vec._version import __version__
from item2vec.baselines.ease import EASE
from item2vec.baselines.item_knn import ItemKNN
from item2vec.baselines.non_personalized import Popularity
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.data.ratings import Ratings
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import (
    DataError,
    Item2VecError,
    ParameterError,
    TooLargeError,
    UnknownItemError,
)
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import evaluate
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import (
    FoldInProtocol,
    LatestProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.later_splits import split_by_time, split_last, split_train_test
from item2vec.evaluation.splitting.split import Split
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.training import TrainingResult, train
from item2vec.models.item_vectors import ItemVectors
from item2vec.models.memory.recommender import MemoryRecommender
from item2vec.models.model_file import load, save
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.exact import ExactNeighbors
from item2vec.neighbors.hnsw_index import HnswNeighbors
from item2vec.neighbors.indexes import build_index
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings
from item2vec.trainers.matrix_factorization.rating_model import RatingModel
from item2vec.trainers.matrix_factorization.trainer import MatrixFactorization
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.state import TrainerState
from item2vec.trainers.state_file import load_state, save_state
from item2vec.trainers.word2vec.trainer import Word2Vec

__all__ = [
    "EASE",
    "AnnoyNeighbors",
    "Cases",
    "Catalogue",
    "DataError",
    "Evaluation",
    "ExactNeighbors",
    "FoldInProtocol",
    "Histories",
    "HnswNeighbors",
    "Interactions",
    "Item2VecError",
    "ItemKNN",
    "ItemVectors",
    "LatestProtocol",
    "LeaveLastOutProtocol",
    "MatrixFactorization",
    "MemoryRecommender",
    "ParameterError",
    "Popularity",
    "RandomProtocol",
    "RatingModel",
    "Ratings",
    "Softmax",
    "Split",
    "TooLargeError",
    "TrainerState",
    "TrainingResult",
    "UnknownItemError",
    "Vocabulary",
    "Word2Vec",
    "__version__",
    "build_index",
    "compare",
    "evaluate",
    "fold_users",
    "load",
    "load_state",
    "read_catalogue",
    "read_interactions",
    "read_ratings",
    "save",
    "save_state",
    "split_by_time",
    "split_last",
    "split_train_test",
    "split_users",
    "train",
]

_moved.install()
