"""Labels of the same users, later: the later interactions that a model should recommend."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec.data.interactions import Interactions
from item2vec.data.packed import first_occurrences, pack_lengths, select_packed, take_packed
from item2vec.errors import DataError
from item2vec.evaluation.splitting.later_protocols import seen_before
from item2vec.types import Offsets, Rows


class LaterLabels(NamedTuple):
    """The labels of each user of the later part.

    Parameters
    ----------
    items, offsets
        Packed labels of all users of the later part: positions in its ``item_ids``.
    users : array of shape (n_scored,), int64
        The positions in the later part of the users who are scored.
    places : array of shape (m,), int64
        Each later user's position in the earlier part; -1 if the user is not there.
    lengths : array of shape (m,), int64
        The number of different items of each user in both parts together.
    n_new_users, n_new_items, n_seen : int
        Numbers of users and items only in the later part, and of labels that are also inputs.
    """

    items: Rows
    offsets: Offsets
    users: npt.NDArray[np.int64]
    places: npt.NDArray[np.int64]
    lengths: npt.NDArray[np.int64]
    n_new_users: int
    n_new_items: int
    n_seen: int


def find_labels(earlier: Interactions, later: Interactions, *, keep_seen: bool) -> LaterLabels:
    """Return the labels of each user of the later part, and the users who can be scored."""
    rows, n_new_items = common_rows(earlier, later)
    places = places_of(earlier, later)
    n_earlier = np.append(np.diff(earlier.offsets), 0)  # the last is for place -1
    known = n_earlier[places] > 0
    own_offsets = np.append(earlier.offsets, earlier.offsets[-1:])
    own, bounds = take_packed(earlier.items, own_offsets, np.where(known, places, len(earlier)))
    seen = seen_before(own, bounds, rows, later.offsets)
    first = first_occurrences(later.items, later.offsets)
    items, offsets = select_packed(
        later.items, later.offsets, first if keep_seen else first & ~seen
    )
    n_own = np.diff(select_packed(own, bounds, first_occurrences(own, bounds))[1])
    n_new = np.diff(select_packed(later.items, later.offsets, first & ~seen)[1])
    return LaterLabels(
        items,
        offsets,
        np.flatnonzero(known & (np.diff(offsets) > 0)),
        places,
        n_own + n_new,
        int(np.count_nonzero(~known)),
        n_new_items,
        int(np.count_nonzero(first & seen)),
    )


def places_of(earlier: Interactions, later: Interactions) -> npt.NDArray[np.int64]:
    """Return the position of each later user among the earlier ones, int64 (m,); -1 for none.

    Raises
    ------
    DataError
        If users have no ids by which they could be matched.
    """
    if not earlier.shares_user_ids(later):
        raise DataError(
            "the earlier or the later interactions have no users, so users can't be matched: name "
            f"the column of users with {setting('user')}, or hold out whole histories"
        )
    place_of = {user_id: place for place, user_id in enumerate(earlier.user_ids)}
    return np.array([place_of.get(user_id, -1) for user_id in later.user_ids], dtype=np.int64)


def common_rows(earlier: Interactions, later: Interactions) -> tuple[Rows, int]:
    """Return the later items as rows of the earlier ``item_ids``, and the number of new items.

    Items that are only in the later part get rows after those of the earlier ones.
    """
    if earlier.item_ids == later.item_ids:
        rows = later.items
    else:
        n = len(earlier.item_ids)
        place_of = {item_id: place for place, item_id in enumerate(earlier.item_ids)}
        named = [place_of.get(item_id, n + new) for new, item_id in enumerate(later.item_ids)]
        rows = np.array(named, dtype=np.int32)[later.items]
    used = np.unique(rows)
    return rows, int(np.count_nonzero(~np.isin(used, np.unique(earlier.items))))


def distinct_items(
    items: Rows, offsets: Offsets, users: npt.NDArray[np.int64]
) -> tuple[Rows, Offsets]:
    """Return the packed histories of some users, each item once."""
    items, offsets = take_packed(items, offsets, users)
    return select_packed(items, offsets, first_occurrences(items, offsets))


def concatenate_histories(
    first: tuple[Rows, Offsets], second: tuple[Rows, Offsets]
) -> tuple[Rows, Offsets]:
    """Concatenate two packed histories of each user."""
    lengths = [np.diff(offsets) for _, offsets in (first, second)]
    user = np.concatenate([np.repeat(np.arange(len(each)), each) for each in lengths])
    items = np.append(first[0], second[0])[np.argsort(user, kind="stable")]
    return items, pack_lengths(lengths[0] + lengths[1])
