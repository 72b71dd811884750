"""What operators see of a text and of a sender."""

from __future__ import annotations

import re

import pytest
from hypothesis import given

from normalizer.complaint import Reporter, Span
from normalizer.mask import address, mask
from normalizer.pii import find
from normalizer.reading import read
from tests.normalizer.test_pii import TEXTS


def masked(text: str) -> str:
    return mask(text, find(read(text)))


def test_each_span_is_a_word_in_brackets() -> None:
    text = "NIK 3578011203900001 hp 0812-0000-1234, motor B 1234 XYZ, nama saya Budi Santoso, budi@contoh.id"
    assert masked(text) == "NIK [NIK] hp [telepon], motor [TNKB], nama saya [nama], [surel]"
    assert mask("kode rahasia", [Span(start=5, end=12, kind="sidik_jari")]) == "kode [disamarkan]"


def test_a_text_may_be_shown_from_somewhere_on() -> None:
    spans = [Span(start=0, end=3, kind="nik"), Span(start=5, end=9, kind="phone")]
    assert mask("111 a0812 b", spans, 4) == "a[telepon] b"
    assert mask("111 a0812 b", spans, 6) == "[telepon] b"


@given(TEXTS)
def test_nothing_is_left_to_find_and_the_rest_stands_as_it_was(text: str) -> None:
    spans = find(read(text))
    once = mask(text, spans)
    assert masked(once) == once
    kept = [text[start:end] for start, end in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)]
    assert re.fullmatch(r"\[[A-Za-z]+\]".join(map(re.escape, kept)), once)


@pytest.mark.parametrize(
    ("kind", "written", "shown"),
    [
        ("phone", "+6281200000001", "+62812••••••01"),
        ("phone", "081200000001", "0812••••••01"),
        ("phone", "1708", "••••"),
        ("mail", "budi.santoso@contoh.id", "b•••@contoh.id"),
        ("handle", "@budi", "@b•••"),
        ("none", "", ""),
    ],
)
def test_an_address_can_be_recognised_and_not_be_reached(kind: str, written: str, shown: str) -> None:
    assert address(Reporter(kind=kind, address=written)) == shown  # type: ignore[arg-type]  # the table has the kinds as words
