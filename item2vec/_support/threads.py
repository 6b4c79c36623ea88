"""How many cores there are, and how many of them BLAS may use."""

import contextlib
import os
from contextlib import AbstractContextManager


def available_cores() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blas_threads(n: int, *, numpy_only: bool = False) -> AbstractContextManager[object]:
    """Let BLAS use `n` threads in the block, in the whole process.

    What BLAS rounds depends on the number of its threads. numpy and scipy each bring a BLAS of
    their own, and a limit holds for those that are loaded when it is set; so scipy's is loaded
    first. Otherwise the result of the block would depend on what was imported before it.

    Parameters
    ----------
    n : int
    numpy_only : bool
        The block computes with numpy alone, so scipy need not be loaded.
    """
    import threadpoolctl

    if not numpy_only:
        with contextlib.suppress(ImportError):
            import scipy.linalg  # noqa: F401 - loads its BLAS
    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(n, user_api="blas")
    return limits


def one_thread() -> AbstractContextManager[object]:
    """Let BLAS and OpenMP use one thread in the block, in the whole process."""
    import threadpoolctl

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(1)
    return limits
