"""Text encodings by name, and copies of text files in UTF-8, which DuckDB reads.

"latin-1" means what it means on the web: Windows-1252, whose five undefined bytes are read as the
C1 control characters of the same numbers. Every file can be read in it.
"""

import codecs
import encodings.aliases
from collections.abc import Iterator
from typing import IO

from item2vec._support.did_you_mean import nearest_names
from item2vec._support.messages import setting, shown
from item2vec.errors import DataError, ParameterError
from item2vec.reading.text.encoding_guess import WINDOWS_1252_NAME, complete_lines, likely_encoding

UTF_8 = "utf-8"
LATIN_1 = "latin-1"
WINDOWS_1252 = "cp1252"
CHUNK = 1 << 20  # bytes that are decoded at a time

# Byte order marks, longest first: that of UTF-32 begins with that of UTF-16.
MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_C1 = "item2vec.c1"


def _as_control(error: UnicodeError) -> tuple[str, int]:
    """Decode a byte that Windows-1252 does not define as the control character of its number."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return chr(error.object[error.start]), error.start + 1


codecs.register_error(_C1, _as_control)


def canonical(name: object, option: str = "encoding") -> str:
    """Return the canonical name of a text encoding.

    Parameters
    ----------
    name : str
        Any name that Python knows, in any letter case.
    option : str
        The setting, for messages.

    Raises
    ------
    ParameterError
        If there is no such text encoding; similar names are suggested.

    Examples
    --------
    >>> [canonical(name) for name in ("UTF8", "iso-8859-1", "Latin1", "windows-1252", "sjis")]
    ['utf-8', 'latin-1', 'latin-1', 'cp1252', 'shift_jis']
    """
    if not isinstance(name, str):
        raise ParameterError(
            f"{setting(option)} must be the name of an encoding, not {shown(name)}"
        )
    try:
        found = codecs.lookup(name).name
        "a".encode(name)
    except (LookupError, ValueError) as error:  # ValueError: "undefined", or a NUL in the name
        raise ParameterError(_unknown(name, option)) from error
    if found in {UTF_8, "utf-8-sig"}:
        return UTF_8
    return LATIN_1 if found == "iso8859-1" else found


def marked_encoding(head: bytes) -> str | None:
    """Return the encoding that a byte order mark at the beginning of a file shows, or None.

    Examples
    --------
    >>> marked_encoding("user".encode("utf-16")), marked_encoding(b"user")
    ('utf-16', None)
    """
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)


def decoded(source: IO[bytes], encoding: str, name: str) -> Iterator[str]:
    """Yield the text of a file, chunk by chunk.

    Parameters
    ----------
    source : binary file
    encoding : str
        A name as `canonical` returns it.
    name : str
        The file in messages.

    Raises
    ------
    DataError
        If some bytes can't be decoded; the message names the first of them and its offset.
    """
    codec, errors = (WINDOWS_1252, _C1) if encoding == LATIN_1 else (encoding, "strict")
    decoder = codecs.getincrementaldecoder(codec)(errors)
    n_read, chunk = 0, b""
    try:
        while chunk := source.read(CHUNK):
            n_read += len(chunk)
            yield decoder.decode(chunk)
        yield decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        # The decoder may have kept bytes of the chunk before, which the error's object includes.
        offset = n_read - len(error.object) + error.start
        bad = error.object[error.start : max(error.end, error.start + 1)][:4]
        raise DataError(_undecodable(name, encoding, bad, offset)) from error
    except UnicodeError as error:  # UTF-16 and UTF-32 without or with a wrong byte order mark
        raise DataError(
            f"{name} is not {encoding} ({error}): give its {setting('encoding')}"
        ) from error


def in_utf_8(text: str, name: str, encoding: str) -> bytes:
    """Return a text in UTF-8; raise DataError if it contains half of a character."""
    try:
        return text.encode()
    except UnicodeEncodeError as error:
        half = error.object[error.start : error.end]
        raise DataError(
            f"{name} contains half of a character ({half!a}) in {encoding}: give another "
            f"{setting('encoding')}, or correct the file"
        ) from error


def not_utf_8(name: str, sample: bytes = b"") -> str:
    """Return the message for a file that is read as UTF-8 and is not.

    Parameters
    ----------
    name : str
        The file in messages.
    sample : bytes
        The beginning of the file, by which the advice names its likely encoding.
    """
    encoding, usual = likely_encoding(sample) or (WINDOWS_1252, WINDOWS_1252_NAME)
    return (
        f"{name} is not UTF-8: if it is {usual}, read it with {setting('encoding', encoding)}, "
        "else with another encoding"
    )


def has_no_utf_8(head: bytes) -> bool:
    r"""Return whether no line of text after the first one is UTF-8, so no record can be read.

    Parameters
    ----------
    head : bytes
        The beginning of a file; its last line may be incomplete.

    Examples
    --------
    >>> has_no_utf_8("user,item\n1,é\n".encode("latin-1")), has_no_utf_8(b"user,item\n1,a\n")
    (True, False)
    """
    lines = [line for line in complete_lines(head).splitlines() if line.strip()][1:]
    is_none = bool(lines) and b"\0" not in head and not any(map(_is_utf_8, lines))
    return is_none and likely_encoding(head) is not None


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True


def read_as_windows_1252(name: str, sample: bytes) -> str:
    """Return the note on a file that is read as Windows-1252 because it is not UTF-8."""
    encoding, usual = likely_encoding(sample) or (WINDOWS_1252, WINDOWS_1252_NAME)
    likely = "" if encoding == WINDOWS_1252 else f"; it looks like {usual}"
    example = setting("encoding", "cp1251" if encoding == WINDOWS_1252 else encoding)
    return (
        f"{name} is not UTF-8: it is read as Windows-1252 (Latin-1){likely}: name another encoding "
        f"with {setting('encoding')}, as in {example}"
    )


def _undecodable(name: str, encoding: str, bad: bytes, offset: int) -> str:
    values = " ".join(f"0x{byte:02x}" for byte in bad)
    remedy = f"give its encoding, as in {setting('encoding', UTF_8)}"
    if encoding.startswith(("utf-16", "utf-32")):
        remedy = f"provide the complete file, or {remedy}"
    elif encoding == WINDOWS_1252:
        remedy = f"read it with {setting('encoding', LATIN_1)}, in which every byte has a meaning"
    elif encoding == "ascii":
        remedy = f"read it with {setting('encoding', WINDOWS_1252)} or {setting('encoding', UTF_8)}"
    return f"{name} is not {encoding}: it has {values} at offset {offset:,}: {remedy}"


def _is_text(module: str) -> bool:
    """Return whether a codec of Python encodes text, and not bytes."""
    return not module.endswith("_codec") and module not in {"rot_13", "mbcs"}


def _unknown(name: str, option: str) -> str:
    """Return the message for a name that is not that of a text encoding."""
    targets = encodings.aliases.aliases
    texts = {alias: target for alias, target in targets.items() if _is_text(target)}
    folded = sorted({each.replace("_", "-") for each in (*texts, *texts.values())})
    near = nearest_names(name.replace("_", "-"), folded)
    meant = f" (did you mean {', '.join(map(repr, near))}?)" if near else ""
    return (
        f"{setting(option)} must be a text encoding that Python knows, not {shown(name)}{meant}: "
        f"use {UTF_8}, {WINDOWS_1252} or utf-16, for example"
    )
