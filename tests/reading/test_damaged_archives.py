"""A compressed file that is damaged or truncated is an error in every reader."""

import gzip
import json

import pytest
from table_helpers import zstd

from item2vec.errors import DataError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.interactions import read_interactions
from item2vec.reading.ratings import read_ratings

ROWS = [(f"u{k % 50}", f"i{k % 17}", k % 5) for k in range(3000)]
CSV = "user,item,rating\n" + "".join(f"{u},{i},{r}\n" for u, i, r in ROWS)
JSON = "".join(json.dumps({"user": u, "item": i, "rating": r}) + "\n" for u, i, r in ROWS)


def item_ids(read):
    """Return the ids of the items of interactions or of a catalogue."""
    return set(read.ids if hasattr(read, "ids") else read.item_ids)


def damaged(text):
    whole = gzip.compress(text.encode())
    return {
        "checksum": whole[:-8] + bytes(4) + whole[-4:],
        "length": whole[:-4] + bytes(4),
        "cut off": whole[: len(whole) // 2],
        "without a checksum": whole[:-8],
        "cut in its checksum": whole[:-3],
        "a bit": whole[:-200] + bytes([whole[-200] ^ 4]) + whole[-199:],
        "second member": whole + gzip.compress(b"u1,i1,1\n")[:-8] + bytes(8),
        "something after it": whole + b"u1,i1,1\n",
    }


@pytest.mark.parametrize("what", damaged(CSV))
@pytest.mark.parametrize("name", ["t.csv.gz", "t.jsonl.gz"])
@pytest.mark.parametrize("read", [read_interactions, read_ratings, read_catalogue])
def test_a_damaged_gzip_file_is_an_error(tmp_path, what, name, read):
    path = tmp_path / name
    path.write_bytes(damaged(JSON if "json" in name else CSV)[what])
    with pytest.raises(DataError, match=f"{name} can't be read: .*: provide a complete file"):
        read(path)


def test_a_damaged_catalogue_in_latin_1_is_an_error(tmp_path):
    whole = gzip.compress("item,title\n1,Caf\xe9\n2,Up\n".encode("latin-1"))
    path = tmp_path / "t.csv.gz"
    path.write_bytes(whole[:-8] + bytes(4) + whole[-4:])
    with pytest.raises(DataError, match="CRC check failed"):
        read_catalogue(path)
    path.write_bytes(whole)
    assert read_catalogue(path).titles[0] == "Café"


@pytest.mark.parametrize("read", [read_interactions, read_catalogue])
def test_gzip_files_of_several_members_are_read(tmp_path, read):
    path = tmp_path / "t.csv.gz"
    data = CSV.encode()
    path.write_bytes(gzip.compress(data[:2000]) + gzip.compress(b"") + gzip.compress(data[2000:]))
    (tmp_path / "t.csv").write_bytes(data)
    several, plain = read(path), read(tmp_path / "t.csv")
    if read is read_interactions:
        assert several.report.rows_kept == 3000
    else:
        assert several.ids == plain.ids


@pytest.mark.parametrize("read", [read_interactions, read_catalogue])
def test_a_zstd_file_that_is_cut_off_is_an_error(tmp_path, read):
    whole = zstd(tmp_path / "whole.csv.zst", CSV)
    assert item_ids(read(whole)) == {f"i{k}" for k in range(17)}
    packed = whole.read_bytes()
    path = tmp_path / "t.csv.zst"
    for end in (len(packed) - 1, len(packed) - 4, len(packed) // 2):
        path.write_bytes(packed[:end])
        with pytest.raises(DataError, match=r"t\.csv\.zst can't be read"):
            read(path)
    path.write_bytes(packed + b"\x50\x2a\x4d\x18\x03\0\0\0abc" + packed)
    # Two frames and a skippable one: the second header is no record.
    assert item_ids(read(path)) == {f"i{k}" for k in range(17)}
