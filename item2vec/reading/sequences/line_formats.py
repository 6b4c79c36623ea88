"""Text files that are read as lines and split in SQL: sequences, and space-separated tables."""

# Names and texts go into SQL through quote_name and quote_text.
# ruff: noqa: S608

from dataclasses import dataclass
from typing import TypeAlias

from item2vec._support.messages import setting, shown
from item2vec.reading.duckdb_session import literal_pattern, quote_name, quote_text
from item2vec.reading.internal_columns import LINE, MALFORMED, RECORD
from item2vec.reading.sql_values import BLANK

# A delimiter that no file contains, so that a line is a single field.
NO_DELIMITER = "\x1f\x1e\x1d\x1c"
MAX_LINE = 1 << 24  # maximum number of bytes of a line

UNIT = "\x1f"  # delimiter in a copy without quotes


@dataclass(frozen=True)
class SequenceLines:
    """Lines such as ``user item item ...``, or ``item,item`` without a user.

    White space around a field is ignored. Empty fields, such as after a delimiter at the end of a
    line, are skipped.

    Parameters
    ----------
    delimiter : str
        The delimiter of the fields. A blank stands for any number of blanks and tabs.
    has_user : bool or None
        Whether each line begins with a user; None if the lines do not show it.
    marks : tuple of str
        Fields that are no items, such as marks of the end of a sequence.
    ignored : str
        What each line begins with, if that is ignored: "number of its items" or "row number".
    header : tuple of str
        The fields of the header, if there is one; a line that repeats it is malformed.
    """

    delimiter: str
    has_user: bool | None
    marks: tuple[str, ...] = ()
    ignored: str = ""
    header: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """The usual names of the columns."""
        return ("user", "item") if self.has_user else ("item",)

    def note(self, *, is_given: bool, first: str = "column0") -> str:
        """Return a note on the format, with the options that change it unless it was given.

        Parameters
        ----------
        is_given : bool
        first : str
            The name of the column that would be the user.
        """
        with_user = f"if lines begin with a user: {setting('user', first)}"
        if self.has_user:
            note = "each line is read as a user and that user's items"
            with_user = f"if there are no users: {setting('user', 'none')}"
        elif self.ignored:
            note = f"each line is read as the {self.ignored}, and the items of one user"
        else:
            note = "each line is read as the items of one anonymous user"
        rows = f"if each is one interaction: {setting('layout', 'rows')}"
        return note if is_given else f"{note} ({with_user}; {rows})"

    def rows(self, lines: str, names: tuple[str, ...]) -> str:
        """Return the query for one row per item; a line without items has a row without an item.

        Parameters
        ----------
        lines : str
            The query for the lines, in the column `LINE`.
        names : tuple of str
            The names of the columns, as many as in `columns`.
        """
        first = 2 if self.ignored else 1
        items = _present(f"fields[{first + bool(self.has_user)}:]")
        if self.marks:
            marks = ", ".join(map(quote_text, self.marks))
            items = f"[field FOR field IN {items} IF field NOT IN ({marks})]"
        header = ", ".join(map(quote_text, self.header))
        repeated = f"fields = [{header}]" if self.header else "false"
        listed = (
            f"SELECT fields[{first}] AS user, {repeated} AS repeated, "
            f"CASE WHEN {repeated} THEN [] ELSE {items} END AS items, record "
            f"FROM ({_split_lines(lines, self.delimiter)})"
        )
        selected = f"user AS {quote_name(names[0])}, " if self.has_user else ""
        return (
            f"SELECT {selected}unnest(CASE WHEN len(items) = 0 THEN [NULL] ELSE items END) "
            f"AS {quote_name(names[-1])}, "
            f"repeated AS {quote_name(MALFORMED)}, record AS {quote_name(RECORD)} FROM ({listed})"
        )


@dataclass(frozen=True)
class SpacedLines:
    """Lines of a table with spaces around the fields, or between them alone.

    Parameters
    ----------
    n_columns : int
    delimiter : str
        A space stands for any number of spaces and tabs.
    keeps_empty : bool
        Whether an empty field is a missing value, as in tables that databases print: their fields
        are padded with spaces, and a line of dashes follows the header.
    """

    n_columns: int
    delimiter: str = " "
    keeps_empty: bool = False

    def rows(self, lines: str, names: tuple[str, ...]) -> str:
        """Return the query for the records; the parameters are those of `SequenceLines.rows`."""
        values = ", ".join(
            f"fields[{position}] AS {quote_name(name)}" for position, name in enumerate(names, 1)
        )
        return (
            f"SELECT {values}, len(fields) <> {self.n_columns} AS {quote_name(MALFORMED)}, "
            f"record AS {quote_name(RECORD)} FROM "
            f"(SELECT {'fields' if self.keeps_empty else _present('fields')} AS fields, record "
            f"FROM ({_split_lines(lines, self.delimiter, rules=self.keeps_empty)}))"
        )


