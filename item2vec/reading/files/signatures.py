"""Recognition of files that are no tables, by their first bytes, with a remedy for each."""

import contextlib
import re
from collections.abc import Iterable
from pathlib import Path

from item2vec._support.messages import either

EXPORT = "export the table as CSV or Parquet"
DECOMPRESS = "decompress it first, or compress it with gzip or zstd"
UNPACK = "unpack it, and provide the table in it"
ARRAYS = "write its values as CSV or Parquet, with a column for users and one for items"
PANDAS = "read it with pandas, and write it with frame.to_parquet"
PYTHON = "convert it, in Python with json.dumps(ast.literal_eval(line)) for each line"
IMAGE = "provide a table in CSV, Parquet or JSON lines"

# Offset of the bytes, the bytes, what such a file is, and what to do.
_SIGNATURES: tuple[tuple[int, bytes, str, str], ...] = (
    (
        0,
        b"version https://git-lfs.github.com/spec/",
        "a Git LFS pointer, not the file itself",
        "fetch the file with `git lfs pull`",
    ),
    (0, b"/annex/objects/", "a git-annex pointer", "fetch the file with `git annex get`"),
    (0, b"PARE", "an encrypted Parquet file", "write it without encryption"),
    (0, b"\x93NUMPY", "a NumPy array (.npy)", ARRAYS),
    (0, b"SQLite format 3\0", "an SQLite database", EXPORT),
    (8, b"DUCK", "a DuckDB database", EXPORT),
    (4, b"Standard Jet DB", "an Access database", EXPORT),
    (4, b"Standard ACE DB", "an Access database", EXPORT),
    (0, b"PGDMP", "a dump of a PostgreSQL database", EXPORT),
    (
        0,
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
        "an Excel workbook (.xls) or another document of Office",
        "export the sheet as CSV",
    ),
    (0, b"\x1f\x8b", "a gzip file within another one", "decompress it once, with gunzip"),
    (0, b"\xfd7zXZ\0", "compressed with xz", DECOMPRESS),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive", UNPACK),
    (0, b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (0, b"\x04\x22\x4d\x18", "compressed with LZ4", DECOMPRESS),
    (0, b"\x1f\x9d", "compressed with compress (.Z)", DECOMPRESS),
    (0, b"\xff\x06\0\0sNaPpY", "compressed with Snappy", DECOMPRESS),
    (257, b"ustar", "a tar archive", UNPACK),
    (0, b"\x89HDF\r\n\x1a\n", "an HDF5 file", PANDAS),
    (0, b"FEA1", "a Feather file", PANDAS),
    (0, b"ARROW1\0\0", "an Arrow IPC (Feather) file", PANDAS),
    (0, b"Obj\x01", "an Avro file", "convert it to Parquet"),
    (0, b"SEQ\x06", "a Hadoop sequence file", "write the table as CSV or Parquet"),
    (0, b"RDX2\n", "an R data file", "write the table in R with write.csv"),
    (0, b"RDX3\n", "an R data file", "write the table in R with write.csv"),
    (0, b"X\n\0\0", "an R data file (.rds)", "write the table in R with write.csv"),
    (0, b"$FL2", "an SPSS file", PANDAS),
    (0, b"<stata_dta>", "a Stata file", PANDAS),
    (0, b"%PDF-", "a PDF document", "provide the table itself, as CSV"),
    (0, b"MATLAB 5.0 MAT-file", "a MATLAB file (.mat)", ARRAYS),
    (0, b"\x89PNG\r\n\x1a\n", "an image (PNG), not a table", IMAGE),
    (0, b"\xff\xd8\xff", "an image (JPEG), not a table", IMAGE),
    (0, b"GIF8", "an image (GIF), not a table", IMAGE),
    (8, b"WEBPVP8", "an image (WebP), not a table", IMAGE),
    (0, b"\x7fELF", "a program", IMAGE),
)
# The same for files that only a pattern recognizes.
_PATTERNS: tuple[tuple[re.Pattern[bytes], str, str], ...] = (
    (
        re.compile(rb"\s*(<!--.*?-->\s*)?<(!doctype\s+html|html|head|body)[\s>]", re.I | re.S),
        "an HTML page, as servers send for a log-in or an error",
        "download the table itself",
    ),
    (re.compile(rb"\s*<(\?xml\s|!doctype\s)", re.I), "an XML document", EXPORT),
    (re.compile(rb"BZh[1-9](1AY&SY|\x17rE8P\x90)"), "compressed with bzip2", DECOMPRESS),
    (
        re.compile(rb"\x80[\x02-\x05][\x00-\x7f\x80-\x95]"),
        "a pickle",
        "open it where it was made, if you trust it, and write it with frame.to_parquet",
    ),
    (re.compile(rb"ORC.{0,8}[\x00-\x08\x0e-\x1f]", re.S), "an ORC file", "convert it to Parquet"),
    (re.compile(rb"\xff{4}[\x10-\xff].{3}\x10\0\0\0", re.S), "an Arrow stream", PANDAS),
    (
        re.compile(rb"\s*\{\s*\"(cells|nbformat)\"\s*:"),
        "a Jupyter notebook",
        "provide the table that it reads or writes",
    ),
    (
        re.compile(rb"\s*\[?\s*\{\s*[uU]?'(?:[^'\\\n]|\\.)*'\s*:"),
        "written as Python, not as JSON",
        PYTHON,
    ),
    (
        re.compile(rb"\d+:\s*\n\d+,[^\n]*\n"),
        "in the format of the Netflix Prize, with the ratings of each item below its id",
        'put the id into each line, with `awk \'/:$/ {sub(":", ""); id = $0; next} '
        '{print id "," $0}\'`',
    ),
    (
        re.compile(rb"[-+.\w]+([ \t]+(qid:)?\d+:[-+.\deE]+){2,}[ \t]*(#[^\n]*)?(\r?\n|$)"),
        "in the format of SVMlight, with pairs such as 3:1.0",
        "write a table, with a column for users and one for items",
    ),
)
# Users with pairs of an item and a rating, and transactions with the utilities of their items.
_PAIRS = re.compile(rb"\S+(?:[ \t]+[^\s,:]+,[-+]?\d*\.?\d+)+\s*")
_UTILITIES = re.compile(rb"(\d+(?: \d+)*):\d+:(\d+(?: \d+)*)\s*")
EXAMINED = 100  # lines
_WORD_VECTORS = re.compile(rb"\d+ \d+\r?\n")
_FLOAT = re.compile(rb"[-+]?\d*\.\d+([eE][-+]?\d+)?|[-+]?\d+(\.\d*)?[eE][-+]?\d+")
MOST_HEADER = 100_000_000  # bytes of the header of a safetensors file, at most

# The first member of a zip archive, or its suffix, and what the archive is.
_IN_ZIP = (
    (".npy", "NumPy arrays (.npz)", ARRAYS),
    ("[Content_Types].xml", "an Excel workbook (.xlsx)", "export the sheet as CSV"),
    ("xl/workbook.xml", "an Excel workbook (.xlsx)", "export the sheet as CSV"),
    ("content.xml", "an OpenDocument spreadsheet (.ods)", "export the sheet as CSV"),
    ("data.pkl", "a PyTorch file", ARRAYS),
)
_TABLES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".dat")


