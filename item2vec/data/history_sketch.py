"""A sketch of the histories that a model was trained on, to notice when it is scored on them.

The model keeps a few bits of the digests of a sample of its training histories. Whoever evaluates
it can then tell whether far more of the evaluated histories match than chance explains, but the
sketch holds neither users nor items, and a single match proves little.

Which histories: those of at least `LEAST_ITEMS` distinct items, since different people often have
the same short history. A history is sampled if the upper half of its digest lies below a threshold
that depends on the number of histories alone. So the same history is sampled in every file, and
samples of two files can be compared exactly.

Which bits: the lowest ``ceil(log2(kept)) + EXTRA_BITS`` bits of each digest, sorted and without
repeats. A history that training did not have matches with a probability of ``kept / 2**bits``, at
most ``2**-EXTRA_BITS``. More bits would notice smaller overlaps, and would help somebody who knows
most of a user's history to guess the rest of it. `benchmarks/sketch.py` measures both. On MovieLens
small, somebody who knows all but one item of a history finds that 34 other items match like the
true one. Whoever guesses by popularity then gives the true item a probability of 0.19, and 0.001
without the sketch; with 11 extra bits it would be 0.64. Three training users alone are noticed with
8 as with 11.

The rule: with n distinct sampled histories to compare, the number of matches of honest data follows
a binomial distribution with n and p or has a smaller mean, where p adds up two ways to match:

- a match by chance, ``kept / 2**bits``;
- two users who really have the same history. Its rate is bounded by the share of sampled users, in
  the training data and in the evaluated data together, who share their history with another user of
  the same data. Where r such users were found, ``r + 1 + 2 * sqrt(r)`` are assumed.

An overlap is reported if so many matches or more have a probability below `FALSE_ALARMS`: about one
honest evaluation in a million is refused. Histories are counted once, however many users have them:
a bundle that many customers buy is one match, not many.

What is noticed, where users have histories of their own: three evaluated users, if training had 200
or more (four, if it had 60); and training users among others, if they are 2 % of 1,000 users or
0.8 % of 10,000. In training data of more than `MOST_KEPT` histories this holds for sampled ones.
What is not noticed: the same users at another time; histories read under other conditions, such as
another minimum rating; histories of fewer than `LEAST_ITEMS` items.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec.data.digests import Digests
from item2vec.errors import DataError
from item2vec.types import Hashes

LEAST_ITEMS = 8
MOST_KEPT = 65_536
EXTRA_BITS = 8
FALSE_ALARMS = 1e-6
ALL = 1 << 32  # the threshold below which every digest's upper half lies
HALF = np.uint64(32)


class Overlap(NamedTuple):
    """How many of the compared histories match a sketch, and whether that can be chance."""

    compared: int
    matched: int
    probability: float  # of so many matches or more in histories that training did not have

    @property
    def is_too_large(self) -> bool:
        """Whether the matches can't be explained by chance."""
        return self.probability < FALSE_ALARMS


