"""What may be told of a case to whoever holds its code.

In: all that the store knows of it. Out: where it stands, and since when: no text, no identity, nothing that a person wrote about it.
"""

from __future__ import annotations

from datetime import datetime

from channels.base import Progress, State
from gateway.store.base import Store
from gateway.store.record import ADDED, Life, Step
from gateway.timeline import turns

_STATES: dict[Step, State] = {
    "held": "received", "asked": "received", "submit": "received", "worklist": "received",
    "triage": "under_review", "parked": "under_review", "done": "registered",
    "declined": "not_forwarded",
}  # fmt: skip


def numbered(code: str) -> str:
    """The digits, when this is the ledger's number (5 to 12 digits, perhaps behind a #) and no code of ours; else empty."""
    digits = code.strip().removeprefix("#").lstrip()
    return digits if digits.isascii() and digits.isdigit() and 5 <= len(digits) <= 12 else ""


async def about(store: Store, code: str) -> Life | None:
    """The case that whoever names this code means: where the message was joined to another case, that one. Raises Unavailable."""
    life = await store.life(code)
    if life is None or life.case.step != "declined" or life.case.code not in ADDED:
        return life
    return await store.life(life.case.words) or life


def progress(life: Life) -> Progress:
    """A registered case stays so, whatever is amended in it later; from then on it stands where its ledger says."""
    case = life.case
    timeline: list[tuple[State, datetime]] = [("received", case.arrival.received_at)]
    if case.registration is not None:
        number, at = case.registration.tracking_id, case.registration.registered_at
        timeline.append(("registered", at))
        timeline += [(turn.state, turn.at) for turn in turns(life.events, number, at)]
        return Progress(reference=case.reference, state=timeline[-1][0], tracking_id=number, timeline=tuple(timeline))
    state = _STATES[case.step]
    # When a case came to wait for a person is not on file; when a person put it aside is.
    if state == "not_forwarded" and life.acts:
        timeline.append((state, life.acts[-1].at))
    return Progress(reference=case.reference, state=state, timeline=tuple(timeline))
