"""Asks ledgers that do not call us what became of complaints.

In: registered cases that are due. Out: events, kept like those that come by themselves. It asks little at once and nothing while the doors
are crowded or the ledger is away, and repeats nothing that the ledger said before.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple, Protocol

from channels.base import Refused, Unavailable
from forwarder.ledger import Happening, Telling
from forwarder.states import States
from gateway.store.base import Store
from gateway.store.happenings import Told
from gateway.store.record import DEFAULT, Life

#: cases asked about in one round, calls at once, and seconds between rounds when there was somebody to ask about, and nobody
ROUND, AT_ONCE, BETWEEN_S, IDLE_S = 50, 4, 1.0, 5.0
#: how long a case is asked about after its registration
FOR_S: Final = 180 * 86_400.0
#: when a ledger that could not answer is asked again
AGAIN: Final = timedelta(minutes=10)


class Way(Protocol):
    """To a ledger."""

    @property
    def shut(self) -> bool: ...


class Doors(Protocol):
    """Those who let messages in."""

    @property
    def pouring(self) -> bool: ...


class Asked(NamedTuple):
    """A ledger that is asked."""

    ledger: Telling
    #: what its words mean
    states: States
    #: seconds between two questions about the same case
    every_s: float
    way: Way


class Polling:
    """One for the process."""

    def __init__(self, store: Store, asked: Mapping[str, Asked], doors: Doors) -> None:
        """`asked` by the ledger's name."""
        self._store, self._asked, self._doors = store, asked, doors
        self._every_s = {name: each.every_s for name, each in asked.items()}

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                due = 0 if self._doors.pouring else await self.round()
            except Unavailable:
                due = 0
            await asyncio.sleep(BETWEEN_S if due else IDLE_S)

    async def round(self) -> int:
        """Ask about those who are due; how many were. Raises Unavailable when the store is in trouble."""
        lives = await self._store.to_ask(self._every_s, FOR_S, ROUND)
        gate = asyncio.Semaphore(AT_ONCE)
        answers = await asyncio.gather(*(self._answer(life, gate) for life in lives))
        now = datetime.now(UTC)
        told = [
            Told(ledger=_name(life), happening=answer, state=self._asked[_name(life)].states.of(answer.status), heard_at=now)
            for life, answer in zip(lives, answers, strict=True)
            if isinstance(answer, Happening) and not _said(life, answer)
        ]
        if told:
            await self._store.tell(told)
        failed = [life.case.case_id for life, answer in zip(lives, answers, strict=True) if isinstance(answer, Unavailable)]
        if failed:
            await self._store.put_off(failed, now + AGAIN)
        return len(lives)

    async def _answer(self, life: Life, gate: asyncio.Semaphore) -> Happening | Unavailable | None:
        asked, registration = self._asked[_name(life)], life.case.registration
        if registration is None or asked.way.shut:
            return Unavailable("away")
        async with gate:
            try:
                return await asked.ledger.standing(life.case.reference, registration)
            except Unavailable as failure:
                return failure
            except Refused:  # it does not know the number, or will not say: it is asked again when it is due
                return None


def _name(life: Life) -> str:
    return life.case.ledger or DEFAULT


def _said(life: Life, happening: Happening) -> bool:
    """The newest that is known of it says the same: where a ledger gives no time, each answer would look new."""
    newest: Sequence[tuple[str, str]] = [(event.status, event.note) for event in sorted(life.events, key=lambda event: event.at)]
    return bool(newest) and newest[-1] == (happening.status, happening.note)
