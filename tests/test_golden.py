"""Files that earlier versions wrote can be read by this one, and give the same answers.

`golden/make.py` wrote each folder with the version that the folder is named after.
"""

import json
import shutil
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from item2vec._version import __version__
from item2vec.data.histories import Histories
from item2vec.data.synthetic import invent
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import draw_cases, hold_out
from item2vec.experiments import registry
from item2vec.experiments.tuning import rescoring, search
from item2vec.experiments.tuning.task import Task
from item2vec.models import model_file
from item2vec.neighbors import indexes
from item2vec.trainers.state_file import load_state
from item2vec.trainers.word2vec.trainer import Word2Vec

VERSIONS = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())


def stored(*patterns: str):
    """Return the files of all versions that match one of the patterns, as test parameters."""
    return [
        pytest.param(path, id=f"{version.name}-{path.name}")
        for version in VERSIONS
        for pattern in patterns
        for path in sorted(version.glob(pattern))
    ]


MODELS = stored("*.safetensors")
INDEXES = stored("*.annoy", "*.hnsw")
STATES = stored("*.state")


def answers(model: Path):
    return json.loads((model.parent / "answers.json").read_text())[model.stem]


def test_there_are_golden_files():
    assert [version.name for version in VERSIONS][:2] == ["0.1.0", "0.2.0"]
    assert len(MODELS) >= 7 + 8
    assert len(INDEXES) >= 1 + 2
    assert STATES


def test_this_version_has_golden_files():
    assert __version__ in [version.name for version in VERSIONS], (
        "a release needs golden files: python tests/golden/make.py tests/golden/VERSION"
    )


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_model_gives_the_recommendations_that_it_gave(model):
    vectors = model_file.load(model, verify=True)
    for answer in answers(model)["recommend"]:
        found = vectors.recommend(answer["history"], len(answer["found"]))
        assert [r.id for r in found] == [item_id for item_id, _ in answer["found"]]
        scores = [score for _, score in answer["found"]]
        assert [r.score for r in found] == pytest.approx(scores, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_model_gives_the_neighbors_that_it_gave(model):
    vectors = model_file.load(model)
    for item_id, neighbors in answers(model)["similar"].items():
        found = vectors.most_similar(item_id, len(neighbors))
        assert [n.id for n in found] == [name for name, _ in neighbors]
        cosines = [cosine for _, cosine in neighbors]
        assert [n.cosine for n in found] == pytest.approx(cosines, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("path", INDEXES)
def test_a_stored_index_is_searched(path):
    if path.suffix == ".hnsw":
        pytest.importorskip("faiss")
    model = path.parent / f"{path.name.split('.')[0]}.safetensors"
    vectors = model_file.load(model, verify=True)
    checksum = vectors.metadata["checksum"]
    assert indexes.find_index(model, checksum) == path
    index = indexes.open_index(path, vectors.item_vectors, model=checksum)
    for item_id, neighbors in answers(model)["index"].items():
        found = vectors.most_similar(item_id, len(neighbors), index=index)
        assert [n.id for n in found] == [name for name, _ in neighbors]


@pytest.mark.parametrize("path", STATES)
def test_a_stored_state_is_continued(path):
    state = load_state(path)
    assert state.epoch == 2
    histories = Histories.from_lists(invent(n_users=150, n_items=60).lists(), min_count=5)
    trainer = Word2Vec(vector_size=8, workers=1, epochs=20, memory=0)
    later = trainer.train(histories, state=state, epochs=1)
    assert (later.epoch, later.epochs) == (3, 20)
    assert not np.array_equal(later.item_vectors, state.item_vectors)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_stored_parameters_file_gives_its_values(version):
    parameters = registry.read_parameters(version / "parameters.toml")
    assert parameters["word2vec"] == {
        "vector_size": 16, "window": 4, "epochs": "auto", "alpha": 0.03,
    }  # fmt: skip
    searched = {"neighbors", "shrinkage"} | (
        {"normalization"} if version.name != "0.1.0" else set()
    )
    assert set(parameters["item-knn"]) == searched
    assert registry.read_origin(version / "parameters.toml")["metric"] == "ndcg@10"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_stored_study_is_resumed(version, tmp_path):
    study = tmp_path / "study"
    shutil.copy(version / "parameters.toml.study", study)
    histories = Histories.from_lists(invent(n_users=150, n_items=60).lists(), min_count=5)
    fitted, held_out = split_users(histories, held_out=0.2)
    protocol = RandomProtocol()
    task = Task("item-knn", fitted, draw_cases(held_out, protocol, 0), protocol)
    before = search.stored(task, study)
    assert len(before) == 3
    assert all(trial.score and trial.score > 0 for trial in before)
    after = search.search(task, study, trials=4)
    assert after[:3] == before
    assert len(after) == 4
    split = partial(hold_out, fitted, 0.3, protocol)
    verdict = rescoring.score_again(task, study, [partial(split, seed=1), partial(split, seed=2)])
    assert verdict.to_dict()["kept"].split()[0] in {"defaults", "trial"}
    assert search.stored(task, study) == after, "scores are added and no trial is lost"
