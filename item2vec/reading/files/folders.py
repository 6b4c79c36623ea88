"""Folders of part files, such as Spark, Hive and pandas write, as one table."""

import os
import re
from pathlib import Path
from urllib.parse import unquote

from item2vec._support.messages import shown
from item2vec.errors import DataError
from item2vec.reading.files.permissions import check_listed
from item2vec.reading.files.signatures import suffixes_of_tables

SHOWN = 4  # files that a message lists

# What lies beside the files of tables whose files can't be read without it, and the remedy.
_FORMATS = {
    "_delta_log": (
        "a Delta table",
        "export it first, in Python with DeltaTable(folder).to_pandas().to_parquet(file)",
    ),
    ".hoodie": ("a Hudi table", "export it first, with spark.read and write.parquet"),
}
_MARKERS = re.compile(r"_SUCCESS|_(common_)?metadata|_(committed|started)_\w+|\..*\.crc")
_MISSING = "__HIVE_DEFAULT_PARTITION__"
_ICEBERG = "metadata/*.metadata.json"


def is_marker(path: Path) -> bool:
    """Return whether a file or folder is hidden, or a marker that accompanies part files.

    Examples
    --------
    >>> [is_marker(Path(name)) for name in ("_SUCCESS", ".part-0.crc", "part-0.csv")]
    [True, True, False]
    """
    return path.name.startswith(("_", ".")) or path.name in {"Thumbs.db", "desktop.ini"}


def is_known_marker(path: Path) -> bool:
    """Return whether a file is a marker that Spark or Hive writes, by its exact name."""
    return _MARKERS.fullmatch(path.name) is not None


def part_files(folder: Path) -> list[Path]:
    """Return the files of a table in a folder and its subfolders, sorted by name.

    Files and folders whose names begin with ``_`` or ``.`` are skipped, and so are files of 0
    bytes, which Spark writes for empty partitions.

    Raises
    ------
    DataError
        If the folder contains no files, or files of several kinds, or a table of a format that
        consists of more than its files, or the folder may not be read.
    """
    check_listed(folder)
    _refuse_formats(folder)
    parts = _files(folder)
    if not parts:
        raise DataError(
            f'{folder} is a folder without tables: name the files, as in "{folder / "*.csv"}"'
        )
    suffixes = suffixes_of_tables([part.name for part in parts])
    if len(suffixes) > 1:
        raise DataError(
            f"{folder} is a folder of files that are not one table ({_listed(folder, parts)}): "
            f"name those to read, as in {glob_for(parts)}"
        )
    return [part for part in parts if part.stat().st_size] or parts[:1]


def partitions(part: Path, folder: Path) -> dict[str, str | None]:
    """Return the columns and their values that the path of a part file holds.

    Examples
    --------
    >>> partitions(Path("out/year=2024/shop=a%2Fb/part-0.csv"), Path("out"))
    {'year': '2024', 'shop': 'a/b'}
    """
    pairs = [name.split("=", 1) for name in part.relative_to(folder).parent.parts if "=" in name]
    return {unquote(name): None if value == _MISSING else unquote(value) for name, value in pairs}


def glob_for(parts: list[Path]) -> str:
    """Return a glob, in double quotes, that matches the likeliest of some files."""
    tables = [part for part in parts if part.suffix.lower() in {".csv", ".parquet", ".jsonl"}]
    part = (tables or parts)[0]
    return f'"{part.parent / ("*" + part.suffix)}"'


def _files(folder: Path) -> list[Path]:
    """Return all files that are no markers, sorted; raise OSError if a folder can't be listed."""

    def fail(error: OSError) -> None:
        raise error  # os.walk would leave the folder out

    found = []
    for root, folders, names in os.walk(folder, onerror=fail):
        folders[:] = [name for name in folders if not is_marker(Path(name))]
        paths = [Path(root) / name for name in names if not is_marker(Path(name))]
        found += [path for path in paths if path.is_file()]
    return sorted(found)


def _refuse_formats(folder: Path) -> None:
    """Raise DataError for a table whose files alone are not its content."""
    found = [value for name, value in _FORMATS.items() if (folder / name).is_dir()]
    if any(folder.glob(_ICEBERG)):
        found.append(
            ("an Iceberg table", "export it first, in Python with table.scan().to_pandas()")
        )
    for what, remedy in found:
        raise DataError(
            f"{folder} is {what}, in which files may be deleted or replaced versions: {remedy}"
        )


def _listed(folder: Path, parts: list[Path]) -> str:
    names = [str(part.relative_to(folder)) for part in parts[:SHOWN]]
    more = f", and {len(parts) - SHOWN:,} more" if len(parts) > SHOWN else ""
    return ", ".join(shown(name).strip("'") for name in names) + more
