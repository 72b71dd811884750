"""Parts: which PDU is one, whose parts belong together, and long texts there and back."""

from __future__ import annotations

import random

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from smpplib import consts

from channels.sms import pdu
from channels.sms.alphabet import ALPHABETS, decode
from channels.sms.pdu import ShortMessage
from channels.sms.segments import Concat, Gap, concat, group_key, join, split_text

GRIN = "\N{GRINNING FACE}"


def deliver(body: bytes, *, udhi: bool = True, tlvs: dict[int, bytes] | None = None, source: str = "628120000001") -> ShortMessage:
    return ShortMessage(
        command=pdu.DELIVER_SM, source=source, destination="1708", esm_class=0x40 if udhi else 0, body=body, tlvs=tlvs or {}
    )


def place(reference: int, width: int, count: int, index: int) -> Concat:
    return Concat(reference=reference, width=width, count=count, index=index)


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"\5\0\3\xa5\3\2isi", (place(0xA5, 8, 3, 2), b"isi", False)),
        (b"\6\x08\4\x12\x34\3\2isi", (place(0x1234, 16, 3, 2), b"isi", False)),
        (b"\x0b\5\4\x0b\x84\0\0\0\3\1\2\1isi", (place(1, 8, 2, 1), b"isi", False)),
        (b"\x08\x24\1\1\0\3\1\2\2isi", (place(1, 8, 2, 2), b"isi", True)),
        (b"\3\x25\1\1isi", (None, b"isi", True)),
        # what makes no sense is a whole message, without its header
        (b"\5\0\3\1\0\1isi", (None, b"isi", False)),
        (b"\5\0\3\1\2\0isi", (None, b"isi", False)),
        (b"\5\0\3\1\2\3isi", (None, b"isi", False)),
        (b"\5\0\3\1\1\1isi", (None, b"isi", False)),
        (b"\4\0\2\1\2isi", (None, b"isi", False)),
        (b"\5\0\x09\1\2\1isi", (None, b"isi", False)),
        (b"\0isi", (None, b"isi", False)),
        # a header longer than the body is none
        (b"\x20isi", (None, b"\x20isi", False)),
        (b"", (None, b"", False)),
        # nor is what an SMSC calls one where there is none: "l" is 108, and no elements fill so much
        (b"lampu jalan mati " * 8, (None, b"lampu jalan mati " * 8, False)),
        # a long one that is filled, of pictures, is one all the same
        (b"\x22\x0d\x20" + bytes(32) + b"isi", (None, b"isi", False)),
    ],
)
def test_a_header_is_read_and_taken_off(body: bytes, expected: tuple[Concat | None, bytes, bool]) -> None:
    assert concat(deliver(body)) == expected


@pytest.mark.parametrize(("body", "rest"), [("lampu mati".encode("utf-16-be"), 0), (b"\0" + "lampu mati".encode("utf-16-be"), 1)])
def test_a_text_in_ucs2_that_is_said_to_have_a_header_is_not_cut_through_its_first_letter(body: bytes, rest: int) -> None:
    assert concat(msgspec.structs.replace(deliver(body), data_coding=8)) == (None, body[rest:], False)


def test_without_the_indicator_octets_that_look_like_a_header_are_text() -> None:
    assert concat(deliver(b"\5\0\3\xa5\3\2isi", udhi=False)) == (None, b"\5\0\3\xa5\3\2isi", False)


SAR = {0x020C: b"\x12\x34", 0x020E: b"\2", 0x020F: b"\1"}


@pytest.mark.parametrize(
    ("tlvs", "expected"),
    [
        (SAR, place(0x1234, 16, 2, 1)),
        (SAR | {0x020C: b"\1"}, None),
        (SAR | {0x020E: b"\0\2"}, None),
        (SAR | {0x020F: b"\3"}, None),
        (SAR | {0x020E: b"\1"}, None),
        ({0x020C: b"\0\1", 0x020E: b"\2"}, None),
    ],
)
def test_sar_parameters_count_when_all_three_have_their_lengths(tlvs: dict[int, bytes], expected: Concat | None) -> None:
    assert concat(deliver(b"isi", udhi=False, tlvs=tlvs)) == (expected, b"isi", False)


def test_two_citizens_with_one_reference_are_never_mixed() -> None:
    whose = [
        (deliver(b"", source="628120000001"), place(7, 8, 3, 1)),
        (deliver(b"", source="628120000002"), place(7, 8, 3, 1)),
        (deliver(b"", source="628120000001"), place(7, 16, 3, 1)),
        (deliver(b"", source="628120000001"), place(7, 8, 2, 1)),
        (deliver(b"", source="628120000001"), place(8, 8, 3, 1)),
    ]
    assert len({group_key(message, where) for message, where in whose}) == len(whose)
    assert group_key(deliver(b"satu"), place(7, 8, 3, 1)) == group_key(deliver(b"dua"), place(7, 8, 3, 2))


