"""Results of look-ups: a table of many rows, in a file or printed, or a short list of items."""

import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from item2vec._support.atomic_files import check_place
from item2vec._support.messages import counted
from item2vec.cli.console import refuse_to_overwrite, say
from item2vec.cli.file_types import STDOUT
from item2vec.cli.printing import OutputFormat, print_records, print_table
from item2vec.errors import ParameterError

if TYPE_CHECKING:
    from rich.table import Table

    from item2vec.models.item_vectors import ItemVectors
    from item2vec.models.lookup.columns import Chunk
    from item2vec.models.lookup.skipped import Skipped

# The format of a table of many rows on stdout. As a drawn table, it could only be printed whole.
PRINTED: Mapping[OutputFormat, str] = {
    "table": ".csv",
    "csv": ".csv",
    "tsv": ".tsv",
    "json": ".jsonl",
}


@dataclass(frozen=True)
class TableOutput:
    """The destination of a table of many rows.

    Parameters
    ----------
    path : str or None
        The file; "-" or None for stdout.
    output_format : str
        The format on stdout. A file has the format given by its extension.
    """

    path: str | None
    output_format: OutputFormat

    @property
    def is_printed(self) -> bool:
        """Whether the table goes to stdout."""
        return self.path is None or self.path == STDOUT

    def check(self, inputs: Iterable[str]) -> None:
        """Raise an error, before any work, unless the table can be written and is not an input."""
        from item2vec.models.lookup.output_file import TableFormat

        if self.path is None or self.is_printed:
            return
        if self.output_format != "table":
            raise ParameterError(
                f"--output-format {self.output_format} describes what is printed: leave it out, "
                f"and name the format by the extension of {self.path}"
            )
        TableFormat.of(self.path)
        refuse_to_overwrite([Path(self.path)], inputs)
        check_place(self.path)

    def write(self, chunks: Iterable["Chunk"], skipped: "Skipped | None" = None) -> None:
        """Write the table chunk by chunk, and print how many rows it has and what was skipped."""
        from item2vec.models.lookup.output_file import stream_table, write_table

        if self.path is None or self.is_printed:
            if sys.stdout is None:
                raise ParameterError("stdout is closed: name a file with -o")
            stream_table(sys.stdout.buffer, chunks, PRINTED[self.output_format])
        else:
            n_rows = write_table(self.path, chunks)
            say(f"Wrote {counted(n_rows, 'row')} to {self.path}.")
        if skipped is not None:
            say(skipped.lines())


def print_items(
    found: Iterable[Mapping[str, Any]], vectors: "ItemVectors", output_format: OutputFormat
) -> None:
    """Print items, best first, with ranks and, where they are known, titles and genres.

    Parameters
    ----------
    found : iterable of mapping
        Each with the id, the title and one or several numbers of an item.
    vectors : ItemVectors
        The model, for the genres.
    output_format : str
    """
    genres = vectors.catalogue.columns.get("genres")
    records: list[dict[str, Any]] = [{"rank": n, **item} for n, item in enumerate(found, 1)]
    if genres:
        for record in records:
            record["genres"] = genres[vectors.vocabulary.row(record["id"])]
    if output_format == "table":
        print_table(_items_table(records, vectors))
    else:
        print_records(records, output_format)


def _items_table(records: list[dict[str, Any]], vectors: "ItemVectors") -> "Table":
    """Return items as a table: rank, numbers, id, texts."""
    from rich.table import Table
    from rich.text import Text

    texts = [name for name in ("title", "genres") if name in vectors.catalogue.columns]
    numbers = [name for name in ("score", "cosine") if records and name in records[0]]
    table = Table()
    for name in ("rank", *numbers):
        table.add_column(name, justify="right", no_wrap=True)
    for name in ("id", *texts):
        table.add_column(name)
    for record in records:
        cells = [str(record["rank"]), *(f"{record[name]:.3f}" for name in numbers), record["id"]]
        cells += [record[name] or "" for name in texts]
        table.add_row(*map(Text, cells))  # Text: a title such as "Song [live]" is not markup
    return table
