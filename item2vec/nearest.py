"""The names most like one that is not there: "did you mean ...?" over a million titles."""

import difflib
import re
from collections.abc import Sequence

import numpy as np

# difflib compares so many names in a few tenths of a second; a million would take minutes.
COMPARED = 1_000


def nearest_names(name: str, names: Sequence[str], n: int = 3) -> list[str]:
    """Return the names most like `name` in any letter case, best first; none if none is like it.

    `difflib` sees only the names that share the most beginnings of words with `name`, and of these
    the ones of about its length.

    Examples
    --------
    >>> nearest_names("toy stroy", ["Heat", "Toy Story", "The Story of Us"])
    ['Toy Story']
    """
    wanted = name.casefold()
    folded = [other.casefold() for other in names]
    lengths = np.fromiter(map(len, folded), dtype=np.int64, count=len(folded))
    text = "\n".join(folded)
    starts = np.cumsum(lengths + 1) - lengths - 1
    shared = np.zeros(len(folded), dtype=np.int64)  # how many beginnings of words
    for word in set(wanted.split()):
        stem = re.escape(word[: max(3, 2 * len(word) // 3)])
        found = [match.start() for match in re.finditer(stem, text)]
        shared[np.searchsorted(starts, found, side="right") - 1] += 1
    order = np.lexsort((abs(lengths - len(wanted)), -shared))[:COMPARED].tolist()
    likely = {folded[place]: names[place] for place in reversed(order)}
    return [likely[other] for other in difflib.get_close_matches(wanted, likely, n)]
