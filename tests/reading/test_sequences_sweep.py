"""Random sequences, whole and damaged, are read as plain Python reads them, or refused in one line.

``ITEM2VEC_FUZZ_SECONDS=600`` makes it go on for ten minutes.
"""

import os
import random
import re
import time

import pytest
from reading_helpers import histories_of

from item2vec.errors import Item2VecError
from item2vec.reading.interactions import read_interactions
from item2vec.reading.sql_values import BLANK

pytestmark = pytest.mark.sweep

SECONDS = float(os.environ.get("ITEM2VEC_FUZZ_SECONDS", "30"))
DELIMITERS = (" ", ",", "\t", ";", "|", "::")
ODD = (
    b"\xff", b"\xc3", "é".encode(), "\u00a0".encode(), "\u3000".encode(), b"\0", b"\r", b"\n",
    b"\r\n", b'"', b"'", b"\\", b"#", b"%", b" ", b"\t", b",", b"::", b"|", b"\x1f", b"[", b"{",
    b"\xef\xbb\xbf", b"\x1a", b"\v", b"\f", b"\x85", "\u2028".encode(),
)  # fmt: skip


def some_lines(rng: random.Random, delimiter: str) -> bytes:
    """Return lines of random lengths, with users or without, in a random kind of ending."""
    alphabet = rng.choice(["0123456789", "ab", "xyz-_.1é", "Ab 1" if delimiter != " " else "Ab1"])
    n_items, longest = rng.choice([2, 9, 500]), rng.choice([1, 3, 12, 300])
    items = [
        "".join(rng.choices(alphabet, k=rng.randint(1, 6))).strip() or "x" for _ in range(n_items)
    ]
    lines = []
    for user in range(rng.choice([1, 2, 7, 60, 1500])):
        fields = rng.choices(items, k=rng.randint(0, longest))
        fields = rng.choice([[str(user)], [f"u{user}"], [rng.choice(items)], []]) + fields
        lines.append(delimiter.join(fields))
    return rng.choice(["\n", "\r\n", "\r"]).join(lines).encode()


def damaged(rng: random.Random, data: bytes) -> bytes:
    """Return the data with a few bytes replaced, inserted, removed or repeated."""
    for _ in range(rng.choice([0, 0, 1, 3, 30])):
        place = rng.randint(0, len(data))
        data = data[:place] + rng.choice(ODD) + data[place + rng.choice([0, 0, 1, 5]) :]
    return data


def plain(data: bytes, delimiter: str) -> tuple[dict[str, list[str]], int]:
    """Return the items of each user, in plain Python, and the number of malformed lines."""
    histories: dict[str, list[str]] = {}
    n_malformed = 0
    for raw in re.split(rb"\r\n|\n|\r", data.removeprefix(b"\xef\xbb\xbf")):
        try:
            line = raw.decode()
        except UnicodeDecodeError:
            n_malformed += 1
            continue
        if delimiter == " ":
            fields = [field for field in re.split(f"[{BLANK}]+", line.strip(BLANK)) if field]
        else:
            fields = [field.strip(BLANK) for field in line.split(delimiter)]
        items = [field for field in fields[1:] if field]
        if items and fields[0]:
            histories.setdefault(fields[0], []).extend(items)
    return histories, n_malformed


def test_sequences_are_those_of_plain_python_or_refused(tmp_path):
    rng = random.Random(int(time.time()))
    end = time.monotonic() + SECONDS
    n_read = n_refused = n_compared = 0
    while time.monotonic() < end:
        delimiter = rng.choice(DELIMITERS)
        data = damaged(rng, some_lines(rng, delimiter))
        path = tmp_path / "t.txt"
        path.write_bytes(data)
        options = rng.choice(
            [
                {},
                {"layout": "sequences"},
                {"layout": "sequences", "user": "none"},
                {"layout": "sequences", "user": "column0", "delimiter": delimiter},
                {"user": "column0", "item": "column1"},
            ]
        )
        try:
            read = read_interactions(path, **options)
        except Item2VecError as refused:
            message = str(refused)
            n_refused += 1
            if "\n" in message or "item2vec " in message:
                pytest.fail(f"{message!r} for {data!r}, read with {options}")
            continue
        except Exception as error:
            raise AssertionError((data[:5000], options)) from error
        n_read += 1
        report = read.report
        dropped = sum(each.count for each in report.dropped.values())
        assert report.rows_read == report.rows_kept + dropped, (data, options)
        assert report.rows_kept == len(read.items), (data, options)
        assert all(item.strip(BLANK) for item in read.item_ids), (data, options)
        if "delimiter" in options and is_plain(data):
            n_compared += 1
            histories, n_malformed = plain(data, delimiter)
            assert histories_of(read) == histories, (data, options)
            malformed = report.dropped.get("malformed record")
            assert (malformed.count if malformed else 0) == n_malformed, (data, options)
    assert min(n_read, n_compared, n_refused) > 0


def is_plain(data: bytes) -> bool:
    """Return whether there are no quotes, comments, declarations or names of columns."""
    first = re.split(rb"[\r\n]", data.strip())[0]
    return b'"' not in data and not re.match(rb"\s*(\xef\xbb\xbf)?\s*(#|%|//|sep=)", first)
