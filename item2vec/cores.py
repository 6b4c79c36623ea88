"""How many cores there are, and how many of them BLAS may use."""

import os
from contextlib import AbstractContextManager


def available_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blas_threads(n: int) -> AbstractContextManager[object]:
    """Let BLAS use `n` threads in the block, in the whole process."""
    import threadpoolctl

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(n, user_api="blas")
    return limits
