"""A guess at the encoding of text that is not UTF-8, by simple rules, to be suggested in messages.

Encodings of East Asia are recognized by their structure and by the common characters among what
they decode. Those of one byte are compared by how many of the decoded letters are common in a
language that is written in them.
"""

import re

WINDOWS_1252_NAME = "Windows-1252, as Excel on Windows saves"
LEAST_SCORE = 0.6  # of the decoded letters that are common in a language

# Encoding, its usual name, the common characters in it, and the least share of these.
_EAST_ASIAN = (
    ("shift_jis", "Shift-JIS", r"[\u3040-\u30fc]", 0.2),
    ("euc_jp", "EUC-JP", r"[\u3040-\u30fc]", 0.2),
    ("euc_kr", "EUC-KR", r"[\uac00-\ud7a3]", 0.9),
    ("gbk", "GBK", r"[\u4e00-\u9fff]", 0.9),
    ("big5", "Big5", r"[\u4e00-\u9fff]", 0.9),
    ("shift_jis", "Shift-JIS", r"[\u4e00-\u9fff]", 0.9),
)
# The first bytes of the characters of everyday use, which sets of characters list first.
_EVERYDAY = {"gbk": range(0xB0, 0xD8), "big5": range(0xA4, 0xC7), "shift_jis": range(0x88, 0x98)}
_RUNS = re.compile(r"[\u3040-\u30fc\u4e00-\u9fff\uac00-\ud7a3]{2,}")
_CYRILLIC = "оеаинтсрвлкмдпуяы"
_CZECH, _POLISH, _HUNGARIAN = "ěščřžýáíéůúťďňó", "ąćęłńóśźż", "áéíóöőúüű"
_WESTERN = {
    "French": "éèêëàâçîïôùûœæ",
    "German": "äöüß",
    "Spanish": "áéíóúñü¿¡",
    "Italian": "àèéìòù",
    "Portuguese": "ãõáâàêéíóôúç",
    "Nordic": "æøåäöé",
}
_PUNCTUATION = frozenset("\u2018\u2019\u2013“”„—…«»€°©®™·\u00a0")
# Encoding, its usual name, and the common letters of languages; on a tie, the first one is taken.
_ONE_BYTE = (
    ("cp1252", WINDOWS_1252_NAME, tuple(_WESTERN.values())),
    ("cp1251", "Windows-1251 (Cyrillic)", (_CYRILLIC,)),
    ("koi8_r", "KOI8-R (Cyrillic)", (_CYRILLIC,)),
    ("cp1250", "Windows-1250 (Central Europe)", (_CZECH, _POLISH, _HUNGARIAN)),
    ("iso8859_2", "ISO 8859-2 (Central Europe)", (_CZECH, _POLISH, _HUNGARIAN)),
    ("cp1253", "Windows-1253 (Greek)", ("αοιετνσςρκηάόίέμωλπυ",)),
    ("mac_roman", "Mac Roman", tuple(_WESTERN.values())),
)
_MIXED = 0.9  # weight of the common letters of all Western languages, compared with those of one


def likely_encoding(sample: bytes) -> tuple[str, str] | None:
    """Return the likely encoding of text that is not UTF-8, and its usual name; None if unclear.

    Parameters
    ----------
    sample : bytes
        The beginning of a file; its last line may be incomplete.

    Examples
    --------
    >>> for encoding in ("cp1252", "shift_jis", "cp1251"):
    ...     text = {"cp1252": "Misérables", "shift_jis": "となりのトトロ", "cp1251": "Война и мир"}
    ...     print(*likely_encoding(text[encoding].encode(encoding)))
    cp1252 Windows-1252, as Excel on Windows saves
    shift_jis Shift-JIS
    cp1251 Windows-1251 (Cyrillic)
    """
    whole = complete_lines(sample)
    for encoding, name, common, share in _EAST_ASIAN:
        if _east_asian_share(whole, encoding, common) >= share:
            return encoding, name
    scores = [_score(whole, encoding, languages) for encoding, _, languages in _ONE_BYTE]
    best = max(range(len(scores)), key=scores.__getitem__)
    return _ONE_BYTE[best][:2] if scores[best] >= LEAST_SCORE else None


def complete_lines(beginning: bytes) -> bytes:
    """Return the beginning of a file without an incomplete last line, unless that is all of it."""
    return beginning[: beginning.rfind(b"\n") + 1] or beginning


def _east_asian_share(content: bytes, encoding: str, common: str) -> float:
    """Return the share of common characters among those that are not ASCII; 0 if it is invalid."""
    try:
        text = content.decode("gb2312" if encoding == "gbk" else encoding)
    except UnicodeDecodeError:
        return 0
    n_others = sum(character > "\x7f" for character in text)
    # A letter with an accent and the letter after it may look like one character among ASCII.
    runs = _RUNS.findall(text)
    found = [each for run in runs for each in run if re.match(common, each)]
    if encoding in _EVERYDAY and not re.match(common, "あ"):
        everyday = _EVERYDAY[encoding]
        found = [each for each in found if each.encode(encoding)[0] in everyday]
        return len(found) / n_others / 0.7 if n_others else 0
    return len(found) / n_others if n_others else 0


def _score(content: bytes, encoding: str, languages: tuple[str, ...]) -> float:
    """Return the share of letters that are common in the language that suits a text best."""
    letters = [each for each in content.decode(encoding, "replace").lower() if each > "\x7f"]
    if not letters:
        return 0

    def share(language: str) -> float:
        common = {*language, *_PUNCTUATION}
        return sum(each in common for each in letters) / len(letters)

    if len(languages) == 3:
        return max(map(share, languages))
    # The letters of other scripts fill words; those with accents are among letters of ASCII.
    n_in_words = sum(len(run) for run in re.findall(rb"[\x80-\xff]{3,}", content))
    in_words = n_in_words / len(letters)
    if len(languages) == 1:
        return in_words * share(languages[0])
    mixed = _MIXED * share("".join(languages))
    return (1 - in_words) * max(mixed, *map(share, languages))
