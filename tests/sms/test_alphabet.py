"""What octets say under each data_coding, and texts there and back."""

from __future__ import annotations

import pytest
from gsm0338 import Codec
from hypothesis import given
from hypothesis import strategies as st

from channels.sms.alphabet import ALPHABETS, Decoded, decode, encode, septets

GSM_TEXT = "".join(Codec().decode(bytes((octet,)))[0] for octet in range(128) if octet != 0x1B) + "\f^{}\\[~]|\N{EURO SIGN}"
GRIN = "\N{GRINNING FACE}"


@pytest.mark.parametrize(
    ("body", "data_coding", "default", "text"),
    [
        (b"TANGKAB jalan rusak", 0, "gsm7", "TANGKAB jalan rusak"),
        (b"\x00\x02\x11 \x1be5 \x1b<RT 4\x1b>", 0, "gsm7", "@$_ \N{EURO SIGN}5 [RT 4]"),
        (b"a\x1bZb", 0, "gsm7", "aZb"),
        (b"a\x1b\x1bb", 0, "gsm7", "a b"),
        (b"caf\xe9 @_", 0, "latin1", "café @_"),
        (b"\x80 5", 0, "cp1252", "\N{EURO SIGN} 5"),
        ("jalan é".encode(), 0, "utf8", "jalan é"),
        ("jalan".encode("utf-16-be"), 0, "ucs2", "jalan"),
        (b"@_$", 0, "ascii", "@_$"),
        (b"@_$", 1, "gsm7", "@_$"),
        (b"caf\xe9", 3, "gsm7", "café"),
        (b"jalan", 4, "gsm7", "jalan"),
        ("jalan é".encode(), 2, "gsm7", "jalan é"),
        ("дорога".encode("iso8859-5"), 6, "gsm7", "дорога"),
        (f"jalan {GRIN}".encode("utf-16-be"), 8, "gsm7", f"jalan {GRIN}"),
        ("\ufeffjalan".encode("utf-16-be"), 8, "gsm7", "jalan"),
        ("\ufeffjalan".encode("utf-16-le"), 8, "gsm7", "jalan"),
        # TS 23.038: a class, marked for deletion, message waiting, data coding and class
        (b"\x00ok", 0x10, "gsm7", "@ok"),
        (b"\x00ok", 0x50, "gsm7", "@ok"),
        (b"@ok", 0x10, "latin1", "@ok"),
        ("ok".encode("utf-16-be"), 0x18, "gsm7", "ok"),
        (b"\x00ok", 0xC8, "gsm7", "@ok"),
        (b"\x00ok", 0xD0, "gsm7", "@ok"),
        ("ok".encode("utf-16-be"), 0xE0, "gsm7", "ok"),
        (b"\x00ok", 0xF0, "gsm7", "@ok"),
        (b"ok", 0xF5, "gsm7", "ok"),
    ],
)
def test_octets_are_read_in_the_alphabet_that_is_named(body: bytes, data_coding: int, default: str, text: str) -> None:
    assert decode(body, data_coding, default=default) == Decoded(text, undecodable=False)


@pytest.mark.parametrize(
    ("body", "data_coding", "default", "text"),
    [
        (b"jalan \xe9", 0, "gsm7", "jalan \ufffd"),
        (b"jalan\x1b", 0, "gsm7", "jalan\ufffd"),
        (b"jalan \xe9", 1, "gsm7", "jalan \ufffd"),
        (b"\0j\0a\0", 8, "gsm7", "ja\ufffd"),
        (b"\0j\xd8\x3d\0a", 8, "gsm7", "j\ufffda"),
        (b"\xff\xd8\xff\xe0", 4, "gsm7", "\ufffd" * 4),
        (b"\x01\x06ok", 4, "gsm7", "\x01\x06ok"),
        ("道路".encode("shift-jis"), 5, "gsm7", "道路"),
        (b"ok \xe9", 0x0B, "gsm7", "ok \ufffd"),
        (b"ok", 0x20, "gsm7", "ok"),
        (b"ok", 0x9A, "gsm7", "ok"),
        (b"ok", 0x1C, "gsm7", "ok"),
    ],
)
def test_what_cannot_be_read_for_certain_is_admitted_and_shown_as_well_as_it_can_be(
    body: bytes, data_coding: int, default: str, text: str
) -> None:
    assert decode(body, data_coding, default=default) == Decoded(text, undecodable=True)


def test_a_national_table_is_admitted_and_read_with_the_default_one() -> None:
    assert decode(b"jalan", 0, default="gsm7", shifted=True) == Decoded("jalan", undecodable=True)


@given(st.binary(max_size=80), st.integers(0, 255), st.sampled_from(sorted(ALPHABETS)))
def test_reading_never_fails_and_gives_text_that_can_be_stored(body: bytes, data_coding: int, default: str) -> None:
    decode(body, data_coding, default=default).text.encode()


def test_an_alphabet_that_is_not_ours_is_a_value_error() -> None:
    with pytest.raises(ValueError, match="alphabet"):
        decode(b"", 0, default="ebcdic")
    with pytest.raises(ValueError, match="alphabet"):
        encode("", default="ebcdic")


@given(st.text(st.sampled_from(GSM_TEXT)))
def test_a_gsm_text_goes_out_under_data_coding_0_and_comes_back(text: str) -> None:
    body, data_coding = encode(text, default="gsm7")
    assert data_coding == 0
    assert len(body) == septets(text)
    assert body == Codec().encode(text)[0]
    assert decode(body, 0, default="gsm7") == Decoded(text, undecodable=False)


@given(st.text().filter(lambda text: not text.startswith("\ufeff")), st.sampled_from(sorted(ALPHABETS)))
def test_every_text_comes_back_whatever_the_default_alphabet_is(text: str, default: str) -> None:
    body, data_coding = encode(text, default=default)
    assert data_coding in (0, 8)
    assert decode(body, data_coding, default=default) == Decoded(text, undecodable=False)


def test_a_character_that_the_default_alphabet_or_the_air_lacks_makes_the_text_ucs2() -> None:
    assert encode("\N{EURO SIGN}", default="gsm7") == (b"\x1be", 0)
    assert encode("\N{EURO SIGN}", default="latin1") == (b"\x20\xac", 8)
    assert encode("`", default="latin1") == (b"\0`", 8)
    assert encode(f"a{GRIN}\ud83d", default="gsm7") == (b"\0a\xd8\x3d\xde\x00\0?", 8)


def test_septets_count_the_extension_twice_and_refuse_what_gsm_lacks() -> None:
    assert (septets("abc"), septets("[RT]"), septets("a`"), septets("")) == (3, 6, None, 0)
