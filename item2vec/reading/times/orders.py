"""Candidates for the formats of a column of times, and the order of day, month and year.

Where the numbers of a date can be in several orders, the order is the one in which clearly more of
the times are valid.
"""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from item2vec._support.messages import setting, shown
from item2vec.reading import sql_values
from item2vec.reading.duckdb_session import Database
from item2vec.reading.times.notations import (
    ANY,
    ORDERS,
    YEAR_DAY,
    YEAR_FIRST,
    YEAR_MONTH,
    formats_of,
)

MOST_FORMATS = 8  # formats of one column
MANY_DAYS = 13  # different numbers that are probably days, and not months or years
CLEAR = 10  # times as many records must support an order as contradict it

_TWO_DIGITS = re.compile(r"(\d{2})\s?([-/.])\s?\d{1,2}[-/.]\s?(\d{2})(?!\d)")

Candidates = Mapping[str, tuple[str, ...]]  # order of day, month and year to formats


def plausible_formats(values: Mapping[str, int]) -> Candidates:
    """Return the formats of some times for each order of day, month and year that they may have.

    Parameters
    ----------
    values : mapping of str to int
        The times, and the number of records of each.
    """
    found = [(formats_of(value), n) for value, n in values.items()]
    if any(YEAR_DAY in formats for formats, _ in found):
        found = [(_in_both_orders(formats), n) for formats, n in found]
    possible = [order for order in ORDERS if any(order in formats for formats, _ in found)]
    candidates = {}
    for order in possible or [ANY]:
        counts: Counter[str] = Counter()
        for formats, n in found:
            if written := formats.get(order, formats.get(ANY)):
                counts[written] += n
        # The values of a query have no order, but their formats must have one.
        most = sorted(counts, key=lambda written: (-counts[written], written))[:MOST_FORMATS]
        # %y first: %Y would read 21 as the year 21.
        candidates[order] = tuple(sorted(most, key=lambda written: "%Y" in written))
    return {order: formats for order, formats in candidates.items() if formats}


def _in_both_orders(formats: Mapping[str, str]) -> Mapping[str, str]:
    """Return the formats of a date that begins with the year, with the month or the day next."""
    written = formats.get(ANY, "")
    swapped = re.sub(r"%Y(\D?)%m\1%d", r"%Y\1%d\1%m", written)
    return formats if swapped == written else {YEAR_MONTH: written, YEAR_DAY: swapped}


def without_unlikely(orders: list[str], values: Iterable[str]) -> list[str]:
    """Return the orders in which the year varies less than the day, if years have two digits."""
    if YEAR_FIRST not in orders:
        return orders
    pairs = [match.groups() for value in values if (match := _TWO_DIGITS.search(value))]
    firsts, lasts = (len({pair[place] for pair in pairs}) for place in (0, 2))
    is_dashed = any(pair[1] == "-" for pair in pairs)  # 21-03-01 is common, 21/03/01 is rare
    if firsts >= 2 * lasts and (firsts >= MANY_DAYS or not is_dashed):
        return [order for order in orders if order != YEAR_FIRST]
    return [YEAR_FIRST] if lasts >= 2 * firsts and lasts >= MANY_DAYS else orders


class _Group(NamedTuple):
    """Records whose times are valid in the same orders."""

    orders: frozenset[str]  # in which the times are valid
    is_same: bool  # whether these orders give the same times
    n: int
    example: str


class Votes(NamedTuple):
    """The numbers of records that support each order."""

    groups: Sequence[_Group]
    orders: Sequence[str]

    @classmethod
    def of(cls, database: Database, candidates: Candidates, times: str) -> "Votes":
        """Count the records of a query, whose only column is ``value``."""
        parsed = [sql_values.strptime("value", formats) for formats in candidates.values()]
        columns = ", ".join(f"{time} AS t{place}" for place, time in enumerate(parsed))
        names = [f"t{place}" for place in range(len(parsed))]
        rows = database.rows(
            f"SELECT {', '.join(f'{name} IS NOT NULL' for name in names)}, "
            f"greatest({', '.join(names)}) IS NOT DISTINCT FROM least({', '.join(names)}) AS same, "
            f"count(*), min(value) FROM (SELECT value, {columns} FROM ({times})) GROUP BY ALL "
            "ORDER BY ALL"
        )
        orders = list(candidates)
        groups = [
            _Group(frozenset(o for o, fits in zip(orders, row, strict=False) if fits), *row[-3:])
            for row in rows
        ]
        return cls(groups, orders)

    @property
    def n(self) -> int:
        """The number of records."""
        return sum(group.n for group in self.groups)

    @property
    def n_valid(self) -> int:
        """The number of records whose times are valid in any order."""
        return sum(group.n for group in self.groups if group.orders)

    def valid(self, order: str) -> int:
        """Return the number of records whose times are valid in an order."""
        return sum(group.n for group in self.groups if order in group.orders)

    def only(self, order: str, other: str) -> list[_Group]:
        """Return the groups whose times are valid in one order, but not in the other one."""
        return [each for each in self.groups if order in each.orders and other not in each.orders]

    def leaders(self) -> tuple[str, str | None]:
        """Return the best order, and another one that can't be ruled out, if there is any."""
        ranked = sorted(self.orders, key=self.valid, reverse=True)
        for rival in ranked[1:]:
            pro, contra = (
                sum(group.n for group in self.only(*pair))
                for pair in ((ranked[0], rival), (rival, ranked[0]))
            )
            differ = any({ranked[0], rival} <= g.orders and not g.is_same for g in self.groups)
            if pro < CLEAR * contra or (pro == 0 and differ):
                return ranked[0], rival
        return ranked[0], None

    def question(self, best: str, rival: str, column: str, candidates: Candidates) -> str:
        """Return the message that asks for the order."""
        fitting = [best, rival, *(o for o in self.orders if self.valid(o) == self.valid(best))]
        orders = [order for order in self.orders if order in fitting]
        choices = " or ".join(setting("time_format", candidates[order][0]) for order in orders)
        name = shown(column)
        if pro := self.only(best, rival):
            contra = self.only(rival, best)
            return (
                f"some times in column {name} are {best}, such as {shown(pro[0].example)}, and "
                f"others {rival}, such as {shown(contra[0].example)}: correct the file, or choose "
                f"{choices}, which drops the others"
            )
        both = next(g for g in self.groups if {best, rival} <= g.orders and not g.is_same)
        return (
            f"times such as {shown(both.example)} in column {name} can be {' or '.join(orders)}: "
            f"choose {choices}"
        )
