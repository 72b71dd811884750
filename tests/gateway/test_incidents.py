"""Incidents: what came is not in them, and what they hold goes the way that they say.

Every file in tests/incidents/ is read anew as its door would read it; a file that an operator exported joins them by being put there.
"""

from __future__ import annotations

import importlib
import json
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP
from functools import cache
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Channel, Part
from channels.email import mime
from channels.sms import alphabet, anatomy, pdu, segments
from forwarder.wording import load
from gateway.clerk import Clerk
from gateway.console import disguised
from gateway.console.disguise import Disguise
from gateway.console.disguised_html import markup
from gateway.console.incident import Door, Incident, Piece, incident, packed, seen
from gateway.store.record import Case, Life
from gateway.store.trying import LEDGER, Try
from normalizer.rules import Rules
from tests.email import mails
from tests.promises.channels import Kept
from tests.promises.test_channels import SUBJECTS

FILES = sorted((Path(__file__).parents[1] / "incidents").glob("*.json"))
AT = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)
KEY = b"key of these tests"


def runs(text: str) -> set[str]:
    """Three letters or digits in a row, in small letters."""
    return {text[at : at + 3].casefold() for at in range(len(text) - 2) if text[at : at + 3].isalnum()}


def survives(number: str, hidden: str) -> bool:
    """Of the first two digits, which stay, and the zero behind them another place may happen to have a run too."""
    was, now = number.lstrip("+"), hidden.lstrip("+")
    return any(was[at : at + 3] == now[at : at + 3] for at in range(len(was) - 2)) or bool(runs(was) & runs(now[3:]))


@cache
def reader(kind: str, packed_table: bytes) -> tuple[Channel, Clerk]:
    """As the gateway has them with this table."""
    module = importlib.import_module(f"channels.{kind}")
    needed = next(subject.table for subject in SUBJECTS.values() if subject.kind == kind)
    channel = module.channel("door", msgspec.convert({**needed, **msgspec.json.decode(packed_table)}, module.Settings))
    return channel, Clerk({"door": channel}, Rules(channels={"door": kind}), load())


def read_as(door: Door) -> tuple[Channel, Clerk]:
    return reader(door.kind, msgspec.json.encode(door.table, order="deterministic"))


def life(kept: Kept) -> Life:
    arrival = msgspec.structs.replace(kept.arrival, channel="door")
    case = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival, parts=tuple(kept.parts))
    return Life(case=case, record=None, letters=(), files=(), acts=())


def case_of(file: Incident) -> Case:
    arrival = Arrival(channel="door", source_id="1", raw=file.raw, received_at=file.received_at)
    return Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival, parts=tuple(map(_part, file.parts)), facts={})


def _part(piece: Piece) -> Part:
    at = piece.received_at
    return Part(
        channel="door", group="", index=piece.index, count=piece.count, raw=piece.raw, fingerprint=str(piece.index), received_at=at,
        wait_until=at, same_since=at,
    )  # fmt: skip


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_an_incident_goes_the_way_that_it_went(path: Path) -> None:
    file = msgspec.json.decode(path.read_bytes(), type=Incident)
    assert seen(read_as(file.door), case_of(file)) == file.outcome


EXAMPLES = [(subject.kind, subject.table, kept) for subject in SUBJECTS.values() for kept in subject.examples]


@pytest.mark.parametrize("kind", sorted({kind for kind, _, _ in EXAMPLES}))
def test_nearly_everything_that_comes_through_a_door_goes_the_same_way_in_disguise(kind: str) -> None:
    """Where the way hangs on words, the file says so: what a robot's subject gives away, what somebody asks us."""
    files = []
    for _, table, kept in (each for each in EXAMPLES if each[0] == kind):
        door = Door(kind=kind, table=table)
        file = incident(
            life(kept), door, read_as(Door(kind=kind, table=disguised.read_by(kind, table))), Disguise(KEY, disguised.ours(table))
        )
        again = msgspec.json.decode(packed(file), type=Incident)
        assert seen(read_as(again.door), case_of(again)) == file.outcome
        files.append(file)
    unfaithful = [(file.was, file.outcome) for file in files if not file.faithful]
    assert len(unfaithful) <= len(files) // 4, unfaithful


