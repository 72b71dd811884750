"""What was said at the wire, as officers see it: every field in its place, and masked nothing that belongs to a person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Letter, quoted
from channels.email import journey
from channels.sms import pdu, segments
from forwarder.ledger import Registration
from gateway.console.exchange import Frame, frames
from gateway.console.exchange_answers import answer
from gateway.console.exchange_fields import Veil
from gateway.console.incident import Door
from gateway.rehearse.parts import short_sms
from gateway.store.record import Case, LetterState, Life
from gateway.store.trying import LEDGER, Try
from gateway.view import Traced
from tests.promises.channels import Kept, Subject
from tests.promises.test_channels import SUBJECTS

AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KINDS = ("sms.esme", "sms.push", "email.mailbox", "social.telegram", "social.x", "web.site")


def traced(kept: Kept, **more: Any) -> Traced:
    letters, tries = more.pop("letters", ()), more.pop("tries", ())
    case = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="done", arrival=kept.arrival, parts=kept.parts, **more)
    return Traced(case=case, complaint=None, life=Life(case=case, record=None, letters=letters, files=(), acts=(), tries=tries))


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
    assert "sequence_number= the link's own" in written(found)
    assert "6281200001234" not in written(found)
    by_mail = frames(traced(kept, letters=(state,)), Door(kind="email.mailbox"), masked=True)
    assert "kind=registered" in written(by_mail)


def test_a_mail_is_told_as_the_dialogue_by_which_it_came() -> None:
    trace = journey.Trace(
        mail_from="budi@warga.example", recipients=("lapor@lapor.example", "1708@lapor.example"), ip="192.0.2.7", helo="mx.warga.example",
        tls=True, smtputf8=False,
    )  # fmt: skip
    raw = journey.written(trace, "mail.lapor.example", AT) + b"Subject: Jalan rusak\r\n\r\nisi\r\n"
    kept = Kept(arrival=Arrival(channel="surel", source_id="1", raw=raw, received_at=AT))
    (frame,) = frames(traced(kept), Door(kind="email.mailbox"), masked=False)
    said = [f"{row.name}: {row.value}" for row in frame.rows if row.name in {"C", "S"}]
    assert said == [
        "S: 220", "C: STARTTLS", "S: 220", "C: EHLO/HELO mx.warga.example", "S: 250", "C: MAIL FROM:<budi@warga.example>", "S: 250",
        "C: RCPT TO:<lapor@lapor.example>", "S: 250", "C: RCPT TO:<1708@lapor.example>", "S: 250", "C: DATA", "S: 354", "C: .",
        "S: 250 2.0.0 queued as 7K3Q-9FXM-2CH4",
    ]  # fmt: skip
    masked = written(frames(traced(kept), Door(kind="email.mailbox"), masked=True))
    assert "budi" not in masked
    assert "warga.example" not in masked


#: by kind of the door, what was answered to a letter, and what is shown of it: masked, and with the mask lifted
ANSWERS = {
    "email.mailbox": (
        "550 5.1.1 <budi@warga.example>: User unknown\n250 2.0.0 Ok: queued as 4ZKQ2B1Xz4",
        "queued as 4ZKQ2B1Xz4", "budi@warga.example",
    ),
    "sms.esme": ("00000058\n00000000 1A2B3C", "command_status=0x00000058 ESME_RTHROTTLED\n", "message_id=1A2B3C"),
    "sms.push": ("HTTP 202\n0: Accepted for 6281200001234", "status=202", "6281200001234"),
    "social.telegram": ('HTTP 200\n{"message_id": 12}', "message_id=12", ""),
    "social.x": ('{"data": {"id": "1900000000000000001"}}', "data.id=••• (19)", "1900000000000000001"),
}  # fmt: skip


@pytest.mark.parametrize("kind", sorted(ANSWERS))
def test_an_answer_to_a_letter_is_told_as_it_came_and_masked(kind: str) -> None:
    said, shown, lifted = ANSWERS[kind]
    kept = Kept(arrival=Arrival(channel="door", source_id="1", raw=b"", received_at=AT))
    letter = Letter(key="1:registered", case_id="1", channel="door", to="+6281200001234", kind="registered", text="Kode 7K3Q")
    state = LetterState(letter=letter, step="sent", attempts=2, created_at=AT, said=said, answered_at=AT)
    tried = Try(of=letter.key, nth=1, at=AT, took_s=1.0, step="send", code="x", said="HTTP 503")
    case = traced(kept, letters=(state,), tries=(tried,))
    masked, plain = (
        [frame for frame in frames(case, Door(kind=kind), masked=each) if frame.key.endswith("_answer")] for each in (True, False)
    )
    assert [(frame.nth, frame.at) for frame in masked] == [(1, AT + timedelta(seconds=1)), (0, AT)]
    assert shown in written(masked) + "\n"
    assert lifted in written(plain)
    if kind != "sms.esme" and lifted:
        assert lifted not in written(masked)


def test_what_the_ledger_answered_to_a_try_is_told_with_what_was_asked() -> None:
    kept = Kept(arrival=Arrival(channel="door", source_id="1", raw=b"", received_at=AT))
    said = 'POST /complaints\nHTTP 422\n{"title":"nomor 081200001234 keliru","echo":"kata warga"}'
    tries = (
        Try(of=LEDGER, nth=2, at=AT, took_s=1.0, step="parked", code="http_422", said=said),
        Try(of="file:1", nth=1, at=AT, took_s=1.0, step="send", code="http_503", said="PUT /x\nHTTP 503"),
        Try(of=LEDGER, nth=1, at=AT, took_s=1.0, step="submit", code="unreachable"),
    )
    found = frames(traced(kept, tries=tries), Door(kind="sms.esme"), masked=True)
    assert [(frame.key, frame.nth) for frame in found] == [("try_answer", 2), ("file_answer", 1)]
    for line in ("request=POST /complaints", "status=422", "title=nomor [telepon] keliru", "echo=••• (10)", "status=503"):
        assert line in written(found)
    assert "kata warga" in written(frames(traced(kept, tries=tries), Door(kind="sms.esme"), masked=False))


@given(st.sampled_from(KINDS), st.text(max_size=300))
def test_whatever_was_answered_can_be_shown(kind: str, said: str) -> None:
    for masked in (True, False):
        rows = list(answer(quoted(said), kind, Veil(masked=masked)))
        assert all(row.value.isprintable() or "\n" in row.value for row in rows)


@given(st.sampled_from(KINDS), st.binary(max_size=300))
def test_whatever_the_octets_are_they_can_be_shown(kind: str, octets: bytes) -> None:
    kept = Kept(arrival=Arrival(channel="door", source_id="1", raw=b"x" + octets, received_at=AT))
    for masked in (True, False):
        shown = written(frames(traced(kept), Door(kind=kind), masked=masked))
        assert shown.isprintable() or "\n" in shown
