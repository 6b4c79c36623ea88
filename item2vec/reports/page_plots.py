"""The plots of the page, drawn by plotly.js, whose source is embedded in the page."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from item2vec.evaluation.results import Evaluation
from item2vec.reports.showcase import Showcase
from item2vec.types import Values

# Each has a contrast of at least 3:1 with white and with a nearly black background (WCAG 1.4.11).
COLORS = ("#2f78d0", "#d0661c", "#2a9158", "#a05fd0", "#d04a74", "#1c8e9c", "#94823a", "#7b8490")
DASHES = ("solid", "dash", "dot", "dashdot")
SVG_DASHES = {"solid": "", "dash": "9 5", "dot": "2 4", "dashdot": "9 4 2 4"}
CURVES = {"recall": "recall@k", "ndcg": "ndcg@k"}
CLEAR = "rgba(0,0,0,0)"
CONFIG = {"displayModeBar": False, "displaylogo": False, "showTips": False, "responsive": True}


@dataclass(frozen=True)
class Style:
    """The style of a model's line in every plot; styles differ by dashes as well as by color."""

    color: str
    dash: str

    @property
    def svg_dash(self) -> str:
        """The dashes in the notation of SVG."""
        return SVG_DASHES[self.dash]


@dataclass(frozen=True)
class Plot:
    """A plot: the id of its element, its title, the script that draws it, and its alt text."""

    name: str
    title: str
    script: str
    words: str


def styles(models: Sequence[str]) -> dict[str, Style]:
    """Return each model's style; adjacent models differ both in color and in dashes."""
    return {
        name: Style(COLORS[n % len(COLORS)], DASHES[(n + n // len(COLORS)) % len(DASHES)])
        for n, name in enumerate(models)
    }


def plotly_js() -> str:
    """Return the source of plotly.js, to be embedded in the page."""
    from plotly.offline import get_plotlyjs

    source: str = get_plotlyjs()
    return source


def curve_plots(evaluation: Evaluation, curves: Mapping[str, Mapping[str, Values]]) -> list[Plot]:
    """Return the plots of recall@k and ndcg@k.

    Parameters
    ----------
    evaluation : Evaluation
    curves : mapping
        "recall" or "ndcg" → model → its mean at every k, float64 (K,).
    """
    look = styles(evaluation.models)
    plots = []
    for metric, lines in curves.items():
        traces = [_line(name, values, look[name]) for name, values in lines.items()]
        ends = ", ".join(f"{name} {values[-1]:.3f}" for name, values in lines.items())
        n = len(next(iter(lines.values())))
        words = (
            f"{CURVES[metric]} for k from 1 to {n}, one line for each model. At k = {n}: {ends}."
        )
        plots.append(_plot(f"plot-{metric}", CURVES[metric], words, traces, "k"))
    return plots


def training_plot(evaluation: Evaluation, showcase: Showcase) -> Plot | None:
    """Return the plot of the validation scores by epoch; None if no model has any."""
    look = styles(evaluation.models)
    shown = {name: showcase.training[name] for name in look if name in showcase.training}
    if not shown:
        return None
    traces, best, words = [], [], []
    for name, curve in shown.items():
        scores, epoch = np.array(curve["scores"], dtype=np.float64), curve["best_epoch"]
        traces.append(_line(name, scores, look[name], x="epoch"))
        best.append(_best(name, epoch, float(scores[epoch - 1]), look[name]))
        words.append(f"{name} is best after epoch {epoch} of {len(scores)}")
    metric = str(next(iter(shown.values()))["metric"])
    title = f"{metric} on validation users after each epoch"
    description = f"{title}: {'; '.join(words)}."
    return _plot("plot-training", title, description, [*traces, *best], "epoch")


def _line(name: str, values: Values, style: Style, *, x: str = "k") -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": list(range(1, len(values) + 1)),
        "y": [round(value, 5) for value in values.tolist()],
        "line": {"color": style.color, "dash": style.dash, "width": 2.2},
        "hovertemplate": f"%{{fullData.name}}<br>{x} = %{{x}}: %{{y:.4f}}<extra></extra>",
    }


def _best(name: str, epoch: int, score: float, style: Style) -> dict[str, Any]:
    """Return the trace that marks the best epoch."""
    return {
        "type": "scatter",
        "mode": "markers+text",
        "name": f"{name}, best",
        "x": [epoch],
        "y": [score],
        "text": [f"epoch {epoch}: {score:.4f}"],
        "textposition": "top center",
        "cliponaxis": False,
        "marker": {"color": style.color, "size": 13, "symbol": "diamond"},
        "hoverinfo": "skip",
    }


def _layout(x: str) -> dict[str, Any]:
    """Return a layout without colors of text and lines, which the style sheet of the page sets."""
    axis = {"fixedrange": True, "automargin": True, "zeroline": False, "ticklen": 4}
    return {
        "height": 340,
        "margin": {"l": 8, "r": 14, "t": 26, "b": 8},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "showlegend": False,
        "dragmode": False,
        "hovermode": "closest",
        "hoverlabel": {"align": "left", "font": {"color": "#ffffff"}, "bgcolor": "#23272e"},
        "font": {"family": "system-ui, sans-serif", "size": 13},
        "xaxis": {**axis, "title": {"text": x}, "showgrid": False, "ticks": "outside"},
        "yaxis": {**axis, "rangemode": "tozero", "nticks": 7},
    }


def _plot(name: str, title: str, words: str, traces: list[dict[str, Any]], x: str) -> Plot:
    """Return a plot whose script can be embedded safely in HTML."""
    from plotly.io.json import to_json_plotly  # escapes <, > and /

    arguments = ", ".join(to_json_plotly(part) for part in (name, traces, _layout(x), CONFIG))
    return Plot(name, title, f"Plotly.newPlot({arguments});", words)
