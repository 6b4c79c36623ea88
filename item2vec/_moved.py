"""Old names of modules in version 0.1, which can be imported, with a warning, until 0.3."""

import importlib
import sys
import warnings
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType

# Modules that README, notebooks and pipelines of 0.1 imported, and where their contents are now.
MOVED = {
    "item2vec.baselines.simple": ("item2vec.baselines.non_personalized",),
    "item2vec.cold_start": ("item2vec.evaluation.cold_start",),
    "item2vec.comparison": (
        "item2vec.experiments.comparison",
        "item2vec.experiments.stored_models",
    ),
    "item2vec.download": ("item2vec.data.movielens",),
    "item2vec.embedding_bag": ("item2vec.models.embedding_bag",),
    "item2vec.features": ("item2vec.models.cold_items.features",),
    "item2vec.heldout": (
        "item2vec.evaluation.splitting.cases",
        "item2vec.evaluation.splitting.held_out_protocols",
        "item2vec.evaluation.splitting.protocol",
        "item2vec.evaluation.splitting.users",
    ),
    "item2vec.histories": ("item2vec.data.histories", "item2vec.data.packed"),
    "item2vec.indexes": ("item2vec.neighbors.indexes",),
    "item2vec.joining": ("item2vec.evaluation.joining",),
    "item2vec.progress": ("item2vec._support.progress",),
    "item2vec.rank_by_count": ("item2vec.evaluation.rank_by_count",),
    "item2vec.ranking": ("item2vec._support.top_k", "item2vec._support.top_k_of_products"),
    "item2vec.recommender": ("item2vec.models.recommender",),
    "item2vec.report": ("item2vec.reports.records", "item2vec.reports.terminal"),
    "item2vec.ridge": ("item2vec.models.cold_items.ridge",),
    "item2vec.sample": ("item2vec.data.synthetic", "item2vec.data.synthetic_films"),
    "item2vec.validation": ("item2vec.evaluation.validation",),
    "item2vec.vocabulary": ("item2vec.data.vocabulary",),
}


class _MovedModules(MetaPathFinder, Loader):
    """Import hook that creates a module under its old name, with the contents of the new ones."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        return ModuleSpec(fullname, self) if fullname in MOVED else None

    def exec_module(self, module: ModuleType) -> None:
        names = MOVED[module.__name__]
        warnings.warn(
            f"{module.__name__} has moved to {' and '.join(names)}; the old name will be removed "
            "in 0.3. If `item2vec` itself has the name that you need, import it from there",
            DeprecationWarning,
            stacklevel=2,
        )
        for name in names:
            found = importlib.import_module(name)
            public = {key: value for key, value in vars(found).items() if key[:1] != "_"}
            vars(module).update(public)


def install() -> None:
    """Enable imports by old names; existing modules take precedence over them."""
    if not any(isinstance(finder, _MovedModules) for finder in sys.meta_path):
        sys.meta_path.append(_MovedModules())
