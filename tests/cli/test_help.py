"""Help: every option stands in a group and is explained, and no line is cut."""

import re

import click
import pytest
from invoking import run

from item2vec.cli import main
from item2vec.cli.help import OTHERS, first_sentence, group_of

COMMANDS = main.commands


def test_the_list_of_commands_cuts_no_summary_at_80_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = run("--help").stdout
    assert "..." not in text.partition("Commands:")[2]
    for name, command in COMMANDS.items():
        assert first_sentence(command) in " ".join(text.split())
        assert re.search(rf"^  {name} ", text, flags=re.MULTILINE)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_option_stands_in_a_group(name):
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option) and "--debug" not in parameter.opts:
            assert group_of(name, parameter) != OTHERS, parameter.opts


@pytest.mark.parametrize("name", COMMANDS)
def test_every_help_text_is_a_sentence(name):
    for parameter in COMMANDS[name].params:
        if isinstance(parameter, click.Option):
            text = re.sub(r"\s+\[default: .*\]$", "", parameter.help or "")
            assert re.match(r"[A-Z].*\.$|[A-Z].*\.\.\.$", text), (parameter.opts, text)
            assert not text.startswith("Of "), (parameter.opts, text)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_fits_80_columns_and_shows_an_example(name, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    text = run(name, "--help").stdout
    options = text.partition("Example:")[2].partition("\n\n")[2]
    assert max(map(len, options.splitlines()), default=0) <= 80
    assert f"  item2vec {name}" in text


def test_the_options_of_train_are_grouped():
    text = run("train", "--help").stdout
    groups = re.findall(r"^(\S.*):$", text, flags=re.MULTILINE)
    assert groups == [
        "Reading", "Model", "Model, word2vec only", "Model, softmax only", "Output", OTHERS,
    ]  # fmt: skip
    model = text.partition("\nModel:")[2].partition("\nModel, word2vec only:")[0]
    assert "--vector-size" in model
    assert "--memory" in model
    assert "0.005" in text.partition("\nModel, word2vec only:")[2]
    shown = " ".join(model.split())
    assert "dimensions of the vectors. [default: 128]" in shown
    assert "--user" not in model
