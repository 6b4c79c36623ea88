"""Suggestions for a misspelled name ("did you mean ...?"), from up to a million names."""

import difflib
import re
from collections.abc import Sequence

import numpy as np

# difflib compares this many names in a few tenths of a second; a million would take minutes.
COMPARED = 1_000


def nearest_names(name: str, names: Sequence[str], n: int = 3) -> list[str]:
    """Return the `n` names most similar to `name`, ignoring case, best first; [] if none is.

    Names that contain all words of `name` come first, in the order of `names`. They are followed by
    the matches of `difflib`, which is given the `COMPARED` names that share the most word stems
    with `name`, and among these the ones of the most similar length.

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
    shared = np.zeros(len(folded), dtype=np.int64)  # number of word stems that each name shares
    for word in set(wanted.split()):
        stem = re.escape(word[: max(3, 2 * len(word) // 3)])
        found = [match.start() for match in re.finditer(stem, text)]
        shared[np.searchsorted(starts, found, side="right") - 1] += 1
    order = np.lexsort((abs(lengths - len(wanted)), -shared))[:COMPARED].tolist()
    words = set(re.findall(r"\w+", wanted))
    containing = [
        names[p] for p in sorted(order) if words and words <= set(re.findall(r"\w+", folded[p]))
    ]
    compared = {folded[p]: names[p] for p in reversed(order)}
    close = [compared[other] for other in difflib.get_close_matches(wanted, compared, n)]
    return list(dict.fromkeys([*containing, *close]))[:n]
