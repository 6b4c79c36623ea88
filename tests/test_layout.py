"""The house: an import goes to a lower floor only, and heavy libraries stay where they are used."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "item2vec"

# The floors of docs/design.md. What stands in one line may import along the line only leftwards.
FLOORS = [
    [
        "_version",
        "errors",
        "types",
        "arrays",
        "progress",
        "wording",
        "checks",
        "finite",
        "metadata",
        "tensor_file",
        "files",
        "interrupts",
        "cores",
        "ranking",
        "sparse_ranking",
        "bootstrap",
        "nearest",
        "genre_lists",
    ],
    [
        "metrics",
        "vocabulary",
        "parameters",
        "neighbors",
        "digests",
        "moments",
        "histories",
        "history_sketch",
        "embedding_bag",
        "co_occurrences",
        "item_pairs",
        "item_weights",
        "memory_sums",
        "memory",
        "beyond_accuracy",
    ],
    [
        "index_file",
        "annoy_file",
        "annoy_index",
        "hnsw_graph",
        "hnsw_index",
        "index_recall",
        "indexes",
        "catalogue",
        "recommender",
        "memory_recommender",
        "reranking",
    ],
    [
        "reading.columns",
        "reading.formats",
        "reading.sources",
        "reading.frames",
        "reading.compressed",
    ],
    [
        "reading.database",
        "reading.expressions",
        "reading.delimited",
        "reading.tables",
        "reading.times",
    ],
    [
        "interactions",
        "ratings",
        "heldout",
        "later",
        "splits",
        "later_cases",
        "later_splits",
        "cold_start",
        "related",
        "genres",
        "neighbor_quality",
        "sample",
        "download",
    ],
    [
        "reading.list_texts",
        "reading.placeholders",
        "reading.identifiers",
        "reading.permitted",
        "reading.predicates",
        "reading.judging",
        "reading.records",
        "reading.interactions",
        "reading.ratings",
        "reading.catalogue",
        "reading.items_where",
        "reading.item_ids",
    ],
    [
        "conversion",
        "features",
        "ridge",
        "feature_map",
        "named_items",
        "item_filter",
        "pair_scores",
        "user_histories",
        "bulk",
        "writing",
        "similar_query",
        "vectors",
        "rating_model",
        "validation",
        "stopping",
    ],
    ["trainers.gensim_defaults"],
    [
        "baselines.simple",
        "baselines.sparse_recommender",
        "baselines.item_knn",
        "baselines.inversion",
        "baselines.ease_dual",
        "baselines.ease",
        "baselines.ials",
    ],
    [
        "trainers.team",
        "trainers.batches",
        "trainers.rmsprop",
        "trainers.logit_layer",
        "trainers.candidates",
        "trainers.network",
        "trainers.co_occurrence_tables",
        "trainers.pair_weights",
        "trainers.neighborhood_weights",
        "trainers.ease_products",
        "trainers.initialization",
        "trainers.selection_users",
        "trainers.memory_grid",
        "trainers.bias_stage",
        "trainers.memory_selection",
        "trainers.state",
        "trainers.state_file",
        "trainers.memory_stage",
        "trainers.order_selection",
        "trainers.order_stage",
        "trainers.epoch_trainer",
        "trainers.training",
        "trainers.softmax",
        "trainers.epochs",
        "trainers.gensim_model",
        "trainers.word2vec",
        "trainers.matrix_factorization",
    ],
    ["store", "results", "rank_by_count", "joining", "in_sample", "evaluation"],
    [
        "registry",
        "studies",
        "tuning_splits",
        "tuning_task",
        "first_trials",
        "tuning",
        "verdict",
        "rescoring",
        "comparison",
        "report",
        "related_report",
    ],
    ["page_names", "showcase", "page_tables", "page_plots", "page"],
    [
        "cli.printing",
        "cli.results",
        "cli.failures",
        "cli.console",
        "cli.options",
        "cli.help",
        "cli.page_option",
        "cli.splitting",
        "cli.train",
        "cli.evaluate",
        "cli.bulk",
        "cli.lookup",
        "cli.index",
        "cli.add",
        "cli.inputs",
        "cli.tune",
    ],
    ["cli.main"],
    ["__main__"],
]
PLACE = {
    module: (floor, place) for floor, row in enumerate(FLOORS) for place, module in enumerate(row)
}
# The only files that import these.
HEAVY = {
    "duckdb": {"reading/database.py"},
    "gensim": {"trainers/gensim_model.py", "trainers/gensim_defaults.py", "vectors.py"},
    "annoy": {"annoy_index.py"},
    "faiss": {"hnsw_index.py"},
    "pandas": {"vectors.py", "bulk.py", "writing.py", "ratings.py", "rating_model.py",
               "reading/items_where.py", "reading/frames.py",
               "reading/sources.py", "reading/tables.py"},
    "scipy": {"cores.py", "histories.py", "beyond_accuracy.py", "baselines/item_knn.py",
              "baselines/sparse_recommender.py", "baselines/inversion.py", "baselines/ials.py",
              "embedding_bag.py", "features.py",
              "item_weights.py", "memory_sums.py", "trainers/ease_products.py",
              "trainers/co_occurrence_tables.py",
              "reranking.py"},
    "implicit": {"baselines/ials.py"},
    "jinja2": {"page.py"},
    "plotly": {"page.py", "page_plots.py"},
}  # fmt: skip


def imports(path: Path):
    """Yield the modules that a file imports, at its top or in a function."""
    tree = ast.parse(path.read_text())
    typing_only = [
        node
        for branch in ast.walk(tree)
        if isinstance(branch, ast.If) and ast.unparse(branch.test) == "TYPE_CHECKING"
        for node in ast.walk(branch)
    ]
    for node in ast.walk(tree):
        if node in typing_only:
            continue
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(PACKAGE).with_suffix("").parts): path
        for path in PACKAGE.rglob("*.py")
        if path.name != "__init__.py"
    }


def test_every_module_has_a_floor():
    assert sorted(modules()) == sorted(PLACE)


@pytest.mark.parametrize("module", PLACE)
def test_imports_go_down_only(module):
    for imported in imports(modules()[module]):
        name = imported.removeprefix("item2vec.")
        if imported == name or name not in PLACE:
            continue
        assert PLACE[name] < PLACE[module], f"{module} imports {name}, which stands above it"


def test_nothing_inside_imports_the_face():
    """``from item2vec import store`` takes a module; a class would come through __init__.py."""
    rooms = {module.split(".")[0] for module in PLACE}
    for module, path in modules().items():
        for name in imports(path):
            if name.startswith("item2vec."):
                assert name.split(".")[1] in rooms, f"{module} imports {name} through the face"


@pytest.mark.parametrize("library", HEAVY)
def test_heavy_libraries_are_imported_where_they_are_used_alone(library):
    users = {
        str(path.relative_to(PACKAGE))
        for path in modules().values()
        if any(name.split(".")[0] == library for name in imports(path))
    }
    assert users <= HEAVY[library]


def test_importing_the_package_needs_numpy_and_safetensors_alone():
    code = "import item2vec, sys; print(*{m.split('.')[0] for m in sys.modules})"
    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    heavy = {*HEAVY, "click", "rich", "matplotlib", "plotly"}
    assert not heavy & set(result.stdout.split())
