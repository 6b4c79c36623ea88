"""Threads that share the work of a step, each with a BLAS of its own."""

import contextlib
import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from item2vec._support.threads import blas_threads

T = TypeVar("T")


class Team:
    """The thread that asks, and others.

    Inside ``with team:`` BLAS has one thread in each: were it to use more, they would wait for one
    another.

    Parameters
    ----------
    size : int
        Threads in all.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._pool = ThreadPoolExecutor(max(1, size - 1))
        self._entered = contextlib.ExitStack()

    def __enter__(self) -> "Team":
        self._entered.enter_context(blas_threads(1))  # it holds from the moment it is made
        self._entered.enter_context(self._pool)
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.close()

    def each(self, work: Callable[[int], None], n: int) -> None:
        """Do `work` with each number below `n`, in runs of neighbours, and wait for the end."""

        def run(start: int, stop: int) -> None:
            for place in range(start, stop):
                work(place)

        self.spans(run, n)

    def spans(self, work: Callable[[int, int], object], n: int, *, at_least: int = 1) -> None:
        """Do `work` on as many spans (start, stop) of n things as there are threads, and wait.

        Fewer where a span would have less than `at_least` things: waking a thread costs time.
        """
        parts = max(1, min(self.size, n // at_least))
        ends = [n * part // parts for part in range(parts + 1)]
        first, *others = itertools.pairwise(ends)
        futures = [self._pool.submit(work, *span) for span in others]
        try:
            work(*first)
        finally:
            for future in futures:
                future.result()

    def beside(self, work: Callable[[], T], *, worthwhile: bool = True) -> "Future[T]":
        """Begin `work` in another thread, if there is one; its result is waited for by asking."""
        if self.size > 1 and worthwhile:
            return self._pool.submit(work)
        done: Future[T] = Future()
        done.set_result(work())
        return done
