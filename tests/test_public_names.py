"""Public names: the `__all__` of the package and of its subpackages, and the modules named here."""

import ast
import importlib
import json
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = [
    "item2vec",
    "item2vec.baselines",
    "item2vec.cli",
    "item2vec.data",
    "item2vec.evaluation",
    "item2vec.experiments",
    "item2vec.models",
    "item2vec.models.cold_items",
    "item2vec.neighbors",
    "item2vec.reading",
    "item2vec.reports",
    "item2vec.trainers",
]
MODULES = {"item2vec.errors", "item2vec.parameters", "item2vec.types"}


@pytest.mark.parametrize("package", PACKAGES)
def test_all_lists_every_public_name_once_and_nothing_else(package):
    module = importlib.import_module(package)
    names = module.__all__
    assert len(set(names)) == len(names)
    for name in names:  # a module of a package is imported when it is needed
        assert hasattr(module, name) or importlib.import_module(f"{package}.{name}").__doc__
    assert not [name for name in names if name.startswith("_") and name != "__version__"]
    found = {
        name
        for name, value in vars(module).items()
        if not name.startswith("_") and not isinstance(value, ModuleType)
    }
    assert found <= set(names), "imported, but neither public nor needed"


@pytest.mark.parametrize("package", PACKAGES[1:])
def test_a_name_means_the_same_in_the_package_and_in_its_subpackages(package):
    whole, part = importlib.import_module("item2vec"), importlib.import_module(package)
    for name in set(whole.__all__) & set(part.__all__):
        assert getattr(whole, name) is getattr(part, name)


def sources() -> dict[str, str]:
    """Return the programs that users read: pipelines, notebooks, README and the documentation."""
    found = {
        path.name: path.read_text(encoding="utf-8")
        for path in sorted((ROOT / "pipelines").glob("*.py"))
    }
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        code = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
        found[path.name] = "\n".join(code)
    for path in (ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))):
        blocks = re.findall(
            r"```python\n(.*?)```", path.read_text(encoding="utf-8"), flags=re.DOTALL
        )
        found[str(path.relative_to(ROOT))] = "\n".join(blocks)
    return {name: code for name, code in found.items() if "item2vec" in code}


@pytest.mark.parametrize("name", sources())
def test_what_users_read_imports_public_names_alone(name):
    for node in ast.walk(ast.parse(sources()[name])):
        if isinstance(node, ast.Import):
            names = {alias.name for alias in node.names if alias.name.startswith("item2vec")}
            assert names <= {*PACKAGES, *MODULES}
        elif isinstance(node, ast.ImportFrom) and (node.module or "").startswith("item2vec"):
            assert node.module in {*PACKAGES, *MODULES}, f"{node.module} is an inner module"
            if node.module in PACKAGES:
                public = set(importlib.import_module(node.module).__all__)
                assert {alias.name for alias in node.names} <= public
