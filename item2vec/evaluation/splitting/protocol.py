"""The contract of protocols, which split interactions into training data, inputs and labels."""

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from item2vec._support.messages import counted, setting
from item2vec.data.histories import Histories
from item2vec.errors import DataError, ParameterError, TooFewInteractionsError
from item2vec.evaluation.splitting.cases import Cases
from item2vec.parameters import Parameters

Family = Literal["held-out users", "same users, later"]


@dataclass(frozen=True, kw_only=True)
class SplitProtocol(Parameters, ABC):
    """A protocol that splits interactions into training data, inputs and labels.

    There are two families: either whole users are held out, or later interactions of the same users
    are the labels.

    Parameters
    ----------
    keep_seen : bool
        Let labels repeat inputs; every recommender may then recommend inputs again.
    """

    keep_seen: bool = False

    family: ClassVar[Family]
    needs_order: ClassVar[bool] = False  # whether it needs items in time order
    can_keep_seen: ClassVar[bool] = False

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.keep_seen and not self.can_keep_seen:
            raise ParameterError(
                f"{setting('keep_seen', True)} can't be combined with the protocol {self.name}, "
                "which draws items regardless of order, so an input can't be a label again: use "
                "latest, or a split by time"
            )

    @property
    @abstractmethod
    def name(self) -> str:
        """The protocol's name."""

    @property
    @abstractmethod
    def description(self) -> str:
        """Inputs and labels in a few words."""

    @abstractmethod
    def hold_out(
        self, histories: Histories, share: float, *, seed: int = 0
    ) -> tuple[Histories, Cases]:
        """Split training histories once more, in the same way, for validation.

        Parameters
        ----------
        histories : Histories
            The training histories.
        share : float
            Share of the users to validate on, if whole users are held out.
        seed : int
            Seed of the draws.

        Returns
        -------
        fitted, cases
            What to fit on, and validation cases in the same vocabulary, about 2,000 at most.
        """

    @property
    def in_order(self) -> bool:
        """Whether histories are in time order, and labels follow the inputs."""
        return self.needs_order

    def no_case(self, n_skipped: int) -> DataError:
        """Return the error for a split in which no user can be scored."""
        return TooFewInteractionsError(
            f"none of {counted(n_skipped, 'user')} has enough items to be scored"
        )

    def to_json(self) -> dict[str, Any]:
        """Return name, family and parameters."""
        return {
            "name": self.name,
            "family": self.family,
            **self.to_dict(),
            "keep_seen": self.keep_seen,
        }

    def identity(self) -> dict[str, Any]:
        """Return the name and the parameters, which identify the protocol in study files."""
        return {
            "name": self.name,
            **self.to_dict(),
            **({"keep_seen": True} if self.keep_seen else {}),
        }
