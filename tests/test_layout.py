"""What the import contracts in setup.cfg cannot express."""

import ast
import subprocess
import sys
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1] / "item2vec"
HEAVY = {
    *("annoy", "click", "duckdb", "faiss", "gensim", "implicit", "jinja2"),
    *("matplotlib", "optuna", "pandas", "plotly", "rich", "scipy"),
    *("email", "http", "ssl", "tomllib", "zipfile"),  # of the standard library, but large
}


def test_importing_the_package_needs_numpy_and_safetensors_alone():
    code = "import item2vec, sys; print(*{m.split('.')[0] for m in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert not HEAVY & set(result.stdout.split())


def test_no_module_imports_from_the_public_face():
    """A module that imported from ``item2vec/__init__.py`` would depend on all others."""
    for path in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module == "item2vec":
                packages = {child.stem for child in PACKAGE.iterdir()}
                names = {alias.name for alias in node.names}
                assert names <= packages, f"{path} imports {names - packages} from item2vec"
