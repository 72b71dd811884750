"""A letter that failed, was sent again and arrived, and an SMSC that goes on saying of its first go that it failed."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import apsw
import msgspec

from config.settings import load
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse import wire
from gateway.rehearse.smsc import FIRST_ID
from gateway.store.sqlite import SqliteStore, opened
from tests.console.opened import SETTINGS
from tests.fakes import smsc as fake_smsc
from tests.fakes.smsc import Smsc, short_sms

CITIZEN = "+6281200000001"


class Town(NamedTuple):
    """An SMSC that sends no receipts by itself, and the store of the gateway at it."""

    smsc: Smsc
    store: SqliteStore
    file: Path

    async def until(self, *letter: str) -> None:
        """Step and receipt of the one letter."""
        async with asyncio.timeout(20):
            with closing(apsw.Connection(str(self.file))) as db:
                db.set_busy_timeout(10_000)
                while db.execute("SELECT step, receipt FROM letters").fetchall() != [letter]:
                    await asyncio.sleep(0.02)

    def say(self, number: int, *, failed: bool) -> None:
        """A receipt for what the gateway sent at this place."""
        receipt = wire.receipt(self.smsc.answers[number - 1], f"{FIRST_ID + number}", datetime.now(UTC))
        if failed:
            body = receipt.body.replace(b"dlvrd:001", b"dlvrd:000").replace(b"stat:DELIVRD", b"stat:UNDELIV")
            receipt = msgspec.structs.replace(receipt, body=body, tlvs={**receipt.tlvs, 0x0427: b"\x05"})
        self.smsc.deliver(receipt)


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    async with fake_smsc.running(receipt_after_s=3600) as smsc:
        (folder / "gateway.toml").write_text(SETTINGS.format(folder=folder, port=smsc.port), encoding="utf-8")
        file, settings = folder / "var" / "gateway.db", load(folder / "gateway.toml", {})
        async with running(settings, Journal(Lines(io.BytesIO()))), opened(file, most_letters=9) as store:
            yield Town(smsc, store, file)


async def test_what_is_said_late_of_the_first_go_is_not_said_of_the_second(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.smsc.deliver(short_sms("Jalan rusak di depan Pasar Kenanga, Kecamatan Menteng", CITIZEN, "1708"))
        await here.until("sent", "")
        first = len(here.smsc.answers)
        here.say(first, failed=True)
        await here.until("failed", "failed")
        (lost,) = (await here.store.lost(9)).letters
        assert await here.store.resend(lost.letter_id, "rini", "nomor aktif lagi")
        await here.until("sent", "")
        # the operator repeats what it said, and then says what became of the second go
        here.say(first, failed=True)
        here.say(len(here.smsc.answers), failed=False)
        await here.until("sent", "delivered")
        assert (await here.store.lost(9)).letters == []
