"""Helpers of the tests of reading."""

from hypothesis import strategies as st

CLIQUES = [[f"i{(3 * user + k) % 7}" for k in range(1 + user % 5)] for user in range(40)]
USERS = {f"u{user}": items for user, items in enumerate(CLIQUES)}

BLANK = " \t\n\r\v\f\u00a0\u3000"


def histories_of(interactions):
    """User id -> item ids in order, as plain Python."""
    ends = interactions.offsets.tolist()
    return {
        user: [interactions.item_ids[item] for item in interactions.items[begin:end].tolist()]
        for user, begin, end in zip(interactions.user_ids, ends, ends[1:], strict=False)
    }


def lines_of(histories, delimiter):
    """Lines of a user and its items."""
    return "".join(delimiter.join([user, *items]) + "\n" for user, items in histories.items())


def write(path, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def counts(interactions):
    return {reason: dropped.count for reason, dropped in interactions.report.dropped.items()}


# All characters that may cause problems in a CSV file, except NUL, which no text file holds.
awkward = st.text(
    st.one_of(
        st.sampled_from(list("01aeNAB,;|:\t\"'\\ \n\r")),
        st.characters(codec="utf-8", exclude_characters="\0"),
    ),
    max_size=6,
)
