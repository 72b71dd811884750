"""Legible text: certain damage is mended, everything else stays, and each place of one leads to its place in the other."""

from __future__ import annotations

import unicodedata
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from normalizer.legible import read, span


def legible(text: str) -> str:
    return read(text)[0]


def misread(text: str, charset: str = "latin-1") -> str:
    return text.encode().decode(charset)


@pytest.mark.parametrize(
    ("verbatim", "mended"),
    [
        ("warga bilang â€œsudah lamaâ€\x9d", "warga bilang “sudah lama”"),
        ("Jumâ€™at", "Jum’at"),
        ("jalan rusak ðŸ˜­ðŸ™\x8f tolong", "jalan rusak 😭🙏 tolong"),
        ("badÃ© kamana", "badé kamana"),
        ("badÃƒÂ© kamana", "badé kamana"),
        ("JumÃ¢â‚¬â„¢at", "Jum’at"),
        ("30Â°C", "30°C"),
        ("warungâ€¦ dan â‚¬5 â€“ â­\x90", "warung… dan €5 – ⭐"),
        (misread("“sudah” 😭 é"), "“sudah” 😭 é"),
        (misread(misread("Jum’at 😭")), "Jum’at 😭"),
        ("jalan rusak\\nmohon diperbaiki\\r\\nterima kasih", "jalan rusak\nmohon diperbaiki\nterima kasih"),
        ("jalan rusak\\\\n\\\\nmohon", "jalan rusak\n\nmohon"),
        ("nama:\\tBudi\\r", "nama:\tBudi\n"),
        ("bade\u0301 ka\u200bmi \u202ejalan\u202c", "badé kami jalan"),
        ("\ufeffjalan ru\u00adsak", "jalan rusak"),
        ("ja\u200dlan", "jalan"),
        # a letter in pieces that was misread, as a file's name on a Mac has it
        ("badA\u0303A\u0302\xa9 kamana", "badé kamana"),
        ("rt\\rw\u0301", "rt\nẃ"),
        ("é\\r\u200b\\nã", "é\nã"),
    ],
)
def test_certain_damage_is_mended(verbatim: str, mended: str) -> None:
    assert legible(verbatim) == mended


@pytest.mark.parametrize(
    "verbatim",
    [
        "",
        "jalan rusak",
        "jalan rusak\r\nmohon\tdiperbaiki",
        "rt\\rw 04\\02 kel\\desa",
        "rt\\tw",
        "C:\\Users",
        "\\",
        "badé, KÉNGING, ngaé, “sudah”",
        "keluarga 👨\u200d👩\u200d👧 dan ❤\ufe0f",
        "ðŸ˜ hilang satu",
        "warga bilang «é…”»",
        "caféÂ bagus",
        "São Paulo, SÃO",
        "ï¿½",
        "\ud83d",
        "C:\\\u200bnama",
        # who mends one of these has the next before him, and goes through a long text once for each
        "Ãƒƒƒƒƒƒƒƒƒ",
        "âââ\u200b€\u2039€\u2039€\u2039",
        "Ã\u200b©",
    ],
)
def test_what_is_not_certainly_damage_stays(verbatim: str) -> None:
    assert read(verbatim) == (verbatim, None)


@pytest.mark.parametrize(
    ("verbatim", "word", "stands"),
    [
        ("ðŸ˜­ jalan", "jalan", "jalan"),
        ("jalan ðŸ˜­", "jalan", "jalan"),
        ("ka\u200bmi", "kami", "ka\u200bmi"),
        ("\u200bkami\u200b", "kami", "kami"),
        ("Ã© badÃ© ya", "badé", "badÃ©"),
        ("satu\\ndua\\ntiga", "dua", "dua"),
        ("bade\u0301ka", "bad", "bad"),
        ("Ã© satu\\nduÃ©\\ntiga Ã©", "tiga", "tiga"),
        ("\u200b\\r\u200b\\ndua\u200b", "dua", "dua"),
    ],
)
def test_a_word_is_found_where_the_citizen_wrote_it(verbatim: str, word: str, stands: str) -> None:
    text, mended = read(verbatim)
    assert mended is not None
    at = text.index(word)
    start, end = span(mended, at, at + len(word))
    assert verbatim[start:end] == stands


