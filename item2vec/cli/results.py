"""An evaluation on stdout."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from item2vec.cli.printing import OutputFormat, print_json, print_records, print_table

if TYPE_CHECKING:
    from item2vec.evaluation.results import Evaluation
    from item2vec.evaluation.splitting.protocol import SplitProtocol


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
    from item2vec.reports.records import to_json, to_records

    if output_format == "json":
        result = to_json(evaluation, protocol)
        print_json(result if tuned is None else result | {"tuned": dict(tuned)})
    elif output_format == "table":
        from item2vec.reports.sentences import not_significant
        from item2vec.reports.terminal import evaluation_tables

        for table in evaluation_tables(evaluation, protocol):
            print_table(table)
        for sentence in not_significant(evaluation):
            click.echo(sentence)
    else:
        print_records(to_records(evaluation), output_format)
