"""Reading the histories of many users, with little memory, for a model."""

from typing import TYPE_CHECKING

from item2vec.cli.reading_options import ReadingOptions
from item2vec.errors import DataError

if TYPE_CHECKING:
    from item2vec.data.interactions import Interactions
    from item2vec.models.item_vectors import ItemVectors
    from item2vec.models.lookup.item_filter import Unknown
    from item2vec.models.lookup.user_histories import UserHistories


def read_users(
    vectors: "ItemVectors",
    histories: tuple[str, ...],
    reading: ReadingOptions,
    unknown: "Unknown | None",
    *,
    in_order: bool = False,
) -> "UserHistories":
    """Read the histories of many users, as rows of a model.

    Parameters
    ----------
    vectors : ItemVectors
    histories : tuple of str
        Files of interactions.
    reading : ReadingOptions
    unknown : {"skip", "error"} or None
        Treatment of items that the model lacks; None skips them.
    in_order : bool
        Whether the order of the items matters.
    """
    from item2vec.models.lookup.user_histories import user_histories

    interactions = _read_sparingly(histories, reading, keep_times=in_order)
    return user_histories(
        interactions, vectors.vocabulary, unknown=unknown or "skip", in_order=in_order
    )


def _read_sparingly(
    histories: tuple[str, ...], reading: ReadingOptions, *, keep_times: bool
) -> "Interactions":
    """Read interactions with little memory, or with more if some records need it."""
    from item2vec.reading.duckdb_session import QueryError, little_memory
    from item2vec.reading.files.streams import kept_streams

    with kept_streams():  # standard input can be read only once
        try:
            with little_memory():
                return reading.read(histories, keep_times=keep_times)
        except DataError as error:
            cause = error if isinstance(error, QueryError) else error.__cause__
            if not isinstance(cause, QueryError) or cause.kind != "Out of Memory":
                raise
        return reading.read(histories, keep_times=keep_times)