def shown(text: str) -> str:
    """As Windows-1252 shows its bytes."""
    return "".join(bytes([b]).decode("cp1252", "ignore") or chr(b) for b in text.encode("utf-8", "surrogatepass"))


WORDS = ["jalan", "badé", "Jum’at", "“rusak”", "😭", "30°C", "🤦\u200d♂️", "ꦗꦭꦤ꧀", "0812-0000-1234"]
LETTERS = [*"\\nrtwabAisS <é가\u212a\ud83d\u1100\u1161\n\x85\xa0"]
ESCAPED = ["\\n", "\\r\\n", "\\r", "\\t", "\\\\n", "\\u00e9", "\r\n"]
UNSEEN = [*"\xad\u034f\u200b\u200d\u200e\u202e\u2060\u2069\ufeff\ufe0f"]
MARKS = [*"\u0301\u0302\u0303\u0307\u0308\u030c\u0323\u0327\u0338\u0344", "\u0315" * 16, "\u0300" * 15]
MISREAD = [*"ÃÂâïêð€™ƒŠšŸ˜¸»¿¦©\x8f\x9f\x90"]
piece = st.sampled_from([*WORDS, *LETTERS, *ESCAPED]) | st.sampled_from(UNSEEN) | st.sampled_from(MARKS) | st.sampled_from(MISREAD)
#: whole and misread, once or twice, taken to pieces and not
pieces = piece | piece.map(shown) | piece.map(shown).map(shown) | piece.map(shown).map(partial(unicodedata.normalize, "NFD"))
damaged = st.lists(pieces, max_size=20).map("".join) | st.text()


@pytest.mark.parametrize(
    "verbatim",
    [
        "\\ra\u0301",
        "é\u200dca\u0301",
        "Ãs\u030c",
        "ðY\u0308™\x8f",
        "bA\u0302\xad\u0307",
        "\\t\u034f\u0307\u200d\ua9b1",
        "Ã\u200b©\\nÃ©",
        "é\\\u200bn\u200b",
        "a" + "\u0315" * 16 + "\u034f" + "\u0300" * 16 + "b\u200bce\u0301",
    ],
)
def test_what_came_of_one_damage_is_not_taken_for_another(verbatim: str) -> None:
    text = legible(verbatim)
    assert read(text) == (text, None)


@settings(max_examples=400)
@given(damaged)
def test_any_text_can_be_read_and_what_is_legible_stays_so(verbatim: str) -> None:
    text, mended = read(verbatim)
    assert (mended is None) == (text == verbatim)
    assert read(text) == (text, None)


@given(damaged, st.data())
def test_every_stretch_lies_inside_the_verbatim_text_and_in_order(verbatim: str, data: st.DataObject) -> None:
    text, mended = read(verbatim)
    if mended is None:
        return
    assert span(mended, 0, len(text))[1] <= len(verbatim)
    places = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    first, second = span(mended, places[0], places[1]), span(mended, places[2], places[3])
    assert 0 <= first[0] <= first[1] <= len(verbatim)
    assert first[0] <= second[0]
    assert first[1] <= second[1]


@given(st.lists(st.sampled_from(["jalan", "é", "“", "”", "’", "…", "😭", " ", "x", "°"]), max_size=30).map("".join), st.integers(1, 2))
def test_what_was_misread_as_a_whole_is_read_as_it_was_sent(sent: str, times: int) -> None:
    arrived = sent
    for _ in range(times):
        arrived = misread(arrived)
    assert legible(arrived) == sent


@pytest.mark.parametrize(
    "piece", ["\\", "\\\\r", "â€", "Ã", "ÃÂ", "e\u0301", "\u200d", "a\u200d", "\u0315\u0300", "ð", "é", "😭", "\u200b"]
)
def test_no_text_takes_more_than_its_share(piece: str) -> None:
    """Nothing is undone and redone: what comes out of a long text is made of what comes out of its parts."""
    text = piece * 20_000
    assert len(legible(text)) <= len(text)


def test_a_heap_of_marks_is_left_as_it_is() -> None:
    heap = "a" + "\u0315" * 40 + "\u0300" * 40
    assert legible(heap) == heap
    assert legible("a\u0300") == unicodedata.normalize("NFC", "a\u0300")
