"""The page: the evaluation's own numbers, nothing of the users, nothing from elsewhere."""

import json
import os
import re
import sys
from dataclasses import replace

import numpy as np
import pytest
from pages import HOSTILE, PARAMETERS, PROTOCOL, USER, Page, evaluated_once, written

from item2vec.errors import DataError, MissingExtraError
from item2vec.evaluation.bootstrap import Groups
from item2vec.evaluation.cross_validation import compare
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.scores import ItemMetric
from item2vec.reports import page_plots, tables
from item2vec.reports.page import check_page, write_page
from item2vec.reports.page_names import short_names
from item2vec.reports.sentences import in_words, not_significant, notes
from item2vec.reports.showcase import Showcase

NONE = "\N{EN DASH}"
SCORES = "All models, best first (held-out users)"


@pytest.fixture(scope="module")
def made(tmp_path_factory) -> tuple[Evaluation, Showcase, str]:
    return written(tmp_path_factory.mktemp("page"))


@pytest.fixture(scope="module")
def page(made) -> Page:
    return Page(made[2])


# -- the numbers ----------------------------------------------------------------------------------


def test_the_scores_are_the_evaluations(made, page):
    evaluation, _, _ = made
    header, *rows = page.tables[SCORES]
    assert [row[0] for row in rows] == tables.ranked(evaluation)
    metrics = ["recall@10", "mrr@10", "hit_rate@10", "ndcg@100", "genre_overlap@10"]
    drawn = ["model", "ndcg@10", "ndcg@10, drawn"]
    assert header == [*drawn, *[metric.replace("_", " ") for metric in metrics]]
    for name, main, bar, *others in rows:
        summary = evaluation.summary(name)
        mean, low, high = summary["ndcg@10"]
        assert main == f"{mean:.4f} | {low:.4f} … {high:.4f}"
        assert bar == "", "a drawing says what stands beside it"
        for metric, text in zip(metrics, others, strict=True):
            told = summary.get(metric)
            expected = f"{told.mean:.3f} | {told.low:.3f} … {told.high:.3f}" if told else NONE
            assert text == expected


def test_the_differences_are_the_evaluations_with_words_for_the_wider_interval(made, page):
    evaluation, _, _ = made
    differences = evaluation.differences("word2vec", "ndcg@10")
    header, *rows = page.tables[
        "ndcg@10 of word2vec against each other model, paired by user (held-out users)"
    ]
    assert header == [
        "model", "difference", "difference, drawn", "for all 4 at once", "in words",
    ]  # fmt: skip
    for (name, found), row in zip(differences.items(), rows, strict=True):
        assert row == [
            name, f"{found.mean:+.4f} | {found.low:+.4f} … {found.high:+.4f}", "",
            f"{found.low_of_all:+.4f} … {found.high_of_all:+.4f}", in_words(found),
        ]  # fmt: skip
    for sentence in [*not_significant(evaluation), *notes(evaluation)]:
        assert sentence in page.text
    assert "better than popularity" in page.text


def test_bars_lie_where_their_numbers_do(made):
    _, _, html = made
    bars = re.findall(r'class="whisker" x1="([\d.]+)" x2="([\d.]+)"', html)
    means = re.findall(r'class="mean" x1="([\d.]+)"', html)
    zeros = re.findall(r'class="zero" x1="([\d.]+)"', html)
    assert (len(bars), len(means), len(zeros)) == (9, 9, 4)
    for (low, high), mean in zip(bars, means, strict=True):
        assert 0 <= float(low) <= float(mean) <= float(high) <= 100


def test_curves_are_drawn_and_told_in_numbers(made, page):
    evaluation, _, html = made
    for metric in ("recall", "ndcg"):
        rows = {row[0]: row[1:] for row in page.tables[f"{metric}@k in numbers"]}
        assert rows["model"] == [f"k = {k}" for k in (1, 5, 10, 20, 50, 100)]
        for name in evaluation.models:
            curve = evaluation.curve(name, metric)
            assert rows[name] == [f"{curve[k - 1]:.4f}" for k in (1, 5, 10, 20, 50, 100)]
        assert f'Plotly.newPlot("plot-{metric}"' in html
        assert f'<div id="plot-{metric}">' in html


