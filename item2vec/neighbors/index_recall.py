"""Measurement of the recall and the speed of an index relative to exact search.

Recall@k is the fraction of the exact k nearest items that an index finds, averaged over sampled
items. Any item with the same cosine as the k-th nearest counts as found, since exact search breaks
such ties by row.
"""

import functools
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, Self, TypeVar

import numpy as np

from item2vec._support.threads import one_thread
from item2vec.neighbors.exact import ExactNeighbors, Neighbors
from item2vec.neighbors.index_file import TUNED_K, Kind
from item2vec.neighbors.index_info import Recall
from item2vec.types import Cosines, Rows, Vectors

TIE = 1e-6  # cosines that differ by less are considered equal
GROWTH = 1.1  # search widths are chosen in steps of 10 %
CHOOSING, MEASURING = 500, 1000  # items sampled to choose a search width, and to measure its recall
TIMED_SECONDS, TIMED_QUERIES = 0.5, 200  # limits of timing one query at a time, for each search


class Index(Neighbors, Protocol):
    """An index whose search width can be chosen."""

    item_vectors: Vectors
    kind: Kind
    search_width: int | None
    recall: Recall | None

    def with_width(self, search_width: int, recall: Recall | None = None) -> Self:
        """Return the same index with another search width, and the recall measured at it."""


AnyIndex = TypeVar("AnyIndex", bound=Index)


@dataclass(frozen=True, eq=False)
class GroundTruth:
    """Sampled items and the cosines of their exact nearest items.

    Parameters
    ----------
    rows : array of shape (m,), int32
    cosines : array of shape (m, k), float32
        Largest first.
    seed : int
        Seed of the sample.
    """

    rows: Rows
    cosines: Cosines
    seed: int

    @classmethod
    def sample(cls, item_vectors: Vectors, n: int, *, k: int = TUNED_K, seed: int = 0) -> Self:
        """Draw `n` items, or all if there are fewer, and find their neighbors by exact search."""
        n_items = len(item_vectors)
        drawn = np.random.default_rng(seed).permutation(n_items)[:n]
        rows = np.sort(drawn).astype(np.int32)
        k = min(k, max(1, n_items - 1))
        return cls(rows, ExactNeighbors(item_vectors).neighbors(rows, k)[1], seed)

    def recall(self, index: Neighbors) -> float:
        """Return the recall of an index over these items."""
        k = self.cosines.shape[1]
        found = index.neighbors(self.rows, k)[1]
        near = found >= self.cosines[:, -1:] - TIE  # (m, k) bool; False for NaN, a missing neighbor
        return float(near.mean())


def recall_against_exact(
    index: Index, *, k: int = TUNED_K, sample: int = MEASURING, seed: int = 0
) -> float:
    """Return the recall@k of an index relative to exact search, averaged over sampled items."""
    return GroundTruth.sample(index.item_vectors, sample, k=k, seed=seed).recall(index)


def with_tuned_width(
    index: AnyIndex,
    asked: float,
    choosing: GroundTruth,
    measuring: GroundTruth,
    *,
    least: int,
    most: int,
) -> AnyIndex | None:
    """Return the index with the smallest search width that reaches a recall; None if none does.

    The width is chosen on one sample and its recall measured on another, so that the reported
    recall is not optimistic. If the second sample falls short, the width is increased further.

    Parameters
    ----------
    index : Index
    asked : float
        The recall to reach, above 0 and at most 1.
    choosing, measuring : GroundTruth
        The two samples.
    least, most : int
        The range of search widths.
    """
    width = _smallest_width(
        lambda width: choosing.recall(index.with_width(width)) >= asked, least, most
    )
    if width is None:
        return None
    while (measured := measuring.recall(index.with_width(width))) < asked:
        if width == most:
            return None
        width = min(int(width * GROWTH) + 1, most)
    recall = Recall(
        measured=round(measured, 4),
        asked=asked,
        k=measuring.cosines.shape[1],
        items=len(measuring.rows),
        seed=measuring.seed,
    )
    return index.with_width(width, recall)


def _smallest_width(reaches: Callable[[int], bool], least: int, most: int) -> int | None:
    """Return the smallest sufficient width, up to a factor of `GROWTH`; None if none suffices.

    The width is doubled until it suffices; then a bisection of its logarithm narrows it down.
    """
    reaches = functools.cache(reaches)
    low, high = least, least
    while not reaches(high):
        if high == most:
            return None
        low, high = high, min(2 * high, most)
    while high > low * GROWTH:
        middle = round((low * high) ** 0.5)
        low, high = (low, middle) if reaches(middle) else (middle, high)
    return high


@dataclass(frozen=True, kw_only=True)
class Speeds:
    """Queries per CPU second of an index and of exact search, on one thread.

    Parameters
    ----------
    single, exact_single : float
        One query at a time.
    bulk, exact_bulk : float
        Many queries in one call.
    """

    single: float
    exact_single: float
    bulk: float
    exact_bulk: float

    @property
    def is_useful(self) -> bool:
        """Whether the index is faster than exact search for single queries or in bulk."""
        return self.single > self.exact_single or self.bulk > self.exact_bulk


def measure_speeds(index: Index, *, sample: int = MEASURING, seed: int = 0) -> Speeds:
    """Measure the speed of an index and of exact search on the same sampled items."""
    vectors = index.item_vectors
    rows = np.random.default_rng(seed).permutation(len(vectors))[:sample].astype(np.int32)
    k = min(TUNED_K, max(1, len(vectors) - 1))
    exact = ExactNeighbors(vectors)
    with one_thread():
        for search in (index, exact):  # warm up: the first query prepares data for the others
            search.neighbors(rows[:1], k)
        return Speeds(
            single=_single_rate(index, rows, k),
            exact_single=_single_rate(exact, rows, k),
            bulk=_bulk_rate(index, rows, k),
            exact_bulk=_bulk_rate(exact, rows, k),
        )


def _single_rate(search: Neighbors, rows: Rows, k: int) -> float:
    begun, done = time.process_time(), 0
    for row in rows[:TIMED_QUERIES]:
        search.neighbors(np.array([row], dtype=np.int32), k)
        done += 1
        if time.process_time() - begun > TIMED_SECONDS:
            break
    return done / max(time.process_time() - begun, 1e-9)


def _bulk_rate(search: Neighbors, rows: Rows, k: int) -> float:
    begun = time.process_time()
    search.neighbors(rows, k)
    return len(rows) / max(time.process_time() - begun, 1e-9)
