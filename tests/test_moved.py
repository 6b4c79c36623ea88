"""Import paths of version 0.1 work, warn, and name the new place."""

import importlib
import sys

import pytest

import item2vec
from item2vec._moved import MOVED


@pytest.fixture(autouse=True)
def fresh():
    """Forget what was imported under an old name, for a second import would not warn."""
    _forget()
    yield
    _forget()


def _forget():
    for name in MOVED:
        if sys.modules.pop(name, None):
            package, _, leaf = name.rpartition(".")
            delattr(sys.modules[package], leaf)


@pytest.mark.parametrize("name", MOVED)
def test_every_old_module_is_found_and_names_the_new_one(name):
    with pytest.warns(DeprecationWarning, match=MOVED[name][0].replace(".", r"\.")):
        old = importlib.import_module(name)
    for new in MOVED[name]:
        assert importlib.import_module(new).__doc__, "the new module is there"
    assert [key for key in vars(old) if not key.startswith("_")]


def test_what_the_readme_and_the_notebook_of_0_1_imported():
    with pytest.warns(DeprecationWarning, match="top_k"):
        from item2vec.ranking import exclude, top_k
    with pytest.warns(DeprecationWarning, match="synthetic"):
        from item2vec import sample
    with pytest.warns(DeprecationWarning, match="non_personalized"):
        from item2vec.baselines.simple import Popularity
    assert Popularity is item2vec.Popularity
    assert callable(exclude)
    assert callable(top_k)
    assert sample.invent(n_users=3, n_items=50).lists()


def test_an_unknown_module_is_no_moved_one():
    with pytest.raises(ModuleNotFoundError):
        importlib.import_module("item2vec.no_such_module")
