"""Fixtures that the tests of several commands share."""

from pathlib import Path

import pytest
from invoking import TINY, run


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """Return a folder with synthetic interactions of 200 users, and a table of their items."""
    folder = tmp_path_factory.mktemp("invented")
    run("sample", folder, "--users", 200)
    return folder


@pytest.fixture(scope="module")
def interactions(folder) -> Path:
    """Return the file of the interactions."""
    return folder / "interactions.csv"


@pytest.fixture(scope="module")
def model(folder, interactions) -> Path:
    """Return a small model of the interactions, with the table of the items."""
    path = folder / "model.safetensors"
    run("train", interactions, "--items", folder / "items.csv", "-o", path, *TINY)
    return path
