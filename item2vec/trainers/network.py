"""The course's network: sparse history → embedding layer → logit layer → softmax, by hand.

With h the weighted sum of the item vectors of a history's inputs (Google's machine-learning crash
course, the chapter on embeddings), the logits are ``h @ context_vectors.T + bias``, those of the
inputs left out, and the loss is their cross-entropy against the labels, all of which are equally
likely. No framework: there are two products to differentiate.
"""

import contextlib
import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from item2vec.cores import blas_threads
from item2vec.embedding_bag import Bags, Floats
from item2vec.histories import slice_packed
from item2vec.ranking import Offsets, Rows
from item2vec.trainers.batches import Batch
from item2vec.trainers.rmsprop import RowRMSprop

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


class Scratch:
    """Memory that is used again: new memory would have to be cleared by the system every time."""

    def __init__(self) -> None:
        self._flat: dict[str, Floats] = {}

    def array(self, name: str, shape: tuple[int, int], like: Floats) -> Floats:
        """Return an array with any content, the same memory as long as its size is enough."""
        size = shape[0] * shape[1]
        flat = self._flat.get(name)
        if flat is None or flat.size < size:
            flat = self._flat[name] = np.empty(size, dtype=like.dtype)
        return flat[:size].reshape(shape)


def logit_gradients(
    h: Floats,
    context_vectors: Floats,
    bias: Floats,
    inputs: tuple[Rows, Offsets],
    labels: tuple[Rows, Offsets],
    weights: Floats,
    scratch: Scratch,
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
    scratch : Scratch
        The gradients lie there, until the next call with the same.
    """
    asked_for = _logits_of(*labels)
    share = (1 / np.diff(labels[1])).astype(h.dtype)[asked_for[0]]
    logits = scratch.array("logits", (len(h), len(bias)), h)
    np.matmul(h, context_vectors.T, out=logits)
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
    factor: Floats = weights / sums
    of_h = (logits @ context_vectors) * factor[:, None]
    of_context = scratch.array("of_context", context_vectors.shape, h)
    np.matmul(logits.T, h * factor[:, None], out=of_context)
    return LogitGradients(loss, of_h, of_context, factor @ logits)


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
        self._items, self._context = RowRMSprop(item_vectors), RowRMSprop(context_vectors)
        self._bias = RowRMSprop(bias[:, None])
        self._scratch = [Scratch() for _ in range(threads)]
        self._pool = ThreadPoolExecutor(threads)
        self._entered = contextlib.ExitStack()

    def __enter__(self) -> "Network":
        self._entered.enter_context(blas_threads(1))  # it holds from the moment it is made
        self._entered.enter_context(self._pool)
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.close()

    def step(self, batch: Batch, rate: float, *, emphasis: float = 0.0) -> float:
        """Take a step of RMSprop on the parameters, and return the loss before it.

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
        weights = np.diff(batch.label_offsets).astype(np.float32) ** np.float32(emphasis)
        weights /= weights.sum()

        def part(thread: int, start: int, stop: int) -> LogitGradients:
            return logit_gradients(
                h[start:stop],
                self.context_vectors,
                self.bias,
                slice_packed(batch.inputs, batch.input_offsets, start, stop),
                slice_packed(batch.labels, batch.label_offsets, start, stop),
                weights[start:stop],
                self._scratch[thread],
            )

        parts = self._in_threads(part, len(batch))
        of_items = self._pool.submit(
            lambda: self._items.step(*bags.gradient(np.concatenate([p.h for p in parts])), rate)
        )
        self._context.count_step()
        self._bias.count_step()
        self._bias.step_on_all(0, len(self.bias), [p.bias[:, None] for p in parts], rate)

        def update(thread: int, start: int, stop: int) -> None:
            self._context.step_on_all(start, stop, [p.context_vectors for p in parts], rate)

        self._in_threads(update, len(self.context_vectors))
        of_items.result()
        return sum(part.loss for part in parts)

    def _in_threads(self, work: Callable[[int, int, int], T], n: int) -> list[T]:
        """Do `work` (thread, start, stop) on as many parts of n numbers as there are threads."""
        ends = np.linspace(0, n, min(self.threads, n) + 1).astype(int).tolist()
        spans = list(enumerate(itertools.pairwise(ends)))
        futures = [self._pool.submit(work, thread, *span) for thread, span in spans[1:]]
        return [work(0, *spans[0][1]), *(future.result() for future in futures)]
