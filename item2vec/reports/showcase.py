"""Examples for the page: some users, neighbors of some items, and training curves."""

import copy
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.evaluation.scoring import LISTED
from item2vec.evaluation.splitting.cases import Cases
from item2vec.models.recommender import SimilarItems
from item2vec.parameters import parameters_of
from item2vec.reports.page_names import keyed
from item2vec.types import Rows

N_EXAMPLES = 5  # users
N_ITEMS, N_NEIGHBORS = 6, 5  # popular items, and neighbors of each

ItemIds = list[str | None]  # None: an item that is not in the vocabulary


@dataclass
class Example:
    """The inputs, the labels and the recommendations of one anonymous scored user.

    Parameters
    ----------
    inputs, labels : list of str or None
        Item ids; None for an item that is in the vocabulary of no model.
    recommended : dict
        Model → item ids, best first.
    """

    inputs: ItemIds
    labels: ItemIds
    recommended: dict[str, list[str]] = field(default_factory=dict)

    def hits(self, model: str) -> int:
        """Return the number of labels among the recommendations of a model."""
        return len(set(self.recommended.get(model, [])) & set(self.labels))

    def agrees(self, other: "Example") -> bool:
        """Return whether both can be one case in two vocabularies, where None matches any id."""
        pairs = ((self.inputs, other.inputs), (self.labels, other.labels))
        return all(
            len(mine) == len(theirs)
            and all(a == b or None in (a, b) for a, b in zip(mine, theirs, strict=True))
            for mine, theirs in pairs
        )

    def learn(self, other: "Example") -> None:
        """Replace None by the ids of the same case in another vocabulary."""
        self.inputs = [a or b for a, b in zip(self.inputs, other.inputs, strict=True)]
        self.labels = [a or b for a, b in zip(self.labels, other.labels, strict=True)]


class Showcase:
    """An `evaluation.Observer` that records examples of recommendations, neighbors and training.

    Everything comes from the first split. The users are evenly spaced among the cases, chosen
    regardless of their scores, and only their items are kept.

    Parameters
    ----------
    catalogue : Catalogue, optional
        Its titles, where it has any, are shown instead of item ids.

    Attributes
    ----------
    examples : list of Example
    neighbors : dict
        Popular item → model → item ids, nearest first; no entry for a model without neighbors.
    training : dict
        Model → its validation score after each epoch; see `early_stopping.BestEpoch.to_dict`.
    parameters : dict
        Model → its parameters by name, for models that have them.
    n_items : int
        Number of items in the vocabulary of the first model.
    """

    def __init__(self, catalogue: Catalogue | None = None) -> None:
        titles = (catalogue.titles if catalogue else None) or ()
        self._titles = dict(zip(catalogue.ids, titles, strict=False)) if catalogue else {}
        self._seen: set[str] = set()
        self.examples: list[Example] = []
        self.neighbors: dict[str, dict[str, list[str]]] = {}
        self.training: dict[str, dict[str, Any]] = {}
        self.parameters: dict[str, dict[str, Any]] = {}
        self.n_items = 0

    def title(self, item_id: str) -> str:
        """Return an item's title or, if it has none, its id."""
        return self._titles.get(item_id) or item_id

    def renamed(self, names: Mapping[str, str]) -> "Showcase":
        """Return a copy with only the models in `names` (old name → new name), renamed."""
        copied = copy.copy(self)
        copied.examples = [
            replace(example, recommended=keyed(example.recommended, names))
            for example in self.examples
        ]
        copied.neighbors = {item: keyed(lists, names) for item, lists in self.neighbors.items()}
        copied.training = keyed(self.training, names)
        copied.parameters = keyed(self.parameters, names)
        return copied

    def observe(self, name: str, recommender: object, cases: Cases, recommended: Rows) -> None:
        """Record the examples of a model; see `evaluation.Observer`."""
        vocabulary = cases.inputs.vocabulary
        chosen = np.unique(np.linspace(0, len(cases) - 1, N_EXAMPLES).astype(int)).tolist()
        examples = [Example(_ids(cases.inputs, case), _ids(cases.labels, case)) for case in chosen]
        if not self._seen:
            self.examples, self.n_items = examples, len(vocabulary)
            self.neighbors = {item_id: {} for item_id in vocabulary.ids[:N_ITEMS]}
        if name in self._seen or not self._of_first_split(examples):
            return
        self._seen.add(name)
        for own, example, case in zip(self.examples, examples, chosen, strict=True):
            own.learn(example)
            own.recommended[name] = _known_ids(recommended[case, :LISTED], vocabulary)
        self._note_neighbors(name, recommender, vocabulary)
        self._note_training(name, recommender)

    def _of_first_split(self, examples: Sequence[Example]) -> bool:
        return len(examples) == len(self.examples) and all(
            own.agrees(example) for own, example in zip(self.examples, examples, strict=True)
        )

    def _note_neighbors(self, name: str, recommender: object, vocabulary: Vocabulary) -> None:
        if not isinstance(recommender, SimilarItems):
            return
        item_ids = [item_id for item_id in self.neighbors if item_id in vocabulary]
        near = recommender.similar_rows(vocabulary.rows(item_ids), N_NEIGHBORS)
        for item_id, rows in zip(item_ids, near, strict=True):
            self.neighbors[item_id][name] = _known_ids(rows, vocabulary)

    def _note_training(self, name: str, recommender: object) -> None:
        """Record parameters and the training curve, if the metadata have a valid one."""
        metadata = getattr(recommender, "metadata", None)
        metadata = metadata if isinstance(metadata, Mapping) else {}
        if parameters := parameters_of(recommender):
            self.parameters[name] = parameters
        validation = metadata.get("validation")
        if isinstance(validation, Mapping) and _is_curve(validation):
            self.training[name] = dict(validation)


def _ids(histories: Histories, case: int) -> ItemIds:
    ids = histories.vocabulary.ids
    return [ids[row] if row >= 0 else None for row in histories[case].tolist()]


def _known_ids(rows: Rows, vocabulary: Vocabulary) -> list[str]:
    return [vocabulary.ids[row] for row in rows.tolist() if row >= 0]


def _is_curve(validation: Mapping[str, Any]) -> bool:
    """Return whether an entry of metadata has the form that `BestEpoch.to_dict` returns."""
    scores, best = validation.get("scores"), validation.get("best_epoch")
    return (
        isinstance(scores, list)
        and all(isinstance(score, int | float) for score in scores)
        and isinstance(best, int)
        and 1 <= best <= len(scores)
        and {"metric", "users"} <= set(validation)
    )