def test_the_plots_are_what_plotly_understands(made):
    import plotly.graph_objects as go

    evaluation, showcase, _ = made
    curves = {"recall": {name: evaluation.curve(name, "recall") for name in evaluation.models}}
    (plot,) = page_plots.curve_plots(evaluation, curves)
    training = page_plots.training_plot(evaluation, showcase)
    drawn = {}
    for one in (plot, training):
        arguments = one.script.removeprefix("Plotly.newPlot(").removesuffix(");")
        name, traces, layout, config = json.loads(f"[{arguments}]")
        figure = go.Figure({"data": traces, "layout": layout})  # it refuses what it does not know
        assert len(figure.data) == len(traces)
        assert name == one.name
        assert config["displayModeBar"] is False
        assert layout["font"]["family"].startswith("system-ui"), "no font is fetched"
        drawn[name] = traces
    lines = drawn["plot-recall"]
    assert [line["name"] for line in lines] == evaluation.models
    assert lines[0]["x"] == list(range(1, 101))
    assert lines[0]["y"] == pytest.approx(curves["recall"]["word2vec"], abs=1e-5)
    assert f"word2vec {curves['recall']['word2vec'][-1]:.3f}" in plot.words
    scores = showcase.training["word2vec"]["scores"]
    assert drawn["plot-training"][0]["y"] == pytest.approx(scores, abs=1e-5)


def test_reach_and_slices_are_the_evaluations(made, page):
    evaluation, _, _ = made
    caption = next(caption for caption in page.tables if caption.startswith("Beyond accuracy"))
    popularity = evaluation.cohort.label_popularity.mean()
    assert f"{popularity:,.0f} training interactions" in caption
    header, *rows = page.tables[caption]
    assert header[1:4] == ["recall head", "recall middle", "recall tail"]
    reach = {row[0]: row[1:] for row in rows}
    by_length = {
        row[0]: row[1:] for row in page.tables["ndcg@10 by the length of the user's history"]
    }
    lengths = evaluation.length_slices("word2vec")
    assert by_length["model"] == [f"{part.name} ({part.cases:,} cases)" for part in lengths]
    for name in evaluation.models:
        summary, how_far = evaluation.summary(name), evaluation.reach(name)
        *recalls, covered, gini, novelty, popularity, similarity = reach[name]
        assert (covered, gini) == (f"{how_far['coverage@10']:.3f}", f"{how_far['gini@10']:.3f}")
        assert novelty.startswith(f"{summary['novelty@10'].mean:.1f} | ")
        assert popularity.startswith(f"{summary['popularity@10'].mean:,.0f} | ")
        assert similarity.startswith(f"{summary['similarity@10'].mean:.3f} | ")
        for found, cells in (
            (evaluation.label_slices(name), recalls),
            (evaluation.length_slices(name), by_length[name]),
        ):
            assert cells == [
                f"{part.score.mean:.3f} | {part.score.low:.3f} … {part.score.high:.3f}"
                for part in found
            ]


def test_the_training_curve_marks_the_best_epoch(made, page):
    _, showcase, html = made
    told = showcase.training["word2vec"]
    score = told["scores"][told["best_epoch"] - 1]
    sentence = (
        f"word2vec: ndcg@10 {score:.4f} after epoch {told['best_epoch']} of 6, "
        f"on {told['users']} validation users."
    )
    assert sentence in page.text
    assert f"epoch {told['best_epoch']}: {score:.4f}" in html
    assert "<code>--validate</code>" not in html


def test_without_validation_a_sentence_says_what_would_give_the_curve(tmp_path):
    _, _, html = written(tmp_path, validate=0.0)
    assert "<code>--validate</code> adds one" in html
    assert 'newPlot("plot-training"' not in html


# -- the examples ---------------------------------------------------------------------------------


