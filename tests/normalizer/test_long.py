"""Texts as long as a mail may be: read to a bound, kept whole."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.base import InboundMessage
from config.settings import load
from gateway.outfit import rules
from normalizer.normalize import normalize
from normalizer.reading import LONGEST

RULES = rules(load(None, {}))


@pytest.mark.parametrize("piece", ["jalan rusak di depan pasar ", "\n", "0812 0000 1234 ", "é ", "1234-1234-1234 ", "\\n", "@"])
def test_a_text_of_megabytes_is_kept_whole_and_read_to_a_bound(piece: str) -> None:
    text = piece * (3_000_000 // len(piece))
    message = InboundMessage(channel="mail", source_id="1", sender="a@warga.example", text=text, received_at=datetime.now(UTC))
    record = normalize(message, case_id="1", reference="0000-0000-0012", rules=RULES)
    assert record.text == text
    assert all(span.end <= LONGEST for span in record.pii)
