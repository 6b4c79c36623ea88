"""Model files that are damaged, forged or replaced: one error, never a wrong answer."""

import json
import os
import shutil
from dataclasses import replace

import numpy as np
import pytest
import safetensors
import safetensors.numpy
from invoking import error, run

from item2vec._support.tensor_file import checksum
from item2vec.errors import DataError, Item2VecError
from item2vec.models import model_file
from item2vec.models.memory.item_item_memory import Memory


@pytest.fixture
def vectors(small_vectors):
    memory = Memory.of_largest([np.arange(16, dtype=np.float32).reshape(4, 4)], 2)
    return replace(small_vectors, memory=memory, metadata={"min_count": 3})


@pytest.fixture
def model(tmp_path, vectors):
    path = tmp_path / "model.safetensors"
    model_file.save(vectors, path)
    return path


def forged(model, change):
    """Return a copy of a model whose header and tensors were changed, with a right checksum."""
    with safetensors.safe_open(model, "numpy") as file:
        header = json.loads(file.metadata()["item2vec"])
    tensors = dict(safetensors.numpy.load_file(model))
    change(header, tensors)
    header.pop("checksum", None)
    header["checksum"] = checksum(header, tensors)
    path = model.with_name("forged.safetensors")
    safetensors.numpy.save_file(tensors, path, metadata={"item2vec": json.dumps(header)})
    return path


# -- one opening (faults/16) --------------------------------------------------------------------


def test_a_model_that_is_replaced_while_it_is_opened_is_the_old_one(
    model, vectors, tmp_path, monkeypatch
):
    other = tmp_path / "other.safetensors"
    scores = 2 * vectors.item_vectors
    model_file.save(replace(vectors, item_vectors=scores, power=0.0, metadata={"seed": 1}), other)
    mapped = model_file._mapped

    def late(file):  # another process puts its model in place between the two steps of opening
        shutil.copy(other, tmp_path / "beside")
        os.replace(tmp_path / "beside", model)
        return mapped(file)

    monkeypatch.setattr(model_file, "_mapped", late)
    opened = model_file.load(model, verify=True)
    assert (opened.power, opened.metadata["min_count"]) == (1.0, 3)
    np.testing.assert_array_equal(opened.item_vectors, vectors.item_vectors)
    monkeypatch.undo()
    assert model_file.load(model, verify=True).power == 0.0


def test_arrays_stay_as_they_were_when_the_file_is_replaced_later(model, vectors):
    opened = model_file.load(model)
    model_file.save(replace(vectors, item_vectors=0 * vectors.item_vectors), model)
    np.testing.assert_array_equal(opened.item_vectors, vectors.item_vectors)


# -- the header, by the rules of safetensors ---------------------------------------------------


def with_header(model, change):
    """Write a model whose safetensors header was changed as text, padded as the format asks."""
    data = model.read_bytes()
    size = int.from_bytes(data[:8], "little")
    text = change(json.loads(data[8 : 8 + size]))
    text = text if isinstance(text, bytes) else json.dumps(text).encode()
    text += b" " * (-len(text) % 8)
    path = model.with_name("header.safetensors")
    path.write_bytes(len(text).to_bytes(8, "little") + text + data[8 + size :])
    return path


def entry(name, **values):
    return lambda header: header | {name: header[name] | values}


HEADERS = {
    "unchanged": (lambda header: header, True),
    "type": (entry("bias", dtype="F64"), False),
    "no type": (entry("bias", dtype=None), False),
    "shape too large": (entry("bias", shape=[5]), False),
    "negative shape": (entry("bias", shape=[-2, -2]), False),
    "fraction": (entry("bias", shape=[4.0]), False),
    "huge shape": (entry("bias", shape=[2**63, 2**63]), False),
    "empty but huge": (entry("bias", shape=[0, 2**70]), False),
    "offsets turned": (entry("bias", data_offsets=[16, 0]), False),
    "offsets beyond": (entry("bias", data_offsets=[1 << 20, (1 << 20) + 16]), False),
    "overlap": (entry("bias", data_offsets=[8, 24]), False),
    "three offsets": (entry("bias", data_offsets=[0, 16, 16]), False),
    "gap": (lambda header: {k: v for k, v in header.items() if k != "bias"}, False),
    "no entry": (lambda header: header | {"bias": 3}, False),
    "metadata no text": (lambda header: header | {"__metadata__": {"item2vec": 3}}, False),
    "a list": (lambda header: [header], False),
    "no JSON": (lambda header: b"{", False),
    "no UTF-8": (lambda header: b'{"\xff": 1}', False),
    "deep": (lambda header: b'{"a":' + b"[" * 100_000, False),
}


