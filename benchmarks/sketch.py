"""Measure the detection, the cost and the privacy risk of the sketch of training histories.

    python benchmarks/sketch.py --data RATINGS [--extra-bits 8 11] [--draws N]

RATINGS is a table of interactions, such as ratings.csv of MovieLens. A fifth of its users are held
out; the sketch is made from the others. For each number of extra bits it prints:

1. Size, and how often held-out histories match, against theory.
2. Detection: how often evaluations on a few training users alone are refused, and evaluations on a
   mixture of training users and others; and how many training users are needed for a refusal.
3. Guessing: an attacker who knows all but one item of a training user's history tries every item in
   its place. Printed are the number of matching candidates and the posterior probability of the
   true item, for a uniform prior and for a prior proportional to popularity. The same is computed
   for all but two items. Another attacker knows nothing and tries histories of popular items.
4. CPU time of the digests, the sketch and the comparison for a million interactions.
"""

import argparse
import math
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from item2vec.data.digests import Digests, item_hashes
from item2vec.data.histories import Histories
from item2vec.data.history_sketch import FALSE_ALARMS, LEAST_ITEMS, HistorySketch, binomial_tail
from item2vec.data.interactions import Interactions
from item2vec.evaluation.splitting.users import split_users
from item2vec.reading.interactions import read_interactions

SUBSETS = (1, 2, 3, 4, 5, 10, 50)
SHARES = (0.01, 0.05)
ATTACKED = 300  # users
GUESSES = 200_000


