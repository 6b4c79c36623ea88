"""The forward and the backward pass through the logit layer and its softmax, for one batch.

For history m with the input items I, the n label items L and the weight w, and for the context
vectors c[j] and the biases b[j] of the items j::

    logit[m, j] = h[m] · c[j] + b[j]
    e[m, j]     = exp(logit[m, j]), but 0 for j in I
    total[m]    = sum over j of e[m, j]
    loss        = -sum over m of w[m] / n[m] · sum over j in L of log(e[m, j] / total[m])

    d loss / d logit[m, j] = factor[m] · residual[m, j]
        with factor[m]      = w[m] / total[m]
        and  residual[m, j] = e[m, j] - (total[m] / n[m] if j in L else 0)

    grad_h[m]       = factor[m] · sum over j of residual[m, j] · c[j]
    grad_context[j] = sum over m of residual[m, j] · factor[m] · h[m]
    grad_bias[j]    = sum over m of residual[m, j] · factor[m]

With candidates, j runs over these alone, and log_inclusion[j] is subtracted from all logits except
those of the labels.

Nearly all time of a step goes into this: three matrix products over as many logits as histories
times items. The items are divided into tiles, each of which a thread processes in a few calls of
numpy. The forward pass leaves e in the buffer of the tile. Once the totals over all tiles are
known, the backward pass turns it into the residual, and updates the parameters of the tile while
their gradient is in the cache.
"""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from item2vec.trainers.batches import PackedItems
from item2vec.trainers.softmax.candidates import Candidates
from item2vec.trainers.softmax.tiles import TileEntries, Tiling
from item2vec.types import Floats, Rows

if TYPE_CHECKING:
    from item2vec.trainers.softmax.logit_layer import LogitLayer

ItemIndex: TypeAlias = slice | Rows  # consecutive items, or the row of each
# Called with k items, and the gradients with respect to their context vectors (k, d) and biases
# (k,), float32.
ApplyGradient: TypeAlias = Callable[[ItemIndex, Floats, Floats], None]

# If a total leaves 1 / SAFE ... SAFE, the forward pass is repeated with the largest logit of each
# history subtracted. float32 ends at 3e38: 1e20 leaves room for the sums and quotients that follow.
SAFE = 1e20


