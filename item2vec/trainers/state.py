"""The state of a training run: everything that is needed to continue it exactly.

A trainer takes a state and returns a later one. Training for k epochs, and for the others from the
state that was returned, gives the same vectors as training without a break (for word2vec: with
workers=1).
"""

import hashlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np

from item2vec._support.finite import SCORABLE, is_finite
from item2vec._support.frozen_arrays import freeze_arrays
from item2vec._support.messages import setting, shown
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError
from item2vec.types import Vectors


class LearnedArrays(NamedTuple):
    """The arrays that every trainer learns."""

    item_vectors: Vectors  # (n_items, d) float32
    context_vectors: Vectors  # (n_items, d) float32
    bias: Vectors  # (n_items,) float32


class Initialization(NamedTuple):
    """The arrays, optimizer and generator before the first epoch; see `TrainerState`."""

    arrays: LearnedArrays
    optimizer: Mapping[str, Vectors]
    generator: Mapping[str, Any]


VECTORS = LearnedArrays._fields


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TrainerState:
    """The arrays that a trainer has learned so far, and the epoch that it has reached.

    A state belongs to a trainer with its parameters, and to the histories that it was trained on.
    The order of an epoch is drawn from the seed and the number of the epoch, so it is not stored.

    Parameters
    ----------
    trainer : str
        Name of the trainer, such as "word2vec".
    parameters : mapping of str to JSON values
        The parameters that training depends on, by name.
    vocabulary, histories : str
        Digests of both; see `vocabulary_digest` and `histories_digest`.
    epoch : int
        Epochs done.
    epochs : int
        Epochs of the whole run, over which the learning rate falls.
    steps : int
        Steps done by the optimizer. The learning rate of softmax and the bias correction of RMSprop
        depend on it. word2vec leaves it at 0, because its learning rate depends on `epoch` alone.
    item_vectors, context_vectors : arrays of shape (n_items, d), float32
        The arrays as they are trained: `ItemVectors` may scale them, and word2vec has one dimension
        more than `vector_size`, for its bias.
    bias : array of shape (n_items,), float32
    optimizer : mapping of str to array of shape (n_items,), float32
        Mean squares of the gradients, for each of the arrays above; empty for word2vec.
    generator : mapping
        State of the random number generator, as NumPy's bit generators return it, with lists
        instead of arrays.

    Raises
    ------
    DataError
        If the arrays do not fit each other, or `epoch` and `steps` are out of range.
    """

    trainer: str
    parameters: Mapping[str, Any]
    vocabulary: str
    histories: str
    epoch: int
    epochs: int
    steps: int
    item_vectors: Vectors
    context_vectors: Vectors
    bias: Vectors
    optimizer: Mapping[str, Vectors]
    generator: Mapping[str, Any]

    def __post_init__(self) -> None:
        n, size = len(self.bias), self.item_vectors.shape[-1]
        shapes = {"item_vectors": (n, size), "context_vectors": (n, size), "bias": (n,)}
        freeze_arrays(self, shapes)
        for name, squares in self.optimizer.items():
            if squares.shape != (n,) or squares.dtype != np.float32:
                raise DataError(
                    f"optimizer[{shown(name)}] must be float32 ({n},), not {squares.dtype} "
                    f"{squares.shape}"
                )
            if not is_finite(squares) or squares.min(initial=0) < 0:
                raise DataError(
                    f"optimizer[{shown(name)}] must contain mean squares: finite numbers, none of "
                    "them negative"
                )
        if not 0 <= self.epoch <= self.epochs or self.steps < 0:
            raise DataError(
                f"there is no state after epoch {self.epoch} of {self.epochs} and {self.steps} "
                "steps: epoch must be from 0 to epochs, and steps at least 0"
            )

    def __repr__(self) -> str:
        return f"TrainerState of {self.trainer} after epoch {self.epoch} of {self.epochs}"

    def arrays(self) -> dict[str, Vectors]:
        """Return the learned arrays by name."""
        return {name: getattr(self, name) for name in VECTORS}

    def copy(self) -> "TrainerState":
        """Return the state with copies of its arrays, which later epochs do not change."""
        squares = {name: array.copy() for name, array in self.optimizer.items()}
        learned: dict[str, Any] = {name: array.copy() for name, array in self.arrays().items()}
        return replace(self, optimizer=squares, **learned)

    def for_histories(self, histories: Histories) -> "TrainerState":
        """Return the same state, for training on other histories over the same vocabulary.

        Raises
        ------
        DataError
            If the histories have another vocabulary.
        """
        self._check_vocabulary(histories.vocabulary)
        return replace(self, histories=histories_digest(histories))

    def check_continues(
        self,
        trainer: str,
        parameters: Mapping[str, Any],
        epochs: int,
        histories: Histories,
        *,
        n_dimensions: int,
        optimized: Collection[str] = (),
    ) -> None:
        """Raise an error unless a trainer can continue from this state.

        Parameters
        ----------
        trainer, parameters, epochs
            Name, parameters and epochs of the trainer that is to continue, as in a state.
        histories : Histories
            The histories that it is to train on.
        n_dimensions : int
            Dimensions of the arrays that the trainer trains.
        optimized : collection of str
            The arrays for which the optimizer of the trainer has mean squares.

        Raises
        ------
        ParameterError
            If the state belongs to another trainer or to other parameters.
        DataError
            If the state belongs to another vocabulary or to other histories, or has numbers that
            are not finite.
        """
        if trainer != self.trainer:
            raise ParameterError(
                f"the state is one of the trainer {shown(self.trainer)}, not {shown(trainer)}: "
                "continue with the trainer that made it, or train without it"
            )
        self._check_parameters({**parameters, "epochs": epochs})
        self._check_vocabulary(histories.vocabulary)
        self._check_arrays((len(histories.vocabulary), n_dimensions), optimized)
        if self.histories != histories_digest(histories):
            raise DataError(
                f"the state was trained on other histories than these {len(histories):,}: pass "
                "those, or continue on these with state.for_histories(histories)"
            )

    def _check_parameters(self, wanted: Mapping[str, Any]) -> None:
        """Raise ParameterError unless the state was trained with these parameters."""
        own = {**self.parameters, "epochs": self.epochs}
        # "start" decides what "auto" means for other parameters, so it is compared first.
        for name in sorted(own.keys() | wanted.keys(), key=lambda name: (name != "start", name)):
            if own.get(name) != wanted.get(name):
                raise ParameterError(
                    f"the state was trained with {name}={shown(own.get(name))}, not "
                    f"{shown(wanted.get(name))}: set {setting(name)} as it was, or train "
                    "without the state"
                )

    def _check_arrays(self, shape: tuple[int, int], optimized: Collection[str]) -> None:
        """Raise DataError unless the vectors have this shape and training can go on from them."""
        if self.item_vectors.shape != shape:
            raise DataError(
                f"the state has vectors of shape {self.item_vectors.shape}, not {shape}: train "
                "without it"
            )
        if set(self.optimizer) != set(optimized):
            raise DataError(
                f"the state has mean squares for {_listed(self.optimizer)}, and the trainer needs "
                f"them for {_listed(optimized)}: train without the state"
            )
        for name, array in self.arrays().items():
            if not is_finite(array, below=SCORABLE):  # gensim would crash the process
                raise DataError(
                    f"the state has numbers in {name} that are not finite or too large to train "
                    "on: train without it"
                )

    def _check_vocabulary(self, vocabulary: Vocabulary) -> None:
        if self.vocabulary != vocabulary_digest(vocabulary):
            raise DataError(
                f"the state belongs to another vocabulary, of {len(self.bias):,} items, than these "
                f"histories have, of {len(vocabulary):,}: pass histories over that vocabulary, or "
                "train without the state"
            )


