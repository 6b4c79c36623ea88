"""`--report FILE`: the page beside what a command prints."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.console import refuse_to_overwrite, say

if TYPE_CHECKING:
    from item2vec.evaluation.results import Evaluation
    from item2vec.evaluation.splitting.protocol import SplitProtocol
    from item2vec.reports.showcase import Showcase

F = TypeVar("F", bound=Callable[..., Any])

# What the page tells of the command: nothing that could name a user or a place. The others have no
# say where stored models are scored and nothing is trained.
TOLD = ("seed", "folds", "held_out", "validate", "min_count", "repeated")


def page_option(command: F) -> F:
    """Add --report FILE."""
    return click.option(
        "--report",
        "page_file",
        metavar="FILE",
        help="HTML page to write, with tables, plots and examples.",
    )(command)


def check_page_option(interactions: tuple[str, ...], options: Mapping[str, Any]) -> None:
    """Raise where the page could not be written, before anything is read or trained."""
    if not options["page_file"]:
        return
    from item2vec.reports import page

    page.check_installed()
    page.check_page(options["page_file"])
    files = filter(None, (options["items"], options["params_file"]))
    inputs = (*interactions, *options["models"], *options["train_on"], *options["tests"], *files)
    refuse_to_overwrite([Path(options["page_file"])], inputs)


def write_page_option(
    evaluation: "Evaluation",
    protocol: "SplitProtocol",
    showcase: "Showcase",
    options: Mapping[str, Any],
) -> None:
    """Write the page, with the options that decided its numbers, and say where it is."""
    from item2vec.reports.page import write_page

    trains = options["train_on"] or options.get("tests") or not options["models"]
    told = TOLD if trains else TOLD[:1]
    settings = {f"--{name.replace('_', '-')}": options[name] for name in told if name in options}
    write_page(evaluation, protocol, showcase, options["page_file"], settings=settings)
    say(f"The page is in {options['page_file']}: open it in a browser; it needs no network.")
