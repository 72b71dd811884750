"""What was said at the wire about one case: what its door kept, what its letters are, what its ledger was told and answered.

In: a case and its record, the door's kind and table, and whether what belongs to a person may be seen. Out: frames of fields, in the
protocol's own names; those that lie in octets have their places. Masked, a field of somebody's words shows them without numbers, names and
addresses, and any other shows how long it is. A letter is told as it would be sent again; when it went is in the tries. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal, NamedTuple, cast

import msgspec

from channels.base import Refused
from channels.sms.submission import Submissions
from gateway import view
from gateway.console import exchange_fields, exchange_mail, exchange_sms
from gateway.console.exchange_fields import Row, Veil
from gateway.console.incident import Door
from gateway.store.record import LetterState
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


def frames(traced: Traced, door: Door, *, masked: bool) -> list[Frame]:
    """From the door to the ledger and back, in that order."""
    veil, case = Veil(masked=masked), traced.case
    found: list[Frame] = []
    if case.arrival.raw:
        found.append(_frame("came", "in", case.arrival.received_at, _came(case.arrival.raw, door, veil)))
    found += [_frame("part", "in", part.received_at, _came(part.raw, door, veil), part.index) for part in case.parts if part.raw]
    if case.facts:
        found.append(_frame("facts", "in", None, [exchange_fields.found_out(name, said, veil) for name, said in case.facts.items()]))
    if traced.complaint is not None:
        found.append(_frame("record", "out", None, exchange_fields.flat(_record(traced.complaint, masked))))
    if (done := case.registration) is not None:
        answer = {"tracking_id": done.tracking_id, "registered_at": done.registered_at.isoformat(), "url": done.url}
        found.append(_frame("answer", "in", done.registered_at, exchange_fields.flat(answer)))
    for state in traced.life.letters:
        found += [_frame("letter", "out", state.created_at, rows) for rows in _letter(state, door, veil)]
    return found


def _record(complaint: Complaint, masked: bool) -> Mapping[str, Any]:
    if not masked:
        return cast("Mapping[str, Any]", msgspec.to_builtins(complaint))
    return view.record(complaint)


def _frame(key: str, way: Literal["in", "out"], at: datetime | None, rows: Iterator[Row] | Sequence[Row], nth: int = 0) -> Frame:
    found = list(rows)
    return Frame(key, way, at, found[:MOST_ROWS], nth, max(len(found) - MOST_ROWS, 0))


def _came(raw: bytes, door: Door, veil: Veil) -> Iterator[Row]:
    if door.kind == "sms.esme":
        return exchange_sms.pdu(raw, veil, str(door.table.get("default_alphabet", "gsm7")))
    if door.kind == "sms.push":
        return exchange_sms.push(raw, veil)
    if door.kind == "email.mailbox":
        return exchange_mail.mail(raw, veil)
    return exchange_fields.document(raw, veil)


def _letter(state: LetterState, door: Door, veil: Veil) -> Iterator[Iterator[Row] | Sequence[Row]]:
    letter = state.letter
    if door.kind == "sms.esme":
        alphabet = str(door.table.get("default_alphabet", "gsm7"))
        try:
            for raw in Submissions(str(door.table.get("short_code", "1708")), alphabet).of(letter):
                yield exchange_sms.pdu(raw, veil, alphabet)
        except Refused:
            pass
        else:
            return
    said: Mapping[str, Any] = {"to": veil.value(letter.to), "kind": letter.kind, "text": veil.text(letter.text)}
    yield exchange_fields.flat(said)
