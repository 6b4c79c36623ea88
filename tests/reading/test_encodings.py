"""Text files in any encoding are read; what can't be decoded, and unknown names, are errors."""

import gzip
import json

import pytest
from reading_helpers import write
from table_helpers import zipped, zstd

from item2vec.errors import DataError, ParameterError
from item2vec.reading.catalogue import read_catalogue
from item2vec.reading.ids.item_ids import read_item_ids
from item2vec.reading.interactions import read_interactions
from item2vec.reading.options import TextFormat
from item2vec.reading.text import encodings

pytestmark = pytest.mark.thorough  # many encodings, each of which is read from a file

TEXT = "user;item\nÉva;“Heat”\nÉva;Café €\n"
ITEMS = ("Café €", "“Heat”")
TITLES = "item,title\n1,“Heat” €\n2,Misérables\n"


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("encoding", ["cp1252", "windows-1252", "utf-8", "UTF8", "mac_roman"])
def test_an_encoding_is_used_by_any_name(tmp_path, encoding, packed):
    content = TEXT.encode(encoding)
    path = write(tmp_path / "a.csv", zipped(content) if packed else content)
    assert read_interactions(path, encoding=encoding).item_ids == ITEMS


@pytest.mark.parametrize("encoding", ["shift_jis", "gb18030", "big5", "euc_jp", "iso2022_jp"])
def test_encodings_of_several_bytes_are_cut_nowhere(tmp_path, monkeypatch, encoding):
    monkeypatch.setattr(encodings, "CHUNK", 3)
    path = write(tmp_path / "a.csv", "user,item\n1,日本\n2,中\n".encode(encoding))
    assert set(read_interactions(path, encoding=encoding).item_ids) == {"日本", "中"}


@pytest.mark.parametrize("name", ["latin-1", "iso-8859-1", "ISO8859_1", "l1"])
def test_latin_1_is_windows_1252_and_reads_every_byte(tmp_path, name):
    every = bytes(byte for byte in range(0x80, 0x100))
    path = write(tmp_path / "a.csv", b"user,item\n1," + every + b"\n")
    (item,) = read_interactions(path, encoding=name).item_ids
    undefined = {0x81, 0x8D, 0x8F, 0x90, 0x9D}
    expected = [chr(b) if b in undefined else bytes([b]).decode("cp1252") for b in every]
    assert item == "".join(expected).strip()


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
@pytest.mark.parametrize("suffix", ["csv", "csv.gz", "json"])
def test_utf_16_and_utf_32_are_recognized_by_their_mark(tmp_path, encoding, suffix):
    text = json.dumps([{"user": "É", "item": "“a”"}], ensure_ascii=False)
    content = (text if suffix == "json" else "user,item\nÉ,“a”\n").encode(encoding)
    path = write(tmp_path / f"a.{suffix}", gzip.compress(content) if "gz" in suffix else content)
    for given in ("utf-8", encoding, "cp1252"):
        interactions = read_interactions(path, encoding=given)
        assert (interactions.user_ids, interactions.item_ids) == (("É",), ("“a”",))
    notes = read_interactions(path).report.notes
    assert f"a.{suffix} is read as {encoding.upper()}" in notes
    assert read_catalogue(path).ids == ("“a”",)


@pytest.mark.parametrize("order", ["le", "be"])
def test_utf_16_without_a_mark_is_suggested_and_read_if_given(tmp_path, order):
    path = write(tmp_path / "a.csv", "user,item\n1,É\n".encode(f"utf-16-{order}"))
    with pytest.raises(DataError, match=f"encoding='utf-16-{order}'"):
        read_interactions(path)
    assert read_interactions(path, encoding=f"utf-16-{order}").item_ids == ("É",)


@pytest.mark.parametrize(
    ("encoding", "content", "why"),
    [
        ("ascii", "user,item\n1,É\n".encode(), r"0xc3 at offset 12: .*'cp1252'"),
        ("cp1252", b"user,item\n1,\x81\n", r"0x81 at offset 12: .*'latin-1'"),
        ("shift_jis", b"user,item\n1,a\n1,\x93", r"0x93 at offset 16: .*encoding="),
        ("utf-16-le", "user,item\n1,a\n".encode("utf-16-le")[:-1], "0x0a at offset 26: .*complete"),
    ],
)
def test_bytes_that_an_encoding_lacks_are_named_with_their_place(
    tmp_path, monkeypatch, encoding, content, why
):
    for chunk in (1 << 20, 5):
        monkeypatch.setattr(encodings, "CHUNK", chunk)
        with pytest.raises(DataError, match=f"a.csv is not {encoding}: it has {why}") as caught:
            read_interactions(write(tmp_path / "a.csv", content), encoding=encoding)
        assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("name", "near"),
    [("cp-1252", "cp1252"), ("koi8", "koi8-r"), ("utf9", "utf"), ("hex", ""), ("undefined", "")],
)
def test_an_unknown_encoding_is_an_error_with_similar_names(name, near):
    with pytest.raises(ParameterError, match=f"encoding must be .* not '{name}'.*{near}"):
        TextFormat(encoding=name)


def test_suggested_encodings_exist():
    for name in ("hex", "base64", "zip", "rot", "latin-one", "windows", "mbcs"):
        with pytest.raises(ParameterError) as caught:
            encodings.canonical(name)
        for suggested in str(caught.value).partition("did you mean ")[2].split("?")[0].split(", "):
            if suggested:
                assert "a".encode(suggested.strip("'"))


