"""What citizens hear of their ledger's events, without having asked.

In: cases of which a ledger said something. Out: for each, a decision: no letter, one that waits for its hour, or a newer one in the place
of one that still waits. It never says a word of the ledger's through a door where others may read it.

The agency's answer (`note`) is quoted only to whoever reads alone and in full: by mail and in a private chat
(`forwarder.letters.may_quote`). An SMS has no room for it, what is public is no place for it, and of a complaint for few eyes nothing
is said that its sender has not read before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from channels.base import Letter, Unavailable
from forwarder.ledger import Registration
from forwarder.manners import Manners
from gateway.clerk import Change, Clerk, Read
from gateway.store.base import Store
from gateway.store.happenings import Decision, Event
from gateway.store.record import LetterState, Life
from gateway.timeline import Turn, turns
from normalizer.zones import zone

#: how often it is looked for what ledgers said, in seconds; and of how many cases at once
ROUND_S, ROUND = 1.0, 100

_encode = msgspec.json.Encoder().encode


class Waiting(NamedTuple):
    """The letters about changes that a case has had."""

    #: of the next letter: a new one, or the one that still waits
    number: int
    #: that one can still be replaced
    waits: bool
    #: when the others went, or will go
    before: Sequence[datetime]


class Notices:
    """One for the process."""

    def __init__(self, store: Store, clerk: Clerk, manners: Manners) -> None:
        """They ask the one, and have the other write."""
        self._store, self._clerk, self._manners = store, clerk, manners

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                decided = await self.round()
            except Unavailable:
                decided = 0
            if decided < ROUND:
                await asyncio.sleep(ROUND_S)

    async def round(self) -> int:
        """Decide about those who wait; how many were decided. What moved meanwhile is decided in the next round. Raises Unavailable."""
        lives = await self._store.undecided(ROUND)
        return sum([await self._store.decide(self._decision(life, await self._clerk.said(life.case))) for life in lives])

    def _decision(self, life: Life, reading: Read | None) -> Decision:
        case = life.case
        new = [event for event in life.events if event.letter is None]
        told = Decision(case_id=case.case_id, events=tuple(event.event_id for event in new))
        if reading is None:
            return told if case.registration else msgspec.structs.replace(told, registration=_proof(new))
        if case.registration is None:
            proof = _proof(new)
            registered = self._clerk.letter("registered", reading, tracking_id=proof.tracking_id)
            told = msgspec.structs.replace(told, registration=proof, letters=registered, record=_encode(reading.complaint))
        letters = _waiting(life.letters)
        change = self._change(life, told.registration or case.registration, reading, letters)
        if change is None:
            return told
        if letters.waits:
            return msgspec.structs.replace(told, number=letters.number, instead=change)
        return msgspec.structs.replace(told, number=letters.number, letters=(*told.letters, change))

    def _change(self, life: Life, registration: Registration | None, reading: Read, letters: Waiting) -> Letter | None:
        """The letter that tells of all that is new, and of what stands in the one that still waits."""
        open_ = {event.event_id for event in life.events if event.letter is None or (letters.waits and event.letter == letters.number)}
        found = turns(life.events, registration.tracking_id, registration.registered_at) if registration else []
        news = _since(found, open_)
        if registration is None or not any(turn.state in self._manners.tell for turn in news):
            return None
        heard = min(event.heard_at for event in life.events if event.event_id in open_)
        place = reading.complaint.location.value
        name = zone(place.code) if place else None
        there = ZoneInfo(name) if name else None
        at = self._manners.when(heard, letters.before, there)
        quoted = next((turn.event for turn in reversed(news) if turn.event.note), None)
        change = Change(
            state=found[-1].state, tracking_id=registration.tracking_id, number=letters.number,
            by=quoted.by if quoted else "", note=quoted.note if quoted else "",
            not_before=at, quiet=self._manners.hours(at, there),
        )  # fmt: skip
        return self._clerk.change(reading, change)


def _proof(new: Sequence[Event]) -> Registration:
    """The ledger says what became of a case of which we did not know whether it has it: it has it."""
    at = min(min(event.at, event.heard_at) for event in new)
    return Registration(tracking_id=new[0].tracking_id, registered_at=at)


def _waiting(states: Sequence[LetterState]) -> Waiting:
    changes = [state for state in states if state.letter.kind == "change"]
    waits = bool(changes) and changes[-1].step == "send" and changes[-1].attempts == 0
    others = changes[:-1] if waits else changes
    before = [max(state.created_at, state.letter.not_before or state.created_at) for state in others if state.step != "muted"]
    return Waiting(len(changes) + (not waits), waits, before)


def _since(found: Sequence[Turn], open_: set[int]) -> list[Turn]:
    """What came after the last turn that is settled: what a ledger tells late of the past is no news."""
    settled = [place for place, turn in enumerate(found) if turn.event.event_id not in open_]
    return list(found[settled[-1] + 1 :] if settled else found)
