"""Splits of the same users: by their last item, by a time, or into two given parts."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import setting
from item2vec.data.interactions import Interactions, check_interactions, check_order
from item2vec.errors import DataError, ParameterError
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.later_cases import LaterInteractions
from item2vec.evaluation.splitting.later_labels import common_rows, places_of
from item2vec.evaluation.splitting.later_protocols import (
    LeaveLastOutProtocol,
    SplitTimeProtocol,
    TrainTestProtocol,
    cut_places,
)
from item2vec.evaluation.splitting.protocol import SplitProtocol
from item2vec.evaluation.splitting.split import Split, held_out_split
from item2vec.evaluation.splitting.users import HELD_OUT, split_users

FEW_LABELS = 20  # fewer labels may all be repeats by chance


def split_by_protocol(
    interactions: Interactions,
    protocol: SplitProtocol,
    *,
    held_out: float = HELD_OUT,
    seed: int = 0,
) -> Split:
    """Split interactions by a protocol that determines the split.

    Parameters
    ----------
    interactions : Interactions
    protocol : HeldOutProtocol or LeaveLastOutProtocol
    held_out, seed
        Share of the users to hold out, and seed of their draw, if users are held out.
    """
    if isinstance(protocol, HeldOutProtocol):
        return held_out_split(*split_users(interactions, held_out=held_out, seed=seed), protocol)
    if isinstance(protocol, LeaveLastOutProtocol):
        return split_last(interactions, keep_seen=protocol.keep_seen)
    raise ParameterError(
        f"the protocol {protocol.name} needs more than interactions: call split_by_time or "
        "split_train_test"
    )


def split_last(interactions: Interactions, *, keep_seen: bool = False) -> Split:
    """Split off the last item of each user as the label, and train on all others.

    Without `keep_seen` only the first occurrence of a repeated item counts; the last item is then
    the last one that was new to the user. Users with fewer than two items are trained on, and
    counted as skipped.

    Parameters
    ----------
    interactions : Interactions
    keep_seen : bool
        Take the very last interaction as the label, even with an item that the user had before.

    Raises
    ------
    DataError
        If the interactions have no times, and their order was not declared to be that of time.
    """
    protocol = LeaveLastOutProtocol(keep_seen=keep_seen)
    check_order(interactions, protocol.name)
    cuts = cut_places(interactions.items, interactions.offsets, protocol)
    lengths = np.diff(interactions.offsets)
    places = np.arange(len(interactions.items))
    training = interactions.select(places < np.repeat(cuts, lengths))
    last = interactions.select(places == np.repeat(cuts, lengths))
    n_too_short = int(np.count_nonzero(cuts == interactions.offsets[1:]))
    return Split(training, LaterInteractions(training, last, protocol, n_too_short))


def split_by_time(interactions: Interactions, time: object, *, keep_seen: bool = False) -> Split:
    """Split interactions by time: train on those before it, and predict those from it on.

    Parameters
    ----------
    interactions : Interactions
        With times: ``read_interactions(..., keep_times=True)``.
    time : str, int, datetime, numpy.datetime64 or pandas.Timestamp
        The first moment of the later part: a date or time in ISO form or another notation with one
        meaning (UTC unless it names another zone), or an epoch in seconds, milli-, micro- or
        nanoseconds.
    keep_seen : bool
        Let items that a user had before be labels, too.

    Raises
    ------
    ParameterError
        If `time` is not a time, or can mean several.
    DataError
        If the interactions have no times, or all are on one side of `time`.
    """
    from item2vec.reading.times.parsing import parse_time

    check_interactions(interactions)
    moment = parse_time(time)
    if interactions.times is None:
        raise DataError(_without_times(interactions))
    before = interactions.times < moment
    if before.all() or not before.any():
        side = "before" if before.all() else "at or after"
        first, last = (_iso(int(t)) for t in (interactions.times.min(), interactions.times.max()))
        raise DataError(
            f"all interactions lie {side} {_iso(moment)}, from {first} to {last}: name a moment "
            f"between these with {setting('split_time')}"
        )
    training, later = interactions.select(before), interactions.select(~before)
    protocol = SplitTimeProtocol(time=_iso(moment), keep_seen=keep_seen)
    return _with_share(training, LaterInteractions(training, later, protocol))


def split_train_test(
    training: Interactions, test: Interactions, *, keep_seen: bool = False
) -> Split:
    """Return a given split: train on one part, and predict the other for the same users.

    Users and items that are only in `test` are counted. So are test items that the same user had in
    `training`; they are labels only with `keep_seen`. An interaction that is in both parts with the
    same time is dropped from `test`.

    Parameters
    ----------
    training, test : Interactions
    keep_seen : bool
        Let items that a user had in training be labels, too.

    Raises
    ------
    DataError
        If no user has both an input and a label, or, with `keep_seen`, one part contains the other.
    """
    for part in (training, test):
        check_interactions(part)
    protocol = TrainTestProtocol(ordered=training.order != "unknown", keep_seen=keep_seen)
    apart = test.select(~_in_both(training, test))
    source = LaterInteractions(
        training,
        apart,
        protocol,
        n_repeated=len(test.items) - len(apart.items),
        n_users_repeated=len(test) - len(apart),
    )
    if len(source.labels.users) == 0:
        if source.n_repeated or source.labels.n_seen:
            raise DataError(
                "every item of the test part is one that the same user has in the training part, "
                "too, so no label is left: give parts that share no interaction"
            )
        raise protocol.no_case(source.counts["skipped_users"])
    if keep_seen:
        _check_not_contained(source)
    return _with_share(training, source)


def _with_share(training: Interactions, source: LaterInteractions) -> Split:
    """Return a split with the same share of labels in validation as in the test."""
    share = round(min(0.9, max(0.0001, source.label_share)), 4)
    protocol = replace(source.protocol, label_share=share)  # type: ignore[call-arg]
    return Split(training, replace(source, protocol=protocol))


def _in_both(training: Interactions, test: Interactions) -> npt.NDArray[np.bool_]:
    """Return which interactions of `test` are in `training` with the same time, bool (n_test,).

    Without times, none is.
    """
    found = np.zeros(len(test.items), dtype=bool)
    if training.times is None or test.times is None:
        return found
    rows, _ = common_rows(training, test)
    n = 1 + int(max(training.items.max(initial=0), rows.max(initial=0)))
    users = np.arange(len(training), dtype=np.int64)
    own = np.repeat(users, np.diff(training.offsets)) * n + training.items
    others = np.repeat(places_of(training, test), np.diff(test.offsets)) * n + rows
    others[np.repeat(places_of(training, test), np.diff(test.offsets)) < 0] = -1
    maybe = np.flatnonzero(np.isin(others, own))  # same user and item: few candidates, as a rule
    rivals = np.isin(own, others[maybe])
    held = set(zip(own[rivals].tolist(), training.times[rivals].tolist(), strict=True))
    pairs = zip(others[maybe].tolist(), test.times[maybe].tolist(), strict=True)
    found[maybe] = [pair in held for pair in pairs]
    return found


def _check_not_contained(source: LaterInteractions) -> None:
    """Raise DataError if one part contains the other: all labels are inputs, or the reverse."""
    labels = source.labels
    n_labels = int(np.diff(labels.offsets)[labels.users].sum())
    n_both = int(labels.lengths[labels.users].sum())  # different items of either part
    contained = labels.n_seen >= n_labels or n_labels >= n_both
    if contained and n_labels >= FEW_LABELS:
        raise DataError(
            f"{labels.n_seen:,} of {n_labels:,} test items are in the training part of the same "
            "users, so that one part seems to contain the other: give parts that share no "
            f"interaction, or score without {setting('keep_seen', True)}"
        )


def _iso(moment: int) -> str:
    """Return nanoseconds since 1970 as an ISO date, with the time unless it is midnight."""
    text = str(np.datetime64(moment, "ns"))
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return text.removesuffix("T00:00:00")


def _without_times(interactions: Interactions) -> str:
    if interactions.order == "time":
        return (
            "the interactions were read without their times: read them with "
            "read_interactions(..., keep_times=True)"
        )
    return (
        "the interactions have no times, so they can't be split by one: name the column that has "
        f"them with {setting('time', 'COLUMN')}"
    )
