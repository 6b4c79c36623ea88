"""The help of commands: options in groups, and the whole first sentence of each command."""

from collections.abc import Mapping

import click

from item2vec.cli.errors import Main, OneLine
from item2vec.cli.reading_options import READING

# The groups of options in the order in which help shows them.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Data": ("users",),
    "Reading": ("histories", *READING),
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
        "items_id",
        "items_title",
        "items_genres",
        "items_encoding",
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
        "verify",
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
    ),
    "Index": ("kind", "recall", "trees", "connections"),
    "Filters": ("only", "only_from", "exclude", "exclude_from", "items_where"),
    "Output": (
        "output",
        "page_file",
        "output_format",
        "json",
        "force",
        "verbose",
        "quiet",
        "config",
    ),
}
OTHERS = "Other options"
# Options that mean something else in one command than in the others.
EXCEPTIONS = {
    ("evaluate", "items"): "Metrics",
    ("evaluate", "items_id"): "Metrics",
    ("evaluate", "items_title"): "Metrics",
    ("evaluate", "items_genres"): "Metrics",
    ("evaluate", "items_encoding"): "Metrics",
    ("add", "items_id"): "Reading",
    ("add", "items_title"): "Reading",
    ("add", "items_genres"): "Reading",
    ("add", "items_encoding"): "Reading",
    ("tune", "sample"): "Search",
    ("tune", "names"): "Model",
    ("split", "seed"): "Split",
    ("sample", "seed"): "Data",
    ("index", "seed"): "Index",
    ("similar", "negative"): "Look-up",
    ("recommend", "keep_seen"): "Filters",
}


class Command(OneLine):
    """A command whose help shows its options in groups."""

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write the options of each group under the name of the group."""
        groups: dict[str, list[click.Parameter]] = {name: [] for name in (*GROUPS, OTHERS)}
        for parameter in self.get_params(ctx):
            if isinstance(parameter, click.Option):  # arguments are shown in the line of usage
                groups[group_of(self.name or "", parameter)].append(parameter)
        for name, options in groups.items():
            records = [option.get_help_record(ctx) for option in _ordered(options, name)]
            if records:
                with formatter.section(name):
                    formatter.write_dl([record for record in records if record is not None])


class Commands(Main):
    """A group whose help shows the whole first sentence of each command."""

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


def _ordered(options: list[click.Parameter], group: str) -> list[click.Parameter]:
    """Return the options of a group in its order; those that it does not name come last."""
    places = {name: place for place, name in enumerate(GROUPS.get(group, ()))}
    return sorted(options, key=lambda option: places.get(option.name or "", len(places)))


def first_sentence(command: click.Command) -> str:
    """Return the first sentence of a command's help."""
    paragraph = (command.help or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())