@dataclass(frozen=True)
class ListLines:
    """Lines such as ``user: item, item``, or a list in brackets alone, as a table with a list.

    Parameters
    ----------
    mark : str
        What stands between the user and the list; "" if there is no user.
    """

    mark: str

    @property
    def delimiter(self) -> str:
        """No delimiter: quotes are part of the lists."""
        return NO_DELIMITER

    @property
    def columns(self) -> tuple[str, ...]:
        """The usual names of the columns."""
        return ("user", "items") if self.mark else ("items",)

    @property
    def pattern(self) -> str:
        """A regular expression, for both Python and DuckDB, of the user and the list."""
        if not self.mark:
            return r"\s*()(.*)"
        mark = " +" if self.mark == " " else rf"[ \t]*{self.mark}[ \t]*"
        return rf"\s*([^\t,;|\[\](){{}}]*?){mark}(.*?)\s*"

    def note(self) -> str:
        """Return a note on the format, with the option that changes it."""
        user = f"a user, {shown(self.mark)} and that user's items" if self.mark else "a list"
        return (
            f"each line is read as {user} (if each is one interaction: {setting('layout', 'rows')})"
        )

    def rows(self, lines: str, names: tuple[str, ...]) -> str:
        """Return the query for the records; the parameters are those of `SequenceLines.rows`."""
        pattern = quote_text(f"^(?:{self.pattern})$")
        groups = range(1, 3) if self.mark else range(2, 3)
        values = ", ".join(
            f"regexp_extract(line, {pattern}, {group}) AS {quote_name(name)}"
            for group, name in zip(groups, names, strict=True)
        )
        numbered = (
            f"SELECT {quote_name(LINE)} AS line, row_number() OVER () AS record FROM ({lines})"
        )
        return (
            f"SELECT {values}, NOT regexp_full_match(line, {pattern}) AS {quote_name(MALFORMED)}, "
            f"record AS {quote_name(RECORD)} FROM ({numbered}) "
            f"WHERE NOT regexp_full_match(line, {quote_text(f'{_BLANKS}*')})"
        )


LineFormat: TypeAlias = SequenceLines | SpacedLines | ListLines

# Characters that are blank: around a field they are not part of it.
_BLANKS = f"[{BLANK}]"
_RULE = "|+:=-"  # characters of a line between a header and records


def _present(fields: str) -> str:
    """Return the SQL for the fields that are not empty."""
    filtered = f"[field FOR field IN {fields} IF field <> '']"
    # The check is much faster than filtering every list.
    return f"CASE WHEN list_contains({fields}, '') THEN {filtered} ELSE {fields} END"


def _numbered(lines: str) -> str:
    """Return the query for lines and their numbers."""
    return f"SELECT {quote_name(LINE)} AS line, row_number() OVER () AS record FROM ({lines})"


def _split_lines(lines: str, delimiter: str, *, rules: bool = False) -> str:
    """Return the query for the fields of the lines that are not blank, and for their numbers.

    With `rules`, lines of dashes count as blank. Trimming every field takes longer than all the
    rest, so a line is examined for blanks first.
    """
    # Lines are numbered before they are split, because numbering lists takes much longer.
    numbered = _numbered(lines)
    plain = f"string_split(line, {quote_text(delimiter)})"
    if delimiter == " ":
        has_blanks = quote_text(f"^ | $|  |[{BLANK.replace(' ', '')}]")
        line = f"trim(line, {quote_text(BLANK)})"
        trimmed = f"string_split_regex({line}, {quote_text(f'{_BLANKS}+')})"
    else:
        mark = literal_pattern(delimiter)
        has_blanks = quote_text(f"^{_BLANKS}|{_BLANKS}$|{_BLANKS}{mark}|{mark}{_BLANKS}")
        trimmed = f"[trim(field, {quote_text(BLANK)}) FOR field IN {plain}]"
    fields = f"CASE WHEN regexp_matches(line, {has_blanks}) THEN {trimmed} ELSE {plain} END"
    ignored = f"[{BLANK}{UNIT}{_RULE * rules}]*"
    is_blank = f"regexp_full_match(line, {quote_text(ignored)})"
    return f"SELECT {fields} AS fields, record FROM ({numbered}) WHERE NOT {is_blank}"
