"""Threads that share the work of a training step, each with a single-threaded BLAS."""

import contextlib
import itertools
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from item2vec._support.threads import blas_threads

T = TypeVar("T")


class ThreadPool:
    """A pool of `size` threads, one of them the calling thread, that work on parts of a task.

    Inside ``with pool:`` BLAS runs single-threaded in each of them: with more, the threads would
    wait for one another.

    Parameters
    ----------
    size : int
        The number of threads, including the calling one.
    """

    def __init__(self, size: int) -> None:
        self.size = size
        self._others = ThreadPoolExecutor(max(1, size - 1))
        self._entered = contextlib.ExitStack()

    def __enter__(self) -> "ThreadPool":
        self._entered.enter_context(blas_threads(1))  # takes effect as soon as it is called
        self._entered.enter_context(self._others)
        return self

    def __exit__(self, *error: object) -> None:
        self._entered.close()

    def run_each(self, work: Callable[[int], None], n: int) -> None:
        """Call `work` with each number below `n`, and wait; each thread has consecutive numbers."""

        def run(start: int, stop: int) -> None:
            for number in range(start, stop):
                work(number)

        self.run_spans(run, n)

    def run_spans(self, work: Callable[[int, int], object], n: int, *, at_least: int = 1) -> None:
        """Call `work` with spans (start, stop) that divide range(n), one per thread, and wait.

        There are fewer spans than threads if they would be shorter than `at_least`, because waking
        a thread takes time.
        """
        parts = max(1, min(self.size, n // at_least))
        ends = [n * part // parts for part in range(parts + 1)]
        first, *others = itertools.pairwise(ends)
        futures = [self._others.submit(work, *span) for span in others]
        try:
            work(*first)
        finally:
            for future in futures:
                future.result()

    def submit(self, work: Callable[[], T], *, in_background: bool = True) -> "Future[T]":
        """Start `work` in another thread and return its future.

        If the calling thread is the only one, or `in_background` is false, the work is done at
        once in the calling thread.
        """
        if self.size > 1 and in_background:
            return self._others.submit(work)
        done: Future[T] = Future()
        done.set_result(work())
        return done
