"""The logit layer and its softmax: logits ``h @ context_vectors.T + bias``, and what it gives back.

Here is where the work is: three products with as many logits as histories times items. The items
are cut into tiles, and a thread goes through a tile in few calls of numpy: forward (product, exp,
sum), and, when the sums of all tiles are known, backward (two products and the step of the tile's
parameters, while its gradient is still in the cache).
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from item2vec.trainers.softmax.thread_pool import Team
from item2vec.types import Floats, Offsets, Rows

# Logits in a tile: few calls in all, for threads must take turns between them; but as many tiles as
# threads, if that leaves them enough to do.
TILE, LEAST_TILE = 1 << 20, 1 << 17
SAFE = 1e20  # a softmax whose sum is between this and its inverse needs no maximum taken off

At = slice | Rows


@dataclass(frozen=True, eq=False)
class Candidates:
    """Items that stand for the whole catalogue in a step.

    Parameters
    ----------
    items : array of shape (c,), int32
        In rising order, each once; the labels of all histories are among them.
    log_inclusion : array of shape (c,), float32
        The logarithm of the probability that an item is among them. Its share of the softmax's
        sum, where it is not a label, is divided by that probability, so that the sum's expectation
        is right.
    """

    items: Rows
    log_inclusion: Floats


@dataclass(frozen=True, eq=False)
class Marked:
    """Some logits, named by row and column, in the order of the tiles that they are in."""

    rows: Rows
    columns: Rows
    ends: npt.NDArray[np.intp]

    @classmethod
    def of(cls, columns: Rows, offsets: Offsets, width: int, n_tiles: int) -> "Marked":
        """Order the packed columns of every row by tile; those that are -1 are left out."""
        rows = np.repeat(np.arange(len(offsets) - 1, dtype=np.int32), np.diff(offsets))
        tiles = (columns // width).astype(np.int16)
        order = np.argsort(tiles, kind="stable")  # by radix: 16 bits
        ends = np.searchsorted(tiles[order], np.arange(n_tiles + 1))
        return cls(rows[order], columns[order], ends)

    def in_tile(self, tile: int) -> slice:
        """Return where a tile's are."""
        return slice(self.ends[tile], self.ends[tile + 1])


class Scratch:
    """Memory that is used again: new memory would have to be cleared by the system every time."""

    def __init__(self) -> None:
        self._flat: dict[tuple[str, int], Floats] = {}

    def array(self, name: str, tile: int, shape: tuple[int, int], like: Floats) -> Floats:
        """Return an array with any content, the same memory as long as its size is enough."""
        size = shape[0] * shape[1]
        flat = self._flat.get((name, tile))
        if flat is None or flat.size < size:
            flat = self._flat[name, tile] = np.empty(size, dtype=like.dtype)
        return flat[:size].reshape(shape)


class LogitLayer:
    """Parameters of the logit layer.

    Parameters
    ----------
    context_vectors, bias : arrays of shape (n_items, d) and (n_items,), float32
    team : Team
        Whose threads share the tiles.
    """

    def __init__(self, context_vectors: Floats, bias: Floats, team: Team) -> None:
        self.context_vectors, self.bias = context_vectors, bias
        self.team = team
        self._scratch = Scratch()
        self._columns = np.full(len(bias), -1, dtype=np.int32)  # of candidates, inside a step

    def gradients(
        self,
        h: Floats,
        inputs: tuple[Rows, Offsets],
        labels: tuple[Rows, Offsets],
        weights: Floats,
        take: Callable[[At, Floats, Floats], None],
        candidates: Candidates | None = None,
    ) -> tuple[float, Floats]:
        """Return the loss of some histories and its gradient by h; give away the other gradients.

        Parameters
        ----------
        h : array of shape (m, d), float32
            The vectors of the histories.
        inputs, labels : (items, offsets)
            Packed; no item is both, and every history has a label.
        weights : array of shape (m,), float32
            Of each history's cross-entropy in the loss.
        take : callable
            Takes some items (a slice, or rows), and the gradients by their context vectors and
            biases, each item once. Called by several threads; it may change these parameters, and
            it may keep neither array.
        candidates : Candidates, optional
            The softmax runs over these alone; without them, over all items.

        Returns
        -------
        loss : float
            The weighted sum of the cross-entropies.
        of_h : array of shape (m, d), float32
        """
        if candidates is None:
            return _Pass(self, h, inputs, labels, weights, None).run(take)
        self._columns[candidates.items] = np.arange(len(candidates.items), dtype=np.int32)
        inputs, labels = ((self._columns[items], offsets) for items, offsets in (inputs, labels))
        self._columns[candidates.items] = -1
        return _Pass(self, h, inputs, labels, weights, candidates).run(take)


