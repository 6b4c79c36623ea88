"""A sketch of the training histories of a model, to detect an evaluation on its training data.

The sketch stores a few bits of the digests of a sample of the training histories. An evaluation
uses it to detect that more of its histories match than would be expected by chance. The sketch
contains neither users nor items, and a single match is weak evidence.

**Sampled histories** have at least `LEAST_ITEMS` distinct items, because different users often have
the same short history. A history is sampled if the upper half of its digest is below a threshold,
which depends only on the number of training histories. The evaluated histories are sampled by the
same threshold, so that both samples contain the histories that they share.

**Stored bits** are the lowest ``ceil(log2(kept)) + EXTRA_BITS`` bits of each sampled digest, sorted
and without repeats. A history that is not in the training data matches with a probability of
``kept / 2**bits``, at most ``2**-EXTRA_BITS``. More bits would detect smaller overlaps, but would
also help an attacker who knows most of a user's history to guess the rest. `benchmarks/sketch.py`
measures both. On MovieLens small, an attacker who knows all but one item of a history is left with
34 wrong items that match as well as the true one. Guessing by popularity then gives the true item a
probability of 0.19, against 0.001 without the sketch; with 11 extra bits it would be 0.64. Three
training users on their own are detected with 8 extra bits as with 11.

**Test.** Let n distinct sampled histories be compared. If none of them comes from the training
data, the number of matches has a binomial distribution with parameters n and p, or a smaller mean.
There are two ways to match, and p is the sum of their probabilities:

- an accidental match of the stored bits: ``kept / 2**bits``;
- two users with the same history. The rate is bounded by the share of sampled users, in the
  training data and the evaluated data together, whose history another user of the same data also
  has. If r such users are found, ``r + 1 + 2 * sqrt(r)`` are assumed.

An overlap is reported if the probability of that many matches or more is below `FALSE_ALARMS`, so
about one evaluation on other data in a million is refused. A history counts once, however many
users have it: a bundle that many customers buy is one match.

**Detected**, if users have different histories: three evaluated users, if training had 200 or more
(four, if it had 60); training users among others, if they are 2 % of 1,000 users or 0.8 % of
10,000. In training data of more than `MOST_KEPT` histories, this refers to the sampled ones.

**Not detected**: the same users at another time; histories that were read with other options, such
as another minimum rating; histories of fewer than `LEAST_ITEMS` items.
"""

import math
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from item2vec._support.messages import shown
from item2vec.data.digests import Digests
from item2vec.errors import DataError
from item2vec.types import Hashes, Mask

LEAST_ITEMS = 8
MOST_KEPT = 65_536
EXTRA_BITS = 8
FALSE_ALARMS = 1e-6
ALL = 1 << 32  # the threshold below which the upper half of every digest is
HALF = np.uint64(32)


class Overlap(NamedTuple):
    """The number of compared histories that match a sketch, and how probable that is by chance."""

    compared: int
    matched: int
    probability: float  # of at least `matched` matches, if no history is in the training data

    @property
    def is_too_large(self) -> bool:
        """Whether there are more matches than would be expected by chance."""
        return self.probability < FALSE_ALARMS


@dataclass(frozen=True, eq=False, repr=False)
class HistorySketch:
    """A few bits of the digests of a sample of histories.

    Parameters
    ----------
    values : array of shape (kept,), int32
        The lowest bits of the digests, ascending, so that their order reveals nothing about the
        histories.
    bits : int
        Number of bits kept of each digest, 1 to 31.
    threshold : int
        A history is sampled if the upper 32 bits of its digest are below this; 2^32 samples all.
    n_histories : int
        Number of sampled training histories, including repeated ones.
    n_repeated : int
        Number of these that another user also has.

    Raises
    ------
    DataError
        If the values do not match each other.

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
            raise DataError(f"the numbers of a sketch must be integers, not {shown(numbers)}")
        if not (1 <= self.bits <= 31 and 0 <= self.threshold <= ALL):
            raise DataError(
                "a sketch has 1 to 31 bits and a threshold from 0 to 2^32, not "
                f"{self.bits} and {self.threshold}"
            )
        if not 0 <= self.n_repeated <= self.n_histories or len(values) > self.n_histories:
            raise DataError(
                f"a sketch of {self.n_histories} histories can't have {len(values)} values or "
                f"{self.n_repeated} repeated histories"
            )
        if values.dtype != np.int32 or values.ndim != 1 or (np.diff(values) <= 0).any():
            raise DataError("the values of a sketch must be a flat, ascending int32 array")
        if len(values) and not 0 <= values[0] <= values[-1] < 1 << self.bits:
            raise DataError(f"the values of a sketch must be below 2^{self.bits}")

    @classmethod
    def of(
        cls, digests: Digests, *, most: int = MOST_KEPT, extra_bits: int = EXTRA_BITS
    ) -> "HistorySketch":
        """Sketch the histories with these digests.

        Parameters
        ----------
        digests : Digests
        most : int
            Maximum number of distinct histories to keep, exceeded with a probability below 1e-6.
        extra_bits : int
            Number of bits kept beyond those needed to distinguish the sampled histories.
        """
        long = digests.values[digests.n_items >= LEAST_ITEMS]
        n_distinct = len(np.unique(long))
        # The number of digests below a threshold varies: aim five standard deviations below `most`.
        target = most - 5 * math.sqrt(most)
        threshold = ALL if n_distinct <= most else int(ALL * max(0, target) / n_distinct)
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
        """Return all fields except the values, for JSON."""
        names = ("bits", "threshold", "n_histories", "n_repeated")
        return {name: getattr(self, name) for name in names}

    def sampled(self, digests: Digests) -> Hashes:
        """Return the digests of the histories that this sketch samples, uint64 (n_sampled,)."""
        is_long = digests.n_items >= LEAST_ITEMS
        return digests.values[is_long & ((digests.values >> HALF) < self.threshold)]

    def matches(self, values: Hashes) -> Mask:
        """Return whether each of the sampled digests, uint64 (m,), is in the sketch, bool (m,)."""
        return np.isin(_lowest(values, self.bits), self.values)

    def overlap(self, digests: Digests) -> Overlap:
        """Compare histories with the training histories.

        Parameters
        ----------
        digests : Digests
            The digest of the history of each evaluated user.
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
    """Return the probability of at least `least` successes in `n` trials with probability `p`.

    If `least` is not above the mean, ``n * p``, the result is 1, an upper bound.

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
    for k in range(least, n):  # above the mean, each term is smaller than the one before
        term *= (n - k) / (k + 1) * p / (1 - p)
        total += term
        if term <= total * 1e-12:
            break
    return min(1.0, total)


def _lowest(values: Hashes, bits: int) -> npt.NDArray[np.int32]:
    """Return the lowest `bits` bits of digests, int32."""
    return (values & np.uint64((1 << bits) - 1)).astype(np.int32)
