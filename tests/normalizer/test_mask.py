"""What operators see of a text and of a sender."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
from hypothesis import given

from channels.base import InboundMessage
from normalizer.complaint import Reporter, Span
from normalizer.mask import address, mask
from normalizer.normalize import normalize
from normalizer.pii import find
from normalizer.reading import read
from normalizer.rules import Rules
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
def test_nothing_is_left_to_find(text: str) -> None:
    # an invisible sign between a span and a word makes one word of them, until the span is masked
    once = masked(read(text).legible)
    assert masked(once) == once


@given(TEXTS)
def test_what_is_no_span_stands_as_it_was(text: str) -> None:
    spans = find(read(text))
    kept = [text[start:end] for start, end in zip([0, *(s.end for s in spans)], [*(s.start for s in spans), len(text)], strict=True)]
    assert re.fullmatch(r"\[[A-Za-z]+\]".join(map(re.escape, kept)), mask(text, spans))


def test_the_record_has_the_text_as_it_came_its_spans_and_a_title_without_them() -> None:
    text = "TANGKAB nama saya Budi Santoso, hp 0812-0000-1234. Jalan rusak"
    message = InboundMessage(channel="web", source_id="1", sender="", text=text, received_at=datetime(2026, 11, 20, tzinfo=UTC))
    record = normalize(message, case_id="1", reference="7K3Q-9FXM-2CH4", rules=Rules())
    assert record.text == text
    assert [(span.kind, text[span.start : span.end]) for span in record.pii] == [("name", "Budi Santoso"), ("phone", "0812-0000-1234")]
    assert record.title.value == "TANGKAB nama saya [nama], hp [telepon]. Jalan rusak"


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
