"""Notes on one user with most of the records, and on items such as NULL."""

import pandas as pd
from reading_helpers import histories_of

from item2vec._support.messages import command_line
from item2vec.reading.interactions import read_interactions


def records(user, item):
    """Return 200 records of 40 users, of which every second one is replaced."""
    rows = [
        (user if n % 4 else f"u{n % 40}", item if n % 5 == 0 else f"i{n % 7}") for n in range(200)
    ]
    return pd.DataFrame(rows, columns=["who", "what"])


def test_a_user_with_most_of_the_records_is_reported_with_a_condition_that_works():
    frame = records("kiosk", "i0")
    with command_line():
        read = read_interactions(frame, user="who", item="what")
    (note,) = [note for note in read.report.notes if "kiosk" in note]
    assert "has 75% of the records" in note
    condition = note.split("--where ")[1].strip('"')
    read = read_interactions(frame, user="who", item="what", where=condition)
    assert "kiosk" not in read.user_ids
    assert not any("of the records" in note for note in read.report.notes)


def test_items_that_stand_for_missing_ones_are_reported_with_a_condition_that_works():
    frame = records("u1", "NULL")
    with command_line():
        read = read_interactions(frame, user="who", item="what")
    (note,) = [note for note in read.report.notes if "NULL" in note]
    assert note.startswith("40 records have the item 'NULL'")
    condition = note.split("--where ")[1].strip('"')
    read = read_interactions(frame, user="who", item="what", where=condition)
    assert "NULL" not in {item for items in histories_of(read).values() for item in items}


def test_a_rare_item_called_null_is_an_item():
    frame = pd.DataFrame({"who": "ann", "what": ["NULL", *map(str, range(200))]})
    read = read_interactions(frame, user="who", item="what")
    assert "NULL" in read.item_ids
    assert not any("NULL" in note for note in read.report.notes)
