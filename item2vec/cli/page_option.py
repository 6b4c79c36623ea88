"""`--report FILE`: the HTML page that `evaluate` writes beside what it prints."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.console import refuse_to_overwrite, say
from item2vec.cli.evaluate_options import EvaluateOptions
from item2vec.cli.file_types import PAGE

if TYPE_CHECKING:
    from item2vec.evaluation.results import Evaluation
    from item2vec.evaluation.splitting.protocol import SplitProtocol
    from item2vec.reports.showcase import Showcase

F = TypeVar("F", bound=Callable[..., Any])


def page_option(command: F) -> F:
    """Add --report FILE, which the command receives as `page_file`."""
    return click.option(
        "--report",
        "page_file",
        type=PAGE,
        metavar="FILE",
        help="HTML page to write, with tables, plots and examples.",
    )(command)


def check_page(options: EvaluateOptions) -> None:
    """Raise an error if the page can't be written, before anything is read or trained."""
    if options.page_file is None:
        return
    from item2vec.reports import page

    page.check_installed()
    page.check_page(options.page_file)
    refuse_to_overwrite([Path(options.page_file)], options.inputs)


def write_page(
    evaluation: "Evaluation",
    protocol: "SplitProtocol",
    showcase: "Showcase",
    options: EvaluateOptions,
) -> None:
    """Write the page, if --report is given, and print where it is."""
    if options.page_file is None:
        return
    from item2vec.reports import page

    settings = _settings(options)
    page.write_page(evaluation, protocol, showcase, options.page_file, settings=settings)
    say(f"Wrote the page {options.page_file}: open it in a browser; it needs no network.")


def _settings(options: EvaluateOptions) -> dict[str, Any]:
    """Return the options that affect the numbers, except those that may name a user or a file.

    Options of training have no effect if only stored models are scored.
    """
    settings: dict[str, Any] = {"--seed": options.metrics.seed}
    if options.trains:
        settings |= {
            "--folds": options.split.folds,
            "--held-out": options.held_out,
            "--validate": options.recommenders.validate,
            "--min-count": options.recommenders.min_count,
            "--repeated": options.recommenders.repeated,
        }
    return {option: value for option, value in settings.items() if value is not None}