def test_five_users_are_shown_with_hits_marked_in_words_too(made, page):
    _, showcase, html = made
    users = [text for tag, text in page.headings if tag == "h3" and text.startswith("User ")]
    assert users == [f"User {n}" for n in range(1, 6)]
    for n, example in enumerate(showcase.examples, 1):
        header, *rows = page.tables[f"Recommended to user {n}"]
        assert header == ["", *[
            f"{name} | {example.hits(name)} of 4" for name in example.recommended
        ]]  # fmt: skip
        assert [row[0] for row in rows] == [str(place) for place in range(1, 11)]
        for column, (name, ids) in enumerate(example.recommended.items(), 1):
            for row, item_id in zip(rows, ids, strict=False):
                mark = "✓label: " if item_id in example.labels else ""
                assert row[column] == mark + showcase.title(item_id)
            assert sum(row[column].startswith("✓") for row in rows) == example.hits(name)
    unknown = sum((example.inputs + example.labels).count(None) for example in showcase.examples)
    assert unknown > 0, "of rare items"
    assert html.count("<em>not in the vocabulary</em>") == unknown


def test_neighbours_stand_beside_item_knns(made, page):
    _, showcase, _ = made
    assert len(showcase.neighbors) == 6
    for item_id, lists in showcase.neighbors.items():
        header, *rows = page.tables[f"Most similar to {showcase.title(item_id)}"]
        assert header == ["", "word2vec", "item-knn", "ease"]
        if showcase.title(item_id) == HOSTILE:
            continue  # two items have this title
        for column, ids in enumerate(lists.values(), 1):
            assert [row[column] for row in rows] == [showcase.title(near) for near in ids]


def test_long_histories_are_cut_and_say_so(made, tmp_path):
    evaluation, showcase, _ = made
    showcase = showcase.renamed({name: name for name in evaluation.models})
    showcase.examples[0].inputs = [f"a{n % 30}" for n in range(33)]
    write_page(evaluation, PROTOCOL, showcase, tmp_path / "page.html")
    assert "and 13 more" in (tmp_path / "page.html").read_text(encoding="utf-8")


# -- what must not be there, and what must --------------------------------------------------------


def test_no_user_host_path_or_time_is_in_the_page(made):
    _, _, html = made
    own = html.replace(page_plots.plotly_js(), "")
    assert USER not in html
    assert not re.search(rf"\b{re.escape(os.uname().nodename)}\b", own)
    assert not re.search(r"/(tmp|home|root|usr)\b", own)
    assert not re.search(r"\b20\d\d-\d\d-\d\d\b", own)


def test_titles_are_text_not_markup(made, page):
    _, _, html = made
    assert "<script>alert(1)" not in html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in html
    assert f"Most similar to {HOSTILE}" in page.tables
    assert "{{ 7 * 7 }}" in html


def test_a_models_name_is_text_in_tables_attributes_and_scripts(made, tmp_path):
    evaluation, showcase, _ = made
    name = "</script><script>alert(2)</script>\"' onload=x"
    names = {model: model for model in evaluation.models} | {"word2vec": name}
    from item2vec.reports.page_names import renamed

    path = tmp_path / "page.html"
    write_page(renamed(evaluation, names), PROTOCOL, showcase.renamed(names), path)
    html = path.read_text(encoding="utf-8")
    assert "<script>alert(2)" not in html
    found = Page(html)
    assert [tag for tag, _ in found.tags].count("script") == 2
    assert not [attributes for _, attributes in found.tags if "onload" in attributes]


def test_nothing_is_fetched_from_anywhere(made, page):
    _, _, html = made
    policies = [a["content"] for tag, a in page.tags if tag == "meta" and "http-equiv" in a]
    assert len(policies) == 1
    assert policies[0].startswith("default-src 'none';")
    fetching = {"src", "srcset", "data", "action", "background", "poster"}
    for tag, attributes in page.tags:
        assert not fetching & set(attributes), tag
        if "href" in attributes:
            assert attributes["href"].startswith(("#", "data:,")), "links lead to the page itself"
    own = html.replace(page_plots.plotly_js(), "")
    assert "http:" not in own
    assert "https:" not in own
    assert "@import" not in own
    assert html.count(page_plots.plotly_js()) == 1


