"""A store whose ledger is people, for the tests of the desk at which they copy.

In: a folder. Out: a desk, and what has been told. Store, clerk and channel are those of `tiny`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import NamedTuple

from channels.base import Accepted
from forwarder.worklist import WorklistLedger
from gateway.attempts import Submitting
from gateway.relations import Relations
from gateway.worklist import Worklist
from tests.gateway import tiny
from tests.gateway.tiny import CITIZEN, stint
from tests.promises.stores import KEY

TOKEN = "kunci-untuk-meja-salin"


class Copying(NamedTuple):
    """A desk, and what stands around it."""

    here: tiny.Desk
    worklist: Worklist
    submitting: Submitting

    async def put(self, text: str = "jalan rusak di depan pasar", sender: str = CITIZEN) -> Accepted:
        """A complaint that waits to be copied."""
        accepted = await self.here.put(f"{sender}|{text}")
        await self.submit()
        return accepted

    async def submit(self) -> None:
        """One try of everything that is due."""
        await self.submitting.attempt(await asyncio.wait_for(self.here.store.claim(100, 60), 60))

    async def told(self) -> list[tuple[str, str]]:
        """Kind and text of every letter, once the last ones are sent."""
        await self.here.send()
        return [(letter.kind, letter.text) for letter in self.here.channel.sent]


@asynccontextmanager
async def copying(folder: Path) -> AsyncIterator[Copying]:
    """Everything open on a folder."""
    async with tiny.desk(folder) as here:
        relations = Relations(here.store, key=KEY, journal=here.journal)
        ledger = WorklistLedger("lapor", TOKEN)
        submitting = Submitting(
            here.store, ledger, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal
        )
        yield Copying(here, Worklist(here.store, here.clerk), submitting)
