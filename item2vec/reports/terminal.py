"""The tables of an evaluation for a terminal."""

from typing import TYPE_CHECKING

from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.reports import tables
from item2vec.reports.sentences import title
from item2vec.reports.tables import Number, Table

if TYPE_CHECKING:
    from rich.table import Table as RichTable


def evaluation_tables(evaluation: Evaluation, protocol: SplitProtocol) -> list["RichTable"]:
    """Return all tables of an evaluation: scores, neighbors, reach and differences."""
    return [
        scores_table(evaluation, protocol),
        *map(rendered, tables.neighbors(evaluation)),
        rendered(tables.reach(evaluation)),
        *([rendered(tables.differences(evaluation))] if len(evaluation.models) > 1 else []),
    ]


def scores_table(evaluation: Evaluation, protocol: SplitProtocol) -> "RichTable":
    """Return the models with their scores, best first, under a title that names the protocol."""
    return rendered(tables.scores(evaluation), caption=title(evaluation, protocol))


def differences_table(evaluation: Evaluation) -> "RichTable":
    """Return the paired differences of the first model from every other one."""
    return rendered(tables.differences(evaluation))


def rendered(table: Table, *, caption: str | None = None) -> "RichTable":
    """Return a table that is narrow enough for a terminal of 80 columns.

    The interval of a main number is in a column of its own; other intervals are left out.
    """
    from rich.text import Text

    result = narrow_table(caption or table.caption)
    add_model_column(result)
    for column in table.columns:
        result.add_column(_header(column.name), justify="right", no_wrap=True)
        if column.main:
            result.add_column("95 %\ninterval", justify="center", no_wrap=True)
    for row in table.rows:
        cells: list[str] = []
        for column, cell in zip(table.columns, row.cells, strict=True):
            cells.append(cell.text if isinstance(cell, Number) else cell)
            if column.main:
                cells.append(cell.interval if isinstance(cell, Number) else "")
        result.add_row(Text(row.name), *cells)
    return result


def narrow_table(caption: str) -> "RichTable":
    """Return an empty table with little space between its columns."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table as RichTable
    from rich.text import Text

    return RichTable(
        title=Text(caption),
        title_justify="left",
        title_style="bold",
        box=SIMPLE_HEAD,
        pad_edge=False,
        padding=(0, 0),  # the box already separates columns by a space
    )


def add_model_column(table: "RichTable") -> None:
    """Add the column of names, in which a long name, as of a file, is folded into several lines."""
    table.add_column("model", overflow="fold", min_width=len("popularity"))


def _header(name: str) -> str:
    """Write a header in lines: ``hit_rate@10`` in three, ``novelty (bits)`` in two."""
    words = name.replace("uncapped_", "un-_capped_").replace("@", "_@").replace(" ", "_")
    if words.startswith("for_all"):
        return name
    return words.replace("_", "\n")