def recognized(path: Path, head: bytes) -> str | None:
    """Return what a file that is no table is, and the remedy; None for any other file.

    Parameters
    ----------
    path : Path
        The file, whose list of members is read if it is a zip archive.
    head : bytes
        Its first bytes, decompressed if it is compressed with gzip or zstd.

    Examples
    --------
    >>> recognized(Path("a.csv"), b"%PDF-1.7")
    'a PDF document: provide the table itself, as CSV'
    >>> recognized(Path("a.csv"), b"user,item")
    """
    for offset, magic, what, remedy in _SIGNATURES:
        if head.startswith(magic, offset):
            return f"{what}: {remedy}"
    if head.startswith(b"PK\x03\x04"):
        return _zip_archive(path)
    for pattern, what, remedy in _PATTERNS:
        if pattern.match(head.removeprefix(b"\xef\xbb\xbf")):
            return f"{what}: {remedy}"
    return _by_lines(head) or _vectors(head)


def _by_lines(head: bytes) -> str | None:
    """Return the description of a text whose lines of different lengths have parts of several."""
    complete = head.rpartition(b"\n")[0] or head
    lines = [line for line in complete.split(b"\n") if line.strip()][:EXAMINED]
    if len({len(line.split()) for line in lines}) < 2:
        return None
    if all(map(_PAIRS.fullmatch, lines)):
        return (
            "in lines of a user and pairs of items and ratings, such as 17,5: put each pair into a "
            "line, with `awk '{for (n = 2; n <= NF; n++) print $1 \",\" $n}'`"
        )
    utilities = [_UTILITIES.fullmatch(line) for line in lines]
    if all(each and len(each[1].split()) == len(each[2].split()) for each in utilities):
        return (
            "in the format of SPMF with utilities, such as 1 2:7:3 4: keep the items before the "
            "first colon, with `cut -d: -f1`"
        )
    return None


