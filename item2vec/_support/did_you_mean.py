"""The names most like one that is not there: "did you mean ...?" over a million titles."""

import difflib
import re
from collections.abc import Sequence

import numpy as np

# difflib compares so many names in a few tenths of a second; a million would take minutes.
COMPARED = 1_000


def nearest_names(name: str, names: Sequence[str], n: int = 3) -> list[str]:
    """Return the names most like `name` in any letter case, best first; none if none is like it.

    Names that hold all its words come first, in the order in which they stand. Then comes what
    `difflib` finds; it sees only the names that share the most beginnings of words with `name`, and
    of these the ones of about its length.

    Examples
    --------
    >>> nearest_names("toy stroy", ["Heat", "Toy Story", "The Story of Us"])
    ['Toy Story']
    >>> nearest_names("the matrix", ["Heat", "Matrix, The (1999)", "Matrix Reloaded, The (2003)"])
    ['Matrix, The (1999)', 'Matrix Reloaded, The (2003)']
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
    words = set(re.findall(r"\w+", wanted))
    holding = [
        names[p] for p in sorted(order) if words and words <= set(re.findall(r"\w+", folded[p]))
    ]
    likely = {folded[place]: names[place] for place in reversed(order)}
    close = [likely[other] for other in difflib.get_close_matches(wanted, likely, n)]
    return list(dict.fromkeys([*holding, *close]))[:n]
