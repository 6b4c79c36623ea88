"""The options of `evaluate`, and the frozen values that it receives."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

import click

from item2vec.cli.catalogue_options import CATALOGUE_OPTIONS, CatalogueOptions
from item2vec.cli.file_types import READ
from item2vec.cli.option_values import options_as
from item2vec.cli.options import (
    COUNTING_OPTIONS,
    CountingOptions,
    cutoffs_option,
    params_option,
    read_params,
    seed_option,
)
from item2vec.cli.reading_options import ReadingOptions
from item2vec.cli.split_options import SPLIT_OPTIONS, SplitOptions
from item2vec.evaluation.splitting.users import HELD_OUT
from item2vec.experiments.registry import RECOMMENDERS, TRAINERS

if TYPE_CHECKING:
    from item2vec.data.interactions import Repeated

F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class RecommenderOptions(CountingOptions):
    """The options for recommenders that are trained.

    Parameters
    ----------
    min_count, repeated
        As in `CountingOptions`.
    names, without : tuple of str
        Recommenders to train, and those to leave out.
    params_file : str or None
        File of their parameters.
    validate : float or None
        Share of the training users by which trainers choose their best epoch.
    given : frozenset of str
        Names of the options that were given.
    """

    names: tuple[str, ...]
    without: tuple[str, ...]
    params_file: str | None
    validate: float | None
    given: frozenset[str]

    def parameters(self) -> dict[str, dict[str, Any]]:
        """Read the parameters of the recommenders by name, with --validate for each trainer."""
        read = read_params(self.params_file)
        if self.validate is None:
            return read
        share = {"validate": self.validate}
        return read | {name: read.get(name, {}) | share for name in TRAINERS}


@dataclass(frozen=True, kw_only=True)
class StoredOptions:
    """The options for stored models.

    Parameters
    ----------
    models : tuple of str
        Model files.
    train_on : tuple of str
        Files of interactions to train the baselines on.
    in_sample : bool
        Whether models may be scored on users that they were trained on.
    """

    models: tuple[str, ...]
    train_on: tuple[str, ...]
    in_sample: bool


@dataclass(frozen=True, kw_only=True)
class MetricOptions:
    """The options that decide what is measured.

    Parameters
    ----------
    cutoffs : tuple of int
        The k of the metrics, in ascending order.
    items : str or None
        Table of the items.
    related : tuple of str
        Columns of the table by whose shared values neighbors are judged.
    seed : int
        Seed of the splits, of training and of the bootstrap.
    """

    cutoffs: tuple[int, ...]
    items: str | None
    related: tuple[str, ...]
    seed: int


@dataclass(frozen=True, kw_only=True)
class EvaluateOptions:
    """All arguments and options of `evaluate` but --output-format.

    Parameters
    ----------
    interactions : tuple of str
        Files of interactions.
    reading, split, recommenders, stored, metrics, catalogue
        The options by what they describe.
    page_file : str or None
        HTML page to write.
    """

    interactions: tuple[str, ...]
    reading: ReadingOptions
    split: SplitOptions
    recommenders: RecommenderOptions
    stored: StoredOptions
    metrics: MetricOptions
    catalogue: CatalogueOptions
    page_file: str | None

    @property
    def trains(self) -> bool:
        """Whether recommenders are trained, rather than stored models scored alone."""
        return not self.stored.models or bool(self.stored.train_on or self.split.tests)

    @property
    def held_out(self) -> float | None:
        """The share of the users to hold out; None if it does not determine the split."""
        if self.stored.models or self.split.folds or self.split.is_later:
            return None
        return HELD_OUT if self.split.held_out is None else self.split.held_out

    @property
    def repeated(self) -> "Repeated":
        """Whether repeats are kept; with --keep-seen they are."""
        return "keep" if self.split.keep_seen else self.recommenders.repeated

    @property
    def inputs(self) -> tuple[str, ...]:
        """All files that are read."""
        tables = filter(None, (self.metrics.items, self.recommenders.params_file))
        stored = self.stored
        return (*self.interactions, *stored.models, *stored.train_on, *self.split.tests, *tables)


def evaluate_options(command: F) -> F:
    """Add the options of `evaluate`; the command receives each group as a frozen value."""
    for name, kind, options in reversed(_GROUPS):
        command = options_as(name, kind, options)(command)
    return command


_RECOMMENDERS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--recommender",
        "names",
        multiple=True,
        type=click.Choice(list(RECOMMENDERS)),
        metavar="NAME",
        help=f"Recommender to train and score (repeatable): {', '.join(RECOMMENDERS)}. If none is "
        "given, all but softmax.",
    ),
    click.option(
        "--without",
        multiple=True,
        type=click.Choice(list(RECOMMENDERS)),
        metavar="NAME",
        help="Recommender to leave out, such as ease if it takes too long (repeatable).",
    ),
    params_option,
    click.option(
        "--validate",
        type=float,
        is_flag=False,
        flag_value=0.1,
        metavar="SHARE",
        help="Share of the training users held out to choose the best epoch, up to `epochs`; "
        "without a value: 0.1.",
    ),
    *COUNTING_OPTIONS,
)
_STORED: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--model",
        "models",
        multiple=True,
        type=READ,
        metavar="FILE",
        help="Stored model to score on INTERACTIONS, whose users it was not trained on "
        "(repeatable).",
    ),
    click.option(
        "--train-on",
        multiple=True,
        type=READ,
        metavar="FILE",
        help="With --model: interactions to train the baselines on (repeatable).",
    ),
    click.option(
        "--in-sample",
        is_flag=True,
        help="With --model: score the model even on users that it was trained on.",
    ),
)
_METRICS: tuple[Callable[[Any], Any], ...] = (
    click.option(
        "--items",
        type=READ,
        metavar="FILE",
        help="Table of the items; its genres are used to judge an item's neighbors.",
    ),
    click.option(
        "--related",
        multiple=True,
        metavar="COLUMN",
        help="Column of --items, or of the model's items, such as a series or an author: measure "
        "the share of the other items with the same value that are among an item's 10 nearest "
        "neighbors (repeatable).",
    ),
    cutoffs_option,
    seed_option(),
)
_GROUPS: tuple[tuple[str, type[Any], tuple[Callable[[Any], Any], ...]], ...] = (
    ("split", SplitOptions, SPLIT_OPTIONS),
    ("recommenders", RecommenderOptions, _RECOMMENDERS),
    ("stored", StoredOptions, _STORED),
    ("metrics", MetricOptions, _METRICS),
    ("catalogue", CatalogueOptions, CATALOGUE_OPTIONS),
)
