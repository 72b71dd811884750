"""A console whose desks have something on them, and nobody who works beside it; for the tests of the desks.

In: a folder. Out: a gateway of doors alone, officers before it, and its store, into which a test puts what it wants to see on a desk.
"""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path

import aiohttp
import apsw
import msgspec

from config.settings import load
from gateway.app import running
from gateway.clerk import Clerk
from gateway.console import cabinet, room
from gateway.console.audit import Audit, Written
from gateway.journal import Journal, Lines
from gateway.outfit import open_channels, rules, wordings
from gateway.store.record import Claim, Settlement, Step
from gateway.store.sqlite import SqliteStore, opened
from tests.console.opened import ROOM, House, staff
from tests.fakes.smsc import Smsc
from tests.promises.stores import claimed

SETTINGS = f"""
[ledger]
kind = "worklist"
{ROOM}"""
TEXT = "Lampu jalan mati. Hubungi 0812-0000-4321."


class Shelves(msgspec.Struct):
    """`house` for the officers, `store` for the test."""

    house: House
    store: SqliteStore
    clerk: Clerk

    def clear(self) -> None:
        """Nothing is on any desk, as if nothing had ever come."""
        with closing(apsw.Connection(str(self.house.folder / "var" / "gateway.db"))) as db:
            db.set_busy_timeout(10_000)
            with db:
                for table in ("cases", "letters", "acts", "counts", "hands", "records"):
                    db.execute(f"DELETE FROM {table}")

    async def came(self, text: str = TEXT, privacy: str = "terbuka") -> Claim:
        """A complaint through the web door, in the hands of the test."""
        url = f"http://127.0.0.1:{self.house.public}/api/v1/complaints"
        complaint = {"text": text, "classification": "pengaduan", "title": "Lampu", "incident_date": "2026-11-20", "privacy": privacy}
        async with aiohttp.ClientSession() as session, session.post(url, json=complaint) as answer:
            assert answer.status == 201, await answer.text()
        (claim,) = await claimed(self.store, 1)
        return claim

    async def aside(self, step: Step, code: str, text: str = TEXT, *, privacy: str = "terbuka", words: str = "") -> str:
        """… that waits for a person; its code."""
        claim = await self.came(text, privacy)
        assert await self.store.settle(Settlement(claim=claim, step=step, code=code, words=words))
        return claim.case.reference

    async def step(self, code: str) -> Step:
        """Where a case stands."""
        life = await self.store.life(code)
        assert life is not None
        return life.case.step

    async def acts(self, code: str) -> list[tuple[str, str, str]]:
        """Who did what to it."""
        life = await self.store.life(code)
        assert life is not None
        return [(act.by, act.act, act.words) for act in life.acts]

    async def audit(self, *codes: str) -> list[tuple[str, str, str]]:
        """Who did what to these at the desks, in order."""
        async with cabinet.opened(self.house.folder / "var", room.TABLES) as file:
            return [_told(written) for written in reversed(await Audit(file).last(99)) if written.act.on in codes]


def _told(written: Written) -> tuple[str, str, str]:
    return written.act.by, written.act.act, written.act.on


@asynccontextmanager
async def shelves(folder: Path) -> AsyncIterator[Shelves]:
    """Started; an officer of each role has an account."""
    await staff(folder / "var")
    log = io.BytesIO()
    (folder / "gateway.toml").write_text(SETTINGS.format(folder=folder), encoding="utf-8")
    settings = load(folder / "gateway.toml", {})
    async with running(settings, Journal(Lines(log)), "doors") as gateway:
        assert gateway.public
        house = House(f"http://127.0.0.1:{gateway.operators}", gateway.public, Smsc(), folder, log)
        async with opened(folder / "var" / "gateway.db", most_letters=9) as store:
            yield Shelves(house, store, Clerk(open_channels(settings), rules(settings, "doors"), wordings(settings)))
