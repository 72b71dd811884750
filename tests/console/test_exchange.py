"""What was said at the wire, as officers see it: every field in its place, and masked nothing that belongs to a person."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Letter
from channels.sms import pdu, segments
from forwarder.ledger import Registration
from gateway.console.exchange import Frame, frames
from gateway.console.incident import Door
from gateway.rehearse.parts import short_sms
from gateway.store.record import Case, LetterState, Life
from gateway.view import Traced
from tests.promises.channels import Kept, Subject
from tests.promises.test_channels import SUBJECTS

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KINDS = ("sms.esme", "sms.push", "email.mailbox", "social.telegram", "social.x", "web.site")


def traced(kept: Kept, **more: Any) -> Traced:
    letters = more.pop("letters", ())
    case = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="done", arrival=kept.arrival, parts=kept.parts, **more)
    return Traced(case=case, complaint=None, life=Life(case=case, record=None, letters=letters, files=(), acts=()))


def written(found: list[Frame]) -> str:
    return "\n".join(f"{row.place} {row.name}={row.value} {row.meaning}" for frame in found for row in frame.rows)


@pytest.mark.parametrize("name", sorted(SUBJECTS))
def test_masked_nothing_of_a_person_is_shown_whatever_the_door(name: str) -> None:
    subject: Subject = SUBJECTS[name]
    door = Door(kind=subject.kind, table=subject.table)
    for kept in subject.examples:
        shown = written(frames(traced(kept), door, masked=True))
        assert shown
        assert not [word for word in (*subject.private, *subject.secrets) if word in shown]
        assert len(written(frames(traced(kept), door, masked=False))) > 0


def test_a_pdu_is_told_field_by_field_with_its_header_and_its_text() -> None:
    bodies = segments.split_text("Jalan rusak, hubungi 0812-0000-1234. " * 6, 9, default="gsm7")
    raw = pdu.write_message(
        msgspec.structs.replace(
            short_sms("", "6281200001234", "1708"), body=bodies[0][0], esm_class=bodies[0][1], tlvs={0x0204: b"\x00\x07"}
        )
    )
    kept = Kept(arrival=Arrival(channel="operator", source_id="1", raw=raw, received_at=AT))
    shown = written(frames(traced(kept), Door(kind="sms.esme"), masked=True))
    for line in (
        "0004 command_id=0x00000005 deliver_sm", "0013 source=628••••••••34 ", "0023 destination=1708", "esm_class=64 user data header",
        "data_coding=0 GSM 03.38", "part=1/2 reference 9 (8 bit)", "user_message_reference=2 octets",
    ):  # fmt: skip
        assert line in shown
    assert "0812-0000-1234" not in shown
    assert "0812-0000-1234" in written(frames(traced(kept), Door(kind="sms.esme"), masked=False))


def test_what_the_ledger_answered_and_what_a_letter_is_at_the_wire_are_told() -> None:
    kept = Kept(arrival=Arrival(channel="operator", source_id="1", raw=b"", received_at=AT))
    letter = Letter(
        key="1:registered", case_id="1", channel="operator", to="6281200001234", kind="registered", text="Kode 7K3Q", reply_to={}
    )
    state = LetterState(letter=letter, step="sent", attempts=1, created_at=AT)
    done = Registration(tracking_id="1000011", registered_at=AT, url="")
    found = frames(traced(kept, registration=done, letters=(state,)), Door(kind="sms.esme", table={"short_code": "1708"}), masked=True)
    assert [(frame.key, frame.way) for frame in found] == [("answer", "in"), ("letter", "out")]
    assert "tracking_id=1000011" in written(found)
    assert "submit_sm" in written(found)
    assert "6281200001234" not in written(found)
    by_mail = frames(traced(kept, letters=(state,)), Door(kind="email.mailbox"), masked=True)
    assert "kind=registered" in written(by_mail)


@given(st.sampled_from(KINDS), st.binary(max_size=300))
def test_whatever_the_octets_are_they_can_be_shown(kind: str, octets: bytes) -> None:
    kept = Kept(arrival=Arrival(channel="door", source_id="1", raw=b"x" + octets, received_at=AT))
    for masked in (True, False):
        shown = written(frames(traced(kept), Door(kind=kind), masked=masked))
        assert shown.isprintable() or "\n" in shown
