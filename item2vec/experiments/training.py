"""Training in one call: from interactions and a table of the items to a model to store."""

import contextlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from typing import Any

from item2vec._support.messages import counted, either, setting, shown
from item2vec._support.threads import blas_threads
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated, check_order
from item2vec.data.read_report import ReadReport
from item2vec.errors import ParameterError
from item2vec.evaluation.splitting.later_protocols import LeaveLastOutProtocol
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.experiments.enough_interactions import check_enough
from item2vec.experiments.item_tables import check_items, item_column, matching_catalogue
from item2vec.models.cold_items.features import Features
from item2vec.models.item_vectors import ItemVectors
from item2vec.reading.catalogue import CatalogueFormat
from item2vec.reading.files.paths import Source
from item2vec.trainers import early_stopping
from item2vec.trainers.base import EpochTrainer
from item2vec.trainers.stages import bias, memory_selection, recency_selection
from item2vec.trainers.word2vec.trainer import Word2Vec
from item2vec.types import Progress

OnRemark = Callable[[str], None]

# Entries of a model's metadata about what was selected on validation users, and their descriptions.
SELECTED: Mapping[str, Callable[[Any], str]] = {
    "bias": bias.describe,
    "memory": memory_selection.describe,
    "order": recency_selection.describe,
    "validation": early_stopping.describe,
}


@dataclass(frozen=True, eq=False)
class TrainingResult:
    """A trained model, with a report and remarks on its training.

    Parameters
    ----------
    model : ItemVectors
        With the table of the items, and with metadata that record how it was trained. `save` writes
        it to a file.
    report : ReadReport or None
        How the interactions were read; None if they were not read from a table.
    remarks : tuple of str
        Sentences about the table of the items, the numbers of items and epochs, and the
        selections on validation users.
    """

    model: ItemVectors
    report: ReadReport | None
    remarks: tuple[str, ...]


def train(
    interactions: Interactions | Source,
    trainer: EpochTrainer | None = None,
    *,
    items: Catalogue | Source | None = None,
    items_id: str | None = None,
    items_title: str | None = None,
    items_genres: str | None = None,
    items_encoding: str | None = None,
    features: Sequence[str] = (),
    protocols: Sequence[SplitProtocol] | None = None,
    min_count: int = 5,
    repeated: Repeated = "first",
    reproducible: bool = False,
    sketch: bool = True,
    progress: Progress | None = None,
    on_remark: OnRemark | None = None,
) -> TrainingResult:
    """Train item vectors on interactions, as the command `item2vec train` does.

    Parameters
    ----------
    interactions : Interactions, or anything that `read_interactions` reads
        For options of reading, pass what it returns: ``train(read_interactions("sales.csv",
        user="customer", keep_times=True))``. The recency is selected only if times were kept.
    trainer : EpochTrainer, optional
        Such as ``Word2Vec(epochs=20)`` or ``Softmax()``; ``Word2Vec()`` by default.
    items : Catalogue, or anything that `read_catalogue` reads, optional
        A table of the items, which is stored in the model.
    items_id, items_title, items_genres, items_encoding : str, optional
        Names of its columns, and its encoding.
    features : sequence of str
        Columns of `items` from which vectors of new items can be predicted.
    protocols : sequence of SplitProtocol, optional
        Those for which the memory and the weight of the bias are selected; by default those of
        the trainer and, if there are times, leave-last-out.
    min_count, repeated
        As in `Interactions.to_histories`.
    reproducible, sketch : bool
        Train with one worker, so that the same input and seed give the same model, and keep the
        sketch of training histories by which `evaluate` recognizes them.
    progress, on_remark : callable, optional
        Called after every epoch, and with each remark when it is made, such as ``print``.
    """
    form = CatalogueFormat(items_id, items_title, items_genres, items_encoding)
    options = _Options(form, tuple(features), protocols, min_count, repeated, reproducible, sketch)
    trainer = _checked(trainer or Word2Vec(), items, options)
    known, remarks = _as_interactions(interactions), _Remarks(on_remark)
    model = _train(known, trainer, items, options, progress, remarks)
    return TrainingResult(model, known.report, tuple(remarks.made))


def check_protocols(trainer: EpochTrainer, protocols: Sequence[SplitProtocol] | None) -> None:
    """Raise ParameterError if protocols are given and the trainer selects no memory for them."""
    if protocols and not trainer.wants_memory:
        raise ParameterError(
            f"{either('--protocol', 'protocols')} names what a memory is selected for, and "
            f"{setting('memory', 0)} selects none: leave one of them out"
        )


@dataclass(frozen=True)
class _Options:
    """The options of `train` that are not parameters of a trainer."""

    form: CatalogueFormat
    features: tuple[str, ...]
    protocols: Sequence[SplitProtocol] | None
    min_count: int
    repeated: Repeated
    reproducible: bool
    sketch: bool

    def threads(self) -> AbstractContextManager[object]:
        """Run BLAS on one thread if needed: its rounding depends on the number of threads."""
        return blas_threads(1) if self.reproducible else contextlib.nullcontext()


