"""Help texts: options in groups, and a line for each command that is never cut."""

from collections.abc import Mapping

import click

from item2vec.cli.errors import Main, OneLine
from item2vec.cli.options import READING

# The groups in the order in which help shows them; what is in none of them comes last.
GROUPS: Mapping[str, tuple[str, ...]] = {
    "Reading": (*READING, "items", "histories"),
    "Model": (
        "trainer",
        "params_file",
        "features",
        "reproducible",
        "no_sketch",
        "min_count",
        "repeated",
        "vector_size",
        "start",
        "epochs",
        "validate",
        "patience",
        "bias_weight",
        "memory",
        "protocols",
        "recency",
        "seed",
        "workers",
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
    "Evaluation": (
        "protocol",
        "split_time",
        "tests",
        "inputs",
        "labels",
        "folds",
        "held_out",
        "times",
        "names",
        "without",
        "models",
        "train_on",
        "related",
        "metric",
        "cutoffs",
        "keep_seen",
        "in_sample",
    ),
    "Search": ("budget", "trials", "study"),
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
    ("tune", "sample"): "Evaluation",
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
        for parameter in self.get_params(ctx):
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


def first_sentence(command: click.Command) -> str:
    """Return the first sentence of a command's help."""
    paragraph = (command.help or "").strip().partition("\n\n")[0]
    return " ".join(paragraph.split())
