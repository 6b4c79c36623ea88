"""Experiments with recommenders by name: training, comparison, and the tuning of parameters."""

from item2vec.experiments.comparison import compare_named, compare_repeatedly
from item2vec.experiments.stored_models import compare_stored
from item2vec.experiments.training import TrainingResult, train

__all__ = [
    "TrainingResult",
    "compare_named",
    "compare_repeatedly",
    "compare_stored",
    "train",
]
