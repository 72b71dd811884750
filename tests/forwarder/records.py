"""Canonical records for the tests of this room, with nobody's number in them."""

from __future__ import annotations

from datetime import UTC, datetime

from normalizer.complaint import Complaint, Inferred, Reporter
from normalizer.reference import write

AT = datetime(2026, 11, 1, 2, 3, 4, 567000, tzinfo=UTC)


def reference(number: int) -> str:
    """A well-formed reference; never the one that the probe asks for."""
    return write(number + 1)


def complaint(number: int = 0, text: str = "jalan rusak di depan pasar") -> Complaint:
    """The number-th record."""
    return Complaint(
        reference=reference(number),
        case_id=f"case-{number}",
        channel="telkomsel",
        source_id=f"source-{number}",
        received_at=AT,
        reporter=Reporter(kind="phone", address=f"+62812000{number:05}"),
        text=text,
        title=Inferred(value="jalan rusak", rule="first_words", confidence=0.5),
        classification=Inferred(),
        oversight=Inferred(),
        incident_date=Inferred(),
        location=Inferred(),
        agency=Inferred(),
        category=Inferred(),
        language=Inferred(),
    )
