"""An evaluation whose page tests look at: two cliques, hostile titles, users that must not be seen.

And what reads a page.
"""

from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import numpy as np

from item2vec.data.catalogue import Catalogue
from item2vec.data.interactions import Interactions
from item2vec.evaluation.results import Evaluation
from item2vec.evaluation.splitting.held_out_protocols import RandomProtocol
from item2vec.evaluation.splitting.users import fold_users, split_users
from item2vec.experiments.comparison import compare_repeatedly
from item2vec.reports.page import write_page
from item2vec.reports.showcase import Showcase

PROTOCOL = RandomProtocol(inputs=2, labels=4)
USER = "user-nobody-may-see"
HOSTILE = "<script>alert(1)</script> & \"Sons\" {{ 7 * 7 }} 'é'"
PARAMETERS = {
    "word2vec": {"vector_size": 8, "epochs": 6, "workers": 1, "memory": 0, "validate": 0.2},
    "item-knn": {"neighbors": 20, "shrinkage": 5.0},
    "ease": {"l2": 100.0},
}


def interactions(n_users: int = 200) -> Interactions:
    """Return users of one group of 30 items each, and for some an item that is too rare to keep."""
    rng = np.random.default_rng(0)
    ids = [f"{group}{n}" for group in "ab" for n in range(30)] + [
        f"rare{n}" for n in range(n_users)
    ]
    lists = [
        [*(30 * (user % 2) + rng.permutation(30)[: 8 + user % 5]).tolist(), 60 + user]
        for user in range(n_users)
    ]
    items = np.array([item for items in lists for item in items], dtype=np.int32)
    offsets = np.cumsum([0, *map(len, lists)])
    users = tuple(f"{USER}-{user:03}" for user in range(n_users))
    return Interactions(items, offsets, tuple(ids), users)


def catalogue() -> Catalogue:
    ids = tuple(f"{group}{n}" for group in "ab" for n in range(30))
    titles = tuple(HOSTILE if n < 2 else f"Film {item_id}" for n, item_id in enumerate(ids))
    genres = tuple({"a": "Horror", "b": "Comedy"}[item_id[0]] for item_id in ids)
    return Catalogue(ids, {"title": titles, "genres": genres})


def evaluated(
    names: tuple[str, ...] = ("word2vec", "popularity", "item-knn", "ease", "random"),
    *,
    folds: int = 0,
    times: int = 1,
    validate: float = 0.2,
    titles: bool = True,
) -> tuple[Evaluation, Showcase]:
    """Evaluate models as the command does."""
    told, known = interactions(), catalogue() if titles else None
    showcase = Showcase(known)

    def splits(seed):
        if folds:
            return fold_users(told, folds=folds, seed=seed)
        return [split_users(told, held_out=0.3, seed=seed)]

    word2vec = PARAMETERS["word2vec"] | {"validate": validate}
    evaluation = compare_repeatedly(
        names, splits, PROTOCOL, times=times, catalogue=known, observers=[showcase],
        parameters=PARAMETERS | {"word2vec": word2vec},
    )  # fmt: skip
    return evaluation, showcase


evaluated_once = cache(evaluated)


def written(folder: Path, **settings) -> tuple[Evaluation, Showcase, str]:
    """Evaluate, write the page, and return its text beside what it was made of."""
    evaluation, showcase = evaluated_once(**settings)
    path = folder / "page.html"
    write_page(evaluation, PROTOCOL, showcase, path, settings={"--seed": 0})
    return evaluation, showcase, path.read_text(encoding="utf-8")


class Page(HTMLParser):
    """The text of a page, its tables by caption, its headings, ids and tags."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tables: dict[str, list[list[str]]] = {}
        self.headings: list[tuple[str, str]] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self._open: list[str] = []
        self._rows: list[list[str]] = []
        self._caption = ""
        self.feed(html)
        self.text = " ".join(" ".join(self.texts).split())

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag in {"meta", "link", "line"}:
            return
        self._open.append(tag)
        if tag == "table":
            self._rows, self._caption = [], ""
        elif tag == "tr":
            self._rows.append([])
        elif tag in {"td", "th"}:
            self._rows[-1].append("")
        elif tag in {"h1", "h2", "h3", "h4"}:
            self.headings.append((tag, ""))

    def handle_endtag(self, tag):
        if tag in {"meta", "link", "line"}:
            return
        assert self._open.pop() == tag, f"</{tag}> closes something else"
        if tag == "table":
            self.tables[self._caption.strip()] = [
                [" ".join(cell.split()) for cell in row] for row in self._rows
            ]

    def handle_data(self, data):
        if {"script", "style"} & set(self._open):
            return
        self.texts.append(data)
        if "caption" in self._open:
            self._caption += data
        elif {"td", "th"} & set(self._open):
            # A number's interval stands below it in <small>.
            self._rows[-1][-1] += f" | {data}" if self._open[-1] == "small" else data
        if self._open and self._open[-1] in {"h1", "h2", "h3", "h4"}:
            tag, text = self.headings[-1]
            self.headings[-1] = (tag, text + data)
