"""Conversion of any accepted type of training data to histories."""

from collections.abc import Iterable, Set
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from item2vec._support.messages import setting, shown
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError, TooFewInteractionsError
from item2vec.reading.dataframes import is_frame
from item2vec.reading.interactions import read_interactions

if TYPE_CHECKING:
    import pandas as pd

HistoriesLike: TypeAlias = Union[Histories, Interactions, Iterable[Iterable[str]], "pd.DataFrame"]


def as_histories(source: HistoriesLike) -> Histories:
    """Convert training data of any accepted type to histories.

    Parameters
    ----------
    source : Histories, Interactions, iterable of iterables of str, or pandas.DataFrame
        Histories are returned as they are. Interactions are packed by ``to_histories()``, which
        drops items with fewer than 5 users and keeps repeated items once. Lists of item ids, one
        list per history, are packed by ``Histories.from_lists``, which keeps all items. A DataFrame
        with a row for each interaction is read by ``read_interactions`` and packed by
        ``to_histories()``. Call these functions directly to set their options.

    Raises
    ------
    DataError
        If no item is left, or `source` has another type; the message gives the remedy.

    Examples
    --------
    >>> as_histories([["a", "b"], ["b", "c"]])
    Histories of 2 users over 3 items: 4
    """
    histories = _packed(source)
    if len(histories.vocabulary) == 0:
        problem = "no item occurs often enough in the histories"
        remedy = f"lower {setting('min_count')}"
        if isinstance(source, Interactions) or is_frame(source):
            problem = "no item has at least 5 interactions"
            remedy = "pass interactions.to_histories(min_count=1)"
        raise TooFewInteractionsError(f"{problem}: {remedy}, or provide more interactions")
    return histories


def _packed(source: Any) -> Histories:
    if isinstance(source, Histories):
        return source
    if isinstance(source, Interactions):
        return source.to_histories(in_order=True)
    if is_frame(source):
        return read_interactions(source, keep_times=True).to_histories(in_order=True)
    _refuse(source)
    return Histories.from_lists(source)


def _refuse(source: Any) -> None:
    """Raise DataError for types that can't be histories, with the call that was probably meant."""
    kind = type(source).__name__
    if isinstance(source, str | bytes) or hasattr(source, "__fspath__"):
        raise DataError(
            f"histories must be lists of item ids, not {kind}: to read a file, write "
            f"item2vec.read_interactions({shown(source)}).to_histories()"
        )
    if isinstance(source, Set):
        raise DataError("a set is not ordered: pass a list of histories, each a list of item ids")
    if hasattr(source, "to_pandas"):
        raise DataError(
            f"histories must be lists of item ids, not {kind}: write "
            "item2vec.read_interactions(table.to_pandas()).to_histories()"
        )
    if not isinstance(source, Iterable) or hasattr(source, "vocabulary"):
        raise DataError(
            f"histories must be lists of item ids, not {kind}: pass Histories.from_lists(lists) or "
            "read_interactions(...).to_histories()"
        )
