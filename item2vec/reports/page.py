"""An evaluation as one HTML page that needs no network and contains no user id, path or time.

The same evaluation gives the same bytes. The page is rendered from `templates/` and contains
plotly.js; without JavaScript only the plots are missing.
"""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from item2vec._support.atomic_files import check_replaceable, replaced
from item2vec._version import __version__
from item2vec.errors import DataError, MissingExtraError
from item2vec.evaluation.bootstrap import RESAMPLES
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.reports import page_plots, sentences, tables
from item2vec.reports.page_names import renamed, short_names
from item2vec.reports.page_tables import for_page
from item2vec.reports.showcase import Example, Showcase

MOST_SHOWN = 20  # inputs, or labels, of an example
LENGTHS = (1, 5, 10, 20, 50, 100)  # of the recommended list, in the tables of the curves


class Shown(NamedTuple):
    """The title of an item in a list, and whether the item is a label."""

    title: str
    is_label: bool = False


def check_installed() -> None:
    """Raise MissingExtraError unless jinja2 and plotly are installed."""
    try:
        import jinja2
        import plotly  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            f"the page needs jinja2 and plotly, and {error.name} is missing: "
            "pip install 'item2vec[viz]'"
        ) from error
    del jinja2


def check_page(path: str | os.PathLike[str]) -> None:
    """Raise DataError if a page can't be written there, or would overwrite another kind of file."""
    check_replaceable(path, "an HTML page", _is_page)


def _is_page(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(15).lower() == b"<!doctype html>"


def write_page(
    evaluation: Evaluation,
    protocol: SplitProtocol,
    showcase: Showcase,
    path: str | os.PathLike[str],
    *,
    settings: Mapping[str, object] | None = None,
) -> None:
    """Write an evaluation as an HTML page that needs nothing but a browser.

    Parameters
    ----------
    evaluation : Evaluation
    protocol : SplitProtocol
        The protocol of the evaluation.
    showcase : Showcase
        The examples, recorded by this observer during the evaluation.
    path : path
        An older page there is replaced.
    settings : mapping, optional
        Name → value of other settings of the evaluation, which the page lists.

    Raises
    ------
    MissingExtraError
        If jinja2 or plotly is not installed.
    DataError
        If there is no model, the page can't be written, or it would overwrite another kind of file.
    """
    check_installed()
    check_page(path)
    if not evaluation.models:
        raise DataError("no model was scored, so there is nothing to show: evaluate one")
    text = _rendered(evaluation, protocol, showcase, settings or {})
    with replaced(path) as beside:
        beside.write_text(text, encoding="utf-8", newline="\n")


def _rendered(
    evaluation: Evaluation,
    protocol: SplitProtocol,
    showcase: Showcase,
    settings: Mapping[str, object],
) -> str:
    import jinja2

    names = short_names(evaluation.models)
    evaluation, showcase = renamed(evaluation, names), showcase.renamed(names)
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("item2vec.reports"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    template = environment.get_template("page.html")
    return template.render(
        **_scores(evaluation, protocol),
        **_plots(evaluation, showcase),
        showcase=showcase,
        neighbors=_neighbors(showcase),
        examples=[_example(example, showcase) for example in showcase.examples],
        models=evaluation.models,
        evaluation=evaluation,
        counts=next(iter(evaluation.scores.values())).counts,
        protocol=protocol,
        asked=protocol.to_dict(),
        of_users=_kind_of_users(evaluation, protocol),
        settings=settings,
        resamples=f"{RESAMPLES:,}",
        version=__version__,
    )


def _kind_of_users(evaluation: Evaluation, protocol: SplitProtocol) -> str:
    """Return the term for the scored users on the page."""
    if evaluation.in_sample:
        return "in-sample users"
    return "held-out users" if protocol.family == "held-out users" else "users"


def _scores(evaluation: Evaluation, protocol: SplitProtocol) -> dict[str, Any]:
    """Return the variables of the template for the scores."""
    model = evaluation.models[0]
    main = evaluation.main_metric
    best = tables.ranked(evaluation)[0]
    return {
        "main": main,
        "best": best,
        "best_score": evaluation.summary(best)[main],
        "own_score": evaluation.summary(model)[main],
        "verdicts": _verdicts(evaluation, model, main),
        "title": sentences.title(evaluation, protocol),
        "scores": for_page(tables.scores(evaluation)),
        "related": [for_page(table) for table in tables.neighbors(evaluation)],
        "differences": for_page(tables.differences(evaluation))
        if len(evaluation.models) > 1
        else None,
        "not_significant": sentences.not_significant(evaluation),
        "notes": list(sentences.notes(evaluation)),
        "reach": for_page(tables.reach(evaluation)),
        "by_length": for_page(tables.by_length(evaluation)),
    }


def _verdicts(evaluation: Evaluation, model: str, metric: str) -> dict[str, list[str]]:
    """Return the other models by verdict: this model is better, worse, or the result is unclear."""
    verdicts: dict[str, list[str]] = {"better": [], "worse": [], "unclear": []}
    for name, difference in evaluation.differences(model, metric).items():
        verdicts[sentences.in_words(difference)].append(name)
    return verdicts


def _plots(evaluation: Evaluation, showcase: Showcase) -> dict[str, Any]:
    """Return the variables of the template for the plots, and the curves as tables."""
    order = tables.ranked(evaluation)
    curves = {
        metric: {name: evaluation.curve(name, metric) for name in order}
        for metric in page_plots.CURVES
    }
    plots = page_plots.curve_plots(evaluation, curves)
    training_plot = page_plots.training_plot(evaluation, showcase)
    return {
        "plots": plots,
        "curves": [
            for_page(tables.curves(lines, f"{page_plots.CURVES[metric]} in numbers", LENGTHS))
            for metric, lines in curves.items()
        ],
        "training_plot": training_plot,
        "drawn": [*plots, *filter(None, [training_plot])],
        "styles": page_plots.styles(evaluation.models),
        "plotly_js": page_plots.plotly_js(),
    }


def _neighbors(showcase: Showcase) -> list[tuple[str, dict[str, list[Shown]]]]:
    """Return the titles of popular items, each with its nearest items by model."""
    return [
        (
            showcase.title(item_id),
            {name: [Shown(showcase.title(near)) for near in ids] for name, ids in lists.items()},
        )
        for item_id, lists in showcase.neighbors.items()
        if lists
    ]


def _example(example: Example, showcase: Showcase) -> dict[str, Any]:
    """Return an example with titles instead of ids; None for an item outside the vocabulary."""

    def named(ids: Iterable[str | None]) -> list[str | None]:
        return [showcase.title(item_id) if item_id else None for item_id in ids]

    lists = {
        name: [Shown(showcase.title(item_id), item_id in example.labels) for item_id in ids]
        for name, ids in example.recommended.items()
    }
    n_labels = len(example.labels)
    return {
        "inputs": named(example.inputs[:MOST_SHOWN]),
        "more_inputs": len(example.inputs[MOST_SHOWN:]),
        "labels": named(example.labels[:MOST_SHOWN]),
        "more_labels": len(example.labels[MOST_SHOWN:]),
        "hits": {name: f"{example.hits(name)} of {n_labels}" for name in lists},
        "lists": lists,
    }
