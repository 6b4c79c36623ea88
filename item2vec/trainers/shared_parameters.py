"""The parameters that all epoch-based trainers share.

After training, three values are selected on validation users (see `item2vec.trainers.stages`): the
weight of the bias; an item-item memory, which is a sparse matrix of weights between items that adds
to the scores of the vectors; and the recency, by which older items of a history count for less.
"""

from dataclasses import dataclass, field
from typing import Literal

from item2vec.data.histories import Histories
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.parameters import Among, Parameters, parameter
from item2vec.trainers.stages.balanced_memory import (
    LARGE_CATALOG,
    NEIGHBORS,
    NEIGHBORS_IN_LARGE,
)
from item2vec.trainers.stages.bias import BIAS_WEIGHTS
from item2vec.trainers.stages.memory_selection import Mixture
from item2vec.trainers.stages.recency_selection import RECENCIES
from item2vec.trainers.stages.selection_users import PROTOCOLS


@dataclass(frozen=True, kw_only=True)
class SharedParameters(Parameters):
    """Parameters of every epoch-based trainer.

    Three fields have no option on the command line: `validation` is the
    protocol under which epochs are scored if `validate` is set; `protocols` are those for which the
    weight of the bias and the memory are selected (3 and 10 random items that predict 7 others, and
    80 % of a history that predict the rest); `selected` is a mixture from an earlier run, which
    replaces the selection of the memory, so that training takes a third of the time.
    """

    validate: float = parameter(
        0.0,
        "share of the training users held out to choose the best epoch, up to `epochs`; 0: train "
        "all epochs",
        at_least=0,
        at_most=0.5,
        when_bare=0.1,
    )
    patience: int | Literal["auto"] = parameter(
        "auto",
        "with --validate: stop after this many epochs without improvement; auto: a fifth of "
        "`epochs`, at least 5",
        at_least=1,
    )
    validation: SplitProtocol = field(default_factory=RandomProtocol)
    bias_weight: float | Literal["auto"] = parameter(
        "auto",
        "factor by which the learned bias, which mostly reflects an item's log popularity, is "
        f"multiplied in the scores; auto: chosen between {BIAS_WEIGHTS[0]:g} and "
        f"{BIAS_WEIGHTS[-1]:g} on validation users if a memory is selected on them, else 1",
        at_least=0,
        at_most=100,
        reported=True,
    )
    memory: int | Literal["auto"] = parameter(
        "auto",
        "number of items from which the item-item memory, a sparse matrix of weights between items "
        f"that adds to the scores, predicts each item; 0: no memory; auto: {NEIGHBORS} "
        f"({NEIGHBORS_IN_LARGE} for more than {LARGE_CATALOG:,} items), unless validation users "
        "score clearly better without the memory",
        at_least=0,
        at_most=1_000,
    )
    protocols: tuple[SplitProtocol, ...] = field(default=PROTOCOLS)
    selected: Mixture | None = field(default=None)
    recency: float | Literal["auto"] = parameter(
        "auto",
        "exponent with which items lose weight when the next item is predicted: an item weighs "
        "(1 + age)^-recency, and the latest has age 0; auto: the smallest of "
        f"{', '.join(f'{value:g}' for value in RECENCIES)} within a standard error of the best on "
        "validation users, if the times are known, else 0; 0: all items weigh the same",
        at_least=0,
        at_most=10,
        reported=True,
    )
    # With more than 128 dimensions, softmax scored worse on the two sparse data sets after the same
    # number of epochs; see docs/experiments.md, "Version 0.1.0: what was tried for softmax on
    # validation users".
    vector_size: int = parameter(
        128,
        "number of dimensions of the vectors",
        at_least=1,
        at_most=10_000,
        search=Among((32, 64, 128, 256)),
    )
    start: Literal["spectral", "random"] = parameter(
        "spectral",
        "initialization of the vectors: leading eigenvectors of EASE's item-item weights "
        "(spectral), or random numbers",
    )
    seed: int = parameter(0, "random seed", at_least=0, at_most=2**32 - 1)

    @property
    def wants_memory(self) -> bool:
        """Whether a memory is selected after training."""
        return self.memory != 0

    def wants_recency(self, histories: Histories) -> bool:
        """Return whether the recency is selected after training on these histories."""
        return self.recency == "auto" and histories.moments is not None

    def resolve_patience(self, epochs: int) -> int:
        """Return the patience that ``auto`` stands for in a run of this many epochs."""
        return max(5, epochs // 5) if self.patience == "auto" else self.patience
