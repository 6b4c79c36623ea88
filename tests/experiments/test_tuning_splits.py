"""The splits that tuning checks on ask for nothing that its search asked for."""

import numpy as np
import pandas as pd
import pytest

from item2vec.data.interactions import Interactions
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.experiments.tuning.splits import SPLITS, other_splits, search_split
from item2vec.reading.interactions import read_interactions


def read(lists: dict[str, str]) -> Interactions:
    """Read histories of items that are named by single letters, a day apart."""
    rows = [
        (user, item, 86_400 * day)
        for user, items in lists.items()
        for day, item in enumerate(items)
    ]
    return read_interactions(pd.DataFrame(rows, columns=["user", "item", "time"]), keep_times=True)


@pytest.fixture
def some() -> Interactions:
    """Return 50 users, each of whom has an item that nobody else has."""
    return read({f"u{n:02}": "ab" + chr(0x4E00 + n) for n in range(50)})


def own_items(histories) -> set[str]:
    return {histories.vocabulary.ids[row] for row in histories.items} - {"a", "b"}


def test_every_user_whom_the_search_does_not_score_is_scored_once(some):
    protocol = RandomProtocol(inputs=1, labels=1)
    searched = search_split(some, protocol, seed=3)
    splits = [make() for make in other_splits(some, protocol, seed=3, min_count=1)]
    assert len(splits) == SPLITS
    everybody = {chr(0x4E00 + n) for n in range(50)}
    held_out = [everybody - own_items(training) for training, _ in splits]
    scored_by_search = {chr(0x4E00 + int(user[1:])) for user in searched.source.user_ids}
    assert set.union(*held_out) == everybody - scored_by_search
    assert sum(map(len, held_out)) == 40, "no user is held out twice"
    for (training, cases), users in zip(splits, held_out, strict=True):
        assert len(training) == 40, "as many are trained on as in the search"
        assert len(np.unique(cases.users)) == len(users) == 10


def test_the_item_before_is_asked_for_where_the_same_users_are_asked_for_their_last():
    told = read({"u": "abcdefg", "v": "gfedcba", "short": "ab"})
    protocol = LeaveLastOutProtocol()

    def asked(split) -> list[str]:
        histories, cases = split
        return [histories.vocabulary.ids[row] for row in cases.labels.items]

    searched = search_split(told, protocol)
    histories = searched.histories(min_count=1)
    cases = searched.source.validation_cases(histories.vocabulary)
    assert asked((histories, cases)) == ["b", "g", "a"], "users are in the order of their ids"
    first, second = (make() for make in other_splits(told, protocol, min_count=1))
    assert asked(first)[:2] == ["f", "b"]
    assert asked(second)[:2] == ["e", "c"]
    for histories, cases in (first, second):
        shown = [[histories.vocabulary.ids[row] for row in cases.inputs[n]] for n in range(2)]
        assert shown[0] == list("abcdefg")[: len(shown[0])]
        assert len(shown[0]) == {"f": 5, "e": 4}[asked((histories, cases))[0]]


def test_a_handful_of_users_gives_as_many_splits_as_there_are_users_left():
    few = read({"u": "ab", "v": "ab", "w": "ab"})
    splits = other_splits(few, RandomProtocol(inputs=1, labels=1), min_count=1)
    assert len(splits) == 2
    for make in splits:
        training, cases = make()
        assert (len(training), len(cases)) == (2, 10), "ten cases of the one user held out"
