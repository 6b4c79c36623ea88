"""`train`: what the command does, as a function."""

import csv

import numpy as np
import pytest

from item2vec.data.catalogue import Catalogue
from item2vec.data.synthetic import invent
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import LatestProtocol, RandomProtocol
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.experiments.training import train
from item2vec.models import model_file
from item2vec.reading.interactions import read_interactions
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.stages.selection_users import PROTOCOLS
from item2vec.trainers.word2vec.trainer import Word2Vec

TINY = Word2Vec(vector_size=8, epochs=2, workers=1, memory=0)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """The paths of interactions and of a table of their items."""
    return invent(n_users=120).write(tmp_path_factory.mktemp("invented"))


def spy_on_fit(monkeypatch):
    """Return a list that receives every trainer that is fitted."""
    trainers = []
    fit = Word2Vec.fit

    def noting(self, histories, **options):
        trainers.append(self)
        return fit(self, histories, **options)

    monkeypatch.setattr(Word2Vec, "fit", noting)
    return trainers


def test_files_become_a_model_with_titles_and_how_it_was_trained(files, tmp_path):
    interactions, items = files
    result = train(interactions, TINY, items=items, min_count=7, repeated="keep")
    model = result.model
    assert model.metadata["min_count"] == 7
    assert model.metadata["repeated"] == "keep"
    assert model.metadata["read"] == result.report.to_dict()
    assert model.title(0)
    assert model.vocabulary.counts.min() >= 7
    model_file.save(model, tmp_path / "m.safetensors")
    assert model_file.load(tmp_path / "m.safetensors", verify=True).metadata["min_count"] == 7


def test_interactions_that_were_read_give_the_vectors_of_the_trainer(files):
    interactions = read_interactions(files[0], keep_times=True)
    model = train(interactions, TINY).model
    fitted = TINY.fit(interactions.to_histories(in_order=True))
    np.testing.assert_array_equal(model.item_vectors, fitted.item_vectors)
    assert model.recency == fitted.recency


def test_options_of_reading_are_those_of_read_interactions(files, tmp_path):
    header, rest = files[0].read_text().split("\n", 1)
    path = tmp_path / "sales.csv"
    path.write_text("customer,article,moment\n" + rest)
    assert header == "user_id,item_id,timestamp"
    names = {"user": "customer", "item": "article", "time": "moment"}
    result = train(read_interactions(path, **names, keep_times=True), TINY)
    direct = train(files[0], TINY)
    np.testing.assert_array_equal(result.model.item_vectors, direct.model.item_vectors)
    assert result.report.columns == names


def test_remarks_are_returned_and_passed_on_when_they_are_made(files):
    heard = []
    result = train(files[0], TINY, items=files[1], on_remark=heard.append)
    assert tuple(heard) == result.remarks
    text = "\n".join(heard)
    assert f"{files[1]} describes" in text
    assert "at least 5 interactions" in text
    assert "2 epochs on 1 worker" in text


def test_the_default_is_word2vec_and_any_trainer_of_vectors_is_taken(files, monkeypatch):
    trainers = spy_on_fit(monkeypatch)
    monkeypatch.setattr("item2vec.experiments.training.Word2Vec", lambda: TINY)
    assert train(files[0]).model.metadata["trainer"] == "word2vec"
    assert trainers[0].to_dict() == TINY.to_dict()
    softmax = Softmax(vector_size=8, epochs=1, workers=1, memory=0)
    assert train(files[0], softmax).model.metadata["trainer"] == "softmax"


def test_the_memory_is_selected_for_the_last_item_where_there_are_times(
    files, tmp_path, monkeypatch
):
    trainers = spy_on_fit(monkeypatch)
    untimed = tmp_path / "untimed.csv"
    with open(files[0], newline="") as source, untimed.open("w", newline="") as target:
        csv.writer(target).writerows(row[:2] for row in csv.reader(source))
    small = Word2Vec(vector_size=8, epochs=1, workers=1)
    for source, protocols, expected in (
        (files[0], None, (*PROTOCOLS, LeaveLastOutProtocol())),
        (untimed, None, PROTOCOLS),
        (files[0], [RandomProtocol()], (RandomProtocol(),)),
    ):
        trainers.clear()
        train(source, small, protocols=protocols)
        assert trainers[0].protocols == expected
    with pytest.raises(DataError, match="time='none'"):
        train(untimed, small, protocols=[LatestProtocol()])


def test_features_are_learned_and_wrong_ones_are_refused_before_training(files, monkeypatch):
    model = train(files[0], TINY, items=files[1], features=["genres"]).model
    assert model.feature_fit is not None
    assert model.feature_fit.features == ("genres",)
    assert -1 <= model.feature_fit.r2["item_vectors"] <= 1
    trainers = spy_on_fit(monkeypatch)
    with pytest.raises(ParameterError, match="no column 'color'"):
        train(files[0], TINY, items=files[1], features=["color"])
    with pytest.raises(ParameterError, match=r"features .* items"):
        train(files[0], TINY, features=["genres"])
    other = Catalogue(("x1",), {"title": ("Alien",)})
    with pytest.raises(DataError, match=r"none of the .*'x1'"):
        train(files[0], TINY, items=other)
    assert trainers == []


def test_a_reproducible_run_has_one_worker_and_gives_the_same_vectors(files):
    trainer = Word2Vec(vector_size=8, epochs=1, memory=0)
    first, second = (train(files[0], trainer, reproducible=True).model for _ in range(2))
    np.testing.assert_array_equal(first.item_vectors, second.item_vectors)
    assert first.metadata["parameters"]["workers"] == 1
    assert first.metadata["reproducible"] is True
    with pytest.raises(ParameterError, match="one worker, not 2"):
        train(files[0], Word2Vec(workers=2), reproducible=True)


def test_the_sketch_can_be_left_out(files):
    assert train(files[0], TINY).model.sketch is not None
    assert train(files[0], TINY, sketch=False).model.sketch is None


@pytest.mark.parametrize(
    ("arguments", "match"),
    [
        ({"trainer": "word2vec"}, r"'word2vec': write Word2Vec\(\)"),
        ({"trainer": TINY, "protocols": [RandomProtocol()]}, "memory=0 .* leave one"),
    ],
)
def test_arguments_that_do_not_go_together_are_refused(files, arguments, match):
    with pytest.raises(ParameterError, match=match):
        train(files[0], **arguments)