def test_the_page_is_well_formed_and_made_for_everybody(made, page):
    _, _, html = made
    assert html.startswith("<!doctype html>\n")
    assert page.tags[0] == ("html", {"lang": "en"})
    levels = [int(tag[1]) for tag, _ in page.headings]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert max(np.diff(levels)) == 1, "no level is left out"
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(set(ids)) == len(ids)
    for tag, attributes in page.tags:
        for name in ("aria-labelledby", "href"):
            target = (attributes.get(name) or "").removeprefix("#")
            assert target in {"", "data:,", *ids}
        if tag == "th":
            assert attributes["scope"] in {"col", "row"}
    assert html.count("<table") == html.count("<caption")
    plots = [attributes for tag, attributes in page.tags if attributes.get("class") == "plot"]
    assert len(plots) == 3
    assert all(plot["role"] == "img" and len(plot["aria-label"]) > 60 for plot in plots)


def luminance(color: str) -> float:
    parts = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return float(np.dot([0.2126, 0.7152, 0.0722], linear))


@pytest.mark.parametrize("ground", ["#fdfdfc", "#15181c"])
def test_lines_stand_out_in_light_and_in_dark_and_no_two_look_the_same(ground, made):
    assert ground in made[2]
    for color in page_plots.COLORS:
        low, high = sorted([luminance(color), luminance(ground)])
        assert (high + 0.05) / (low + 0.05) >= 3, color
    many = page_plots.styles([f"m{n}" for n in range(32)])
    assert len({(style.color, style.dash) for style in many.values()}) == 32


def test_every_number_is_defined_and_parameters_are_told(page):
    for term in (
        "recall@k", "ndcg@k", "mrr@k", "hit rate@k", "genre overlap@10", "95 % interval",
        "for all at once", "better, worse, unclear", "coverage@10", "gini@10", "novelty@10",
        "mean count (popularity@10)", "similarity (similarity@10)", "recall head, middle, tail",
        "by the length of the history",
    ):  # fmt: skip
        assert term in page.texts, term
    assert "1,000 times" in page.text
    assert "2 items drawn at random are the inputs, and 4 others" in page.text
    assert "vector_size = 8; " in page.text
    assert f"l2 = {PARAMETERS['ease']['l2']}" in page.text
    assert "--seed 0" in page.text


# -- other evaluations ----------------------------------------------------------------------------


def test_repeats_and_folds_say_what_they_are(tmp_path):
    evaluation, showcase, html = written(tmp_path, folds=2, times=2, titles=False)
    page = Page(html)
    header, *rows = page.tables[SCORES]
    assert header[-1] == "in the repeats"
    times = evaluation.over_repeats(rows[0][0], "ndcg@10")
    assert rows[0][-1] == f"{min(times):.4f} … {max(times):.4f}"
    assert f"{evaluation.n_users} held-out users in 400 cases" in page.text
    assert "genre overlap@10" not in header, "no genres are known"
    assert set(showcase.neighbors) <= {f"{group}{n}" for group in "ab" for n in range(30)}
    assert USER not in html


