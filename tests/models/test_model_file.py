"""The model file: it keeps the model, is mapped into memory, and is written as a whole."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import safetensors.numpy
from hypothesis import given, settings
from hypothesis import strategies as st

from item2vec.data.catalogue import Catalogue
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.models import model_file
from item2vec.models.item_vectors import ItemVectors


@pytest.fixture
def model(tmp_path, small_vectors):
    path = tmp_path / "model.safetensors"
    titles = Catalogue(("a", "b"), {"title": ("Toy Story", "Vögel, «3»")})
    model_file.save(replace(small_vectors, catalogue=titles, metadata={"trainer": "by hand"}), path)
    return path


def test_a_loaded_model_equals_the_saved_one(model, small_vectors):
    loaded = model_file.load(model, verify=True)
    for name in ("item_vectors", "context_vectors", "bias"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(small_vectors, name))
    assert loaded.vocabulary.ids == ("a", "b", "c", "d")
    assert loaded.vocabulary.counts.tolist() == [9, 7, 5, 5]
    assert loaded.catalogue.columns["title"] == ("Toy Story", "Vögel, «3»", "", "")
    assert loaded.power == 1.0
    assert loaded.metadata["trainer"] == "by hand"
    assert loaded.recommend(["a"]) == replace(small_vectors, catalogue=loaded.catalogue).recommend(
        ["a"]
    )


ids = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)


@settings(max_examples=30, deadline=None)
@given(st.sets(ids, max_size=6))
def test_any_ids_are_kept(tmp_path_factory, names):
    path = tmp_path_factory.mktemp("models") / "m"
    names = sorted(names)
    matrix = np.ones((len(names), 3), np.float32)
    vocabulary = Vocabulary(names, np.ones(len(names)))
    model_file.save(ItemVectors(vocabulary, matrix, matrix, matrix[:, 0], power=0.5), path)
    assert model_file.load(path, verify=True).vocabulary.ids == tuple(names)


def test_saving_what_was_loaded_gives_the_same_bytes(model, tmp_path):
    loaded = model_file.load(model)
    model_file.save(loaded, tmp_path / "again.safetensors")
    assert (tmp_path / "again.safetensors").read_bytes() == model.read_bytes()


def test_other_programs_can_read_it_as_safetensors(model, small_vectors):
    tensors = safetensors.numpy.load_file(model)
    np.testing.assert_array_equal(tensors["item_vectors"], small_vectors.item_vectors)
    offsets, text = tensors["ids/offsets"], tensors["ids/bytes"].tobytes()
    assert text[offsets[2] : offsets[3]] == b"c"


def test_arrays_are_mapped_not_read(model):
    base = model_file.load(model).item_vectors
    while isinstance(base, np.ndarray) and not isinstance(base, np.memmap):
        base = base.base
    assert isinstance(base, np.memmap)


def test_a_truncated_file_is_refused(model):
    whole = model.read_bytes()
    for size in (0, 5, 100, len(whole) - 1):
        model.write_bytes(whole[:size])
        with pytest.raises(DataError, match=r"model\.safetensors"):
            model_file.load(model)


def test_a_flipped_bit_is_found_when_verified(model):
    data = bytearray(model.read_bytes())
    data[-1] ^= 1
    model.write_bytes(bytes(data))
    with pytest.raises(DataError, match="damaged"):
        model_file.load(model, verify=True)


def test_a_changed_header_is_found_when_verified(model):
    data = model.read_bytes()
    changed = data.replace(rb"\"power\": 1.0", rb"\"power\": 0.0")
    assert changed != data
    model.write_bytes(changed)
    assert model_file.load(model).power == 0.0
    with pytest.raises(DataError, match="damaged"):
        model_file.load(model, verify=True)


def test_other_files_are_refused(tmp_path):
    missing = tmp_path / "missing"
    with pytest.raises(DataError, match="does not exist"):
        model_file.load(missing)
    text = tmp_path / "ratings.csv"
    text.write_text("user,item\n" * 50)
    with pytest.raises(DataError, match="not an item2vec model"):
        model_file.load(text)
    other = tmp_path / "other.safetensors"
    safetensors.numpy.save_file({"weight": np.ones(3, np.float32)}, other)
    with pytest.raises(DataError, match="not an item2vec model"):
        model_file.load(other)
    with pytest.raises(DataError, match="can't be read"):
        model_file.load(tmp_path)


def test_a_newer_format_asks_for_an_upgrade(tmp_path):
    path = tmp_path / "newer.safetensors"
    header = {model_file.KEY: json.dumps({"format": model_file.FORMAT + 1})}
    safetensors.numpy.save_file({"x": np.ones(1, np.float32)}, path, metadata=header)
    with pytest.raises(DataError, match="upgrade"):
        model_file.load(path)


def test_the_error_names_a_missing_tensor(model, tmp_path):
    with safetensors.safe_open(model, "numpy") as file:
        metadata = file.metadata()
    tensors = safetensors.numpy.load_file(model)
    del tensors["bias"]
    safetensors.numpy.save_file(tensors, tmp_path / "no_bias", metadata=metadata)
    with pytest.raises(DataError, match="bias"):
        model_file.load(tmp_path / "no_bias")


def test_a_failed_save_leaves_the_old_model(model, small_vectors, monkeypatch):
    before = model.read_bytes()

    for error in (OSError(28, "No space left"), safetensors.SafetensorError("No space left")):

        def full(*args, error=error, **kwargs):
            raise error

        monkeypatch.setattr(safetensors.numpy, "save_file", full)
        with pytest.raises(DataError, match="No space left"):
            model_file.save(small_vectors, model)
    assert model.read_bytes() == before
    assert [path.name for path in model.parent.iterdir()] == [model.name]


def test_loading_imports_neither_gensim_nor_duckdb_nor_pandas(model):
    code = (
        "import sys, item2vec; v = item2vec.load(sys.argv[1]); v.most_similar('a'); "
        "v.recommend(['a']); print(*{m.split('.')[0] for m in sys.modules})"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, str(model)], capture_output=True, text=True, check=True
    )
    heavy = {"gensim", "duckdb", "pandas", "annoy", "scipy", "rich", "click", "matplotlib"}
    assert not heavy & set(result.stdout.split())


def rewritten(model, change):
    """Return the path of a model with a changed header."""
    with safetensors.safe_open(model, framework="numpy") as file:
        header = json.loads(file.metadata()["item2vec"])
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
    text = change(header)
    path = model.with_name("changed.safetensors")
    safetensors.numpy.save_file(tensors, path, metadata={"item2vec": text})
    return path


def without(*names):
    return lambda header: json.dumps({k: v for k, v in header.items() if k not in names})


@pytest.mark.parametrize(
    "change",
    [
        without("checksum"),
        without("metadata"),
        lambda header: json.dumps(header | {"metadata": 3}),
        lambda header: json.dumps(header | {"catalogue": [["title"]]}),
        lambda header: json.dumps(header | {"power": "one"}),
        lambda header: "[" * 100_000,
    ],
)
def test_an_invalid_header_is_an_error_of_one_line(model, change):
    with pytest.raises(DataError) as caught:
        model_file.load(rewritten(model, change))
    assert "\n" not in str(caught.value)


def test_a_pipe_is_refused_without_waiting(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with pytest.raises(DataError, match="not a regular file"):
        model_file.load(pipe)


def test_half_a_character_and_values_beyond_json_are_refused(tmp_path, small_vectors):
    vocabulary = Vocabulary(["\ud800", "b", "c", "d"], small_vectors.vocabulary.counts)
    path = tmp_path / "m.safetensors"
    with pytest.raises(DataError, match=r"half of a character \('.ud800'\)"):
        model_file.save(replace(small_vectors, vocabulary=vocabulary), path)
    with pytest.raises(DataError, match="metadata must be JSON"):
        model_file.save(replace(small_vectors, metadata={"when": {1, 2}}), path)
    assert not list(tmp_path.iterdir())
