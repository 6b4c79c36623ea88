"""The course's network: sparse history → embedding layer → logit layer → softmax, by hand.

With h the weighted sum of the item vectors of a history's inputs (Google's machine-learning crash
course, the chapter on embeddings), the logits are ``h @ context_vectors.T + bias``, those of the
inputs left out, and the loss is their cross-entropy against the labels, all of which are equally
likely. No framework: there are two products to differentiate.
"""

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from item2vec.cores import blas_threads
from item2vec.embedding_bag import Bags, Floats
from item2vec.ranking import Offsets, Rows
from item2vec.trainers.adam import Adam
from item2vec.trainers.batches import Batch

CHUNK = 1 << 16  # logits gone through at a time: they stay in a core's cache

T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class LogitGradients:
    """What the logit layer gives back for some histories.

    Parameters
    ----------
    loss : float
        The weighted sum of their cross-entropies.
    h : array of shape (m, d), float32
        The gradient of the loss by the vectors of the histories ...
    context_vectors, bias : arrays of shape (n_items, d) and (n_items,), float32
        ... and by the parameters.
    """

    loss: float
    h: Floats
    context_vectors: Floats
    bias: Floats


def logit_gradients(
    h: Floats,
    context_vectors: Floats,
    bias: Floats,
    inputs: tuple[Rows, Offsets],
    labels: tuple[Rows, Offsets],
    weights: Floats,
) -> LogitGradients:
    """Return the loss of some histories, and its gradients.

    Parameters
    ----------
    h : array of shape (m, d), float32
        The vectors of the histories.
    context_vectors, bias : arrays of shape (n_items, d) and (n_items,), float32
    inputs, labels : (items, offsets)
        Packed; no item is both, and every history has a label.
    weights : array of shape (m,), float32
        Of each history's cross-entropy in the loss.
    """
    asked_for = _logits_of(*labels)
    share = (1 / np.diff(labels[1])).astype(h.dtype)[asked_for[0]]
    logits = h @ context_vectors.T  # (m, n_items)
    logits[_logits_of(*inputs)] = -np.inf
    log_p = logits[asked_for] + bias[asked_for[1]]
    largest, sums = np.empty((2, len(h)), dtype=h.dtype)
    step = max(1, CHUNK // logits.shape[1])
    for start in range(0, len(h), step):
        block = logits[start : start + step]
        block += bias
        largest[start : start + step] = block.max(axis=1)
        block -= largest[start : start + step, None]
        np.exp(block, out=block)
        sums[start : start + step] = block.sum(axis=1)
    log_p -= (largest + np.log(sums))[asked_for[0]]
    loss = -float(np.dot(log_p, share * weights[asked_for[0]]))
    logits[asked_for] -= sums[asked_for[0]] * share
    # Now `logits` is the gradient by the logits but for a factor, which smaller arrays can take.
    factor = weights / sums
    of_h = (logits @ context_vectors) * factor[:, None]
    return LogitGradients(loss, of_h, logits.T @ (h * factor[:, None]), factor @ logits)


def _logits_of(items: Rows, offsets: Offsets) -> tuple[npt.NDArray[np.intp], Rows]:
    """Return row and column of the logit of every packed item."""
    return np.repeat(np.arange(len(offsets) - 1), np.diff(offsets)), items


class Network:
    """The parameters of the network, and steps that change them in place.

    The logit layer is where the work is. A batch is cut among threads, each with a BLAS of its own:
    were BLAS to use threads too, they would wait for one another.

    Parameters
    ----------
    item_vectors, context_vectors : arrays of shape (n_items, d), float32
    bias : array of shape (n_items,), float32
    power : float
        Of n in ``h = sum(item_vectors[i]) / n ** power``.
    threads : int
        What a step rounds depends on it.
    """

    def __init__(
        self,
        item_vectors: Floats,
        context_vectors: Floats,
        bias: Floats,
        *,
        power: float,
        threads: int = 1,
    ) -> None:
        self.item_vectors, self.context_vectors, self.bias = item_vectors, context_vectors, bias
        self.power = power
        self.threads = threads
        self._of_items, self._of_context = Adam(item_vectors), Adam(context_vectors)
        self._of_bias = Adam(bias[:, None])
        self._pool = ThreadPoolExecutor(threads)
        self._one_thread = blas_threads(1)

    def __enter__(self) -> "Network":
        self._one_thread.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._pool.shutdown()
        self._one_thread.__exit__(None, None, None)

    def step(self, batch: Batch, rate: float, *, emphasis: float = 0.0) -> float:
        """Take a step of Adam on the parameters, and return the loss before it.

        Parameters
        ----------
        batch : Batch
        rate : float
            The learning rate.
        emphasis : float
            A history with n labels weighs ``n ** emphasis``: 0 makes all histories equal, 1 all
            labels.
        """
        bags = Bags.of(batch.inputs, batch.input_offsets, power=self.power)
        h = bags.sums(self.item_vectors)
        weights = np.diff(batch.label_offsets).astype(np.float32) ** emphasis
        weights /= weights.sum()

        def part(start: int, stop: int) -> LogitGradients:
            return logit_gradients(
                h[start:stop],
                self.context_vectors,
                self.bias,
                _run(batch.inputs, batch.input_offsets, start, stop),
                _run(batch.labels, batch.label_offsets, start, stop),
                weights[start:stop],
            )

        parts = self._in_threads(part, len(batch))
        rows, gradient = bags.gradient(np.concatenate([part.h for part in parts]))
        self._of_items.step(rows, gradient, rate)
        self._of_bias.begin_step()
        of_bias = [part.bias[:, None] for part in parts]
        self._of_bias.step_on_all(0, len(self.bias), of_bias, rate)
        self._of_context.begin_step()
        of_context = [part.context_vectors for part in parts]

        def update(start: int, stop: int) -> None:
            self._of_context.step_on_all(start, stop, of_context, rate)

        self._in_threads(update, len(self.context_vectors))
        return sum(part.loss for part in parts)

    def _in_threads(self, work: Callable[[int, int], T], n: int) -> list[T]:
        """Do `work` on as many parts of the first n numbers as there are threads."""
        ends = np.linspace(0, n, min(self.threads, n) + 1).astype(int).tolist()
        spans = list(itertools.pairwise(ends))
        if len(spans) == 1:
            return [work(*spans[0])]
        return [future.result() for future in [self._pool.submit(work, *span) for span in spans]]


def _run(items: Rows, offsets: Offsets, start: int, stop: int) -> tuple[Rows, Offsets]:
    """Return the packed histories from `start` up to `stop`, as views."""
    offsets = offsets[start : stop + 1]
    return items[offsets[0] : offsets[-1]], offsets - offsets[0]
