"""The rules that come with the gateway, as the wiring reads them, for the tests of what they say."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Any

from channels.base import InboundMessage
from gateway.rulebook import rulebook
from gateway.wordlists import shipped
from normalizer.complaint import Complaint
from normalizer.normalize import normalize
from normalizer.rules import Rules

AT = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)


@cache
def rules() -> Rules:
    """Without regions: a place is what the words around it say."""
    meanings, languages = shipped()
    return Rules(channels={"sms": "sms.esme"}, abbreviations=meanings, languages=languages, rulebook=rulebook("", meanings))


def record(text: str, **more: Any) -> Complaint:
    """What an SMS of this text becomes."""
    message = InboundMessage(channel="sms", source_id="1", sender="", text=text, received_at=AT, **more)
    return normalize(message, case_id="c1", reference="7K3Q-9FXM-2CH4", rules=rules())
