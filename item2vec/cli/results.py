"""The printed form of an evaluation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    """Print an evaluation on stdout: as tables, as one record per model and metric, or as JSON.

    Parameters
    ----------
    evaluation : Evaluation
    protocol : SplitProtocol
    output_format : str
    tuned : mapping of str to mapping, optional
        The result of tuning by recommender, which JSON adds.
    """
    from item2vec.reports.records import to_json, to_records

    if output_format == "json":
        result = to_json(evaluation, protocol)
        print_json(result if tuned is None else result | {"tuned": dict(tuned)})
    elif output_format == "table":
        from item2vec.reports.terminal import evaluation_tables

        for table in evaluation_tables(evaluation, protocol):
            print_table(table)
    else:
        print_records(to_records(evaluation), output_format)
