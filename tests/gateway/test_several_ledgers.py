"""The whole gateway with more than one ledger: each has its own cases, and one that is away holds up nobody else.

The operator is the rehearsal SMSC, the ledgers are servers on loopback that give the same numbers.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from gateway import desk
from gateway.app import Running, running
from gateway.journal import Journal, Lines
from gateway.store.record import Case
from tests.fakes import smsc as smscs
from tests.fakes.ledger import FAULTS, FakeLedger
from tests.fakes.smsc import Smsc, short_sms
from tests.gateway.whole import ESME, settings

TABLES = """
[ledger]
kind = "http"
url = "{default}"
[keywords]
TANGKAB = {{ agency = "Pemerintah Kabupaten Tangerang" }}
BANDUNG = {{ agency = "Pemerintah Kota Bandung" }}
[answers]
per_sender_hour = 1000
ask_wait_s = 0
"""
NAMED = """
[ledgers.{name}]
kind = "http"
url = "{url}"
takes = [{{ agency = "{agency}" }}]
"""
TANGERANG = ("tangerang", "Pemerintah Kabupaten Tangerang")
BANDUNG = ("bandung", "Pemerintah Kota Bandung")


class Here(msgspec.Struct, frozen=True):
    """A town with several ledgers."""

    smsc: Smsc
    default: FakeLedger
    named: dict[str, FakeLedger]
    folder: Path

    def tables(self, *names: tuple[str, str]) -> str:
        named = "".join(NAMED.format(name=name, agency=agency, url=self.named[name].url) for name, agency in names)
        return TABLES.format(default=self.default.url) + named + ESME.format(port=self.smsc.port)

    @asynccontextmanager
    async def gateway(self, *names: tuple[str, str]) -> AsyncIterator[Running]:
        async with running(settings(self.folder, self.tables(*names)), Journal(Lines(io.BytesIO()))) as gateway:
            yield gateway

    def say(self, text: str, nth: int = 0) -> str:
        number = f"628120000{nth:04}"
        self.smsc.deliver(short_sms(text, number, "1708"))
        return number

    async def heard(self, number: str, answers: int = 1) -> str:
        await self.smsc.until(lambda: len(self.smsc.answers_to(number)) >= answers, within_s=60)
        return self.smsc.answers_to(number)[-1].body.decode()

    async def case(self, code: str, *names: tuple[str, str]) -> Case:
        found = await desk.life(settings(self.folder, self.tables(*names)), code)
        assert found is not None
        return found.case


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Here]:
    async with smscs.running() as smsc, FakeLedger() as default, FakeLedger() as tangerang, FakeLedger() as bandung:
        yield Here(smsc, default, {"tangerang": tangerang, "bandung": bandung}, tmp_path)


async def get(gateway: Running, path: str) -> str:
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{gateway.operators}{path}") as answer:
        return await answer.text()


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(60):
        while not true():
            await asyncio.sleep(0.01)


def texts(ledger: FakeLedger) -> list[str]:
    return [record["text"] for record in ledger.records.values()]


async def away(gateway: Running, name: str) -> None:
    """Wait until the gateway has seen it."""
    async with asyncio.timeout(30):
        while msgspec.json.decode(await get(gateway, "/readyz"))["ledgers"][name]["up"]:
            await asyncio.sleep(0.05)


async def test_each_complaint_goes_to_its_own_ledger_and_nowhere_else(here: Here) -> None:
    async with here.gateway(TANGERANG, BANDUNG) as gateway:
        said = ["TANGKAB lampu mati", "BANDUNG jalan rusak", "air tidak mengalir sejak kemarin"]
        for nth, text in enumerate(said):
            assert "sudah terdaftar" in await here.heard(here.say(text, nth))
        metrics = await get(gateway, "/metrics")
        state = msgspec.json.decode(await get(gateway, "/readyz"))
    assert [texts(here.named["tangerang"]), texts(here.named["bandung"]), texts(here.default)] == [[text] for text in said]
    for name in ("http", "tangerang", "bandung"):
        assert f'lapor_forwarded_total{{ledger="{name}",outcome="registered"}} 1.0' in metrics
        assert f'lapor_ledger_up{{ledger="{name}"}} 1.0' in metrics
    assert state["ledgers"] == {"http": {"up": True}, "tangerang": {"up": True}, "bandung": {"up": True}}
    assert 'lapor_conservation_difference{channel="telkomsel"} 0.0' in metrics


async def test_the_same_number_of_two_ledgers_is_told_apart(here: Here) -> None:
    async with here.gateway(TANGERANG):
        for nth, text in enumerate(["TANGKAB lampu mati", "air tidak mengalir"]):
            await here.heard(here.say(text, nth))
    (number,) = {each["tracking_id"] for book in (here.default, here.named["tangerang"]) for each in book.registrations.values()}
    assert await desk.life(settings(here.folder, here.tables(TANGERANG)), number) is None
    assert (await here.case(f"tangerang:{number}")).ledger == "tangerang"
    assert (await here.case(f"ledger:{number}")).ledger == "ledger"


async def test_one_that_is_away_holds_up_neither_the_others_nor_who_asks_something(here: Here) -> None:
    here.named["tangerang"].script.always = FAULTS["503"]
    async with here.gateway(TANGERANG) as gateway:
        for nth in range(20):
            here.say(f"TANGKAB lampu mati di tiang {nth}", nth)
        await away(gateway, "tangerang")
        assert "sudah terdaftar" in await here.heard(here.say("air tidak mengalir", 50))
        assert "STATUS" in await here.heard(here.say("BANTUAN", 51))
        assert 'lapor_ledger_up{ledger="tangerang"} 0.0' in await get(gateway, "/metrics")
        assert not here.named["tangerang"].registrations
        here.named["tangerang"].script.always = None
        await until(lambda: len(here.named["tangerang"].registrations) == 20)
    assert texts(here.default) == ["air tidak mengalir"]


async def test_who_asks_something_is_answered_while_the_only_ledger_is_away_and_what_waited_goes_in_order(here: Here) -> None:
    here.default.script.always = FAULTS["503"]
    async with here.gateway() as gateway:
        for nth in range(20):
            here.say(f"lampu mati di tiang {nth}", nth)
        await away(gateway, "http")
        assert "STATUS" in await here.heard(here.say("BANTUAN", 50))
        for nth in range(20, 40):
            here.say(f"lampu mati di tiang {nth}", nth)
        await here.heard(here.say("BANTUAN", 51))
        here.default.script.always = None
        await until(lambda: len(here.default.registrations) == 40)
    assert here.default.repeats == 0
    late = [text for text in texts(here.default) if int(text.rpartition(" ")[2]) >= 20]
    assert late == sorted(late, key=lambda text: int(text.rpartition(" ")[2]))


async def test_what_waited_for_the_only_ledger_is_sorted_when_there_are_more_and_what_it_may_have_stays_there(here: Here) -> None:
    here.default.script.always = FAULTS["commit_then_500"]
    async with here.gateway():
        doubtful = here.say("TANGKAB lampu mati di tiang 1", 1)
        await until(lambda: bool(here.default.registrations))
    here.default.script.always = None
    async with here.gateway(TANGERANG):
        await here.heard(doubtful)
        await here.heard(here.say("TANGKAB lampu mati di tiang 2", 2))
    assert texts(here.default) == ["TANGKAB lampu mati di tiang 1"]
    assert texts(here.named["tangerang"]) == ["TANGKAB lampu mati di tiang 2"]


async def test_a_case_stays_with_its_ledger_whatever_the_rules_say_later(here: Here) -> None:
    here.named["tangerang"].script.always = FAULTS["503"]
    async with here.gateway(TANGERANG):
        number = here.say("TANGKAB lampu mati", 1)
        await until(lambda: bool(here.named["tangerang"].calls))
    here.named["tangerang"].script.always = None
    async with here.gateway((TANGERANG[0], "siapa pun")):
        await here.heard(number)
    assert (len(here.named["tangerang"].registrations), len(here.default.calls)) == (1, 0)


async def test_the_cases_of_a_ledger_that_is_taken_out_of_the_settings_wait_for_a_person(here: Here) -> None:
    here.named["tangerang"].script.always = FAULTS["503"]
    async with here.gateway(TANGERANG):
        here.say("TANGKAB lampu mati", 1)
        await until(lambda: bool(here.named["tangerang"].calls))
    async with here.gateway() as gateway:
        async with asyncio.timeout(30):
            while 'lapor_cases{step="parked"} 1.0' not in await get(gateway, "/metrics"):
                await asyncio.sleep(0.05)
        (case,) = await desk.waiting(settings(here.folder, here.tables()), "parked", 9)
        assert (case.code, case.words) == ("no_ledger", "[ledgers.tangerang] is not in the settings any more")
    assert not here.default.calls


@pytest.mark.parametrize("fault", ["500", "drop"])
async def test_one_record_on_which_a_ledger_always_fails_holds_up_no_other(here: Here, fault: str) -> None:
    here.default.poison = (b"racun", FAULTS[fault])
    async with here.gateway():
        here.say("racun di sumur", 0)
        for nth in range(1, 40):
            here.say(f"lampu mati di tiang {nth}", nth)
        await until(lambda: len(here.default.registrations) == 39)
        # and what comes afterwards is not behind it either
        await here.heard(here.say("jalan rusak", 77))
    assert "racun di sumur" not in texts(here.default)
    assert here.default.repeats == 0
