"""A damaged input ends a command with exit code 1 and one line."""

import gzip

import pytest
from invoking import error

CSV = "user,item\n" + "".join(f"u{k % 50},i{k % 17}\n" for k in range(40_000))


@pytest.mark.parametrize("encoding", ["utf-8", "latin-1"])
def test_gzip_wrong_crc(tmp_path, encoding):
    """faults/11: all is there but the checksum is wrong, which gzip -t refuses."""
    whole = gzip.compress(CSV.encode(encoding))
    path = tmp_path / "t.csv.gz"
    path.write_bytes(whole[:-8] + bytes(4) + whole[-4:])
    line = error("split", path, "-o", tmp_path / "parts", "--encoding", encoding, code=1)
    assert "t.csv.gz can't be read: it is damaged" in line
    assert "incorrect data check" in line
    assert not (tmp_path / "parts").exists()
