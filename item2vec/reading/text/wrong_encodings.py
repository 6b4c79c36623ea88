"""Files whose records are malformed because they are not in the encoding in which they are read."""

from collections.abc import Iterable

from item2vec.reading.duckdb_session import Database
from item2vec.reading.files.decompression import is_utf_8
from item2vec.reading.files.file_content import first_bytes
from item2vec.reading.files.file_format import FileFormat, unpacked
from item2vec.reading.table import Table
from item2vec.reading.text.encodings import UTF_8, not_utf_8


def wrong_encodings(database: Database, tables: Iterable[Table]) -> list[str]:
    """Return a message for each file that is read as UTF-8 and is not; each is read to its end."""
    return [
        not_utf_8(table.name, _beginning(table.file))
        for table in tables
        if table.file is not None and table.file.encoding == UTF_8
        if not is_utf_8(database, table.file)
    ]


def _beginning(file: FileFormat) -> bytes:
    """Return the first bytes of a file; none of a zstd file, which Python can't decompress."""
    if file.compression == "zstd":
        return b""
    with unpacked(file) as source:
        return first_bytes(source)
