"""Splits, metrics, intervals, and the evaluation of recommenders on held-out interactions."""

from item2vec.evaluation.bootstrap import Difference, Interval
from item2vec.evaluation.cold_start import AmongColdItems, cold_cases, hide_items
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.evaluate import Observer, evaluate
from item2vec.evaluation.joining import end_to_end, side_by_side
from item2vec.evaluation.neighbor_quality import NeighborQuality
from item2vec.evaluation.rank_by_count import RankByCount
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import ModelScores
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import (
    FoldInProtocol,
    HeldOutProtocol,
    LatestProtocol,
    RandomProtocol,
)
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.later_splits import split_by_time, split_last, split_train_test
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.evaluation.validation import hold_out, mean_metric

__all__ = [
    "AmongColdItems",
    "Cases",
    "Difference",
    "Evaluation",
    "FoldInProtocol",
    "HeldOutProtocol",
    "Interval",
    "LatestProtocol",
    "LeaveLastOutProtocol",
    "ModelScores",
    "NeighborQuality",
    "Observer",
    "RandomProtocol",
    "RankByCount",
    "Split",
    "SplitProtocol",
    "cold_cases",
    "compare",
    "end_to_end",
    "evaluate",
    "fold_users",
    "hide_items",
    "hold_out",
    "mean_metric",
    "side_by_side",
    "split_by_time",
    "split_last",
    "split_train_test",
    "split_users",
]
