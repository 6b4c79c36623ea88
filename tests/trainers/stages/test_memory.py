"""The item-item memory as a stage after training, for every trainer."""

from dataclasses import fields, replace

import numpy as np
import pytest

from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.experiments.registry import TRAINERS
from item2vec.trainers.base import EpochTrainer

PROTOCOL = RandomProtocol(inputs=2, labels=4)


def narrow(name):
    return TRAINERS[name](vector_size=2, epochs=4, workers=1, protocols=(PROTOCOL,))


@pytest.mark.parametrize("name", TRAINERS)
def test_every_trainer_adds_a_memory_where_it_improves_scores(groups, name):
    trainer = narrow(name)
    vectors, without = trainer.fit(groups), replace(trainer, memory=0).fit(groups)
    assert vectors.metadata["memory"]["kept"] == 100
    assert {r.id[0] for r in vectors.recommend(["a1", "a2"], k=5)} == {"a"}
    assert without.memory is None
    np.testing.assert_array_equal(vectors.item_vectors, without.item_vectors)
    named = replace(trainer, memory=3).fit(groups)
    assert np.bincount(named.memory.long.items).max() <= 3, "each item is predicted from 3"


@pytest.mark.parametrize("name", TRAINERS)
def test_progress_includes_the_selection(groups, name):
    seen = []
    narrow(name).fit(groups, progress=lambda *at: seen.append(at))
    assert seen == [(epoch, 8) for epoch in range(1, 9)]


@pytest.mark.parametrize("name", TRAINERS)
def test_a_continued_run_gets_the_same_memory(groups, name):
    trainer = narrow(name)
    state = trainer.train(groups, epochs=2)
    whole, continued = trainer.fit(groups), trainer.fit(groups, state=state)
    for kind, part in whole.memory.parts().items():
        np.testing.assert_array_equal(part.weights, continued.memory.parts()[kind].weights)


def test_shared_parameters_are_the_same_for_all_trainers():
    """The command line shows one help text per option, which must hold for each of them."""
    for name in ("memory", "start", "vector_size", "validate", "patience", "seed"):
        declared = [
            next(field for field in fields(kind) if field.name == name)
            for kind in (*TRAINERS.values(), EpochTrainer)
        ]
        assert len({(field.metadata["doc"], field.default) for field in declared}) == 1, name
