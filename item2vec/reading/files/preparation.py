"""Preparation of files for DuckDB: text in UTF-8, and JSON as lines or an array of objects."""

import contextlib
import errno
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import IO

from item2vec.errors import DataError
from item2vec.reading.duckdb_session import Database, QueryError
from item2vec.reading.files.compressed import check_gzip
from item2vec.reading.files.decompression import is_utf_8, read_zstd_head, zstd_values
from item2vec.reading.files.file_content import (
    HEAD,
    Compression,
    ReadHead,
    is_named_parquet,
    is_parquet,
    read_head,
    refuse_other,
    unpacked_bytes,
)
from item2vec.reading.files.file_format import FileFormat, detect_format
from item2vec.reading.json_files import documents
from item2vec.reading.json_files.layout import find_layout, json_suffix
from item2vec.reading.options import TextFormat
from item2vec.reading.sequences.line_files import plain_lines
from item2vec.reading.sequences.line_formats import ListLines, SequenceLines
from item2vec.reading.text import encodings
from item2vec.reading.text.encodings import LATIN_1, UTF_8, WINDOWS_1252
from item2vec.reading.text.shapes import TextRequest


@dataclass(frozen=True)
class Prepared:
    """A file that DuckDB can read.

    Parameters
    ----------
    path : Path
    source : Path, optional
        The file that was given, if `path` is a copy of it.
    compression : {"none", "gzip", "zstd"}
    encoding : {"utf-8", "latin-1"}
        The encoding as DuckDB calls it; "latin-1" for zstd files only.
    notes : tuple of str
        Assumptions that were made, to be shown to the user.
    """

    path: Path
    source: Path | None = None
    compression: Compression = "none"
    encoding: str = UTF_8
    notes: tuple[str, ...] = ()

    @property
    def shown(self) -> Path:
        """The path of the file in messages."""
        return self.source or self.path


