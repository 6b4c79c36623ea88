"""What earlier versions wrote is read by this one, and answers as it did then.

`golden/make.py` made each folder with the version that it is named after.
"""

import json
import shutil
from functools import partial
from pathlib import Path

import pytest

from item2vec.data.histories import Histories
from item2vec.data.synthetic import invent
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import split_users
from item2vec.evaluation.validation import draw_cases, hold_out
from item2vec.experiments import registry
from item2vec.experiments.tuning import rescoring, search
from item2vec.experiments.tuning.task import Task
from item2vec.models import model_file
from item2vec.neighbors.annoy_index import AnnoyNeighbors
from item2vec.neighbors.index_file import index_path

VERSIONS = sorted(path for path in (Path(__file__).parent / "golden").iterdir() if path.is_dir())
MODELS = [
    pytest.param(path, id=f"{version.name}-{path.stem}")
    for version in VERSIONS
    for path in sorted(version.glob("*.safetensors"))
]


def answers(model: Path):
    return json.loads((model.parent / "answers.json").read_text())[model.stem]


def test_there_are_golden_files():
    assert [version.name for version in VERSIONS][:1] == ["0.1.0"]
    assert len(MODELS) >= 7


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_model_gives_the_recommendations_that_it_gave(model):
    vectors = model_file.load(model, verify=True)
    for answer in answers(model)["recommend"]:
        found = vectors.recommend(answer["history"], len(answer["found"]))
        assert [r.id for r in found] == [item_id for item_id, _ in answer["found"]]
        scores = [score for _, score in answer["found"]]
        assert [r.score for r in found] == pytest.approx(scores, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("model", MODELS)
def test_a_stored_model_gives_the_neighbours_that_it_gave(model):
    vectors = model_file.load(model)
    for item_id, neighbours in answers(model)["similar"].items():
        found = vectors.most_similar(item_id, len(neighbours))
        assert [n.id for n in found] == [name for name, _ in neighbours]
        cosines = [cosine for _, cosine in neighbours]
        assert [n.cosine for n in found] == pytest.approx(cosines, rel=1e-4, abs=1e-5)


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_stored_index_is_searched(version):
    model = version / "word2vec.safetensors"
    vectors = model_file.load(model, verify=True)
    checksum = vectors.metadata["checksum"]
    index = AnnoyNeighbors.open(index_path(model, checksum), vectors.item_vectors, model=checksum)
    for item_id, neighbours in answers(model)["index"].items():
        found = vectors.most_similar(item_id, len(neighbours), index=index)
        assert [n.id for n in found] == [name for name, _ in neighbours]


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_stored_parameters_file_gives_its_values(version):
    parameters = registry.read_parameters(version / "parameters.toml")
    assert parameters["word2vec"] == {
        "vector_size": 16, "window": 4, "epochs": "auto", "alpha": 0.03,
    }  # fmt: skip
    assert set(parameters["item-knn"]) == {"neighbors", "shrinkage"}
    assert registry.read_origin(version / "parameters.toml")["metric"] == "ndcg@10"


@pytest.mark.parametrize("version", VERSIONS, ids=lambda path: path.name)
def test_a_stored_study_is_gone_on_with(version, tmp_path):
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
