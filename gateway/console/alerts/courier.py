"""Brings to each recipient what the book says that he is to be told.

In: the book, a way to each recipient. Out: messages; what could not be said is said later. One recipient's trouble holds up no other, and
none holds up the gateway. Several processes on one file do not say a thing twice: who takes it first says it.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Final

import apsw

from channels.base import Refused, Unavailable
from gateway.console.alerts import book
from gateway.console.alerts.telling import Voice
from gateway.console.alerts.ways import PATIENCE_S, Way
from gateway.console.cabinet import Cabinet
from gateway.journal import Journal

#: how often it is looked, in seconds; and how long one message may take at most, less than `book.TAKEN_S`
LOOK_S: Final = 1.0
LONGEST_S: Final = PATIENCE_S * 4


class Courier:
    """One for a process."""

    def __init__(self, cabinet: Cabinet, ways: Mapping[str, Way], voice: Voice, journal: Journal) -> None:
        """`ways` by the recipient's name."""
        self._cabinet, self._ways, self._voice, self._journal = cabinet, ways, voice, journal

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as group:
            for recipient, way in self._ways.items():
                group.create_task(self._serve(recipient, way))

    async def _serve(self, recipient: str, way: Way) -> None:
        while True:
            with suppress(apsw.Error):  # the watch, which writes more often, tells of a file that cannot be written
                if await self.bring(recipient, way):
                    continue
            await asyncio.sleep(LOOK_S)

    async def bring(self, recipient: str, way: Way) -> bool:
        """Once. True when there was something to say."""
        errand = await self._cabinet.run(lambda db: book.errand(db, recipient, time.time()))
        if errand is None:
            return False
        why, never = "", False
        try:
            async with asyncio.timeout(LONGEST_S):
                await way.tell(self._voice.message(errand.news))
        except Refused as refusal:
            why, never = refusal.code, True
        except (Unavailable, TimeoutError) as trouble:
            why = trouble.code if isinstance(trouble, Unavailable) else "no_answer"
        if not why:
            await self._cabinet.run(partial(book.told, letters=errand.letters))
            return True
        self._journal.trouble("alert_not_told", why=why, final=str(never).lower())
        await self._cabinet.run(lambda db: book.again(db, errand.letters, why, time.time(), never=never))
        return True