def _vectors(head: bytes) -> str | None:
    """Return the description of a file with vectors: a model, or word2vec's formats."""
    size = int.from_bytes(head[:8], "little")
    if 2 <= size <= MOST_HEADER and re.match(rb"\{\s*\"", head[8:24]):
        place = either("as MODEL, not as a table", "to ItemVectors.load, not as a table")
        return f"a model in the safetensors format, or other tensors: name it {place}"
    if not _WORD_VECTORS.match(head):
        return None
    lines = head.split(b"\n", 2)
    size = int(lines[0].split()[1])
    fields = lines[1].split()
    is_text = len(fields) == size + 1 and all(map(_FLOAT.fullmatch, fields[1:]))
    if is_text or b"\0" in head[:4096]:
        return (
            "a file of vectors in the format of word2vec: provide the interactions that they were "
            "trained on"
        )
    return None


def _zip_archive(path: Path) -> str:
    """Return the description of a zip archive, and of what it contains."""
    import zipfile

    names: list[str] = []
    # A damaged archive is still an archive, of unknown content.
    with contextlib.suppress(OSError, zipfile.BadZipFile, ValueError, NotImplementedError):
        names = zipfile.ZipFile(path).namelist()
    for ending, what, remedy in _IN_ZIP:
        if any(name.endswith(ending) for name in names):
            return f"{what}: {remedy}"
    if path.suffix.lower() in {".xlsx", ".xlsm", ".ods"}:
        return "an Excel or OpenDocument workbook: export the sheet as CSV"
    tables = [name for name in names if _is_table(name)]
    if tables:
        return f"a zip archive: unpack it, and provide {tables[0]}"
    return "a zip archive: unpack it, or export an Excel workbook as CSV"


def _is_table(name: str) -> bool:
    hidden = name.startswith(("__MACOSX", ".")) or "/." in name
    return not hidden and name.lower().endswith((*_TABLES, ".parquet", ".gz"))


def suffixes_of_tables(names: Iterable[str]) -> set[str]:
    """Return the suffixes of names, without that of a compression.

    Examples
    --------
    >>> suffixes_of_tables(["a.csv.gz", "b.csv", "c"]) == {".csv", ""}
    True
    """
    found = set()
    for name in names:
        bare = re.sub(r"(?i)(\.snappy|\.gz)?(\.gz|\.zst|\.zstd)?$", "", name, count=1)
        found.add(Path(re.sub(r"(?i)\.snappy\.parquet$", ".parquet", bare)).suffix.lower())
    return found
