"""The last line of a file of JSON lines, which is incomplete if the file was cut."""

import json

from item2vec._support.messages import shown
from item2vec.reading.files.file_format import FileFormat, unpacked

CHUNK = 1 << 20
LONGEST = 1 << 24  # bytes of a line that is examined


def incomplete_line(file: FileFormat) -> str | None:
    """Return a description of the last line of a file if it is the beginning of a JSON object.

    Parameters
    ----------
    file : FileFormat
        A file of JSON lines; zstd files are not examined.
    """
    if file.is_array or file.compression == "zstd":
        return None
    n_lines, line = 1, b""
    with unpacked(file) as source:
        while chunk := source.read(CHUNK):
            n_lines += chunk.count(b"\n")
            _, newline, rest = chunk.rpartition(b"\n")
            line = rest if newline else (line + rest)[: LONGEST + 1]
    if len(line) > LONGEST or not _is_beginning(line.decode(errors="replace")):
        return None
    beginning = shown(line[-40:].decode(errors="replace"))
    return f"line {n_lines:,} of {file.name} is not complete (it ends with {beginning})"


def _is_beginning(line: str) -> bool:
    """Return whether a text is a JSON object without its end.

    Examples
    --------
    >>> [_is_beginning(text) for text in ('{"a": "b', '{"a"', '{"a": 1}', '{a: 1}', "")]
    [True, True, False, False, False]
    """
    text = line.strip()
    if not text.startswith("{"):
        return False
    try:
        json.loads(text)
    except json.JSONDecodeError as error:
        return error.msg.startswith("Unterminated string") or error.pos >= len(text)
    except RecursionError:
        return False
    return False