def test_neighbours_that_share_a_value_have_a_table_with_their_definition(made, tmp_path):
    evaluation, showcase, html = made
    assert "related found" not in html, "nothing was asked for"
    rng = np.random.default_rng(0)
    metric, names = "related_series@10", ("word2vec", "ease")
    told = replace(
        evaluation,
        item_metrics={
            metric: ItemMetric(
                {name: rng.random(40) for name in names},
                Groups(np.arange(40), np.repeat(np.arange(10), 4)),
            )
        },
    )
    write_page(told, PROTOCOL, showcase, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    (caption,) = [caption for caption in page.tables if "related_series" in caption]
    assert "(40 items, 10 values); word2vec against the others, paired by value" in caption
    _, *rows = page.tables[caption]
    means = {name: told.summary(name)[metric].mean for name in names}
    assert [row[0] for row in rows] == sorted(names, key=lambda name: -means[name])
    for name, number, _, difference, words in rows:
        mean, low, high = told.summary(name)[metric]
        assert number == f"{mean:.3f} | {low:.3f} … {high:.3f}"
        if name == "ease":
            found = told.difference("word2vec", "ease")[metric]
            assert difference == f"{found.mean:+.3f} | {found.low:+.3f} … {found.high:+.3f}"
            assert words in {"better", "worse", "unclear"}
        else:
            assert (difference, words) == (NONE, NONE)
    assert "related found" in page.texts, "it is defined"


def test_one_model_alone_is_held_against_nothing(tmp_path):
    _, _, html = written(tmp_path, names=("popularity",))
    page = Page(html)
    assert not [caption for caption in page.tables if "paired by user" in caption]
    assert "None of these models finds similar items." in page.text
    assert page.headings[0] == ("h1", "popularity")


def test_two_models_need_no_wider_interval(tmp_path):
    _, _, html = written(tmp_path, names=("item-knn", "popularity"))
    caption = "ndcg@10 of item-knn against each other model, paired by user (held-out users)"
    header, row = Page(html).tables[caption]
    assert header == ["model", "difference", "difference, drawn", "in words"]
    assert row[-1] == "better"


def test_an_evaluation_with_other_cutoffs_has_a_page(tmp_path):
    from pages import interactions

    from item2vec.baselines.non_personalized import Popularity
    from item2vec.evaluation.splitting.held_out_protocols import FoldInProtocol
    from item2vec.evaluation.splitting.users import split_users

    protocol, showcase = FoldInProtocol(), Showcase()
    evaluation = compare(
        {"popularity": Popularity()}, [split_users(interactions())], protocol,
        cutoffs=(3,), observers=[showcase],
    )  # fmt: skip
    write_page(evaluation, protocol, showcase, tmp_path / "page.html")
    page = Page((tmp_path / "page.html").read_text(encoding="utf-8"))
    assert "a random 20 % of the items are the labels" in page.text
    assert page.tables["recall@k in numbers"][0] == ["model", "k = 1"]


def test_what_files_are_called_names_no_folder():
    names = [r"C:\secret\m.safetensors", "/home/me/m.safetensors", "m (2)", "/"]
    assert list(short_names(names).values()) == ["m", "m (2)", "m (2) (2)", "model"]


# -- writing --------------------------------------------------------------------------------------


def test_the_same_evaluation_gives_the_same_bytes_and_replaces_an_old_page(made, tmp_path):
    evaluation, showcase, html = made
    path = tmp_path / "page.html"
    path.write_text("<!DOCTYPE HTML>\n" + "old " * 3_000_000)
    write_page(evaluation, PROTOCOL, showcase, path, settings={"--seed": 0})
    assert path.read_bytes() == html.encode()
    again = evaluated_once.__wrapped__()
    write_page(*again[:1], PROTOCOL, again[1], path, settings={"--seed": 0})
    assert path.read_bytes() == html.encode(), "evaluated once more"
    assert [file.name for file in tmp_path.iterdir()] == ["page.html"]


def test_what_is_no_page_is_not_replaced(made, tmp_path):
    evaluation, showcase, _ = made
    notes = tmp_path / "notes.html"
    notes.write_text("mine")
    link = tmp_path / "link.html"
    link.symlink_to(tmp_path / "nowhere")
    (tmp_path / "empty.html").touch()
    for path, told in (
        (notes, "is not an HTML page, and would be lost"),
        (link, "is a link"),
        (tmp_path, "is a folder"),
        (tmp_path / "no" / "page.html", "does not exist"),
    ):
        with pytest.raises(DataError, match=told):
            write_page(evaluation, PROTOCOL, showcase, path)
    check_page(tmp_path / "empty.html")
    assert notes.read_text() == "mine"


@pytest.mark.parametrize("library", ["plotly", "jinja2"])
def test_a_missing_extra_is_told_in_a_line(library, made, tmp_path, monkeypatch):
    evaluation, showcase, _ = made
    monkeypatch.setitem(sys.modules, library, None)
    with pytest.raises(MissingExtraError, match=r"pip install 'item2vec\[viz\]'") as caught:
        write_page(evaluation, PROTOCOL, showcase, tmp_path / "page.html")
    assert library in str(caught.value)
    assert "\n" not in str(caught.value)
    assert not list(tmp_path.iterdir())


def test_nothing_scored_is_nothing_to_show(made, tmp_path):
    evaluation, showcase, _ = made
    with pytest.raises(DataError, match="nothing to show"):
        write_page(Evaluation({}, evaluation.cohort), PROTOCOL, showcase, tmp_path / "page.html")