def main() -> None:
    """Print all measurements for each number of extra bits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", required=True, metavar="RATINGS")
    parser.add_argument("--extra-bits", nargs="+", type=int, default=[8, 11])
    parser.add_argument(
        "--draws", type=int, default=200, help="number of random evaluations of each kind"
    )
    arguments = parser.parse_args()
    interactions = read_interactions(arguments.data)
    training, held_out = (
        part.to_histories(min_count=1) for part in split_users(interactions, seed=0)
    )
    for extra_bits in arguments.extra_bits:
        sketch = HistorySketch.of(digests_of(training), extra_bits=extra_bits)
        print(f"\n{extra_bits} extra bits: {sketch}")
        print_size(sketch, digests_of(training))
        print_detection(sketch, digests_of(training), digests_of(held_out), arguments.draws)
        print_guessing(sketch, training)
    print_cost()


def digests_of(histories: Histories) -> Digests:
    """Return the digests of histories that have them."""
    if histories.digests is None:
        raise RuntimeError("histories were packed without digests")
    return histories.digests


def print_size(sketch: HistorySketch, training: Digests) -> None:
    """Print the bytes of the sketch and how often histories match that training did not have."""
    n_long = int(np.count_nonzero(training.n_items >= LEAST_ITEMS))
    print(f"  {sketch.values.nbytes:,} bytes for {len(training):,} users, {n_long:,} of them long")
    rng = np.random.default_rng(1)
    random = rng.integers(0, 1 << 63, size=1_000_000, dtype=np.uint64)
    theory = len(sketch) / 2**sketch.bits
    found = sketch.matches(random).mean()
    print(f"  random digests match at a rate of {found:.6f}; theory {theory:.6f}")


def print_detection(
    sketch: HistorySketch, training: Digests, held_out: Digests, n_draws: int
) -> None:
    """Print which evaluations are refused."""
    rng = np.random.default_rng(2)
    overlap = sketch.overlap(held_out)
    print(f"  held-out users: {overlap.matched} of {overlap.compared} match, p {overlap[2]:.3f}")
    for n in SUBSETS:
        refused = np.mean([refuses(sketch, drawn(training, n, rng)) for _ in range(n_draws)])
        print(f"  {n} training users alone: refused in {refused:.0%} of {n_draws} draws")
    for n in (100, 1000, 10_000):
        for share in SHARES:
            others = round(n * (1 - share))
            mixed = [
                joined(drawn(training, n - others, rng), strangers(others, rng))
                for _ in range(n_draws)
            ]
            refused = np.mean([refuses(sketch, digests) for digests in mixed])
            print(f"  {share:.0%} of {n:,} users: refused in {refused:.0%} of {n_draws} draws")
        print(f"  needed among {n:,}: {needed(sketch, n)} training users")


def refuses(sketch: HistorySketch, digests: Digests) -> bool:
    """Return whether an evaluation of these histories is refused."""
    return sketch.overlap(digests).is_too_large


def drawn(digests: Digests, n: int, rng: np.random.Generator) -> Digests:
    """Return the digests of random users."""
    return digests.take(rng.choice(len(digests), min(n, len(digests)), replace=False))


def strangers(n: int, rng: np.random.Generator) -> Digests:
    """Return digests of histories that no user has."""
    values = rng.integers(0, 1 << 64, size=n, dtype=np.uint64)
    return Digests(values, np.full(n, LEAST_ITEMS, dtype=np.int32))


def joined(first: Digests, second: Digests) -> Digests:
    """Return the digests of both."""
    return Digests(
        np.concatenate([first.values, second.values]),
        np.concatenate([first.n_items, second.n_items]),
    )


def needed(sketch: HistorySketch, n: int) -> int:
    """Return how many matches among n compared histories are refused, if no users are alike."""
    chance = len(sketch) / 2**sketch.bits + 1 / (sketch.n_histories + n + 1)
    return next(m for m in range(1, n + 1) if binomial_tail(m, n, chance) < FALSE_ALARMS)


def print_guessing(sketch: HistorySketch, training: Histories) -> None:
    """Print what an attacker learns by trying histories against the sketch."""
    rng = np.random.default_rng(3)
    hashes = item_hashes(training.vocabulary.ids)
    popularity = training.vocabulary.counts / training.vocabulary.counts.sum()
    users = np.flatnonzero(digests_of(training).n_items >= LEAST_ITEMS)
    users = rng.choice(users, min(ATTACKED, len(users)), replace=False)
    answers = [attack(sketch, training[user], hashes, popularity, rng) for user in users.tolist()]
    false, uniform, popular, before = np.array(answers).mean(axis=0)
    n_items = len(hashes)
    print(f"  all but one item known, {n_items:,} candidates: {false:.2f} others match")
    print(f"    probability of the true item, all alike: {1 / n_items:.4f} → {uniform:.3f}")
    print(f"    probability of the true item, by popularity: {before:.4f} → {popular:.3f}")
    pairs = math.comb(n_items, 2) * len(sketch) / 2**sketch.bits
    print(f"  all but two items known: {pairs:,.0f} other pairs match")
    print(f"  whole history known: odds of membership times {2**sketch.bits / len(sketch):,.0f}")
    length = int(np.median(digests_of(training).n_items[users]))
    guessed = popular_histories(GUESSES, min(length, 20), popularity, hashes, rng)
    matched = guessed.values[sketch.matches(guessed.values)]
    true = np.isin(matched, digests_of(training).values).sum()
    print(f"  nothing known: {len(matched)} of {GUESSES:,} popular histories match, {true} truly")


def attack(
    sketch: HistorySketch,
    history: npt.NDArray[np.int32],
    hashes: npt.NDArray[np.uint64],
    popularity: npt.NDArray[np.float64],
    rng: np.random.Generator,
) -> tuple[float, float, float, float]:
    """Try every item in the place of one of a history.

    Returns
    -------
    false : float
        The number of candidates other than the true one that match.
    uniform, popular : float
        The posterior probability of the true item, for a uniform prior and for a prior
        proportional to popularity.
    before : float
        The prior probability proportional to popularity, without the sketch.
    """
    hidden = int(rng.choice(history))
    rest = history[history != hidden]
    candidates = np.setdiff1d(np.arange(len(hashes), dtype=np.int32), rest)
    tried = np.column_stack([np.tile(rest, (len(candidates), 1)), candidates]).reshape(-1)
    offsets = np.arange(len(candidates) + 1, dtype=np.int64) * len(history)
    values = Digests.of_packed(hashes, tried, offsets).values
    matching = candidates[sketch.matches(values)]
    if hidden not in matching:
        raise RuntimeError("the true history does not match its own sketch")
    return (
        len(matching) - 1,
        1 / len(matching),
        popularity[hidden] / popularity[matching].sum(),
        popularity[hidden] / popularity[candidates].sum(),
    )


def popular_histories(
    n: int,
    length: int,
    popularity: npt.NDArray[np.float64],
    hashes: npt.NDArray[np.uint64],
    rng: np.random.Generator,
) -> Digests:
    """Return the digests of synthetic histories whose items are drawn by their popularity."""
    parts = []
    for _ in range(0, n, 1000):  # Efraimidis and Spirakis: the largest keys are a weighted sample
        keys = rng.exponential(size=(1000, len(popularity))).astype(np.float32)
        keys /= popularity.astype(np.float32)
        items = np.argpartition(keys, length, axis=1)[:, :length].astype(np.int32)
        offsets = np.arange(1001, dtype=np.int64) * length
        parts.append(Digests.of_packed(hashes, items.reshape(-1), offsets))
    return Digests(
        np.concatenate([part.values for part in parts]),
        np.concatenate([part.n_items for part in parts]),
    )


def print_cost(n_users: int = 50_000, length: int = 20, n_items: int = 27_000) -> None:
    """Print the CPU time for a million interactions."""
    rng = np.random.default_rng(4)
    items = (n_items * rng.random(n_users * length) ** 3).astype(np.int32)
    offsets = np.arange(n_users + 1, dtype=np.int64) * length
    ids = tuple(str(item) for item in range(n_items))
    interactions = Interactions(items, offsets, ids, tuple(map(str, range(n_users))))
    histories, packing = timed(lambda: interactions.to_histories(min_count=1))
    hashes, hashing = timed(lambda: item_hashes(ids))
    _, summing = timed(lambda: Digests.of_packed(hashes, items, offsets))
    sketch, sketching = timed(lambda: HistorySketch.of(digests_of(histories)))
    _, comparing = timed(lambda: sketch.overlap(digests_of(histories)))
    print(f"\na million interactions of {n_users:,} users with {n_items:,} items, CPU seconds")
    print(f"  to_histories {packing:.3f}, of which digests {hashing + summing:.3f}")
    print(f"  sketch {sketching:.3f}, comparison {comparing:.3f}")


def timed(work: Callable[[], Any], times: int = 5) -> tuple[Any, float]:
    """Return the result of some work, and its smallest CPU time."""
    seconds = []
    for _ in range(times):
        start = time.process_time()
        result = work()
        seconds.append(time.process_time() - start)
    return result, min(seconds)


if __name__ == "__main__":
    main()
