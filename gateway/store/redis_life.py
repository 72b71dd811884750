"""All that the Redis store has of one case, as the scripts answer it.

In: answers of `lua/life.lua` and `lua/claim_files.lua`. Out: lives, and what they are made of. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec

from channels.base import Attachment, Letter
from gateway.store import redis_rows
from gateway.store.happenings import Event
from gateway.store.record import Act, FileClaim, FileSettlement, FileState, LetterState, Life
from gateway.store.redis_rows import fields, seconds, text
from gateway.store.tables import instant

_letter = msgspec.msgpack.Decoder(Letter).decode


def life(answer: Sequence[Any]) -> Life:
    """A case with everything that belongs to it."""
    whole, record, letters, files, acts, events = answer
    return Life(
        case=redis_rows.case(whole),
        record=record,
        letters=tuple(_letter_state(fields(of), body) for of, body in letters),
        files=tuple(_file_state(int(number), fields(of)) for number, of in files),
        acts=_acts(acts),
        events=tuple(_event(int(number), fields(of)) for number, of in events),
    )


def _letter_state(of: dict[str, bytes], body: bytes) -> LetterState:
    return LetterState(
        letter=_letter(body), step=text(of, "step"), attempts=int(of.get("attempts", 0)),  # type: ignore[arg-type]  # a step of ours
        created_at=instant(float(of["created_at"])), code=text(of, "code"), words=text(of, "words"), receipt=text(of, "receipt"),
    )  # fmt: skip


def _file_state(number: int, of: dict[str, bytes]) -> FileState:
    step = text(of, "step") or "send"
    return FileState(
        number=number, step=step, attempts=int(of.get("attempts", 0)), code=text(of, "code"), words=text(of, "words"),  # type: ignore[arg-type]  # a step of ours
    )  # fmt: skip


def _acts(flat: Sequence[bytes]) -> tuple[Act, ...]:
    rows = zip(flat[::4], flat[1::4], flat[2::4], flat[3::4], strict=True)
    return tuple(Act(at=instant(float(at)), by=by.decode(), act=act.decode(), words=words.decode()) for at, by, act, words in rows)


def _event(number: int, of: dict[str, bytes]) -> Event:
    return Event(
        event_id=number, ledger=text(of, "ledger"), tracking_id=text(of, "tracking_id"), at=instant(float(of["at"])),
        heard_at=instant(float(of["heard_at"])), by=text(of, "by"), status=text(of, "status"),
        state=text(of, "state"), note=text(of, "note"), letter=int(of["letter"]) if "letter" in of else None,  # type: ignore[arg-type]  # a state of ours
    )  # fmt: skip


def file_claim(answer: Sequence[Any]) -> FileClaim:
    """A file that is to go to its ledger."""
    whole, record, number, token, attempts = answer
    return FileClaim(case=redis_rows.case(whole), record=record, number=int(number), token=token, attempts=attempts)


def file_settled(settlement: FileSettlement) -> dict[str, Any]:
    """What `settle_file` reads."""
    claim = settlement.claim
    what: dict[str, Any] = {
        "case": claim.case.case_id, "number": str(claim.number), "token": claim.token, "step": settlement.step,
        "code": settlement.code, "words": settlement.words,
    }  # fmt: skip
    if settlement.due is not None:
        what["due"] = seconds(settlement.due)
    return what


def attachments(flat: Sequence[bytes]) -> list[Attachment]:
    """The files of a case, whole."""
    of = fields(flat)
    numbers = sorted(int(name.partition(":")[0]) for name in of if name.endswith(":name"))
    return [Attachment(name=text(of, f"{n}:name"), media_type=text(of, f"{n}:media_type"), content=of[f"{n}:content"]) for n in numbers]


def counts(flat: Sequence[bytes]) -> dict[tuple[str, str], int]:
    """By channel and word."""
    return {(channel, word): int(n) for name, n in fields(flat).items() for channel, _, word in [name.rpartition("|")]}
