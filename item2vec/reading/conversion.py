"""Turning what people pass to `fit` into histories: lists of ids, interactions, or a DataFrame."""

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Any, TypeAlias, Union

from item2vec._support.messages import setting, shown
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions
from item2vec.errors import DataError
from item2vec.reading.dataframes import is_frame
from item2vec.reading.interactions import read_interactions

if TYPE_CHECKING:
    import pandas as pd

HistoriesLike: TypeAlias = Union[Histories, Interactions, Iterable[Iterable[str]], "pd.DataFrame"]


def as_histories(source: HistoriesLike) -> Histories:
    """Return histories of whatever a trainer or a baseline can be fitted on.

    Parameters
    ----------
    source : Histories, Interactions, iterable of iterables of str, or pandas.DataFrame
        Histories stay as they are. Interactions are packed by ``to_histories()``, which drops items
        with fewer than 5 users and keeps a repeated item once. Lists of item ids, one list a
        history, are packed by ``Histories.from_lists``, which keeps all items. A DataFrame has a
        row for each interaction and is read by ``read_interactions``, then packed by
        ``to_histories()``. Call these yourself for other settings.

    Raises
    ------
    DataError
        If no item is left, or it is something else; the message says what to write instead.

    Examples
    --------
    >>> as_histories([["a", "b"], ["b", "c"]])
    Histories of 2 users over 3 items: 4
    """
    histories = _packed(source)
    if len(histories.vocabulary) == 0:
        counted_here = isinstance(source, Interactions) or is_frame(source)
        remedy = (
            "pass interactions.to_histories(min_count=1)"
            if counted_here
            else f"lower {setting('min_count')}"
        )
        raise DataError(
            f"no history holds an item that occurs often enough: {remedy}, or bring more "
            "interactions"
        )
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
    """Raise DataError for what can't be histories, with the words for what was probably meant."""
    kind = type(source).__name__
    if isinstance(source, str | bytes) or hasattr(source, "__fspath__"):
        raise DataError(
            f"histories are no {kind}: to read a file, write "
            f"item2vec.read_interactions({shown(source)}).to_histories()"
        )
    if isinstance(source, Mapping):
        raise DataError(
            "histories are no mapping: pass its values, Histories.from_lists(histories.values())"
        )
    if isinstance(source, Set):
        raise DataError("a set has no order: pass a list of histories, each a list of item ids")
    if hasattr(source, "to_pandas"):
        raise DataError(
            f"histories are no {kind}: write "
            "item2vec.read_interactions(table.to_pandas()).to_histories()"
        )
    if not isinstance(source, Iterable) or hasattr(source, "vocabulary"):
        raise DataError(
            f"histories are no {kind}: pass Histories.from_lists(lists) or "
            "read_interactions(...).to_histories()"
        )
