"""Evaluations as tables in a terminal, as JSON, and as an HTML page."""

from item2vec.reports.page import write_page
from item2vec.reports.records import to_json, to_records
from item2vec.reports.sentences import not_significant, notes
from item2vec.reports.showcase import Showcase
from item2vec.reports.terminal import differences_table, evaluation_tables, scores_table

__all__ = [
    "Showcase",
    "differences_table",
    "evaluation_tables",
    "not_significant",
    "notes",
    "scores_table",
    "to_json",
    "to_records",
    "write_page",
]
