"""The report of reading a source: numbers of records kept and dropped, with reasons."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from item2vec._support.messages import setting

# Reasons that name a setting, as (text, setting).
_SETTINGS = {
    "left out by where": ("excluded by", "where"),
    "rating below min_rating": ("rating below", "min_rating"),
}


def shown_reason(reason: str) -> str:
    """Return a reason for dropping records as it is shown, with the setting that causes it.

    Examples
    --------
    >>> shown_reason("left out by where"), shown_reason("user missing")
    ('excluded by where', 'user missing')
    """
    if reason not in _SETTINGS:
        return reason
    text, name = _SETTINGS[reason]
    return f"{text} {setting(name)}"


@dataclass(frozen=True)
class Dropped:
    """The number of records dropped for one reason, and the locations of the first few."""

    count: int
    places: tuple[str, ...]  # such as "ratings.csv record 17"


@dataclass(frozen=True, eq=False)
class ReadReport:
    """The numbers of records that were read, kept, and dropped, by reason.

    ``rows_read`` is the sum of ``rows_kept`` and all counts in ``dropped``.

    Parameters
    ----------
    rows_read, rows_kept : int
        Numbers of records of the source; of rows, if it is a DataFrame.
    dropped : mapping of str to Dropped
        Reason to the records dropped for it. A record is counted under the first reason that
        applies, in this order: malformed record, user missing, item missing, left out by where,
        time missing, time not understood, rating missing, rating not understood, rating below
        min_rating, placeholder user. `lines` shows "left out by where" as "excluded by where", or
        "excluded by --where" on the command line.
    columns : mapping of str to str
        Role ("user", "item", "time", "rating") to the name of its column.
    notes : tuple of str
        Assumptions that were made while reading, to be shown to the user: columns found by their
        names, ids converted from 1.0 to 1, records taken in the order of the file.
    in_file_order : bool
        Whether the records were declared to be in time order (``time="none"``).
    """

    rows_read: int
    rows_kept: int
    dropped: Mapping[str, Dropped] = field(default_factory=dict)
    columns: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    in_file_order: bool = False

    def main_loss(self) -> str:
        """Return why most records were dropped, an empty text if no more than half were."""
        n_dropped = self.rows_read - self.rows_kept
        if 2 * n_dropped <= self.rows_read:
            return ""
        reason = max(self.dropped, key=lambda each: self.dropped[each].count)
        n = self.dropped[reason].count
        mainly = "" if n == n_dropped else f", {n:,} of them"
        return f"{n_dropped:,} of {self.rows_read:,} records were dropped{mainly}: {reason}"

    def to_dict(self) -> dict[str, Any]:
        """Return the numbers and the columns, for JSON.

        They are stored in model files and therefore include no file names, which could reveal the
        source of the data.
        """
        return {
            "rows_read": self.rows_read,
            "rows_kept": self.rows_kept,
            "dropped": {reason: dropped.count for reason, dropped in self.dropped.items()},
            "columns": dict(self.columns),
        }

    def lines(self) -> list[str]:
        """Return the report as lines of text."""
        n_dropped = self.rows_read - self.rows_kept
        lines = [f"read {self.rows_read:,}, kept {self.rows_kept:,}, dropped {n_dropped:,}"]
        for reason, dropped in self.dropped.items():
            more = ", ..." if dropped.count > len(dropped.places) else ""
            places = f" ({', '.join(dropped.places)}{more})" if dropped.places else ""
            lines.append(f"dropped {dropped.count:,}: {shown_reason(reason)}{places}")
        return lines + list(self.notes)