class ForwardBackward:
    """One forward and backward pass.

    Parameters
    ----------
    layer : LogitLayer
    h, inputs, labels, weights, candidates
        As in `LogitLayer.gradients`. With candidates, however, inputs and labels are positions in
        `candidates.items`, and -1 for inputs that are not among them.
    """

    def __init__(
        self,
        layer: "LogitLayer",
        h: Floats,
        inputs: PackedItems,
        labels: PackedItems,
        weights: Floats,
        candidates: Candidates | None,
    ) -> None:
        self.layer, self.h, self.weights, self.candidates = layer, h, weights, candidates
        n_items = len(layer.bias) if candidates is None else len(candidates.items)
        self.tiling = Tiling.of(len(h), n_items, layer.pool.size)
        self.n_labels = np.diff(labels.offsets).astype(h.dtype)  # (m,)
        self.inputs = TileEntries.of(inputs, self.tiling)
        self.labels = TileEntries.of(labels, self.tiling)
        self.label_exp = np.empty(len(self.labels.rows), dtype=h.dtype)  # e of all labels
        self.sums = np.empty((self.tiling.n_tiles, len(h)), dtype=h.dtype)  # of e, by tile
        self.shift: Floats | None = None  # (m,), subtracted from the logits

    def gradients(self, apply_gradient: ApplyGradient) -> tuple[float, Floats]:
        """Return the loss and grad_h, float32 (m, d); see `LogitLayer.gradients`."""
        pool, n_tiles = self.layer.pool, self.tiling.n_tiles
        total = self._safe_totals()  # (m,)
        rows, label_exp = self.labels.rows, self.label_exp  # (n_labels,) each
        tiny = np.finfo(label_exp.dtype).tiny  # an exponential may have become 0
        log_p = np.log(np.maximum(label_exp / total[rows], tiny))
        loss = -float(np.dot(log_p, (self.weights / self.n_labels)[rows]))
        label_exp -= (total / self.n_labels)[rows]  # now their residual
        factor = self.weights / total  # (m,)
        scaled_h = self.h * factor[:, None]  # (m, d)
        pool.run_each(lambda tile: self._backward(tile, scaled_h, factor, apply_gradient), n_tiles)
        grad_h: Floats = (
            sum(self._scratch("grad_h", tile) for tile in range(n_tiles)) * factor[:, None]
        )
        return loss, grad_h

    def _safe_totals(self) -> Floats:
        """Do the forward pass, with a shift of the logits if it is needed; return total, (m,)."""
        total = self._totals()
        if total.min() > 1 / SAFE and total.max() < SAFE:
            return total
        largest = np.empty_like(self.sums)  # (n_tiles, m)
        self.layer.pool.run_each(
            lambda tile: self._find_largest(tile, largest[tile]), self.tiling.n_tiles
        )
        self.shift = largest.max(axis=0)
        return self._totals()

    def _totals(self) -> Floats:
        """Do the forward pass of all tiles, and return total, (m,)."""
        self.layer.pool.run_each(self._forward, self.tiling.n_tiles)
        with np.errstate(over="ignore"):
            totals: Floats = self.sums.sum(axis=0)
        return totals

    # -- one tile, with the k items start ... stop -------------------------------------------------

    def _forward(self, tile: int) -> None:
        with np.errstate(over="ignore"):  # the pass is then repeated with a shift
            self._exponentials(tile)

    def _exponentials(self, tile: int) -> None:
        """Compute e of a tile in its buffer, and keep its sums and the e of the labels."""
        logits = self._logits(tile)  # (m, k), overwritten with e
        flat = logits.ravel()
        if self.shift is not None:
            logits -= self.shift[:, None]
        np.exp(logits, out=logits)
        flat[self.inputs.flat_positions(tile, self.tiling)] = 0
        label_positions = self.labels.flat_positions(tile, self.tiling)
        in_tile = self.labels.in_tile(tile)
        if self.candidates is not None:  # the labels of a history are certain to be candidates
            log_inclusion = self.candidates.log_inclusion[self.labels.columns[in_tile]]
            flat[label_positions] *= np.exp(log_inclusion)
        self.label_exp[in_tile] = flat[label_positions]
        ones = np.ones(logits.shape[1], dtype=logits.dtype)
        np.matmul(logits, ones, out=self.sums[tile])  # faster than logits.sum(axis=1)

    def _backward(
        self, tile: int, scaled_h: Floats, factor: Floats, apply_gradient: ApplyGradient
    ) -> None:
        """Compute the tile's part of grad_h / factor, and apply the gradients of its items."""
        residual = self._scratch("logits", tile)  # (m, k): e, which differs for labels only
        labels = self.labels.flat_positions(tile, self.tiling)
        residual.ravel()[labels] = self.label_exp[self.labels.in_tile(tile)]
        np.matmul(residual, self._context(tile, read=False), out=self._scratch("grad_h", tile))
        grad_context = self._scratch("grad_context", tile)  # (k, d)
        np.matmul(residual.T, scaled_h, out=grad_context)
        grad_bias = factor @ residual  # (k,)
        apply_gradient(self._items(tile), grad_context, grad_bias)

    def _find_largest(self, tile: int, largest: Floats) -> None:
        """Write the largest logit of each history in a tile to `largest`, (m,)."""
        logits = self._logits(tile)
        logits.ravel()[self.inputs.flat_positions(tile, self.tiling)] = -np.inf
        np.max(logits, axis=1, out=largest)

    def _logits(self, tile: int) -> Floats:
        """Compute the logits of a tile in its buffer, float32 (m, k)."""
        start, stop = self.tiling.span(tile)
        logits = self._scratch("logits", tile)
        np.matmul(self.h, self._context(tile, read=True).T, out=logits)
        bias = self.layer.bias[self._items(tile)]  # (k,)
        if self.candidates is not None:
            bias = bias - self.candidates.log_inclusion[start:stop]
        logits += bias
        return logits

    def _items(self, tile: int) -> ItemIndex:
        """Return the items of a tile."""
        start, stop = self.tiling.span(tile)
        return slice(start, stop) if self.candidates is None else self.candidates.items[start:stop]

    def _context(self, tile: int, *, read: bool) -> Floats:
        """Return the context vectors of a tile, float32 (k, d).

        Without candidates this is a view. With them it is a copy, which is made if `read`, and
        otherwise as it was made before.
        """
        start, stop = self.tiling.span(tile)
        if self.candidates is None:
            return self.layer.context_vectors[start:stop]
        copy = self._scratch("context", tile)
        if read:
            rows = self.candidates.items[start:stop]
            np.take(self.layer.context_vectors, rows, axis=0, out=copy, mode="clip")
        return copy

    def _scratch(self, name: str, tile: int) -> Floats:
        """Return the buffer of a tile for an array that is named as here."""
        start, stop = self.tiling.span(tile)
        m, d = self.h.shape
        k = stop - start
        shapes = {"logits": (m, k), "grad_h": (m, d), "grad_context": (k, d), "context": (k, d)}
        return self.layer.scratch.array(name, tile, shapes[name], self.h)