@pytest.mark.parametrize("case", HEADERS)
def test_a_header_is_taken_as_the_library_safetensors_takes_it(model, case):
    change, is_right = HEADERS[case]
    path = with_header(model, change)
    try:
        with safetensors.safe_open(path, "numpy"):
            assert is_right
    except safetensors.SafetensorError:
        assert not is_right
    if is_right:
        model_file.load(path, verify=True)
    else:
        with pytest.raises(DataError, match=r"header\.safetensors is not an item2vec model"):
            model_file.load(path)


def test_an_entry_that_stands_twice_is_refused(model):
    def twice(header):
        text = json.dumps(header)[:-1]
        return f'{text}, "bias": {json.dumps(header["bias"])}}}'.encode()

    with pytest.raises(DataError, match="two entries of the same name"):
        model_file.load(with_header(model, twice))


# -- numbers that are not finite (faults/01) ---------------------------------------------------


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("name", ["item_vectors", "context_vectors", "bias", "memory/weights"])
def test_a_number_that_is_not_finite_is_found_when_verified(model, name, value):
    def change(header, tensors):
        tensors[name].reshape(-1)[3] = value

    path = forged(model, change)
    with pytest.raises(DataError, match=r"forged\.safetensors: the model is damaged: .*finite"):
        model_file.load(path, verify=True)
    assert str(value) in error("info", path, "--verify", code=1)


def test_commands_answer_nothing_with_numbers_that_are_not_finite(model, tmp_path):
    def change(header, tensors):
        tensors["item_vectors"][1] = np.nan

    path = forged(model, change)
    assert "damaged" in error("similar", path, "a", code=1)  # another item is compared with it
    assert "(item 'b')" in error("recommend", path, "b", code=1)
    assert "damaged" in error("index", path, code=1)
    found = json.loads(run("recommend", path, "a", "--json").stdout)
    assert found, "the vector of a is not damaged"


@pytest.mark.parametrize("name", ["item_vectors", "context_vectors", "bias"])
def test_a_model_with_nan_is_not_saved(vectors, model, name):
    before = model.read_bytes()
    array = getattr(vectors, name).copy()
    array[2] = np.nan
    with pytest.raises(DataError, match=r"model\.safetensors is not written: .* \(item 'c'\)"):
        model_file.save(replace(vectors, **{name: array}), model)
    assert model.read_bytes() == before


def test_a_memory_with_infinity_is_not_saved(vectors, tmp_path):
    broken = replace(vectors, memory=vectors.memory.scaled(np.inf))
    with pytest.raises(DataError, match="memory weights must contain finite numbers"):
        model_file.save(broken, tmp_path / "m.safetensors")
    assert not list(tmp_path.glob("*.safetensors"))


# -- metadata and arrays of a wrong type (faults/02, 03) ---------------------------------------


def put(*keys):
    """Return a change of a header: the last of `keys` is put where the others lead."""
    *path, value = keys

    def change(header, tensors):
        place = header
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value

    return change


def array(name, values, dtype):
    def change(header, tensors):
        tensors[name] = np.array(values, dtype)

    return change


