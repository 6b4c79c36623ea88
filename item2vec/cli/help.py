"""The help of commands: options in groups, and the first sentence of each command in full."""

from collections.abc import Mapping

import click

from item2vec.cli.errors import Main, OneLine
from item2vec.cli.reading_options import READING

# The groups of options in the order in which help shows them.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Reading": (*READING, "histories"),
    "Split": (
        "protocol",
        "inputs",
        "labels",
        "split_time",
        "tests",
        "keep_seen",
        "folds",
        "held_out",
        "times",
    ),
    "Stored models": ("models", "train_on", "in_sample"),
    "Recommenders": ("names", "without"),
    "Model": (
        "items",
        "trainer",
        "params_file",
        "min_count",
        "repeated",
        "vector_size",
        "epochs",
        "start",
        "seed",
        "workers",
        "reproducible",
        "validate",
        "patience",
        "bias_weight",
        "memory",
        "protocols",
        "recency",
        "features",
        "no_sketch",
    ),
    "Model, word2vec only": (
        "architecture",
        "window",
        "negative",
        "ns_exponent",
        "sample",
        "alpha",
        "shuffle",
    ),
    "Model, softmax only": (
        "batch_size",
        "learning_rate",
        "input_size",
        "label_size",
        "emphasis",
        "candidates",
    ),
    "Metrics": ("cutoffs", "related"),
    "Search": ("metric", "budget", "trials", "sample", "study"),
    "Look-up": (
        "k",
        "of_all",
        "negative",
        "next",
        "title_only",
        "unknown",
        "exact",
        "rerank",
        "verify",
    ),
    "Index": ("kind", "recall", "trees", "connections"),
    "Filters": ("only", "only_from", "exclude", "exclude_from", "items_where"),
    "Output": ("output", "page_file", "output_format", "json", "force"),
}
OTHERS = "Other options"
# Options that mean something else in one command than in the others.
EXCEPTIONS = {
    ("evaluate", "items"): "Metrics",
    ("tune", "sample"): "Search",
    ("tune", "names"): "Model",
    ("split", "held_out"): "Output",
    ("split", "seed"): "Output",
    ("sample", "users"): "Output",
    ("sample", "seed"): "Output",
    ("index", "seed"): "Index",
    ("similar", "negative"): "Look-up",
    ("recommend", "keep_seen"): "Filters",
}


class Command(OneLine):
    """A command whose help shows its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group under the name of the group."""
        rows: dict[str, list[tuple[str, str]]] = {name: [] for name in (*GROUPS, OTHERS)}
        for parameter in sorted(self.get_params(ctx), key=_place):
            if isinstance(parameter, click.Argument):  # shown in the line of usage
                continue
            record = parameter.get_help_record(ctx)
            if record is not None:
                rows[group_of(self.name or "", parameter)].append(record)
        for name, records in rows.items():
            if records:
                with formatter.section(name):
                    formatter.write_dl(records)


class Commands(Main):
    """A group whose help gives each command's first sentence whole."""

    command_class = Command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write every command with the first sentence of its help."""
        commands = [(name, self.commands[name]) for name in self.list_commands(ctx)]
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_sentence(command)) for name, command in commands])

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Return the commands in the order in which they were added, not by name."""
        return list(self.commands)


def group_of(command: str, parameter: click.Parameter) -> str:
    """Return the group in which a command's help shows an option."""
    name = parameter.name or ""
    if (command, name) in EXCEPTIONS:
        return EXCEPTIONS[command, name]
    return next((group for group, names in GROUPS.items() if name in names), OTHERS)


def _place(parameter: click.Parameter) -> int:
    """Return where an option stands in its group; options that no group names come last."""
    names = [name for group in GROUPS.values() for name in group]
    return names.index(parameter.name) if parameter.name in names else len(names)


def first_sentence(command: click.Command) -> str:
    """Return the first sentence of a command's help."""
    paragraph = (command.help or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())
