"""Try an installed item2vec as a new user would: ``python -I tests/smoke.py``.

Run it with the Python of an environment that holds item2vec alone, without extras and without
this repository on the path (``-I`` sees to that); `nox -s smoke` and CI do. It needs no pytest.
"""

import contextlib
import importlib.metadata
import importlib.util
import json
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
OPTIONAL = ("faiss", "implicit", "jinja2", "matplotlib", "optuna", "plotly", "tomli_w")


def main() -> None:
    """Check the files of the installation, then the command line, then Python."""
    check_files()
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        model = try_command_line()
        try_missing_extras()
        try_python(model)
    version = importlib.metadata.version("item2vec")
    print(f"item2vec {version} works on Python {sys.version.split()[0]}, {sys.platform}")


def check_files() -> None:
    """Check that the package is not the repository's and holds what it needs."""
    import item2vec

    package = Path(item2vec.__file__).resolve().parent
    assert package != ROOT / "item2vec", "the repository was imported, not the installed package"
    assert item2vec.__version__ == importlib.metadata.version("item2vec")
    installed = [str(path).replace(os.sep, "/") for path in importlib.metadata.files("item2vec")]
    for needed in ("item2vec/py.typed", "item2vec/reports/templates/page.html"):
        assert needed in installed, needed
        assert (package.parent / needed).is_file(), needed
    assert not [path for path in installed if path.startswith(("tests/", "benchmarks/"))]
    for name in OPTIONAL:
        assert importlib.util.find_spec(name) is None, f"{name} is there: use a bare environment"


def run(*arguments: str, expected: int = 0) -> subprocess.CompletedProcess[str]:
    """Run the console script, check its exit code, and return what it printed."""
    script = Path(sysconfig.get_path("scripts"), "item2vec")
    done = subprocess.run(
        [script, *arguments], capture_output=True, text=True, encoding="utf-8", check=False
    )
    assert done.returncode == expected, f"{arguments}: {done.returncode}\n{done.stderr}"
    return done


def try_command_line() -> Path:
    """Run the README's main commands on synthetic data; return the model file."""
    run("sample", "invented", "--users", "300")
    train = ("train", "invented/interactions.csv", "--items", "invented/items.csv")
    run(*train, "-o", "items.safetensors")
    run(*train, "--trainer", "softmax", "--epochs", "2", "-o", "network.safetensors")
    similar = run("similar", "items.safetensors", "1", "-k", "3", "--output-format", "json")
    assert len(json.loads(similar.stdout)) >= 1
    run("recommend", "items.safetensors", "1", "2", "-k", "3")
    run("index", "items.safetensors")
    evaluated = run("evaluate", "invented/interactions.csv", "--output-format", "json")
    assert "ndcg@10" in evaluated.stdout
    return Path("items.safetensors")


def try_missing_extras() -> None:
    """Check that what needs an extra names the extra to install."""
    report = ("evaluate", "invented/interactions.csv", "--report", "report.html")
    assert "item2vec[viz]" in run(*report, expected=1).stderr
    tune = ("tune", "invented/interactions.csv", "--trials", "1", "-o", "best.toml")
    assert "item2vec[tune]" in run(*tune, expected=1).stderr


def try_python(model: Path) -> None:
    """Load the stored model, look things up in it, and train another one."""
    import item2vec

    vectors = item2vec.load(model, verify=True)
    assert len(vectors.most_similar("1", k=3)) == 3
    assert len(vectors.recommend(["1", "2"], k=5)) == 5
    histories = item2vec.Histories.from_lists([["a", "b", "c"], ["d", "e", "f"]] * 50)
    found = item2vec.Word2Vec(vector_size=8, workers=1).fit(histories).recommend(["a"], k=2)
    assert {recommendation.id for recommendation in found} == {"b", "c"}


if __name__ == "__main__":
    main()
