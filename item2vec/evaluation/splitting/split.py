"""Splits: interactions to train on, and a source of the cases to score."""

from collections.abc import Iterable
from dataclasses import dataclass

from item2vec._support.messages import counted, either, setting, shown
from item2vec.data.histories import Histories
from item2vec.data.interactions import Interactions, Repeated, check_interactions
from item2vec.data.vocabulary import Vocabulary
from item2vec.errors import DataError, ParameterError, TooFewInteractionsError
from item2vec.evaluation.splitting.case_source import CaseSource
from item2vec.evaluation.splitting.cases import Cases
from item2vec.evaluation.splitting.held_out_protocols import HeldOutProtocol
from item2vec.evaluation.splitting.held_out_users import HeldOutUsers
from item2vec.evaluation.splitting.protocol import Family, SplitProtocol


@dataclass(frozen=True, eq=False)
class Split:
    """Interactions to train on, and the source of the cases to score.

    Parameters
    ----------
    training : Interactions
    source : CaseSource
    """

    training: Interactions
    source: CaseSource

    @property
    def protocol(self) -> SplitProtocol:
        """The protocol of the cases, which trainers use for validation too."""
        return self.source.protocol

    @property
    def family(self) -> Family:
        """Either "held-out users" or "same users, later"."""
        return self.protocol.family

    def histories(self, *, min_count: int = 5, repeated: Repeated = "first") -> Histories:
        """Return the training interactions as histories; the vocabulary counts only these.

        Parameters
        ----------
        min_count, repeated
            As in `Interactions.to_histories`; with `keep_seen` repeats are always kept.

        Raises
        ------
        DataError
            If no item has `min_count` interactions.
        """
        repeated = "keep" if self.protocol.keep_seen else repeated
        histories = self.training.to_histories(
            min_count=min_count, repeated=repeated, in_order=self.protocol.in_order
        )
        if len(histories.vocabulary) == 0:
            raise TooFewInteractionsError(
                f"no item occurs {min_count} times among the training users: "
                f"lower {setting('min_count')}"
            )
        return histories

    def cases(self, vocabulary: Vocabulary, *, seed: int = 0) -> Cases:
        """Return the cases in a model's vocabulary."""
        return self.source.cases(vocabulary, seed=seed)


def held_out_split(
    training: Interactions, held_out: Interactions, protocol: HeldOutProtocol
) -> Split:
    """Return a split into training users and held-out users.

    Raises
    ------
    SharedUsersError
        If a user is in both parts.
    """
    check_apart(training, held_out)
    return Split(training, HeldOutUsers(held_out, protocol))


class SharedUsersError(DataError):
    """Raised if held-out users are among the training users."""


def check_apart(training: Interactions, held_out: Interactions) -> None:
    """Raise SharedUsersError if a user is in both parts; users without ids are all different."""
    for part in (training, held_out):
        check_interactions(part)
    if not training.shares_user_ids(held_out):
        return
    shared = set(training.user_ids) & set(held_out.user_ids)
    if shared:
        raise SharedUsersError(
            f"{len(shared):,} of {counted(len(held_out), 'held-out user')} "
            f"{'is' if len(shared) == 1 else 'are'} among the training users, such as "
            f"{shown(min(shared))}: hold out whole users, as `item2vec split` does, or score "
            "later interactions of the same users, with "
            + either("--test", "split_train_test(training, later)")
        )


def to_splits(
    splits: Split | Iterable[Split | tuple[Interactions, Interactions]],
    protocol: SplitProtocol | None,
) -> list[Split]:
    """Return a list of splits; pairs (training, held-out) become splits of held-out users.

    Raises
    ------
    ParameterError
        If there is no protocol for a pair, or a split has a protocol other than `protocol`.
    """
    if isinstance(splits, Split):
        splits = [splits]
    if not isinstance(splits, Iterable):
        raise ParameterError(
            f"splits must be a list of pairs, not {type(splits).__name__}: write "
            "[split_users(interactions)]"
        )
    if protocol is not None and not isinstance(protocol, SplitProtocol):
        raise ParameterError(
            f"protocol must be a protocol, not {shown(protocol)}: write RandomProtocol()"
        )
    found = []
    for split in splits:
        if not isinstance(split, Split):
            pair = _checked_pair(split)
            split = held_out_split(*pair, protocol_for_users(protocol))
        elif protocol is not None and protocol != split.protocol:
            raise ParameterError(
                f"a split has a protocol of its own, {split.protocol.name}: leave {protocol.name} "
                "out"
            )
        found.append(split)
    return found


def _checked_pair(pair: object) -> tuple[Interactions, Interactions]:
    """Return a pair of interactions, or raise ParameterError."""
    if isinstance(pair, tuple | list) and len(pair) == 2:
        return pair[0], pair[1]
    remedy = "split_users(interactions)"
    if isinstance(pair, Interactions):  # splits are themselves what split_users returned
        remedy = f"[{remedy}], with the brackets"
    raise ParameterError(
        "splits must be a list of Split, or of pairs (training, held-out), and one of these is "
        f"{type(pair).__name__}: write {remedy}"
    )


def protocol_for_users(protocol: SplitProtocol | None) -> HeldOutProtocol:
    """Return the protocol if it is one for held-out users, or raise ParameterError."""
    if isinstance(protocol, HeldOutProtocol):
        return protocol
    raise ParameterError(
        "pairs of training and held-out interactions need the protocol by which held-out "
        "histories are split, such as protocol=RandomProtocol(); for the same users later, give "
        "the result of split_last, split_by_time or split_train_test"
    )
