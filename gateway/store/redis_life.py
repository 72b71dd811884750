"""All that the Redis store has of one case, as the scripts answer it.

In: answers of `lua/life.lua`, `lua/look.lua` and `lua/claim_files.lua`. Out: lives, and what they are made of. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from channels.base import Attachment
from gateway.store import reading, redis_rows, trying
from gateway.store.record import FileClaim, FileSettlement, Life
from gateway.store.redis_rows import numbered, seconds, typed
from gateway.store.redis_scripts import Packing


def life(answer: Sequence[Any]) -> Life:
    """A case with everything that belongs to it."""
    whole, record, letters, files, acts, events, tries = answer
    return Life(
        case=redis_rows.case(whole),
        record=record,
        letters=tuple(reading.letter_state({**typed("letters", of), "body": body}) for _, of, body in letters),
        files=tuple(reading.file_state({**typed("enclosed", of), "number": int(number)}) for number, of in files),
        acts=tuple(map(reading.act, redis_rows.acts(acts))),
        events=tuple(reading.event({**typed("events", of), "id": int(number)}) for number, of in events),
        tries=tuple(map(trying.read, tries)),
    )


def file_claim(answer: Sequence[Any]) -> FileClaim:
    """A file that is to go to its ledger."""
    whole, record, number, token, attempts = answer
    return FileClaim(case=redis_rows.case(whole), record=record, number=int(number), token=token, attempts=attempts)


def file_settled(settlement: FileSettlement, packing: Packing) -> dict[str, Any]:
    """What `settle_file` reads."""
    claim = settlement.claim
    what: dict[str, Any] = {
        "case": claim.case.case_id, "number": str(claim.number), "token": claim.token, "step": settlement.step,
        "code": settlement.code, "words": settlement.words,
    }  # fmt: skip
    if settlement.due is not None:
        what["due"] = seconds(settlement.due)
    if settlement.tried is not None:
        what["try"] = packing.apart(trying.pack(settlement.tried))
    return what


def attachments(flat: Sequence[bytes]) -> list[Attachment]:
    """The files of a case, whole."""
    rows = numbered("files", flat)
    return [Attachment(name=row["name"], media_type=row["media_type"], content=row["content"]) for row in rows]
