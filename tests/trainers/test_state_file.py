"""The state file: what was saved is loaded unchanged, and damaged files are refused."""

import json
import pickle
from dataclasses import fields, replace

import numpy as np
import pytest
import safetensors.numpy

from item2vec._support.tensor_file import checksum, mapped
from item2vec.errors import DataError, ParameterError
from item2vec.trainers.softmax.trainer import Softmax
from item2vec.trainers.state import TrainerState
from item2vec.trainers.state_file import KEY, load_state, save_state
from item2vec.trainers.word2vec.trainer import Word2Vec

WORD2VEC = Word2Vec(vector_size=4, epochs=3, workers=1, memory=0)
SOFTMAX = Softmax(vector_size=4, epochs=3, workers=1, memory=0)


@pytest.fixture
def state(cliques):
    return SOFTMAX.train(cliques, epochs=1)


@pytest.fixture
def path(tmp_path, state):
    save_state(state, tmp_path / "state.safetensors")
    return tmp_path / "state.safetensors"


@pytest.mark.parametrize("trainer", [WORD2VEC, SOFTMAX], ids=["word2vec", "softmax"])
def test_everything_is_loaded_as_it_was_saved(cliques, trainer, tmp_path):
    state = trainer.train(cliques, epochs=2)
    save_state(state, tmp_path / "s")
    loaded = load_state(tmp_path / "s")
    for field in fields(TrainerState):
        one, other = getattr(state, field.name), getattr(loaded, field.name)
        if field.name == "optimizer":
            assert one.keys() == other.keys()
            assert all(np.array_equal(one[name], other[name]) for name in one)
        elif isinstance(one, np.ndarray):
            np.testing.assert_array_equal(one, other)
        else:
            assert one == other, field.name


def test_the_same_training_gives_the_same_bytes_without_pickle(cliques, path, tmp_path):
    save_state(SOFTMAX.train(cliques, epochs=1), tmp_path / "again")
    assert (tmp_path / "again").read_bytes() == path.read_bytes()
    with pytest.raises(pickle.UnpicklingError):
        pickle.loads(path.read_bytes())
    assert json.loads(header(path)).keys() == {
        "trainer", "parameters", "vocabulary", "histories", "epoch", "epochs", "steps",
        "generator", "format", "versions", "checksum",
    }, "no user, path, host or time"  # fmt: skip
    assert safetensors.numpy.load_file(path)["item_vectors"].shape == (60, 4)


def test_every_truncation_and_a_flipped_bit_anywhere_is_found(path):
    whole = path.read_bytes()
    for size in [*range(0, len(whole), 97), len(whole) - 1]:
        path.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"state\.safetensors is not a complete state"):
            load_state(path)
    for place in range(0, len(whole), 61):
        damaged = bytearray(whole)
        damaged[place] ^= 4
        path.write_bytes(damaged)
        with pytest.raises(DataError, match="copy it again"):
            load_state(path)


def header(path):
    with path.open("rb") as file:
        return mapped(file)[0][KEY]


def forged(path, change):
    """Change a file, and give it the checksum of its new content."""
    with path.open("rb") as file:
        metadata, tensors = mapped(file)
    header, tensors = json.loads(metadata[KEY]), {n: np.array(t) for n, t in tensors.items()}
    change(header, tensors)
    if "checksum" in header:
        header["checksum"] = checksum(header, tensors)
    safetensors.numpy.save_file(tensors, path, metadata={KEY: json.dumps(header)})
    return path


def put(header, **values):
    header.update(values)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda h, t: h.pop("epoch"), "epoch must be of type int, not None"),
        (lambda h, t: put(h, epoch=True), "epoch must be of type int, not True"),
        (lambda h, t: put(h, epoch=4), "after epoch 4 of 3"),
        (lambda h, t: put(h, parameters=[]), "parameters must be of type dict"),
        (lambda h, t: put(h, format=2), "format 2, .* reads format 1"),
        (lambda h, t: put(h, generator={}), "its random number generator has no known state"),
        (
            lambda h, t: put(h, generator={"bit_generator": "PCG64", "state": 1}),
            "its random number generator",
        ),
        (lambda h, t: h.pop("checksum"), "checksum must be of type str"),
        (lambda h, t: t.pop("bias"), "tensor bias is missing"),
        (lambda h, t: t.update(bias=t["bias"][:-1]), "must be float32"),
        (lambda h, t: t.update(item_vectors=t["bias"]), "item_vectors is missing or has a wrong"),
        (lambda h, t: t.pop("optimizer/bias"), "optimizer has mean squares for .*item_vectors"),
        (lambda h, t: t["item_vectors"].fill(np.nan), "must contain finite numbers"),
    ],
)
def test_a_file_with_wrong_content_is_refused(path, change, message):
    with pytest.raises(DataError, match=message):
        load_state(forged(path, change))


def test_a_model_file_is_not_loaded_as_a_state(cliques, tmp_path):
    from item2vec.models import model_file

    model_file.save(WORD2VEC.fit(cliques), tmp_path / "model")
    with pytest.raises(DataError, match="its metadata contain item2vec but not item2vec-state"):
        load_state(tmp_path / "model")


def test_a_state_file_is_not_loaded_as_a_model(path):
    from item2vec.models import model_file

    with pytest.raises(DataError, match="its metadata contain item2vec-state but not item2vec"):
        model_file.load(path)


def test_a_path_that_cannot_be_read_or_written_is_named(tmp_path, state):
    with pytest.raises(DataError, match="missing does not exist"):
        load_state(tmp_path / "missing")
    with pytest.raises(DataError, match="can't be read"):
        load_state(tmp_path)
    with pytest.raises(ParameterError, match="a path must be"):
        load_state(3)
    with pytest.raises(DataError, match="can't be written"):
        save_state(state, tmp_path / "no" / "folder")
    with pytest.raises(ParameterError, match=r"write save_state\(state, "):
        save_state(tmp_path / "s", state)


def test_a_failed_save_leaves_the_old_state(state, path, monkeypatch):
    old = path.read_bytes()
    with pytest.raises(DataError, match=r"item_vectors must contain finite numbers, not nan"):
        save_state(replace(state, item_vectors=np.full_like(state.item_vectors, np.nan)), path)

    def full(*args, **kwargs):
        raise safetensors.SafetensorError("No space left on device")

    monkeypatch.setattr(safetensors.numpy, "save_file", full)
    with pytest.raises(DataError, match="No space left on device"):
        save_state(state, path)
    assert path.read_bytes() == old
    assert [file.name for file in path.parent.iterdir()] == [path.name]
