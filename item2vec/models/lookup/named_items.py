"""Look-up of items by id or, if titles are known, by title."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import ParameterError, UnknownItemError


class NamedItems:
    """A model whose items are found by id or title.

    Attributes
    ----------
    vocabulary : Vocabulary
    catalogue : Catalogue
        Aligned with the vocabulary.
    metadata : mapping
        May contain the ``min_count`` of training, for the error message about an unknown item.
    """

    vocabulary: Vocabulary
    catalogue: Catalogue
    metadata: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __iter__(self) -> Iterator[str]:
        """Iterate over the item ids, in the order of the rows."""
        return iter(self.vocabulary)

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self.find(name) >= 0
        except UnknownItemError:
            return False
        except ParameterError:  # several items have this title
            return True

    def find(self, name: str, *, title_only: bool = False) -> int:
        """Return the row of the item with this id or, if there is none, this title.

        Raises
        ------
        UnknownItemError
            If there is no such item; the message lists similar names.
        ParameterError
            If several items have this title; the message lists their ids.
        """
        if not isinstance(name, str):
            raise UnknownItemError(
                f"item ids are strings: write {shown(str(name))}, not {shown(name)}"
            )
        try:
            return self.vocabulary.row(self.catalogue.find(name, title_only=title_only))
        except UnknownItemError as error:
            min_count = self.metadata.get("min_count", 1)
            if min_count <= 1:
                raise
            raise UnknownItemError(
                f"{error} (items with fewer than {min_count} interactions were dropped; "
                f"training with a lower {setting('min_count')} keeps them)"
            ) from None

    def title(self, row: int) -> str | None:
        """Return the title of the item in this row; None if it has no title."""
        titles = self.catalogue.titles
        return (titles[row] or None) if titles else None

    def history(
        self, history: Iterable[str], title_only: bool, *, in_order: bool = False
    ) -> Histories:
        """Return a list of ids or titles as a packed history in which each item occurs once.

        Parameters
        ----------
        history : iterable of str
            Items by id or title.
        title_only : bool
            Treat names as titles even if they are also ids.
        in_order : bool
            Whether the next item is to be predicted; a repeated item then has its last position.

        Raises
        ------
        UnknownItemError
            If an item is not in the model.
        ParameterError
            If the history is empty, or not a list.
        """
        if hasattr(history, "vocabulary"):
            raise ParameterError(
                "a history is a list of items, not Histories of many users: write "
                "recommend_frame(histories)"
            )
        if isinstance(history, str | bytes) or not isinstance(history, Iterable):
            raise ParameterError(f"a history is a list of items: write [{shown(history)}]")
        history = list(history)
        if len(history) == 0:
            raise ParameterError("the history is empty: name at least one item")
        # A repeated item counts once, as in training.
        rows = [self.find(name, title_only=title_only) for name in history]
        found = list(dict.fromkeys(rows[::-1]))[::-1] if in_order else list(dict.fromkeys(rows))
        packed = Histories(
            np.array(found, dtype=np.int32), np.array([0, len(found)]), self.vocabulary
        )
        return packed.in_order() if in_order else packed
