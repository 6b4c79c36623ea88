"""The fit of features to vectors: a checked value, stored in the metadata of a model file."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
import safetensors

from item2vec.errors import DataError
from item2vec.models import model_file
from item2vec.models.cold_items.feature_fit import FeatureFit

GOLDEN = Path(__file__).resolve().parents[1] / "golden" / "0.1.0"
FIT = FeatureFit(
    ("genres", "year"),
    r2={"item_vectors": 0.21, "context_vectors": 0.184, "bias": -0.1},
    residual_variance={"item_vectors": 1.5, "context_vectors": 2.0, "bias": 0.25},
)


def test_a_model_file_holds_it_among_its_metadata(small_vectors, tmp_path):
    path = tmp_path / "m.safetensors"
    model_file.save(replace(small_vectors, feature_fit=FIT, metadata={"trainer": "x"}), path)
    with safetensors.safe_open(path, "numpy") as file:
        metadata = json.loads(file.metadata()["item2vec"])["metadata"]
    assert metadata["features"] == ["genres", "year"]
    assert metadata["r2"] == FIT.r2
    assert metadata["residual_variance"] == FIT.residual_variance
    loaded = model_file.load(path, verify=True)
    assert loaded.feature_fit == FIT
    assert set(loaded.metadata) == {"trainer", "versions", "checksum"}
    assert list(model_file.metadata_of(loaded)) == [
        "features", "r2", "residual_variance", "trainer", "versions", "checksum",
    ]  # fmt: skip


def test_a_file_of_version_0_1_is_read():
    loaded = model_file.load(GOLDEN / "word2vec-cold-items.safetensors")
    assert loaded.feature_fit.features == ("genres",)
    assert loaded.feature_fit.residual_variance["item_vectors"] > 0
    assert model_file.load(GOLDEN / "word2vec.safetensors").feature_fit is None


def test_the_entries_are_no_metadata_in_python(small_vectors):
    with pytest.raises(DataError, match="feature_fit="):
        replace(small_vectors, metadata={"features": ["genres"]})


def test_it_is_described_by_shares_of_the_variance():
    text = FIT.describe()
    assert text.startswith("Genres and year explain 21% of the variance of item vectors")
    assert "18% of that of context vectors" in text
    assert "0% of that of the bias" in text, "a share below 0 explains nothing"


@pytest.mark.parametrize(
    ("values", "named"),
    [
        ({"features": "genres"}, "features .* 'genres'"),
        ({"features": [1]}, r"features .* \[1\]"),
        ({"r2": [0.5]}, r"r2 .* \[0.5\]"),
        ({"r2": {"bias": "x"}}, "r2 .* 'x'"),
        ({"residual_variance": {"bias": -1.0}}, "residual_variance .* -1.0"),
        ({"residual_variance": {"bias": float("nan")}}, "residual_variance .* nan"),
        ({"residual_variance": {"bias": 1e31}}, r"residual_variance .* 1e\+31"),
    ],
)
def test_wrong_values_are_refused(values, named):
    with pytest.raises(DataError, match=named):
        FeatureFit(**{"features": ("genres",), **values})
