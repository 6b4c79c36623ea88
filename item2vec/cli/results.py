"""An evaluation on stdout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from item2vec.cli.printing import OutputFormat, print_json, print_records, print_table

if TYPE_CHECKING:
    from item2vec.evaluation.held_out_users import SplitProtocol
    from item2vec.evaluation.results import Evaluation


def print_evaluation(
    evaluation: "Evaluation",
    protocol: "SplitProtocol",
    output_format: OutputFormat,
    *,
    tuned: Mapping[str, Mapping[str, Any]] | None = None,
) -> None:
    """Print an evaluation: as tables, as one record per model and metric, or as JSON.

    In JSON `tuned` adds what tuning found, by trainer.
    """
    from item2vec.reports import related_tables, tables

    if output_format == "json":
        result = tables.to_json(evaluation, protocol)
        print_json(result if tuned is None else result | {"tuned": dict(tuned)})
    elif output_format == "table":
        print_table(tables.scores_table(evaluation, protocol))
        for table in related_tables.neighbors_tables(evaluation):
            print_table(table)
        print_table(tables.reach_table(evaluation))
        print_table(tables.differences_table(evaluation))
        for sentence in tables.not_told_apart(evaluation):
            click.echo(sentence)
    else:
        print_records(tables.to_records(evaluation), output_format)