FORGERIES = {
    "min_count text": put("metadata", "min_count", "x"),
    "min_count null": put("metadata", "min_count", None),
    "min_count 0": put("metadata", "min_count", 0),
    "min_count true": put("metadata", "min_count", True),
    "features text": put("metadata", "features", "genres"),
    "features numbers": put("metadata", "features", [1]),
    "variance list": put("metadata", "residual_variance", [1]),
    "variance text": put("metadata", "residual_variance", {"item_vectors": "x"}),
    "variance negative": put("metadata", "residual_variance", {"item_vectors": -1}),
    "variance nan": put("metadata", "residual_variance", {"item_vectors": float("nan")}),
    "variance huge": put("metadata", "residual_variance", {"item_vectors": 10**400}),
    "half a character": put("metadata", "trainer", "\ud800"),
    "number beyond floats": put("metadata", "seed", 10**400),
    "versions list": put("metadata", "versions", ["numpy"]),
    "metadata list": put("metadata", []),
    "power null": put("power", None),
    "power text": put("power", "1"),
    "power true": put("power", True),
    "power nan": put("power", float("nan")),
    "memory text": put("memory", "yes"),
    "memory number": put("memory", 1),
    "memory list": put("memory", [5.0]),
    "memory of two weights without the second": put("memory", {"crossover": 5.0}),
    "memory without a crossover": put("memory", {}),
    "catalogue text": put("catalogue", "title"),
    "format text": put("format", "1"),
    "format true": put("format", True),
    "memory of no offsets": array("memory/offsets", [], np.int64),
    "memory offsets that wrap": array("memory/offsets", [0, 2**63 - 1, -(2**63), -1, 8], np.int64),
    "memory offsets that fall": array("memory/offsets", [0, 4, 2, 6, 8], np.int64),
    "memory offset alone": array("memory/offsets", 0, np.int64),
    "memory items beyond": array("memory/items", [9] * 8, np.int32),
    "memory items negative": array("memory/items", [-1] * 8, np.int32),
    "memory weights short": array("memory/weights", [1.0], np.float32),
    "counts of another type": array("counts", [9, 7, 5, 5], np.float32),
    "counts flat no more": array("counts", [[9, 7, 5, 5]], np.int64),
    "negative counts": array("counts", [9, 7, 5, -5], np.int64),
    "ids no UTF-8": array("ids/bytes", [255, 98, 99, 100], np.uint8),
    "ids of no offsets": array("ids/offsets", [], np.int64),
    "ids offsets that fall": array("ids/offsets", [0, 2, 1, 3, 4], np.int64),
    "vectors of a dimension too few": array("item_vectors", [1, 2, 3, 4], np.float32),
    "one number for vectors": array("item_vectors", 1, np.float32),
    "vectors of another type": array("item_vectors", [[1, 2]] * 4, np.int32),
}


@pytest.mark.parametrize("case", FORGERIES)
def test_what_does_not_fit_is_told_in_one_line_when_a_model_is_opened(model, case):
    path = forged(model, FORGERIES[case])
    with pytest.raises(DataError, match=r"forged\.safetensors is ") as caught:
        model_file.load(path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600


def test_an_unknown_item_in_a_model_with_a_forged_min_count_is_one_line(model):
    path = forged(model, put("metadata", "min_count", "x"))
    told = error("similar", path, "nosuch", code=1)
    assert "not 'x'" in told


def test_any_few_bytes_that_change_are_refused_or_harmless(model):
    """Whatever stands in a damaged header, nothing but an error of this package comes of it."""
    whole = model.read_bytes()
    size = 8 + int.from_bytes(whole[:8], "little")
    rng = np.random.default_rng(0)
    n_refused = 0
    for _ in range(400):
        data = bytearray(whole)
        for place in rng.integers(size, size=3).tolist():
            data[place] = rng.choice(list(b'0123456789[]{},:"az \x00\xff'))
        path = model.with_name("damaged.safetensors")
        path.write_bytes(data)
        try:
            opened = model_file.load(path)
            opened.recommend([opened.vocabulary.ids[0]])
        except Item2VecError:
            n_refused += 1
    assert n_refused > 300


@pytest.mark.parametrize("value", ["5", True, None, float("nan"), float("inf"), 0, -1, 10**400, []])
def test_a_crossover_that_is_no_number_of_items_is_refused(vectors, tmp_path, value):
    both = Memory(vectors.memory.short, vectors.memory.short, crossover=5.0)
    path = tmp_path / "both.safetensors"
    model_file.save(replace(vectors, memory=both), path)
    assert model_file.load(path).memory.crossover == 5.0
    forged_path = forged(path, put("memory", {"crossover": value}))
    with pytest.raises(DataError, match="crossover") as caught:
        model_file.load(forged_path)
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) < 600
