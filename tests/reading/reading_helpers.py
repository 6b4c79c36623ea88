"""Helpers of the tests of reading."""

from hypothesis import strategies as st

BLANK = " \t\n\r\v\f\u00a0\u3000"


def histories_of(interactions):
    """User id -> item ids in order, as plain Python."""
    ends = interactions.offsets.tolist()
    return {
        user: [interactions.item_ids[item] for item in interactions.items[begin:end].tolist()]
        for user, begin, end in zip(interactions.user_ids, ends, ends[1:], strict=False)
    }


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