@dataclass(frozen=True, eq=False, repr=False)
class HistorySketch:
    """A few bits of the digests of a sample of histories.

    Parameters
    ----------
    values : array of shape (kept,), int32
        The lowest bits of the digests, rising: their order says nothing about the histories.
    bits : int
        How many bits of a digest are kept, 1 to 31.
    threshold : int
        A history is sampled if the upper 32 bits of its digest are below this; 2^32: all are.
    n_histories : int
        How many training histories were sampled, repeated ones included.
    n_repeated : int
        How many of these are the same as another user's.

    Raises
    ------
    DataError
        If these do not fit each other.

    Examples
    --------
    >>> lists = [[f"{user}-{item}" for item in range(9)] for user in range(100)]
    >>> sketch = HistorySketch.of(Digests.of_lists(lists[:60]))
    >>> sketch.overlap(Digests.of_lists(lists[50:])).is_too_large
    True
    >>> sketch.overlap(Digests.of_lists(lists[60:])).matched
    0
    """

    values: npt.NDArray[np.int32]
    bits: int
    threshold: int
    n_histories: int
    n_repeated: int

    def __post_init__(self) -> None:
        values = self.values.view()
        values.flags.writeable = False
        object.__setattr__(self, "values", values)
        numbers = (self.bits, self.threshold, self.n_histories, self.n_repeated)
        if any(type(number) is not int for number in numbers):
            raise DataError(f"the numbers of a sketch are integers, not {numbers}")
        if not (1 <= self.bits <= 31 and 0 <= self.threshold <= ALL):
            raise DataError(f"no sketch has {self.bits} bits and a threshold of {self.threshold}")
        if not 0 <= self.n_repeated <= self.n_histories or len(values) > self.n_histories:
            raise DataError(
                f"no sketch holds {len(values)} of {self.n_histories} histories, "
                f"{self.n_repeated} of them repeated"
            )
        if values.dtype != np.int32 or values.ndim != 1 or (np.diff(values) <= 0).any():
            raise DataError("the values of a sketch are a flat int32 array that rises")
        if len(values) and not 0 <= values[0] <= values[-1] < 1 << self.bits:
            raise DataError(f"the values of a sketch have {self.bits} bits")

    @classmethod
    def of(
        cls, digests: Digests, *, most: int = MOST_KEPT, extra_bits: int = EXTRA_BITS
    ) -> "HistorySketch":
        """Sketch the histories with these digests.

        Parameters
        ----------
        digests : Digests
        most : int
            How many different histories are kept at most, but for a chance below 1e-6.
        extra_bits : int
            How many bits are kept beyond those that tell the sampled histories apart.
        """
        long = digests.values[digests.n_items >= LEAST_ITEMS]
        n_distinct = len(np.unique(long))
        safely = most - 5 * math.sqrt(most)  # how many fall below a threshold is a matter of chance
        threshold = ALL if n_distinct <= most else int(ALL * max(0, safely) / n_distinct)
        sampled = long[(long >> HALF) < threshold]
        different, times = np.unique(sampled, return_counts=True)
        bits = math.ceil(math.log2(max(1, len(different)))) + extra_bits
        return cls(
            np.unique(_lowest(different, bits)),
            bits,
            threshold,
            len(sampled),
            int(times[times > 1].sum()),
        )

    def __len__(self) -> int:
        return len(self.values)

    def __repr__(self) -> str:
        return f"HistorySketch of {len(self)} histories, {self.bits} bits each"

    def to_dict(self) -> dict[str, Any]:
        """Return everything but the values, as JSON takes it."""
        names = ("bits", "threshold", "n_histories", "n_repeated")
        return {name: getattr(self, name) for name in names}

    def sampled(self, digests: Digests) -> Hashes:
        """Return the digests of the histories that this sketch samples, uint64 (any,)."""
        is_long = digests.n_items >= LEAST_ITEMS
        return digests.values[is_long & ((digests.values >> HALF) < self.threshold)]

    def matches(self, values: Hashes) -> npt.NDArray[np.bool_]:
        """Return which of the sampled digests, uint64 (m,), match one of the sketch, bool (m,)."""
        return np.isin(_lowest(values, self.bits), self.values)

    def overlap(self, digests: Digests) -> Overlap:
        """Compare histories with those of training.

        Parameters
        ----------
        digests : Digests
            One for each user.
        """
        sampled = self.sampled(digests)
        different, times = np.unique(sampled, return_counts=True)
        matched = int(np.count_nonzero(self.matches(different)))
        repeated = self.n_repeated + int(times[times > 1].sum())
        assumed = repeated + 1 + 2 * math.sqrt(repeated)
        same_history = assumed / (self.n_histories + len(sampled) + 1)
        p = min(1.0, len(self.values) / 2**self.bits + same_history)
        return Overlap(len(different), matched, binomial_tail(matched, len(different), p))


def binomial_tail(least: int, n: int, p: float) -> float:
    """Return the probability of at least `least` successes in `n` trials; 1 up to their mean.

    Examples
    --------
    >>> round(binomial_tail(3, 4, 0.5), 6)
    0.3125
    """
    if least <= n * p or p >= 1:
        return 1.0
    log_choose = math.lgamma(n + 1) - math.lgamma(least + 1) - math.lgamma(n - least + 1)
    term = math.exp(log_choose + least * math.log(p) + (n - least) * math.log1p(-p))
    total = term
    for k in range(least, n):  # above the mean each term is smaller than the one before
        term *= (n - k) / (k + 1) * p / (1 - p)
        total += term
        if term <= total * 1e-12:
            break
    return min(1.0, total)


def _lowest(values: Hashes, bits: int) -> npt.NDArray[np.int32]:
    """Return the lowest bits of digests, int32."""
    return (values & np.uint64((1 << bits) - 1)).astype(np.int32)
