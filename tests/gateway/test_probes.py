"""The gateway tries its own doors: through them where that can be done, and honestly not where it cannot; and nobody else hears of it."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import aiohttp
import msgspec
import pytest

from gateway import controls
from gateway.app import running
from gateway.findings import BOARD, Finding, read
from gateway.journal import Journal, Lines
from gateway.rehearse.telegram_api import TOKEN
from gateway.store.base import Store
from gateway.store.sqlite import opened
from normalizer.complaint import decode
from tests.fakes import smsc as smscs
from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.fakes.smsc import Smsc
from tests.gateway.whole import ESME, settings
from tests.social.telegram_world import telegram_api

MORE = """
public = "127.0.0.1:{public}"
[probes]
every_s = 1
within_s = 20
[answers]
ask_wait_s = 7200
[ledger]
kind = "http"
url = "{ledger}"
[channels.web]
kind = "web.site"
[channels.mail]
kind = "email.mailbox"
listen = "127.0.0.1:{mail}"
address = "lapor@lapor.example"
[channels.push]
kind = "sms.push"
path = "/sms/aggregator"
secret = "latihan latihan"
answer = "response"
success_body = "Terima kasih, kode {{reference}}"
[channels.kannel]
kind = "sms.push"
profile = "kannel"
path = "/sms/kannel"
username = "kannel"
password = "latihan"
send_url = "{ledger}/sendsms"
[channels.elsewhere]
kind = "sms.push"
path = "/sms/elsewhere"
allow_from = ["192.0.2.7"]
send_url = "http://127.0.0.1:9/send"
[channels.bot]
kind = "social.telegram"
token = "{token}"
api_url = "{bot}"
poll_s = 1
"""


class Town(msgspec.Struct):
    """A gateway that runs, its operator and its ledger."""

    store: Store
    smsc: Smsc
    ledger: FakeLedger
    operators: int
    out: io.BytesIO
    journal: Journal

    async def findings(self) -> dict[str, Finding]:
        found = [read(note.value) for note in (await self.store.pinned(BOARD)).values()]
        return {each.channel: each for each in found if each is not None}

    async def until(self, claim: Callable[[dict[str, Finding]], object]) -> dict[str, Finding]:
        async with asyncio.timeout(60):
            while not claim(found := await self.findings()):
                await asyncio.sleep(0.05)
        return found

    async def metrics(self) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.operators}/metrics") as answer:
            return await answer.text()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with smscs.running() as smsc, telegram_api() as bot, FakeLedger() as ledger:
        out = io.BytesIO()
        journal = Journal(Lines(out))
        more = MORE.format(public=free_port(), mail=free_port(), token=TOKEN, bot=bot.url, ledger=ledger.url) + ESME.format(port=smsc.port)
        async with running(settings(tmp_path, more), journal) as gateway, opened(tmp_path / "gateway.db", most_letters=5) as store:
            yield Town(store, smsc, ledger, gateway.operators, out, journal)


async def test_every_door_is_tried_as_far_as_it_can_be_and_no_ledger_and_no_citizen_hears_of_it(here: Town) -> None:
    found = await here.until(lambda found: len(found) == 7 and not found["telkomsel"].why)
    assert {name: each.how for name, each in found.items()} == {
        **dict.fromkeys(("web", "mail", "push", "kannel", "elsewhere"), "entered"), "telkomsel": "echoed", "bot": "asked",
    }  # fmt: skip
    assert {name: each.why for name, each in found.items() if each.why} == {"elsewhere": "not_allowed_from_here"}
    assert list(found["web"].took_s) == ["yes", "record"]
    for name in ("mail", "push", "kannel"):
        assert list(found[name].took_s) == ["yes", "record", "answer"]
    assert list(found["telkomsel"].took_s) == ["transceiver 1"]
    assert list(found["bot"].took_s) == ["answer"]
    tally = await here.store.tally()
    assert set(tally.received) == {"web", "mail", "push", "kannel"}
    cases = await here.store.listing("declined", 50)
    assert {case.code for case in cases} == {"test"}
    assert {case.arrival.channel for case in cases} == {"web", "mail", "push", "kannel"}
    life = await here.store.life(cases[0].reference)
    assert life is not None
    assert life.record is not None
    assert "test" in decode(life.record).flags
    assert tally.letters == {}
    assert not here.ledger.records
    text = await here.metrics()
    assert 'lapor_probe_up{channel="web"} 1.0' in text
    assert 'lapor_probe_up{channel="elsewhere"} 0.0' in text
    assert 'lapor_probe_seconds{channel="web",of="record"}' in text
    assert 'lapor_probe_seconds{channel="telkomsel",of="transceiver 1"}' in text


async def test_a_probe_goes_to_no_ledger_even_when_an_officer_wants_it_to(here: Town) -> None:
    await here.until(lambda found: "web" in found)
    case = next(case for case in await here.store.listing("declined", 50) if case.arrival.channel == "web")
    assert await here.store.retry(case.case_id, "rini", "lagi")
    async with asyncio.timeout(30):
        while (life := await here.store.life(case.reference)) is None or life.case.step != "declined":
            await asyncio.sleep(0.05)
    assert (life.case.code, life.case.registration) == ("test", None)


async def test_a_door_that_fails_says_so_and_one_that_an_officer_has_shut_is_left_alone(here: Town) -> None:
    await here.until(lambda found: len(found) == 7 and not found["telkomsel"].why)
    await controls.want(here.store, "web", "pause", by="rini")
    await asyncio.sleep(1.5)
    before = (await here.findings())["web"].at
    received = (await here.store.tally()).received["web"]
    await here.smsc.stop()
    found = await here.until(lambda found: "telkomsel" in found and found["telkomsel"].why)
    assert found["telkomsel"].why in {"not_bound", "link_lost", "no_answer"}
    await asyncio.sleep(1.5)
    assert (await here.findings())["web"].at == before
    assert (await here.store.tally()).received["web"] == received
    here.journal.lines.flush()
    assert b'"probe_failed"' in here.out.getvalue()
