"""A team of threads: all is done once, errors come back, and BLAS gets its threads back."""

import threading

import pytest
import threadpoolctl

from item2vec.trainers.softmax.thread_pool import Team


@pytest.mark.parametrize("size", [1, 2, 5])
@pytest.mark.parametrize("n", [0, 1, 3, 100])
def test_everything_is_done_once(size, n):
    done, spans, lock = [], [], threading.Lock()

    def work(place):
        with lock:
            done.append(place)

    with Team(size) as team:
        team.each(work, n)
        team.spans(lambda start, stop: spans.append((start, stop)), n)
    assert sorted(done) == list(range(n))
    assert sorted(place for span in spans for place in range(*span)) == list(range(n))
    assert len(spans) <= size


def test_two_threads_work_at_once():
    meeting = threading.Barrier(2, timeout=60)
    with Team(2) as team:
        team.each(lambda place: meeting.wait(), 2)
        waiting = team.beside(meeting.wait)
        meeting.wait()
        waiting.result()


@pytest.mark.parametrize("place", [0, 3])
def test_an_error_in_any_thread_comes_back(place):
    def work(number):
        if number == place:
            raise ValueError(f"{number} failed")

    with Team(2) as team, pytest.raises(ValueError, match=f"{place} failed"):
        team.each(work, 4)


def test_blas_has_its_threads_back_afterwards_and_loses_them_inside_alone():
    def threads():
        return {pool["num_threads"] for pool in threadpoolctl.threadpool_info()
                if pool["user_api"] == "blas"}  # fmt: skip

    with threadpoolctl.threadpool_limits(2, user_api="blas"):
        team = Team(2)
        assert threads() == {2}
        with team:
            assert threads() == {1}
        assert threads() == {2}