def test_an_encoding_is_text():
    with pytest.raises(ParameterError, match="not 5"):
        TextFormat(encoding=5)


@pytest.mark.parametrize("suffix", ["csv", "csv.gz"])
def test_a_catalogue_that_is_not_utf_8_is_read_as_windows_1252(tmp_path, suffix):
    content = TITLES.encode("cp1252")
    path = write(tmp_path / f"a.{suffix}", zipped(content) if "gz" in suffix else content)
    catalogue = read_catalogue(path)
    assert catalogue.titles == ("“Heat” €", "Misérables")
    assert any("Windows-1252" in note for note in catalogue.notes)
    assert read_catalogue(path, encoding="cp1252").notes != catalogue.notes
    assert read_catalogue(path, encoding="cp1251").titles[1] == "Misйrables"


def test_a_catalogue_with_an_encoding_is_read_in_no_other(tmp_path):
    path = write(tmp_path / "a.csv", TITLES.encode("cp1252"))
    with pytest.raises(DataError, match="0x93 at offset"):
        read_catalogue(path, encoding="ascii")


def test_a_list_of_items_is_read_in_any_encoding(tmp_path):
    path = write(tmp_path / "ids.txt", "item\n“Heat”\nÉ\n".encode("cp1252"))
    assert read_item_ids(path) == ("“Heat”", "É")
    assert read_item_ids(write(path, "item\nÉ\n".encode("utf-16"))) == ("É",)
    assert read_item_ids(write(path, "item\nй\n".encode("cp1251")), encoding="cp1251") == ("й",)


def test_json_that_is_not_utf_8_is_advised_about(tmp_path):
    one = '{"user": "É", "item": "a"}\n'.encode("cp1252")
    for content in (one, b"[" + one + b"]", b'{"data": [' + one + b"]}"):
        path = write(tmp_path / "a.json", content)
        with pytest.raises(DataError, match=r"a\.json is not UTF-8: .* encoding='cp1252'"):
            read_interactions(path)
        assert read_interactions(path, encoding="cp1252").user_ids == ("É",)
    path = write(tmp_path / "a.jsonl", one + b'{"user": "b", "item": "a"}\n')
    report = read_interactions(path).report
    assert report.dropped["malformed record"].count == 1
    assert any("not UTF-8" in note and "cp1252" in note for note in report.notes)


def test_zstd_files_are_read_as_utf_8_or_by_name(tmp_path):
    path = zstd(tmp_path / "a.csv.zst", "user,item\nÉlan,Ångström\n")
    assert read_interactions(path).item_ids == ("Ångström",)
    assert read_catalogue(zstd(tmp_path / "b.csv.zst", "item,title\n1,Élan\n")).titles == ("Élan",)
    with pytest.raises(DataError, match=r"zstd.*shift_jis.*zstd -d"):
        read_interactions(path, encoding="shift_jis")


def test_a_mark_of_utf_8_comes_before_a_given_encoding(tmp_path):
    path = write(tmp_path / "a.csv", "\ufeffuser,item\n1,É\n")
    assert read_interactions(path, encoding="cp1252").item_ids == ("É",)


@pytest.mark.parametrize(
    ("encoding", "titles"),
    [
        ("shift_jis", ["となりのトトロ", "千と千尋の神隠し"]),
        ("euc_jp", ["となりのトトロ", "千と千尋の神隠し"]),
        ("euc_kr", ["기생충", "올드보이"]),
        ("gbk", ["霸王别姬", "卧虎藏龙"]),
        ("big5", ["霸王別姬", "臥虎藏龍"]),
        ("cp1251", ["Война и мир", "Анна Каренина"]),
        ("koi8_r", ["Война и мир", "Анна Каренина"]),
        ("cp1250", ["Příběhy obyčejného šílenství", "Ostře sledované"]),
        ("iso8859_2", ["Nóż w wodzie życie", "Popiół i śmierć źródło"]),
        ("cp1253", ["Ζορμπάς", "Μια αιωνιότητα και μια μέρα"]),  # noqa: RUF001
        ("mac_roman", ["Amélie “à Paris”", "Les Misérables"]),
        ("cp1252", ["Für Männer", "Città e così"]),
        ("cp1252", ["“Heat” €", "Señor"]),
    ],
)
def test_the_likely_encoding_is_suggested(tmp_path, encoding, titles):
    content = "user,title\n" + "".join(f"{n},{title}\n" for n, title in enumerate(titles))
    path = write(tmp_path / "a.csv", content.encode(encoding))
    with pytest.raises(DataError, match=f"not UTF-8: .* encoding='{encoding}', else with another"):
        read_interactions(path, item="title")
    assert len(read_interactions(path, item="title", encoding=encoding).item_ids) == 2
    (note,) = [
        note for note in read_catalogue(path, item="user", title="title").notes if "UTF-8" in note
    ]
    assert "read as Windows-1252 (Latin-1)" in note
    assert f"encoding='{'cp1251' if encoding == 'cp1252' else encoding}'" in note


@pytest.mark.parametrize("content", [b"user,item\n1,a\n2,\xe9t\xe9\n", b"user,item\n1,\xe9\n2,b\n"])
def test_records_in_utf_8_are_read_beside_others(tmp_path, content):
    interactions = read_interactions(write(tmp_path / "a.csv", content))
    assert interactions.report.rows_kept == 1
    assert any("with another encoding" in note for note in interactions.report.notes)