def restore_generator(state: Mapping[str, Any]) -> np.random.BitGenerator:
    """Return a bit generator that continues from a stored state.

    Parameters
    ----------
    state : mapping
        The `generator` of a `TrainerState`.

    Raises
    ------
    KeyError, TypeError, ValueError
        If it is not a state of MT19937 (gensim's generator) or PCG64 (NumPy's default).
    """
    kinds: dict[str, Any] = {"MT19937": np.random.MT19937, "PCG64": np.random.PCG64}
    generator: np.random.BitGenerator = kinds[state["bit_generator"]]()
    generator.state = dict(state)
    return generator


def _listed(names: Collection[str]) -> str:
    return ", ".join(sorted(names)) or "nothing"


def vocabulary_digest(vocabulary: Vocabulary) -> str:
    """Return a SHA-256 of the item ids in the order of their rows, and their counts."""
    ids = [item_id.encode("utf-8", "surrogatepass") for item_id in vocabulary.ids]
    return _digest(np.array([*map(len, ids)], dtype="<i8"), b"".join(ids), vocabulary.counts)


def histories_digest(histories: Histories) -> str:
    """Return a SHA-256 of the rows of all histories, in their order."""
    return _digest(histories.offsets, histories.items)


def _digest(*parts: Any) -> str:
    digest = hashlib.sha256()
    for part in parts:
        data = part if isinstance(part, bytes) else np.ascontiguousarray(part).view(np.uint8).data
        digest.update(len(data).to_bytes(8, "little"))
        digest.update(data)
    return f"sha256:{digest.hexdigest()}"
