"""The printed form of an evaluation."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

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
    """Print an evaluation on stdout: as tables, as one record per model and metric, or as JSON.

    Parameters
    ----------
    evaluation : Evaluation
    protocol : SplitProtocol
    output_format : str
    tuned : mapping of str to mapping, optional
        The result of tuning by recommender, which JSON adds.
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
    else:
        print_records(tables.to_records(evaluation), output_format)
