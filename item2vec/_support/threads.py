"""The number of available cores, and limits on the number of BLAS threads."""

import contextlib
import os
from contextlib import AbstractContextManager


def available_cores() -> int:
    """Return the number of cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def blas_threads(n: int, *, numpy_only: bool = False) -> AbstractContextManager[object]:
    """Limit BLAS to `n` threads during the block, in the whole process.

    Rounding in BLAS depends on the number of threads. NumPy and SciPy each bring their own BLAS,
    and a limit applies only to libraries that are already loaded, so SciPy's is loaded first.
    Otherwise the result of the block would depend on earlier imports.

    Parameters
    ----------
    n : int
    numpy_only : bool
        Whether the block uses only NumPy, so that SciPy's BLAS need not be loaded.
    """
    import threadpoolctl

    if not numpy_only:
        with contextlib.suppress(ImportError):
            import scipy.linalg  # noqa: F401 - loads its BLAS
    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(n, user_api="blas")
    return limits


def one_thread() -> AbstractContextManager[object]:
    """Limit BLAS and OpenMP to one thread during the block, in the whole process."""
    import threadpoolctl

    limits: AbstractContextManager[object] = threadpoolctl.threadpool_limits(1)
    return limits