def test_what_was_answered_is_in_the_file_with_its_status_and_nothing_else_of_it() -> None:
    kept = EXAMPLES[0][2]
    answers = {
        'POST /complaints/7K3Q-9FXM-2CH4\nHTTP 422\n{"title": "Jalan Mawar"}': "HTTP 422\n{",
        "550 5.1.1 <budi@warga.example>: unknown": "550 5.1.1 <",
        "00000058 0812": "00000058 ",
        "08120000567 tidak ada": "",
    }
    tries = tuple(Try(of=LEDGER, nth=1, at=kept.arrival.received_at, took_s=1.0, step="submit", code="x", said=said) for said in answers)
    kind, table, _ = EXAMPLES[0]
    door = Door(kind=kind, table=table)
    file = incident(msgspec.structs.replace(life(kept), tries=tries), door, read_as(door), Disguise(KEY))
    for tried, (said, clear) in zip(file.tries, answers.items(), strict=True):
        assert tried.said.startswith(clear)
        assert not runs(said.removeprefix(clear)) & runs(tried.said.removeprefix(clear))


@given(st.text(max_size=120), st.binary(max_size=8))
def test_no_three_letters_or_digits_in_a_row_are_left_and_the_shape_stays(text: str, key: bytes) -> None:
    hidden = Disguise(key).text(text)
    assert not runs(text) & runs(hidden)
    assert [sign.isalnum() or sign for sign in hidden] == [sign.isalnum() or sign for sign in text]
    assert [sign.isupper() for sign in hidden] == [sign.isupper() for sign in text]
    assert len(hidden.encode("utf-8", "surrogatepass")) == len(text.encode("utf-8", "surrogatepass"))


NUMBERS = st.from_regex(r"\A(\+62|62|0)8[1-9][0-9]{7,10}\Z")


@given(NUMBERS)
def test_a_number_becomes_one_that_nobody_has(number: str) -> None:
    hidden = Disguise(KEY).number(number)
    assert len(hidden) == len(number)
    assert hidden.lstrip("+")[2] == "0"
    assert not survives(number, hidden)
    assert Disguise(KEY).number(number) == hidden != Disguise(b"another").number(number)


@given(st.text(max_size=150), NUMBERS)
def test_a_short_message_keeps_its_fields_its_alphabet_and_its_parts_and_nothing_that_was_said(text: str, number: str) -> None:
    for body, esm_class, data_coding in segments.split_text(text, 7, default="gsm7"):
        message = pdu.ShortMessage(
            command=pdu.DELIVER_SM, sequence=9, source_ton=1, source_npi=1, source=number, destination="1708", esm_class=esm_class,
            data_coding=data_coding, body=body, tlvs={0x1400: b"id-" + number.encode()},
        )  # fmt: skip
        raw = pdu.write_message(message)
        hidden = pdu.read_message(disguised.raw("sms.esme", raw, {}, Disguise(KEY)))
        same = {"source": message.source, "body": message.body, "tlvs": message.tlvs}
        assert msgspec.structs.replace(hidden, **same) == message
        assert segments.concat(hidden)[0] == segments.concat(message)[0]
        assert not survives(number, hidden.source)
        assert not runs(number) & runs(hidden.tlvs[0x1400].decode())
        assert not runs(_said(message)) & runs(_said(hidden))
        assert len(_said(message)) == len(_said(hidden))


def test_the_beginning_of_a_text_that_is_said_to_have_a_header_is_in_disguise_too() -> None:
    body = b"Lapor, saya tinggal di rumah nomor dua belas di belakang pasar lama; " * 2
    message = pdu.ShortMessage(command=pdu.DELIVER_SM, source="628120000001", destination="1708", esm_class=0x40, body=body)
    hidden = pdu.read_message(disguised.raw("sms.esme", pdu.write_message(message), {}, Disguise(KEY)))
    assert not runs(body.decode()) & runs(hidden.body.decode())
    assert segments.concat(hidden) == (None, hidden.body, False)


def _said(message: pdu.ShortMessage) -> str:
    return alphabet.decode(segments.concat(message)[1], message.data_coding, default="gsm7").text


