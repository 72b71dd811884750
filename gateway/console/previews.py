"""Cases as they stand in the lists of officers: masked, and nothing of what is for few eyes.

In: cases, an officer. Out: previews. What a case says is read as a person who must judge it would have it read, away from the loop. It
unmasks nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime

import msgspec

from gateway import view
from gateway.clerk import Clerk
from gateway.console.page import Visit
from gateway.console.reasons import Reason, reason
from gateway.console.roles import may
from gateway.few import complaint, is_few
from gateway.store.record import Case, Life, Step
from normalizer.complaint import Complaint

#: characters of a text in a list, and where a person must judge it
SHORT, LONG = 400, 4000


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """A case in a list."""

    case_id: str
    code: str
    channel: str
    step: Step
    received_at: datetime
    why: str
    reason: Reason
    #: the other side's words, or ours for who mends programs
    words: str
    #: what it says is not for this officer; then `text`, `words` and `files` are empty
    hidden: bool
    #: for few eyes, or nobody knows whether it is: its whole text, and every act, are for a supervisor
    few: bool
    #: … who this officer is not
    closed: bool
    #: masked; empty when it cannot be read
    text: str
    cut: bool
    files: Sequence[str]
    edited: bool
    archived: bool
    emergency: bool


async def previews(visit: Visit, clerk: Clerk, cases: Sequence[Case], most: int = SHORT) -> list[Preview]:
    """Each with at most so many characters of what it says."""
    read = await asyncio.to_thread(lambda: [complaint(clerk, case) for case in cases])
    return [_preview(visit, case, said, most) for case, said in zip(cases, read, strict=True)]


def _preview(visit: Visit, case: Case, said: Complaint | None, most: int) -> Preview:
    few = is_few(said)
    closed = few and not may(visit.operator.role, "supervisor")
    hidden = closed and said is not None
    text = "" if said is None or hidden else view.text(said)
    return Preview(
        case_id=case.case_id, code=case.reference, channel=case.arrival.channel, step=case.step, received_at=case.arrival.received_at,
        why=case.code, reason=reason(visit.words, case.code), words="" if hidden else view.words(case.words).strip(), hidden=hidden,
        few=few, closed=closed, text=text[:most], cut=len(text) > most,
        files=() if hidden else [view.words(file.name) for file in case.files],
        edited=case.edited is not None, archived=bool(case.archived), emergency=said is not None and "emergency" in said.flags,
    )  # fmt: skip


def became(visit: Visit, life: Life | None, code: str) -> str:
    """What has become of a case that is not where an officer saw it."""
    if life is None:
        return str(visit.words.desks.no_case.format(code=code))
    acts = [act for act in life.acts if act.by != "sender"]
    step = getattr(visit.words.desks, f"step_{life.case.step}")
    if acts:
        return str(visit.words.desks.became_by.format(code=life.case.reference, step=step, by=acts[-1].by))
    return str(visit.words.desks.became.format(code=life.case.reference, step=step))
