"""The contract of case sources, which make cases in the vocabulary of any model."""

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable

from item2vec._support.messages import counted, shown
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.protocol import SplitProtocol


class CaseSource(ABC):
    """A source of cases in the vocabulary of any model.

    Attributes
    ----------
    protocol : SplitProtocol
        How the cases are made.
    """

    protocol: SplitProtocol

    @property
    @abstractmethod
    def user_ids(self) -> tuple[str, ...]:
        """The ids of the users; ``Cases.users`` are positions in them."""

    @property
    @abstractmethod
    def item_ids(self) -> tuple[str, ...]:
        """The ids of the items of the cases."""

    @abstractmethod
    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases, with -1 for items that are not in the vocabulary."""

    @abstractmethod
    def validation_cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return validation cases, about 2,000 at most."""

    @property
    def counts(self) -> dict[str, int]:
        """Counts that describe the split, in addition to the counts of the cases."""
        return {}

    @property
    def remarks(self) -> tuple[str, ...]:
        """The counts in sentences."""
        return ()


def check_known(who: str, known: Iterable[str], item_ids: Collection[str]) -> None:
    """Raise DataError if a model knows none of the items of the cases.

    Parameters
    ----------
    who : str
        The name of the model in the message.
    known : iterable of str
        The ids of the items of the model.
    item_ids : collection of str
        The ids of the items of the cases.
    """
    if known is item_ids:  # both come from the same file
        return
    ids = set(known)
    if ids and item_ids and ids.isdisjoint(item_ids):
        raise DataError(
            f"{who} knows none of the {counted(len(item_ids), 'item')}: its ids are like "
            f"{shown(_example(ids))}, theirs like {shown(_example(item_ids))}; name the "
            "data that go with it, or write the ids alike"
        )


def _example(ids: Collection[str]) -> str:
    """Return the first of the shortest ids."""
    return min(ids, key=lambda item_id: (len(item_id), item_id))