@dataclass(frozen=True)
class Preparation:
    """How files are prepared.

    Parameters
    ----------
    database : Database
    folder : Path
        Folder for copies, which the database may read.
    text : TextFormat
    request : TextRequest
        What the caller has said about text files, and what the first file has shown.
    """

    database: Database
    folder: Path
    text: TextFormat
    request: TextRequest

    def like(self, first: FileFormat) -> "Preparation":
        """Return how further files are prepared: their lines are sequences if these are."""
        lines = first.lines
        if first.kind != "text" or self.request.lines is not None:
            return self
        if isinstance(lines, SequenceLines):
            lines = replace(lines, delimiter=first.delimiter)  # that of a copy is another one
        elif not isinstance(lines, ListLines):
            is_open = self.request.layout == "auto"
            request = replace(self.request, layout="rows") if is_open else self.request
            return replace(self, request=request)
        return replace(self, request=replace(self.request, lines=lines))

    def format_of(self, path: Path, source: Path | None = None) -> FileFormat:
        """Prepare a file, and return the format of what is to be read.

        Parameters
        ----------
        path : Path
        source : Path, optional
            What was given, if `path` is a copy of it.

        Raises
        ------
        DataError
            If the file is empty, unreadable or no table, or has another encoding.
        """
        prepared = self._prepare(path, source)
        file = detect_format(
            prepared.path,
            request=self.request,
            read_zstd=self._zstd_reader(prepared.shown),
            source=prepared.source,
        )
        notes = (*prepared.notes, *file.notes)
        if file.kind != "parquet" and is_named_parquet(file.shown):
            what = "JSON" if file.kind == "json" else "delimited text"
            notes = (f"{file.name} is not Parquet: it is read as {what}", *notes)
        file = replace(file, encoding=prepared.encoding, notes=notes)
        return plain_lines(file, lambda: self._place(prepared))

    def _prepare(self, path: Path, source: Path | None) -> Prepared:
        name = source or path
        head, compression = read_head(path, self._zstd_reader(name), name)
        file = Prepared(path, source, compression)
        if is_parquet(path, head):
            return file
        refuse_other(path, head, compression, file.shown)
        return self._as_json_lines(self._as_utf_8(file, head))

    def _as_utf_8(self, file: Prepared, head: bytes) -> Prepared:
        """Return a copy of a file in UTF-8, or the file itself if it needs none."""
        encoding, notes = self._encoding(file, head)
        if encoding == UTF_8:
            return replace(file, notes=notes)
        if file.compression == "zstd":
            if encoding not in {LATIN_1, WINDOWS_1252, "utf-8-sig"}:
                raise DataError(
                    f"{file.shown} is a zstd file in {encoding}, which can't be read: decompress "
                    "it first, with `zstd -d`"
                )
            # DuckDB reads it where no byte has another meaning in Windows-1252.
            return replace(file, encoding=UTF_8 if "utf" in encoding else LATIN_1, notes=notes)
        if file.compression == "gzip":
            check_gzip(file.path, file.shown)
        copy = self._place(file)
        with _unpacked(file) as source, _copying(file), copy.open("wb") as target:
            for text in encodings.decoded(source, encoding, str(file.shown)):
                target.write(encodings.in_utf_8(text, str(file.shown), encoding))
        return Prepared(copy, file.shown, notes=notes)

    def _encoding(self, file: Prepared, head: bytes) -> tuple[str, tuple[str, ...]]:
        """Return the encoding of a file: that of its mark, the given one, or that of its bytes."""
        given, name = self.text.encoding, file.shown.name
        marked = encodings.marked_encoding(head)
        if marked == "utf-8-sig":
            is_json = json_suffix(file.shown) or head[3:].lstrip().startswith((b"{", b"["))
            return ("utf-8-sig" if is_json else UTF_8), ()
        if marked is not None:
            is_given = given.startswith(marked)
            return marked, (() if is_given else (f"{name} is read as {marked.upper()}",))
        if self.text.latin_1_fallback and not is_utf_8(self.database, _as_format(file)):
            return LATIN_1, (encodings.read_as_windows_1252(name, head),)
        if given == UTF_8 and file.compression != "zstd" and encodings.has_no_utf_8(head):
            raise DataError(encodings.not_utf_8(name, head))
        return given, ()

    def _as_json_lines(self, file: Prepared) -> Prepared:
        """Return a copy of JSON of another shape as lines, or the file itself if it needs none."""
        head, _ = read_head(file.path, self._zstd_reader(file.shown), file.shown)
        is_whole = len(head) < HEAD and file.compression != "zstd"
        text = head.decode(errors="replace")
        layout = find_layout(text, is_whole=is_whole, suffix=json_suffix(file.shown))
        if layout not in {"document", "arrays in lines"}:
            return file
        copy = self._place(file)
        if layout == "arrays in lines":
            with _copying(file):
                shape = documents.convert_arrays(lambda: self._lines(file), copy, self.request)
        else:
            documents.check_beginning(text.removeprefix("\ufeff"), file.shown)
            converted = self._convert_document(file, copy)
            if converted is None:
                return file
            shape = converted
        note = f"{file.shown.name} is read as {shape}"
        return Prepared(copy, file.shown, notes=(*file.notes, note) if shape else file.notes)

    def _convert_document(self, file: Prepared, copy: Path) -> str | None:
        """Convert a document to JSON lines, and return its shape; None if it has lines already."""
        if file.compression == "zstd":
            content = b"".join(self._zstd_values(file, in_lines=False))
        else:
            with _unpacked(file) as source:
                if documents.is_one_line_of_many(source):
                    return None
            content = _whole(file)
        values = documents.parse(content, file.shown)
        found = documents.records_of(values, file.shown, self.request)
        with _copying(file):
            documents.write_lines(found.records, copy)
        return found.shape

    def _lines(self, file: Prepared) -> Iterator[bytes]:
        if file.compression == "zstd":
            yield from self._zstd_values(file, in_lines=True)
            return
        with _unpacked(file) as source:
            yield from source

    def _zstd_values(self, file: Prepared, *, in_lines: bool) -> Iterator[bytes]:
        try:
            yield from zstd_values(self.database, file.path, in_lines=in_lines)
        except QueryError as error:
            raise DataError(
                f"{file.shown} is not valid JSON ({error}): correct the file, or decompress it "
                "first, with `zstd -d`, to see the place"
            ) from error

    def _zstd_reader(self, name: Path) -> ReadHead:
        return lambda path: read_zstd_head(self.database, path, name)

    def _place(self, file: Prepared) -> Path:
        """Return a path for a copy, with the name of the file, which tells its format."""
        return Path(tempfile.mkdtemp(dir=self.folder)) / file.shown.name


def check_json(file: FileFormat) -> None:
    """Raise DataError with the place of an error if a JSON file of objects is not valid."""
    if file.compression == "zstd" or file.path.stat().st_size > documents.MOST_PARSED:
        return
    prepared = Prepared(file.path, file.source, file.compression)
    documents.parse(_whole(prepared), file.shown)


def _whole(file: Prepared) -> bytes:
    """Return the content of a JSON document; raise DataError if it is too large."""
    with _unpacked(file) as source:
        content = source.read(documents.MOST_PARSED + 1)
    if len(content) > documents.MOST_PARSED:
        raise DataError(
            f"{file.shown} is one JSON document of more than {documents.MOST_PARSED:,} bytes: "
            "write JSON lines, with one object per line, or Parquet"
        )
    return content


def _unpacked(file: Prepared) -> contextlib.AbstractContextManager[IO[bytes]]:
    return unpacked_bytes(file.path, file.compression, file.shown)


def _as_format(file: Prepared) -> FileFormat:
    return FileFormat(file.path, "text", file.compression, source=file.source)


@contextlib.contextmanager
def _copying(file: Prepared) -> Iterator[None]:
    """Turn the error of a full disk into DataError."""
    try:
        yield
    except OSError as error:
        if error.errno not in {errno.ENOSPC, errno.EDQUOT}:
            raise
        raise DataError(
            f"a copy of {file.shown} does not fit into {tempfile.gettempdir()}: set TMPDIR to a "
            "folder with more free space"
        ) from error
