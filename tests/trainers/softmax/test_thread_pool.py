"""The thread pool: work is done once, errors surface, and BLAS is single-threaded inside."""

import threading

import pytest
import threadpoolctl

from item2vec.trainers.softmax.thread_pool import ThreadPool


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("n", [0, 1, 3, 100])
def test_every_number_is_worked_on_once(size, n):
    done, spans, lock = [], [], threading.Lock()

    def work(number):
        with lock:
            done.append(number)

    with ThreadPool(size) as pool:
        pool.run_each(work, n)
        pool.run_spans(lambda start, stop: spans.append((start, stop)), n)
    assert sorted(done) == list(range(n))
    assert sorted(number for span in spans for number in range(*span)) == list(range(n))
    assert len(spans) <= size


def test_two_threads_work_at_the_same_time():
    """Each waits at the barrier for the other, and would fail there if it were alone."""
    barrier, arrived = threading.Barrier(2, timeout=60), []
    with ThreadPool(2) as pool:
        pool.run_each(lambda number: arrived.append(barrier.wait()), 2)
        future = pool.submit(barrier.wait)
        arrived += [barrier.wait(), future.result()]
    assert sorted(arrived) == [0, 0, 1, 1]


@pytest.mark.parametrize("failing", [0, 3])
def test_an_error_in_any_thread_is_raised(failing):
    def work(number):
        if number == failing:
            raise ValueError(f"{number} failed")

    with ThreadPool(2) as pool, pytest.raises(ValueError, match=f"{failing} failed"):
        pool.run_each(work, 4)


def test_blas_is_single_threaded_inside_the_pool_alone():
    def threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()
                if pool["user_api"] == "blas"}  # fmt: skip

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        pool = ThreadPool(2)
        assert threads() == {2}
        with pool:
            assert threads() == {1}
        assert threads() == {2}
