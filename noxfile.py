"""Checks in environments of their own; ``nox -l`` lists them, ``nox -s NAME`` runs one.

``make test`` uses one environment, `.venv`, and is what to run while working. nox makes a fresh one
for each session: for other versions of Python, for the lowest versions of the dependencies, and for
the wheel alone. A session whose Python is missing is skipped with a warning; CI, where that would
hide an untested version, passes ``--error-on-missing-interpreters``. With pyenv, several versions
are visible at a time if they are named: ``PYENV_VERSION=3.11.7:3.12.1:3.13.0 nox``.
"""

import configparser
import os
import shutil
from pathlib import Path

import nox
from packaging.requirements import Requirement

nox.needs_version = ">=2025.2.9"
nox.options.sessions = ["lint", "tests", "smoke"]
nox.options.error_on_missing_interpreters = False

PYTHONS = ["3.11", "3.12", "3.13"]
CONSTRAINTS = Path(".ci", "constraints.txt")
DIST = Path("dist")


@nox.session
def lint(session: nox.Session) -> None:
    """Check style, types, the layers of the packages, and spelling, as `make check` does."""
    install(session, ".[lint,test]")  # mypy sees the types of the libraries that tests need
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("mypy")
    session.run("lint-imports", "setup.cfg")
    session.run("codespell")


@nox.session(python=PYTHONS)
def tests(session: nox.Session) -> None:
    """Run the tests of `make test`, or those named after `--`."""
    install(session, ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or default_tests()))


@nox.session(python=PYTHONS[0])
def lowest(session: nox.Session) -> None:
    """Run the tests with the lowest versions of the dependencies that setup.cfg allows."""
    constraints = Path(session.cache_dir, "lowest.txt")
    constraints.write_text("\n".join(lowest_versions()) + "\n", encoding="utf-8")
    session.install("--constraint", str(constraints), "--editable", ".[test]")
    session.run("python", "-m", "pytest", *(session.posargs or default_tests()))


@nox.session
def coverage(session: nox.Session) -> None:
    """Measure the lines that the tests run; fail below the floor in setup.cfg."""
    install(session, ".[test]")
    session.run("python", "-m", "pytest", "--cov", *(session.posargs or default_tests("sweep")))


@nox.session
def build(session: nox.Session) -> None:
    """Build the wheel and the source distribution into dist/, and check their metadata."""
    session.install("build", "twine")
    shutil.rmtree(DIST, ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", str(DIST))
    session.run("twine", "check", "--strict", *map(str, sorted(DIST.iterdir())))


@nox.session(python=PYTHONS, requires=["build"])
def smoke(session: nox.Session) -> None:
    """Install the wheel alone, without extras, and use it as a new user would."""
    (wheel,) = DIST.glob("*.whl")
    session.install(str(wheel))
    session.run("python", "-I", "tests/smoke.py")


@nox.session
def docs(session: nox.Session) -> None:
    """Build the documentation site, as `make docs` does."""
    session.run("make", "docs", external=True)


def install(session: nox.Session, what: str) -> None:
    """Install the package from the working tree, with the versions that CI uses."""
    session.install("--constraint", str(CONSTRAINTS), "--editable", what)


def default_tests(*deselected: str) -> list[str]:
    """Return pytest's arguments for the tests that can run here; by default, `make test`'s."""
    left_out = list(deselected or ("thorough", "sweep"))
    shared_data = Path(os.environ.get("SHARED_DATA", "../shared/data"))
    if not (shared_data / "ml-latest-small" / "ratings.csv").is_file():
        left_out.append("real_data")
    if not (shutil.which("chromium") and shutil.which("chromedriver")):
        left_out.append("browser")
    if os.name != "posix":
        left_out.append("posix")
    marks = " and ".join(f"not {mark}" for mark in left_out)
    return ["--numprocesses", "2", "--dist", "loadscope", "-m", marks]


def lowest_versions() -> list[str]:
    """Return the lower bounds of setup.cfg as constraints: ``numpy >= 2.0`` gives numpy==2.0."""
    setup = configparser.ConfigParser()
    setup.read("setup.cfg", encoding="utf-8")
    texts = setup["options"]["install_requires"].splitlines()
    for extra, names in setup["options.extras_require"].items():
        texts += [] if extra in ("dev", "docs", "lint", "test") else names.splitlines()
    constraints = []
    for text in filter(None, map(str.strip, texts)):
        requirement = Requirement(text)
        for bound in requirement.specifier:
            if bound.operator == ">=":
                marker = f"; {requirement.marker}" if requirement.marker else ""
                constraints.append(f"{requirement.name}=={bound.version}{marker}")
    return constraints