def test_parts_join_in_order_whatever_order_they_came_in_and_however_often() -> None:
    assert join([(3, b"c"), (1, b"a"), (2, b"b"), (1, b"a")], 3) == (b"abc",)


@pytest.mark.parametrize(
    ("parts", "count", "expected"),
    [
        ([(1, b"a"), (3, b"c")], 3, (b"a", Gap(first=2, last=2, count=3), b"c")),
        ([(2, b"b")], 3, (Gap(first=1, last=1, count=3), b"b", Gap(first=3, last=3, count=3))),
        ([(1, b"a"), (2, b"b"), (5, b"e")], 5, (b"ab", Gap(first=3, last=4, count=5), b"e")),
        ([(0, b"x"), (1, b"a"), (9, b"y")], 2, (b"a", Gap(first=2, last=2, count=2))),
    ],
)
def test_what_is_missing_is_a_gap_between_stretches(parts: list[tuple[int, bytes]], count: int, expected: tuple[bytes | Gap, ...]) -> None:
    assert join(parts, count) == expected


def test_a_gap_says_which_parts_did_not_come() -> None:
    assert str(Gap(first=2, last=2, count=3)) == "[bagian 2/3 tidak diterima]"
    assert str(Gap(first=2, last=4, count=9)) == "[bagian 2-4/9 tidak diterima]"


def received(parts: list[tuple[bytes, int, int]]) -> list[tuple[int, bytes]]:
    """What the other end makes of the parts of a text."""
    places = [concat(deliver(body)) for body, esm_class, _ in parts if esm_class == consts.SMPP_GSMFEAT_UDHI]
    return [(where.index, body) for where, body, _ in places if where is not None]


@given(
    st.text(min_size=161, max_size=700).filter(lambda text: not text.startswith("\ufeff")), st.sampled_from(sorted(ALPHABETS)), st.randoms()
)
def test_a_long_text_comes_back_from_its_parts_in_any_order(text: str, default: str, dice: random.Random) -> None:
    parts = split_text(text, 0x1A5, default=default)
    bodies = received(parts)
    dice.shuffle(bodies)
    joined = join(bodies, len(parts))
    assert len(joined) == 1
    assert isinstance(joined[0], bytes)
    assert decode(joined[0], parts[0][2], default=default).text == text


@given(
    st.one_of(
        st.text(st.sampled_from(f"ab[{GRIN}\u201c"), min_size=71, max_size=400), st.text(st.sampled_from("ab[\N{EURO SIGN}"), min_size=161)
    ),
    st.sampled_from(["gsm7", "latin1"]),
)
def test_no_cut_goes_through_an_escape_or_a_surrogate_pair(text: str, default: str) -> None:
    texts = []
    for body, esm_class, coding in split_text(text, 1, default=default):
        piece = decode(concat(deliver(body, udhi=esm_class != 0))[1], coding, default=default)
        assert not piece.undecodable
        texts.append(piece.text)
        assert len(body) <= 140 if coding == 8 else len(body) <= 160
    assert "".join(texts) == text


@pytest.mark.parametrize(
    ("text", "lengths"),
    [
        ("x" * 160, [160]),
        ("x" * 161, [159, 14]),
        ("x" * 306, [159, 159]),
        ("x" * 307, [159, 159, 7]),
        ("x" * 152 + "[" + "x" * 10, [158, 18]),
        ("\u201c" * 70, [140]),
        ("\u201c" * 71, [140, 14]),
        ("\u201c" * 66 + GRIN + "\u201c" * 5, [138, 20]),
    ],
)
def test_parts_are_as_long_as_the_air_allows(text: str, lengths: list[int]) -> None:
    parts = split_text(text, 1, default="gsm7")
    assert [len(body) for body, _, _ in parts] == lengths
    assert [esm_class for _, esm_class, _ in parts] == [0x40 if len(lengths) > 1 else 0] * len(lengths)


def test_parts_carry_an_eight_bit_reference_the_total_and_their_number() -> None:
    assert [body[:6] for body, _, _ in split_text("x" * 200, 0x1A5, default="gsm7")] == [b"\5\0\3\xa5\2\1", b"\5\0\3\xa5\2\2"]


def test_an_alphabet_wider_than_the_air_does_not_make_parts_longer() -> None:
    assert len(split_text("[" * 81, 1, default="latin1")) == 2


def test_more_than_255_parts_are_refused() -> None:
    with pytest.raises(ValueError, match="255"):
        split_text("x" * (153 * 255 + 1), 1, default="gsm7")
