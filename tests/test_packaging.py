"""The files around the package agree: setup.cfg, constraints, checks, workflows, issue forms."""

import configparser
import re
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[1]
GITHUB = ROOT / ".github"
NOXFILE = (ROOT / "noxfile.py").read_text(encoding="utf-8")
SESSIONS = set(re.findall(r"^@nox\.session.*\ndef (\w+)\(", NOXFILE, flags=re.MULTILINE))


@pytest.fixture(scope="module")
def setup() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg", encoding="utf-8")
    return parser


def load(path: Path):
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def test_the_constraints_hold_a_version_of_every_requirement(setup):
    constraints = {}
    for line in (ROOT / ".ci" / "constraints.txt").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#"):
            name, _, version = line.partition("==")
            constraints[canonicalize_name(name)] = version
    texts = setup["options"]["install_requires"].splitlines()
    for extra, names in setup["options.extras_require"].items():
        texts += [] if extra == "docs" else names.splitlines()
    for text in filter(None, texts):
        requirement = Requirement(text)
        if requirement.name != "item2vec":
            pinned = constraints[canonicalize_name(requirement.name)]
            assert requirement.specifier.contains(pinned), f"{text}, but {pinned} is pinned"


def test_setup_and_nox_name_the_same_versions_of_python(setup):
    versions = re.findall(r'"(3\.\d+)"', re.search(r"^PYTHONS = (.*)$", NOXFILE, re.MULTILINE)[1])
    classifiers = setup["metadata"]["classifiers"].splitlines()
    named = [line.rpartition(" ")[2] for line in classifiers if ":: 3." in line]
    assert versions == named
    allowed = SpecifierSet(setup["options"]["python_requires"])
    minors = [f"3.{minor}" for minor in range(30)]
    assert list(allowed.filter(minors)) == versions


def test_make_nox_and_pre_commit_run_the_same_checks():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    recipe = re.search(r"^check: .*\n((?:\t.*\n)+)", makefile, flags=re.MULTILINE)[1]
    made = [line.removeprefix("\t$(BIN)/") for line in recipe.splitlines()]
    lint = re.search(r"def lint\(.*?\n\n\n", NOXFILE, flags=re.DOTALL)[0]
    run = [" ".join(re.findall(r'"(.*?)"', line)) for line in lint.splitlines() if ".run(" in line]
    assert made == run
    (repository,) = load(ROOT / ".pre-commit-config.yaml")["repos"]
    hooks = {hook["entry"].removeprefix(".venv/bin/").split()[0] for hook in repository["hooks"]}
    assert hooks == {command.split()[0] for command in made}


@pytest.mark.parametrize("path", sorted(GITHUB.glob("workflows/*.yml")), ids=lambda path: path.name)
def test_workflows_run_what_exists(path):
    workflow = load(path)
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    assert workflow["permissions"] == {"contents": "read"}, "jobs ask for more where they need it"
    for name, job in workflow["jobs"].items():
        assert "timeout-minutes" in job, name
        needs = job.get("needs", [])
        assert {needs} <= workflow["jobs"].keys() if isinstance(needs, str) else not needs
        for step in job["steps"]:
            assert ("uses" in step) != ("run" in step), f"{name}: {step}"
            command = step.get("run", "")
            for session in re.findall(r"(?:NOX }}|nox --session) (\w+)", command):
                assert session in SESSIONS, session
            for target in re.findall(r"\bmake (\w+)", command):
                assert re.search(rf"^{target}:", makefile, flags=re.MULTILINE), target
            for script in re.findall(r"(?:tests|\.ci)/\S+", command):
                assert (ROOT / script).is_file() or "constraints" in script, script


@pytest.mark.parametrize("name", ["bug", "question"])
def test_issue_forms_are_whole(name):
    form = load(GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml")
    assert form["name"]
    assert form["description"]
    ids = [field["id"] for field in form["body"]]
    assert len(set(ids)) == len(ids) >= 3
    for field in form["body"]:
        assert field["type"] == "textarea"
        assert field["attributes"]["label"]
