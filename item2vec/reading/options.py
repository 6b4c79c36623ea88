"""Options of reading: columns, the format of text files, and rules for keeping records.

`read_interactions` and `read_ratings` have keyword arguments of the same names; `read_catalogue`
has only those for columns.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Literal, TypeAlias, get_args

from item2vec._support.messages import setting, shown
from item2vec.errors import ParameterError
from item2vec.reading.files.paths import is_utf_8_text
from item2vec.reading.text.encodings import canonical

Encoding: TypeAlias = str  # the name of any text encoding that Python knows
Anonymous = Literal["error", "drop", "keep"]
Layout = Literal["auto", "rows", "sequences"]

NO_TIME = "none"  # value of `time` which declares that the records are in time order
NO_USER = "none"  # value of `user` which declares that there are no users


@dataclass(frozen=True)
class ColumnNames:
    """The given names of the columns of users, items, times and ratings.

    A column that is not given is found by well-known names such as ``userId`` or ``movie_id``, and
    the report lists the columns that were found. A text file without a header has the columns
    ``column0``, ``column1``, ... Labels of a DataFrame may be numbers.

    Parameters
    ----------
    user, item, rating : str, optional
        The columns of users, items and ratings. ``user="none"`` declares that there are no
        users: each sequence is the history of one anonymous user.
    time : str, optional
        The column of times. "none" declares that the records of each user are in time order.
    """

    user: str | None = None
    item: str | None = None
    time: str | None = None
    rating: str | None = None

    def __post_init__(self) -> None:
        for role in ("user", "item", "time", "rating"):
            name = getattr(self, role)
            object.__setattr__(self, role, None if name is None else str(name))

    @property
    def in_file_order(self) -> bool:
        """Whether the records were declared to be in time order."""
        return (self.time or "").casefold() == NO_TIME

    @property
    def has_user(self) -> bool | None:
        """Whether there are users: True if their column is given, None if that is to be found."""
        return None if self.user is None else self.user.casefold() != NO_USER

    def by_role(self) -> dict[str, str | None]:
        """Return a mapping of roles to columns: None if to be found, no "time" if there is none."""
        roles = {"user": self.user, "item": self.item, "time": self.time, "rating": self.rating}
        if self.in_file_order:
            del roles["time"]
        if self.has_user is False:
            del roles["user"]
        return roles

    def given(self) -> list[str]:
        """Return the names that are given."""
        return [name for name in self.by_role().values() if name is not None]


@dataclass(frozen=True)
class TextFormat:
    """Options for reading text files.

    Parameters
    ----------
    delimiter : str, optional
        Column separator; "tab" stands for a tab character, and a backslash with x01 for the
        character with this hexadecimal code. By default, it is detected from the first records.
    encoding : str
        Text encoding, by any name that Python knows. With "utf-8", records that are not valid UTF-8
        count as malformed. "latin-1" means Windows-1252, as on the web. A byte order mark comes
        before it: UTF-16 and UTF-32 with one are always recognized.
    latin_1_fallback : bool
        Read a whole file as Windows-1252 if it is not valid UTF-8. This is used only for
        catalogues.
    """

    delimiter: str | None = None
    encoding: Encoding = "utf-8"
    latin_1_fallback: bool = False

    def __post_init__(self) -> None:
        object.__setattr__(self, "encoding", canonical(self.encoding))
        _check_text("delimiter", self.delimiter)
        if self.delimiter is None:
            return
        delimiter = {"tab": "\t", "\\t": "\t"}.get(self.delimiter, self.delimiter)
        if re.fullmatch(r"\\x[0-9a-fA-F]{2}", delimiter):
            delimiter = chr(int(delimiter[2:], 16))
        if not 1 <= len(delimiter.encode()) <= 4 or set(delimiter) & set('"\r\n\0'):
            raise ParameterError(
                "delimiter must be one to four bytes, such as ';' or 'tab', without quotes and "
                f"line breaks, not {shown(delimiter)}"
            )
        object.__setattr__(self, "delimiter", delimiter)


@dataclass(frozen=True)
class RecordRules:
    """The rules by which records are kept or dropped.

    Parameters
    ----------
    min_rating : float, optional
        Drop ratings below this value, and records without a rating. Ratings with a decimal comma,
        such as 3,5, are recognized.
    where : str, optional
        Keep only the records that match this SQL condition on the columns, such as ``"Quantity >
        0"``. Subqueries are not allowed. In text formats, a column other than the ids is compared
        as a number, date or Boolean value if at least 90 % of its first values are such; a value
        that can't be converted does not match.
    time_format : str, optional
        A strptime format of the times, such as ``"%m/%d/%Y %H:%M"``. Without it, ISO dates and
        epochs are recognized: seconds, milliseconds, microseconds and nanoseconds, distinguished
        for each value by its magnitude. If most times are neither, their formats are found from the
        values; it is an error if the day and the month can be exchanged in all of them.
    anonymous : {"error", "drop", "keep"}
        Treatment of placeholder user ids such as ``NA``, ``null`` or ``-1``, which are shared by
        many anonymous visitors. Such an id is a placeholder if it has more than 5 % of the records
        and more than 20 times as many as the median of the other users; ``0`` only if there are 10
        or more other users. "error" raises an error, "drop" drops its records and counts them as
        "placeholder user", "keep" keeps it as one user.
    """

    min_rating: float | None = None
    where: str | None = None
    time_format: str | None = None
    anonymous: Anonymous = "error"

    def __post_init__(self) -> None:
        if self.anonymous not in get_args(Anonymous):
            words = ", ".join(get_args(Anonymous))
            raise ParameterError(f"anonymous must be one of {words}, not {shown(self.anonymous)}")
        _check_text("where", self.where)
        _check_text("time_format", self.time_format)
        if self.min_rating is None:
            return
        if not isinstance(self.min_rating, int | float) or not math.isfinite(self.min_rating):
            raise ParameterError(
                f"min_rating must be a finite number, such as 4, not {shown(self.min_rating)}"
            )


@dataclass(frozen=True)
class ReadOptions:
    """All options for reading records of users with items.

    Parameters
    ----------
    columns : ColumnNames
    text : TextFormat
    rules : RecordRules
    layout : {"auto", "rows", "sequences"}
        Whether a record is one interaction, or a sequence: an optional user, and any number of
        items in order, in a list or in the fields of a line. "auto" detects it.
    load_ratings, load_times : bool
        Whether to load ratings, which every record must then have, and times, if there are any.
    """

    columns: ColumnNames = field(default_factory=ColumnNames)
    text: TextFormat = field(default_factory=TextFormat)
    rules: RecordRules = field(default_factory=RecordRules)
    layout: Layout = "auto"
    load_ratings: bool = False
    load_times: bool = False

    def __post_init__(self) -> None:
        if self.layout not in get_args(Layout):
            words = ", ".join(get_args(Layout))
            raise ParameterError(f"layout must be one of {words}, not {shown(self.layout)}")

    @property
    def needs_ratings(self) -> bool:
        """Whether a record without a rating is dropped."""
        return self.load_ratings or self.rules.min_rating is not None


def _check_text(name: str, value: object) -> None:
    """Raise ParameterError unless a value is None or a string that can be encoded in UTF-8."""
    if value is None:
        return
    if not isinstance(value, str):
        raise ParameterError(f"{name} must be a string, not {shown(value)}")
    if not is_utf_8_text(value):
        raise ParameterError(f"{setting(name)} must be UTF-8, not {shown(value)}")