class _Remarks:
    """Remarks in the order in which they are made, each passed to a callback at once."""

    def __init__(self, on_remark: OnRemark | None) -> None:
        self.made: list[str] = []
        self._on_remark = on_remark

    def add(self, *remarks: str) -> None:
        """Add remarks."""
        for remark in remarks:
            self.made.append(remark)
            if self._on_remark is not None:
                self._on_remark(remark)


def _checked(
    trainer: EpochTrainer,
    items: Catalogue | Source | None,
    options: _Options,
) -> EpochTrainer:
    """Return the trainer, with one worker if the run is to be reproducible.

    Raises
    ------
    ParameterError
        If the options do not go together.
    """
    if not isinstance(trainer, EpochTrainer):
        raise ParameterError(
            f"trainer must be a trainer of item vectors, not {shown(trainer)}: write Word2Vec()"
        )
    if options.features and items is None:
        raise ParameterError(
            f"{setting('features')} are columns of the items: name their table with "
            f"{setting('items')}"
        )
    check_items(items, options.form)
    check_protocols(trainer, options.protocols)
    if not options.reproducible:
        return trainer
    workers: object = getattr(trainer, "workers", 1)
    if workers not in ("auto", 1):
        raise ParameterError(
            f"{setting('reproducible', True)} needs one worker, not {workers}: leave "
            f"{setting('workers')} out"
        )
    one_worker: dict[str, Any] = {"workers": 1}
    return replace(trainer, **one_worker)


def _as_interactions(interactions: Interactions | Source) -> Interactions:
    from item2vec.reading.interactions import read_interactions

    if isinstance(interactions, Interactions):
        return interactions
    return read_interactions(interactions, keep_times=True)


def _protocols(
    trainer: EpochTrainer,
    protocols: Sequence[SplitProtocol] | None,
    interactions: Interactions,
) -> tuple[SplitProtocol, ...]:
    """Return the protocols that the memory is selected for; raise DataError without an order."""
    if protocols is None:
        last = (LeaveLastOutProtocol(),) if interactions.order == "time" else ()
        return tuple(dict.fromkeys((*trainer.protocols, *last)))
    for protocol in protocols:
        if protocol.needs_order:
            check_order(interactions, protocol.name)
    return tuple(protocols)


def _train(
    interactions: Interactions,
    trainer: EpochTrainer,
    items: Catalogue | Source | None,
    options: _Options,
    progress: Progress | None,
    remarks: _Remarks,
) -> ItemVectors:
    """Count, train and describe; see `train`."""
    trainer = replace(trainer, protocols=_protocols(trainer, options.protocols, interactions))
    catalogue = _read_items(items, interactions, options.form, remarks)
    histories = interactions.to_histories(
        min_count=options.min_count, repeated=options.repeated, in_order=True
    )
    remarks.add(_kept_items(interactions, histories, options.min_count))
    if options.features:  # a wrong column is reported before training
        Features.of(catalogue.aligned(histories.vocabulary.ids), options.features)
    check_enough(interactions, histories, options.min_count)
    remarks.add(trainer.plan(len(histories.vocabulary), len(histories.items)))
    with options.threads():
        vectors = trainer.fit(histories, progress=progress)
    remarks.add(*_selected(vectors))
    vectors = _described(vectors, interactions, catalogue, options)
    if not options.features:
        return vectors
    with options.threads():
        fit = vectors.feature_map(options.features).report()
    remarks.add(fit.describe())
    return replace(vectors, feature_fit=fit)


def _read_items(
    items: Catalogue | Source | None,
    interactions: Interactions,
    form: CatalogueFormat,
    remarks: _Remarks,
) -> Catalogue:
    """Return the table of the items, without any if there is none; remark how it was read."""
    if items is None:
        return Catalogue((), {})
    form = replace(form, as_in=item_column(interactions))
    catalogue, notes = matching_catalogue(items, interactions.item_ids, form)
    remarks.add(*notes)
    return catalogue


def _kept_items(interactions: Interactions, histories: Histories, min_count: int) -> str:
    """Return how many items occur often enough."""
    n_items, n_kept = len(interactions.item_ids), len(histories.vocabulary)
    often = f"at least {counted(min_count, 'interaction')}"
    if n_kept == n_items:
        return f"Every one of the {counted(n_items, 'item')} has {often}."
    has = "has" if n_kept == 1 else "have"
    return f"{n_kept:,} of {counted(n_items, 'item')} {has} {often}; the others are dropped."


def _selected(vectors: ItemVectors) -> list[str]:
    """Return descriptions of what was selected on validation users."""
    metadata = vectors.metadata
    return [describe(metadata[name]) for name, describe in SELECTED.items() if name in metadata]


def _described(
    vectors: ItemVectors, interactions: Interactions, catalogue: Catalogue, options: _Options
) -> ItemVectors:
    """Return the vectors with the table of the items, and metadata about reading and counting."""
    report = interactions.report
    metadata = {
        **vectors.metadata,
        "min_count": options.min_count,
        "repeated": options.repeated,
        "reproducible": options.reproducible,
        "read": report.to_dict() if report else {},
    }
    sketch = vectors.sketch if options.sketch else None
    return replace(vectors, metadata=metadata, catalogue=catalogue, sketch=sketch)