@given(
    st.text(st.characters(codec="utf-8", exclude_categories=["C"]), min_size=1, max_size=80),
    st.sampled_from(["8bit", "base64", "quoted-printable"]),
)
def test_a_mail_keeps_its_parts_and_nothing_that_was_said_in_them(text: str, encoding: str) -> None:
    written = EmailMessage(policy=SMTP)
    written["From"], written["To"], written["Subject"] = '"Budi" <budi.santoso@warga.example>', "lapor@lapor.example", "Jalan rusak"
    written.set_content(f"Lampu {text}", cte=encoding)
    written.add_attachment(b"GIF89a-0123456789-rahasia", maintype="image", subtype="gif", filename="halaman-rumah.gif")
    raw = mails.kept(written.as_bytes())
    hidden = disguised.raw("email.mailbox", raw, {}, Disguise(KEY))
    was, now = (mime.read(each) for each in (raw, hidden))
    assert not runs(was.body) & runs(now.body)
    assert len(was.body) == len(now.body)
    assert not {"bud", "udi", "san", "ant"} & (runs(now.from_address) | runs(now.from_name) | runs(now.envelope_from))
    assert [(file.media_type, file.size, file.name[-4:]) for file in was.enclosures] == [
        (file.media_type, file.size, file.name[-4:]) for file in now.enclosures
    ]
    assert b"rahasia" not in hidden
    assert "halaman" not in now.enclosures[0].name


def test_html_keeps_its_tags_and_nothing_that_stands_in_comments_in_angles_in_values_or_in_numbers() -> None:
    said = (
        '<!DOCTYPE html><meta http-equiv="x" content="text/html; charset=utf-8"><!-- Budi > Santoso -->'
        '<p class="quote" title="Budi Santoso">'
        "Yth. <budi@warga.example> &#66;&#117;&#100;&#105; &nbsp;<a href=http://warga.example/budi>lampu</a><p Santoso></p>"
    )
    hidden = markup(said, Disguise(KEY))
    for word in ("udi", "anto", "warga", "lamp", "&#66;&#117;"):
        assert word not in hidden
    for kept in ("<!DOCTYPE html>", "charset=utf-8", '<p class="quote" title="', "&nbsp;<a href=", "</a>", "</p>"):
        assert kept in hidden


def test_what_stands_between_the_parts_of_a_mail_is_in_disguise_too_and_their_marks_are_not() -> None:
    mail = b"Content-Type: multipart/mixed; boundary=b\r\n\r\n-- Budi Santoso\r\n--b\r\n\r\nlampu\r\n--b--\r\n--budi Santoso\r\n"
    hidden = disguised.raw("email.mailbox", mail, {}, Disguise(KEY))
    assert hidden.count(b"--b\r\n") == hidden.count(b"--b--\r\n") == 1
    assert b"udi" not in hidden
    assert b"lampu" not in hidden
    assert len(hidden) == len(mail)


@given(st.text(st.characters(codec="utf-8"), max_size=80), st.integers(min_value=10**8, max_value=10**10), st.booleans())
def test_json_keeps_its_fields_and_its_ids_belong_together_and_nothing_that_was_said_is_left(text: str, number: int, escaped: bool) -> None:
    update = {
        "update_id": 1,
        "message": {"from": {"id": number}, "chat": {"id": number, "type": "private"}, "date": 1795300000, "text": text},
    }
    raw = json.dumps(update, ensure_ascii=escaped).encode()
    hidden = json.loads(disguised.raw("social.telegram", raw, {}, Disguise(KEY)))["message"]
    assert not runs(text) & runs(hidden["text"])
    assert len(hidden["text"].encode()) == len(text.encode())
    assert hidden["from"]["id"] == hidden["chat"]["id"] != number
    assert (hidden["date"], hidden["chat"]["type"]) == (1795300000, "private")
    assert not survives(str(number), str(hidden["from"]["id"]))


@given(st.binary(max_size=200))
def test_whatever_the_octets_are_there_is_a_disguise_of_them(octets: bytes) -> None:
    for kind in ("sms.esme", "sms.push", "email.mailbox", "social.telegram", "social.x", "web.site"):
        assert isinstance(disguised.raw(kind, octets, {}, Disguise(KEY)), bytes)


@given(st.binary(max_size=200))
def test_the_anatomy_of_a_pdu_is_all_of_it(octets: bytes) -> None:
    found = list(anatomy.fields(octets))
    assert [field.start for field in found] == sorted(field.start for field in found)
    assert not octets or found[-1].end in {len(octets), len(octets) - 1}
    assert all(octets[field.start : field.end] == field.value for field in found if isinstance(field.value, bytes))
