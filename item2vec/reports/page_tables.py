"""Tables of the page: numbers with their intervals below them, and bars that draw intervals."""

from collections.abc import Sequence
from typing import NamedTuple

from item2vec.evaluation.bootstrap import Interval
from item2vec.reports.tables import Number, Table


class Bar(NamedTuple):
    """The position of an interval along its column, in percent of the width."""

    low: float
    mean: float
    high: float
    zero: float | None = None


class Cell(NamedTuple):
    """A cell of a table: a text, a smaller text below it, and the bar of an interval."""

    text: str
    small: str = ""
    bar: Bar | None = None


class PageRow(NamedTuple):
    """A row of a table: its name and its cells."""

    name: str
    cells: list[Cell]


class PageTable(NamedTuple):
    """A table whose first column contains the names of the rows."""

    caption: str
    columns: list[str]
    rows: list[PageRow]


def for_page(table: Table) -> PageTable:
    """Return a table with its intervals, and with their bars after the first column of numbers."""
    columns = ["model", *[column.name.replace("_", " ") for column in table.columns]]
    bars = bars_of(table.drawn, zero=table.around_zero)
    rows = [PageRow(row.name, [_cell(cell) for cell in row.cells]) for row in table.rows]
    if bars:
        columns.insert(2, f"{columns[1]}, drawn")
        for row, bar in zip(rows, bars, strict=True):
            row.cells.insert(1, Cell("", bar=bar))
    return PageTable(table.caption, columns, rows)


def _cell(cell: Number | str) -> Cell:
    return Cell(cell.text, cell.interval) if isinstance(cell, Number) else Cell(cell)


def bars_of(intervals: Sequence[Interval], *, zero: bool) -> list[Bar]:
    """Return the bars of intervals on a common axis that contains 0; `zero` marks 0 on it."""
    ends = [0.0, *[end for one in intervals for end in one[1:]]]
    low, high = min(ends), max(ends)
    width = (high - low) or 1.0

    def place(value: float) -> float:
        return round(2 + 96 * (value - low) / width, 2)

    return [
        Bar(place(one.low), place(one.mean), place(one.high), place(0.0) if zero else None)
        for one in intervals
    ]
