"""The types of arguments and options that are files or folders.

In their values, ~ and ~user are replaced by the home folder, which a shell does only at the
beginning of a word: not in ``--items=~/movies.csv``, nor in a configuration file. Shells complete
them as the names of files.
"""

from typing import Any, Literal

import click
from click.shell_completion import CompletionItem

from item2vec._support.checks import check_path
from item2vec.errors import ParameterError

STDOUT = "-"


class FileName(click.ParamType[str]):
    """The name of a file or folder.

    Parameters
    ----------
    written : str, optional
        What is written there, with its article, if it can't be written to standard output.
    example : str, optional
        A name for it, for messages.
    kind : {"file", "dir"}
        What shells complete.
    """

    name = "file"

    def __init__(
        self,
        written: str | None = None,
        example: str = "",
        kind: Literal["file", "dir"] = "file",
    ) -> None:
        self.written = written
        self.example = example
        self.kind = kind

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, with the home folder in place of ~.

        An empty name is refused, which a shell passes for a variable that is not set, and "-" if
        it must be a file.
        """
        if value == "":
            raise ParameterError(
                f"{_shown_name(param)} is empty (''), perhaps from an unset shell variable: "
                "name a file"
            )
        if value == STDOUT and self.written:
            place = "file" if self.kind == "file" else "folder"
            raise ParameterError(
                f"{_shown_name(param)} can't be standard output (-): {self.written} is written to "
                f"a {place} and replaced as a whole; name one, such as {self.example}"
            )
        text = str(value)
        return str(check_path(text)) if text.startswith("~") else text

    def shell_complete(
        self, ctx: click.Context, param: click.Parameter, incomplete: str
    ) -> list[CompletionItem]:
        """Let the shell complete the names of files."""
        return [CompletionItem(incomplete, type=self.kind)]


def _shown_name(param: click.Parameter | None) -> str:
    """Return an option as it is written, or an argument as help shows it."""
    if isinstance(param, click.Option):
        return param.opts[0]
    return (param and param.metavar) or "the output"


READ = FileName()
TABLE = FileName()
FOLDER = FileName("a set of files", "data", kind="dir")
MODEL = FileName("a model", "model.safetensors")
PAGE = FileName("a page", "report.html")
PARAMETERS = FileName("a parameters file", "best.toml")
STUDY = FileName("a study", "best.study")
