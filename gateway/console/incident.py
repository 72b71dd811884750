"""An incident: one case for those who mend the gateway, without whose it is and what it says.

In: all that is known of a case, the clerk who reads it. Out: a record whose octets take
the same way through our code, where that way does not hang on words; whether it does is found out here, and stands in it (`faithful`).
docs/incidents.md has the fields. No name, number, code or word of anybody is in it.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from channels.base import Channel, InboundMessage
from gateway.clerk import Aside, Clerk, Lacking, Read, Reading
from gateway.console import disguised
from gateway.console.disguise import Disguise
from gateway.store.record import Case, LetterState, Life
from gateway.store.trying import Try

SCHEMA: Final = "lapor-incident/1"
#: a line of an answer: what was asked of a ledger; the status of HTTP, SMTP or SMPP, which stays in clear; what else was said
_ANSWER: Final = re.compile(
    r"(?P<asked>(?:GET|POST|PUT) .*)|"
    r"(?P<status>(?:HTTP [0-9]{3}|[245][0-9]{2}(?: [245](?:\.[0-9]{1,3}){2})?|00000[0-9a-f]{3})(?!\w))?(?P<rest>.*)"
)


class Door(msgspec.Struct, frozen=True, kw_only=True):
    """Through which it came: the channel's kind, and what of its table it reads by."""

    kind: str
    table: Mapping[str, Any] = {}


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a long message."""

    index: int
    count: int
    received_at: datetime
    raw: bytes


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What reading made of it."""

    #: ledger, triage, declined, asked, gathers (something must be fetched first), parked
    goes: str
    code: str = ""
    #: what the door noticed while reading
    flags: tuple[str, ...] = ()
    answerable: bool = False
    files: int = 0
    #: characters
    length: int = 0


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """A try at the ledger (`of` is "ledger"), of a file for it ("file:1") or of a letter (its kind)."""

    of: str
    nth: int
    at: datetime
    took_s: float
    step: str
    code: str = ""
    #: what the other side answered, in disguise but for its status
    said: str = ""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """A letter."""

    kind: str
    step: str
    attempts: int
    created_at: datetime
    code: str = ""
    receipt: str = ""
    said: str = ""


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """An event of the ledger, by its meaning; or an act, by its name."""

    what: str
    at: datetime


class Incident(msgspec.Struct, frozen=True, kw_only=True):
    """See docs/incidents.md."""

    schema: str = SCHEMA
    door: Door
    received_at: datetime
    #: octets are base64
    raw: bytes
    parts: tuple[Piece, ...] = ()
    #: of what is in this file, and of what came
    outcome: Outcome
    was: Outcome
    faithful: bool
    step: str
    code: str = ""
    attempts: int = 0
    tries: tuple[Attempt, ...] = ()
    letters: tuple[Written, ...] = ()
    events: tuple[Happened, ...] = ()
    acts: tuple[Happened, ...] = ()


def incident(life: Life, door: Door, reader: tuple[Channel, Clerk], disguise: Disguise) -> Incident:
    """The channel as the clerk has it. A case whose octets are gone (forgotten, in another machine's archive) reads as what is left."""
    case = life.case
    raw, pieces = _disguised(case, door, disguise)
    parts = tuple(
        msgspec.structs.replace(part, raw=piece.raw, group="", fingerprint=str(piece.index))
        for part, piece in zip(case.parts, pieces, strict=True)
    )
    came = _bare(case)
    hidden = msgspec.structs.replace(came, arrival=msgspec.structs.replace(case.arrival, raw=raw, files=()), parts=parts)
    outcome, was = (seen(reader, each) for each in (hidden, came))
    return Incident(
        door=Door(kind=door.kind, table=disguised.read_by(door.kind, door.table)), received_at=case.arrival.received_at, raw=raw,
        parts=pieces, outcome=outcome, was=was, faithful=outcome == was, step=case.step, code=case.code, attempts=case.attempts,
        tries=tuple(_attempt(tried, disguise) for tried in life.tries),
        letters=tuple(_written(state, disguise) for state in life.letters),
        events=tuple(Happened(what=event.state, at=event.at) for event in life.events),
        acts=tuple(Happened(what=act.act, at=act.at) for act in life.acts),
    )  # fmt: skip


def _disguised(case: Case, door: Door, disguise: Disguise) -> tuple[bytes, tuple[Piece, ...]]:
    raw = disguised.raw(door.kind, case.arrival.raw, door.table, disguise) if case.arrival.raw else b""
    return raw, tuple(
        Piece(
            index=part.index, count=part.count, received_at=part.received_at,
            raw=disguised.raw(door.kind, part.raw, door.table, disguise),
        )
        for part in case.parts
    )  # fmt: skip


def _bare(case: Case) -> Case:
    """As it came, with nothing of what was done about it since."""
    return Case(case_id=case.case_id, reference=case.reference, step="submit", arrival=case.arrival, parts=case.parts, facts={})


def seen(reader: tuple[Channel, Clerk], case: Case) -> Outcome:
    """What reading makes of a case that has just come."""
    channel, clerk = reader
    reading = clerk.read(case)
    goes, code = _goes(reading)
    if not isinstance(reading, Read | Aside | Lacking):
        return Outcome(goes=goes, code=code)
    message: InboundMessage = channel.decode(case.arrival, case.parts)
    return Outcome(
        goes=goes, code=code, flags=tuple(sorted(message.flags)), answerable=bool(message.reply_to), files=len(message.attachments),
        length=len(message.text),
    )  # fmt: skip


def _goes(reading: Reading) -> tuple[str, str]:
    if isinstance(reading, Read):
        return "ledger", ""
    if isinstance(reading, Lacking):
        return "gathers", ""
    return (reading.step, reading.code) if isinstance(reading, Aside) else ("parked", reading.code)


def _attempt(tried: Try, disguise: Disguise) -> Attempt:
    return Attempt(
        of=tried.what, nth=tried.nth, at=tried.at, took_s=round(tried.took_s, 3), step=tried.step, code=tried.code,
        said=_answer(tried.said, disguise),
    )  # fmt: skip


def _written(state: LetterState, disguise: Disguise) -> Written:
    return Written(
        kind=state.letter.kind, step=state.step, attempts=state.attempts, created_at=state.created_at, code=state.code,
        receipt=state.receipt, said=_answer(state.said, disguise),
    )  # fmt: skip


def _answer(said: str, disguise: Disguise) -> str:
    """A path may have a code of ours in it."""
    found = (_ANSWER.fullmatch(line) for line in said.split("\n"))
    return "\n".join(f"{line['status'] or ''}{disguise.text(line['rest'])}" for line in found if line and not line["asked"])


def exported(life: Life, door: Door, reader: tuple[Channel, Clerk], keywords: Iterable[str] = ()) -> bytes:
    """The file, in a disguise that nobody can take off. `keywords`: more words that are ours."""
    disguise = Disguise(secrets.token_bytes(16), [*disguised.ours(door.table), *keywords])
    return packed(incident(life, door, reader, disguise))


def packed(of: Incident) -> bytes:
    """The file."""
    return msgspec.json.format(msgspec.json.encode(of), indent=1) + b"\n"
