"""The tables of how near the items that share a value are to one another."""

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from item2vec._support.messages import counted
from item2vec.evaluation.results import Evaluation
from item2vec.reports.tables import add_model_column, in_words, narrow_table


def related_metrics(evaluation: Evaluation) -> dict[str, list[str]]:
    """Return the metrics of neighbours that share values, each with its models, best first."""
    found = {}
    for metric in evaluation.groups:
        names = evaluation.judged_by(metric)
        means = {name: evaluation.summary(name)[metric].mean for name in names}
        found[metric] = sorted(names, key=lambda name: -means[name])
    return found


def neighbors_tables(evaluation: Evaluation) -> list[Table]:
    """Return a table for each column whose shared values the neighbours were judged by."""
    return [
        _neighbors_table(evaluation, metric, names)
        for metric, names in related_metrics(evaluation).items()
    ]


def _neighbors_table(evaluation: Evaluation, metric: str, names: Sequence[str]) -> Table:
    """Return the models, best first, with the paired differences of the first from the others."""
    first = next(name for name in evaluation.models if name in names)
    differences = evaluation.differences(first, metric)
    against = f"; {first} against the others, paired by value" if differences else ""
    table = narrow_table(f"{metric}: {related_items(evaluation, metric)}{against}")
    add_model_column(table)
    for header in ("related\nfound", "95 %\ninterval", "difference", "in words"):
        table.add_column(header, justify="center", no_wrap=True)
    for name in names:
        mean, low, high = evaluation.summary(name)[metric]
        cells = ["", ""]
        if name in differences:
            difference = differences[name]
            span = f"({difference.low:+.3f} … {difference.high:+.3f})"
            cells = [f"{difference.mean:+.3f} {span}", in_words(difference)]
        table.add_row(Text(name), f"{mean:.3f}", f"{low:.3f} … {high:.3f}", *cells)
    return table


def related_items(evaluation: Evaluation, metric: str) -> str:
    """Describe a metric of neighbours that share values, with the number of items."""
    groups = evaluation.groups[metric]
    return (
        f"share of the related items among the 10 nearest "
        f"({counted(len(groups.shares), 'item')}, {counted(groups.n_values, 'value')})"
    )
