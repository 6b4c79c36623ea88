"""Checks of the histories that a trainer is given and of the numbers that it has learned."""

from collections.abc import Mapping

from item2vec._support.finite import Floats, is_finite
from item2vec._support.messages import setting
from item2vec.data.histories import Histories
from item2vec.errors import ParameterError, TooFewInteractionsError


def check_not_empty(histories: Histories) -> None:
    """Raise TooFewInteractionsError unless some history has two items to learn from."""
    if len(histories.items) == 0:
        raise TooFewInteractionsError(
            f"no history contains an item that occurs often enough: lower {setting('min_count')}, "
            "or use more interactions"
        )
    if histories.lengths.max() < 2:
        raise TooFewInteractionsError(
            "every history has only one item left: use longer histories, or lower "
            f"{setting('min_count')} to keep more items"
        )


def check_converged(
    arrays: Mapping[str, Floats], *, rate_name: str = "", rate: float = 0.0
) -> None:
    """Raise ParameterError unless every number that training has learned is finite.

    Parameters
    ----------
    arrays : mapping of str to array
        The arrays, by the names that the message uses.
    rate_name, rate : str, float
        The parameter that is the trainer's learning rate, and its value, for the message.
    """
    for name, array in arrays.items():
        if not is_finite(array):
            remedy = f"lower {setting(rate_name)}, which is {rate}" if rate_name else ""
            raise ParameterError(
                f"training diverged (NaN or infinity in {name}): "
                f"{remedy or 'change the parameters'}"
            )