class _Pass:
    """One way forward and back, of one batch."""

    def __init__(
        self,
        layer: LogitLayer,
        h: Floats,
        inputs: tuple[Rows, Offsets],
        labels: tuple[Rows, Offsets],
        weights: Floats,
        candidates: Candidates | None,
    ) -> None:
        self.layer, self.h, self.weights, self.candidates = layer, h, weights, candidates
        self.n = len(layer.bias) if candidates is None else len(candidates.items)
        n_logits = len(h) * self.n
        n_tiles = max(-(-n_logits // TILE), min(layer.team.size, n_logits // LEAST_TILE))
        n_tiles = max(1, min(n_tiles, self.n))
        self.width = -(-self.n // n_tiles)
        self.n_tiles = -(-self.n // self.width)
        self.n_labels = np.diff(labels[1]).astype(h.dtype)
        self.inputs = Marked.of(*inputs, self.width, self.n_tiles)
        self.labels = Marked.of(*labels, self.width, self.n_tiles)
        self.of_labels = np.empty(len(self.labels.rows), dtype=h.dtype)  # exp of their logits
        self.sums = np.empty((self.n_tiles, len(h)), dtype=h.dtype)
        self.shift: Floats | None = None

    def run(self, take: Callable[[At, Floats, Floats], None]) -> tuple[float, Floats]:
        team = self.layer.team
        total = self._totals()
        if not (total.min() > 1 / SAFE and total.max() < SAFE):
            largest = np.empty_like(self.sums)
            team.each(lambda tile: self._find_largest(tile, largest[tile]), self.n_tiles)
            self.shift = largest.max(axis=0)
            total = self._totals()
        rows, of_labels = self.labels.rows, self.of_labels
        tiny = np.finfo(of_labels.dtype).tiny
        log_p = np.log(np.maximum(of_labels / total[rows], tiny))
        loss = -float(np.dot(log_p, (self.weights / self.n_labels)[rows]))
        of_labels -= (total / self.n_labels)[rows]
        # From here on a logit's gradient is what stands there, times the factor of its history.
        factor = self.weights / total
        scaled = self.h * factor[:, None]
        team.each(lambda tile: self._backward(tile, scaled, factor, take), self.n_tiles)
        of_h: Floats = (
            sum(self._array("of_h", tile) for tile in range(self.n_tiles)) * factor[:, None]
        )
        return loss, of_h

    def _totals(self) -> Floats:
        """Go forward, and return the sum of each history's exponentials, (m,)."""
        self.layer.team.each(self._forward, self.n_tiles)
        with np.errstate(over="ignore"):
            totals: Floats = self.sums.sum(axis=0)
        return totals

    def _span(self, tile: int) -> tuple[int, int]:
        return tile * self.width, min((tile + 1) * self.width, self.n)

    def _at(self, tile: int) -> At:
        """Return the items of a tile."""
        start, stop = self._span(tile)
        return slice(start, stop) if self.candidates is None else self.candidates.items[start:stop]

    def _array(self, name: str, tile: int) -> Floats:
        start, stop = self._span(tile)
        m, d = self.h.shape
        shape = {"logits": (m, stop - start), "of_h": (m, d)}.get(name, (stop - start, d))
        return self.layer._scratch.array(name, tile, shape, self.h)

    def _marked(self, marked: Marked, tile: int) -> npt.NDArray[np.int32]:
        """Return the places of what is marked in the flat array of the tile's logits."""
        run, (start, stop) = marked.in_tile(tile), self._span(tile)
        return marked.rows[run] * np.int32(stop - start) + (marked.columns[run] - np.int32(start))

    def _context(self, tile: int, *, read: bool) -> Floats:
        """Return the context vectors of a tile: a view, or a copy that `read` makes anew."""
        start, stop = self._span(tile)
        if self.candidates is None:
            return self.layer.context_vectors[start:stop]
        copy = self._array("context", tile)
        if read:
            rows = self.candidates.items[start:stop]
            np.take(self.layer.context_vectors, rows, axis=0, out=copy, mode="clip")
        return copy

    def _logits(self, tile: int) -> Floats:
        at, (start, stop) = self._at(tile), self._span(tile)
        logits = self._array("logits", tile)
        np.matmul(self.h, self._context(tile, read=True).T, out=logits)
        bias = self.layer.bias[at]
        if self.candidates is not None:
            bias = bias - self.candidates.log_inclusion[start:stop]
        logits += bias
        return logits

    def _find_largest(self, tile: int, largest: Floats) -> None:
        logits = self._logits(tile)
        logits.ravel()[self._marked(self.inputs, tile)] = -np.inf
        np.max(logits, axis=1, out=largest)

    def _forward(self, tile: int) -> None:
        with np.errstate(over="ignore"):  # then it is done again, with the largest taken off
            self._exponentials(tile)

    def _exponentials(self, tile: int) -> None:
        logits = self._logits(tile)
        flat, (start, stop) = logits.ravel(), self._span(tile)
        if self.shift is not None:
            logits -= self.shift[:, None]
        np.exp(logits, out=logits)
        flat[self._marked(self.inputs, tile)] = 0
        labels, run = self._marked(self.labels, tile), self.labels.in_tile(tile)
        if self.candidates is not None:  # that a history's own labels are there is certain
            flat[labels] *= np.exp(self.candidates.log_inclusion[self.labels.columns[run]])
        self.of_labels[run] = flat[labels]
        np.matmul(logits, np.ones(stop - start, dtype=logits.dtype), out=self.sums[tile])

    def _backward(
        self, tile: int, scaled: Floats, factor: Floats, take: Callable[..., None]
    ) -> None:
        logits, at = self._array("logits", tile), self._at(tile)
        logits.ravel()[self._marked(self.labels, tile)] = self.of_labels[self.labels.in_tile(tile)]
        np.matmul(logits, self._context(tile, read=False), out=self._array("of_h", tile))
        of_context = self._array("of_context", tile)
        np.matmul(logits.T, scaled, out=of_context)
        take(at, of_context, factor @ logits)
