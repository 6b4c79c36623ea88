"""Items that people name: by an id or, where titles are known, by a title."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np

from item2vec._support.messages import setting, shown
from item2vec.data.catalogue import Catalogue
from item2vec.data.histories import Histories
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import ParameterError, UnknownItemError


class NamedItems:
    """The rows of a vocabulary, found by what a catalogue tells of their items.

    Parameters
    ----------
    vocabulary : Vocabulary
    catalogue : Catalogue
        Aligned with the vocabulary.
    metadata : mapping
        With the ``min_count`` of training, if that is known: an error then names it.
    """

    vocabulary: Vocabulary
    catalogue: Catalogue
    metadata: Mapping[str, Any]

    def __len__(self) -> int:
        return len(self.vocabulary)

    def __iter__(self) -> Iterator[str]:
        """Go over the item ids, in the order of the rows."""
        return iter(self.vocabulary)

    def __contains__(self, name: object) -> bool:
        try:
            return isinstance(name, str) and self.find(name) >= 0
        except UnknownItemError:
            return False
        except ParameterError:  # a title of several items: it is there, more than once
            return True

    def find(self, name: str, *, title_only: bool = False) -> int:
        """Return the row of the item with this id or, failing that, this title.

        Raises
        ------
        UnknownItemError
            If there is none; its message names the nearest.
        ParameterError
            If several items bear the title; its message lists their ids.
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
                f"{error} (items seen fewer than {min_count} times were left out; "
                f"training with a lower {setting('min_count')} keeps them)"
            ) from None

    def title(self, row: int) -> str | None:
        """Return the title of the item in this row, or None where it has none."""
        titles = self.catalogue.titles
        return (titles[row] or None) if titles else None

    def history(
        self, history: Iterable[str], title_only: bool, *, in_order: bool = False
    ) -> Histories:
        """Return one history of items that a person names, each once.

        Parameters
        ----------
        history : iterable of str
        title_only : bool
            Take names as titles even where they are also ids.
        in_order : bool
            Whether the next item is asked for. An item that is named several times then has its
            last place.

        Raises
        ------
        UnknownItemError
            If an item of it is not there.
        ParameterError
            If it is empty, or no list.
        """
        if isinstance(history, str | bytes) or not isinstance(history, Iterable):
            raise ParameterError(f"a history is a list of items: write [{shown(history)}]")
        history = list(history)
        if len(history) == 0:
            raise ParameterError("the history is empty: name at least one item")
        # Training counted an item once in a history; so does a question.
        rows = [self.find(name, title_only=title_only) for name in history]
        found = list(dict.fromkeys(rows[::-1]))[::-1] if in_order else list(dict.fromkeys(rows))
        packed = Histories(
            np.array(found, dtype=np.int32), np.array([0, len(found)]), self.vocabulary
        )
        return packed.in_order() if in_order else packed
