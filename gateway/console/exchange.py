"""What was said at the wire about one case: what its door kept, what its letters are, what its ledger was told, and what they answered.

In: a case and its record, the door's kind and table, and whether what belongs to a person may be seen. Out: frames of fields, in the
protocol's own names; those that lie in octets have their places. Masked, a field of somebody's words shows them without numbers, names and
addresses, and any other shows how long it is. A letter, like a record, is told as it would be sent again; the answers are those that came.
Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Literal, NamedTuple, cast

import msgspec

from channels.base import Refused
from channels.sms.submission import Submissions
from gateway import view
from gateway.console import exchange_answers, exchange_fields, exchange_mail, exchange_sms
from gateway.console.exchange_fields import Row, Veil
from gateway.console.incident import Door
from gateway.store.record import LetterState
from gateway.store.trying import FILE, LEDGER, Try
from gateway.view import Traced
from normalizer.complaint import Complaint

#: rows of one frame; a form of a thousand fields is nobody's to read
MOST_ROWS = 200


class Frame(NamedTuple):
    """`key` names what it is in the words of `trace`; `nth` is that of a part, 0 of what is whole."""

    key: str
    way: Literal["in", "out"]
    at: datetime | None
    rows: Sequence[Row]
    nth: int = 0
    more: int = 0


def frames(traced: Traced, door: Door, *, masked: bool, asked: str = "") -> list[Frame]:
    """From the door to the ledger and back, in that order. `asked`: how a ledger behind HTTP is told of one case, as method and path."""
    veil = Veil(masked=masked)
    found = [*_in(traced, door, veil), *_told(traced, veil, asked)]
    for state in traced.life.letters:
        found += [_frame("letter", "out", state.created_at, rows) for rows in _letter(state, door, veil)]
        tries = [tried for tried in traced.life.tries if tried.of == state.letter.key and tried.said]
        found += [_answered("letter_try_answer", tried, door.kind, veil) for tried in tries]
        # of a no the try has it
        if state.said and not any(tried.said == state.said for tried in tries):
            found.append(_frame("letter_answer", "in", state.answered_at, exchange_answers.answer(state.said, door.kind, veil)))
    return found


def _in(traced: Traced, door: Door, veil: Veil) -> Iterator[Frame]:
    """What came, and what was found out about it."""
    case = traced.case
    if case.arrival.raw:
        yield _frame("came", "in", case.arrival.received_at, _came(case.arrival.raw, door, case.reference, veil))
    for part in case.parts:
        if part.raw:
            yield _frame("part", "in", part.received_at, _came(part.raw, door, case.reference, veil), part.index)
    if case.facts:
        yield _frame("facts", "in", None, [exchange_fields.found_out(name, said, veil) for name, said in case.facts.items()])


def _told(traced: Traced, veil: Veil, asked: str) -> Iterator[Frame]:
    """What the ledger is told, and what it answered."""
    case = traced.case
    if traced.complaint is not None:
        head = [Row("request", asked), Row("Idempotency-Key", case.reference)] if asked else []
        yield _frame("record", "out", None, [*head, *exchange_fields.flat(_record(traced.complaint, veil.masked))])
    for tried in traced.life.tries:
        if tried.said and (tried.of == LEDGER or tried.of.startswith(FILE)):
            yield _answered("try_answer" if tried.of == LEDGER else "file_answer", tried, "", veil)
    if (done := case.registration) is not None:
        answer = {"tracking_id": done.tracking_id, "registered_at": done.registered_at.isoformat(), "url": done.url}
        status = [Row("status", "2xx")] if asked else []  # which one is not kept
        yield _frame("answer", "in", done.registered_at, [*status, *exchange_fields.flat(answer)])


def _answered(key: str, tried: Try, kind: str, veil: Veil) -> Frame:
    at = tried.at + timedelta(seconds=tried.took_s)
    return _frame(key, "in", at, exchange_answers.answer(tried.said, kind, veil), tried.nth)


def _record(complaint: Complaint, masked: bool) -> Mapping[str, Any]:
    if not masked:
        return cast("Mapping[str, Any]", msgspec.to_builtins(complaint))
    return view.record(complaint)


def _frame(key: str, way: Literal["in", "out"], at: datetime | None, rows: Iterator[Row] | Sequence[Row], nth: int = 0) -> Frame:
    found = list(rows)
    return Frame(key, way, at, found[:MOST_ROWS], nth, max(len(found) - MOST_ROWS, 0))


def _came(raw: bytes, door: Door, reference: str, veil: Veil) -> Iterator[Row]:
    if door.kind == "sms.esme":
        return exchange_sms.pdu(raw, veil, str(door.table.get("default_alphabet", "gsm7")))
    if door.kind == "sms.push":
        return exchange_sms.push(raw, veil)
    if door.kind == "email.mailbox":
        return exchange_mail.mail(raw, reference, veil)
    return exchange_fields.document(raw, veil)


def _letter(state: LetterState, door: Door, veil: Veil) -> Iterator[Iterator[Row] | Sequence[Row]]:
    letter = state.letter
    if door.kind == "sms.esme":
        alphabet = str(door.table.get("default_alphabet", "gsm7"))
        try:
            for raw in Submissions(str(door.table.get("short_code", "1708")), alphabet).of(letter):
                yield (_numberless(row) for row in exchange_sms.pdu(raw, veil, alphabet))
        except Refused:
            pass
        else:
            return
    said: Mapping[str, Any] = {"to": veil.value(letter.to), "kind": letter.kind, "text": veil.text(letter.text)}
    yield exchange_fields.flat(said)


def _numberless(row: Row) -> Row:
    """A PDU gets its number from the link that sends it."""
    return row._replace(value="", meaning="the link's own") if row.name == "sequence_number" else row
