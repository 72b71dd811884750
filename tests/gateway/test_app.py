"""The whole gateway in this process, seen from outside: an SMS in, a complaint registered, an answer out; and the order of start and stop.

The operator is the rehearsal SMSC, the ledger is embedded, or a server on loopback that takes its time.
"""

from __future__ import annotations

import asyncio
import io
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest

from config.settings import Listen, SettingsError, load
from forwarder import embedded
from gateway.app import Running, running
from gateway.faults import CannotStart
from gateway.journal import Journal, Lines
from gateway.outfit import rules
from gateway.secret import secret_key
from gateway.store.sqlite import opened
from normalizer.reference import read
from tests.fakes import smsc as smscs
from tests.fakes.faulty import Fault
from tests.fakes.ledger import FakeLedger
from tests.fakes.smsc import Smsc, long_sms, short_sms
from tests.gateway.whole import ESME, settings, written

NUMBER = "6281200000001"
TEXT = "#Lapor1708 jalan rusak di depan pasar"


class Whole(msgspec.Struct, frozen=True):
    """A gateway that runs, and what it says."""

    running: Running
    out: io.BytesIO
    journal: Journal

    def said(self) -> list[dict[str, Any]]:
        self.journal.lines.flush()
        return [msgspec.json.decode(line) for line in self.out.getvalue().splitlines()]

    def words(self) -> list[str]:
        return [line["event"] for line in self.said()]

    async def get(self, path: str) -> tuple[int, bytes]:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.running.operators}{path}") as answer:
            return answer.status, await answer.read()

    async def until(self, word: str) -> None:
        async with asyncio.timeout(60):
            while word not in self.words():
                await asyncio.sleep(0.01)


@asynccontextmanager
async def whole(folder: Path, smsc: Smsc, more: str = "") -> AsyncIterator[Whole]:
    out = io.BytesIO()
    journal = Journal(Lines(out))
    asking = "[answers]\nask_wait_s = 0\n"
    async with running(settings(folder, asking + more + ESME.format(port=smsc.port)), journal) as gateway:
        yield Whole(gateway, out, journal)


async def test_an_sms_is_registered_in_the_ledger_and_answered_and_every_number_agrees(tmp_path: Path) -> None:
    async with smscs.running() as smsc, whole(tmp_path, smsc) as gateway:
        mobile = smsc.deliver(short_sms(TEXT, NUMBER, "1708"))
        answer = (await smsc.answer_to(NUMBER)).body.decode()
        assert mobile.taken
        await gateway.until("told")
        assert [word for word in gateway.words() if word in {"accepted", "registered", "told"}] == ["accepted", "registered", "told"]
        status, body = await gateway.get("/readyz")
        state = msgspec.json.decode(body)
        assert (status, state["ready"], state["channels"]["telkomsel"]["up"]) == (200, True, True)
        assert state["tally"]["cases"]["telkomsel"]["done"] == 1
        metrics = (await gateway.get("/metrics"))[1].decode()
        for line in (
            'lapor_messages_accepted_total{channel="telkomsel"} 1.0',
            'lapor_forwarded_total{ledger="embedded",outcome="registered"} 1.0',
            'lapor_letters_total{channel="telkomsel",kind="registered",outcome="sent"} 1.0',
            'lapor_conservation_difference{channel="telkomsel"} 0.0',
        ):
            assert line in metrics
        assert await gateway.get("/healthz") == (200, b"alive\n")
        said = f"{gateway.out.getvalue().decode()} {body.decode()} {metrics}"
        assert NUMBER not in said
        assert "jalan rusak" not in said
    (reference,) = [word for word in answer.replace(".", " ").replace(",", " ").split() if word.count("-") == 2]
    assert read(reference) == reference
    ledger = embedded.ledger("embedded", embedded.Settings(), tmp_path, lambda: datetime.now(UTC))
    registration = await ledger.find(reference, datetime.now(UTC))
    await ledger.close()
    assert registration is not None
    assert registration.tracking_id in answer


async def test_a_long_sms_in_parts_is_one_complaint_across_a_restart(tmp_path: Path) -> None:
    text = "LAPOR " + "jalan berlubang di depan pasar, " * 12
    first, *rest = long_sms(text, NUMBER, "1708", 0x2A, width=8, coding=0)
    async with smscs.running() as smsc:
        async with whole(tmp_path, smsc) as gateway:
            for part in rest:
                smsc.deliver(part)
            await smsc.until(lambda: len(smsc.spool.acked) == len(rest))
            assert "registered" not in gateway.words()
        async with whole(tmp_path, smsc) as gateway:
            smsc.deliver(first)
            await smsc.answer_to(NUMBER)
            assert gateway.words().count("registered") == 1
        assert len(smsc.answers_to(NUMBER)) == 1
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        assert (await store.tally()).received == {"telkomsel": 1}
        assert await store.recount() == []


async def test_doors_open_last_and_close_first_and_workers_finish_before_the_store_closes(tmp_path: Path) -> None:
    async with smscs.running() as smsc, FakeLedger() as ledger:
        slow = Fault(commits=True, delay_s=0.4)
        ledger.script.coming.append(slow)
        events: list[str] = []
        table = f'[ledger]\nkind = "http"\nurl = "{ledger.url}"\n'

        async def watched(gateway: Whole) -> None:
            await smsc.until(lambda: not smsc.links)
            # The door is closed; the ledger still works on the case, and operators can still look.
            assert "registered" not in gateway.words()
            assert (await gateway.get("/healthz"))[0] == 200
            events.append("closed")
            await gateway.until("registered")
            events.append("registered")

        async with whole(tmp_path, smsc, table) as gateway:
            await smsc.until(lambda: bool(smsc.links))
            smsc.deliver(short_sms(TEXT, NUMBER, "1708"))
            async with asyncio.timeout(60):
                while not ledger.calls:
                    await asyncio.sleep(0.01)
            watching = asyncio.create_task(watched(gateway))
        await watching
        assert events == ["closed", "registered"]
        words = gateway.words()
        assert [word for word in words if word in {"started", "accepted", "draining", "registered"}] == [
            "started", "accepted", "draining", "registered",
        ]  # fmt: skip
        with pytest.raises(aiohttp.ClientError):
            await gateway.get("/healthz")
        assert list(tmp_path.glob("*.alive")) == []
        assert smsc.answers_to(NUMBER) == []
        # What could not be sent any more is sent when the gateway is back, and the ledger is not asked again.
        calls = len(ledger.calls)
        async with whole(tmp_path, smsc, table):
            await smsc.answer_to(NUMBER)
        assert (len(ledger.calls), len(ledger.registrations)) == (calls, 1)


async def test_nothing_is_bound_to_an_operator_before_the_rest_stands(tmp_path: Path) -> None:
    (tmp_path / "gateway.db").write_text("kepada yth. " * 100)
    async with smscs.running() as smsc:
        with pytest.raises(CannotStart, match="not a database"):
            async with whole(tmp_path, smsc):
                pass
        assert not smsc.links
        assert not smsc.counts


async def test_a_public_address_that_is_taken_is_one_sentence(tmp_path: Path) -> None:
    async with smscs.running() as smsc:
        own = settings(tmp_path, '[channels.web]\nkind = "web.site"\n')
        taken = msgspec.structs.replace(own, http=msgspec.structs.replace(own.http, public=Listen("127.0.0.1", smsc.port)))
        with pytest.raises(CannotStart, match=rf"^\[http\] public: cannot listen at 127.0.0.1:{smsc.port}"):
            async with running(taken, Journal(Lines(io.BytesIO()))):
                pass


async def test_a_start_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    async with smscs.running() as smsc:
        taken = f'[rehearsal]\nlisten = "127.0.0.1:{smsc.port}"\n'
        with pytest.raises(CannotStart, match=str(smsc.port)):
            async with whole(tmp_path, smsc, taken):
                pass
        assert list(tmp_path.glob("*.alive")) == []
        async with whole(tmp_path, smsc) as gateway:
            assert (await gateway.get("/readyz"))[0] == 200


async def test_a_door_that_is_switched_off_is_not_opened(tmp_path: Path) -> None:
    async with smscs.running() as smsc:
        off = '[channels.telkomsel]\nenabled = false\nkind = "nonsense"\n'
        async with running(settings(tmp_path, off), Journal(Lines(io.BytesIO()))):
            await asyncio.sleep(0.05)
        assert not smsc.counts


def test_doors_hold_no_list_of_regions_and_find_the_same_faults(tmp_path: Path) -> None:
    held = {only: rules(settings(tmp_path), only).regions is not None for only in (None, "workers", "doors")}
    assert held == {None: True, "workers": True, "doors": False}
    with pytest.raises(SettingsError, match="is not a code"):
        rules(settings(tmp_path, '[keywords.TANGKAB]\nregion = "3603"\n'), "doors")


def test_the_secret_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    made = settings(tmp_path / "var")
    key = secret_key(made)
    assert len(key) == 32
    assert (tmp_path / "var" / "secret").stat().st_mode & 0o777 == 0o600
    assert secret_key(made) == key
    assert secret_key(settings(tmp_path / "other")) != key


def test_what_a_start_that_was_killed_left_beside_the_secret_is_tidied_up(tmp_path: Path) -> None:
    (tmp_path / "var").mkdir()
    for left in (f"secret.{os.getpid()}.new", "secret.0badc0de.new"):
        (tmp_path / "var" / left).write_text("half a ke")
    key = secret_key(settings(tmp_path / "var"))
    assert [path.name for path in (tmp_path / "var").glob("secret*")] == ["secret"]
    assert secret_key(settings(tmp_path / "var")) == key


def test_machines_that_share_a_redis_make_no_key_each_for_itself(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="secret is missing; whatever shares one Redis"):
        secret_key(load(written(tmp_path), {"LAPOR__STORE__URL": "redis://127.0.0.1:6379"}))
    assert not (tmp_path / "secret").exists()


@pytest.mark.parametrize("text", ["", "rahasia", "ab", "zz" * 32])
def test_a_secret_that_is_no_key_is_named_and_not_shown_or_replaced(tmp_path: Path, text: str) -> None:
    (tmp_path / "secret").write_text(text)
    with pytest.raises(SettingsError) as fault:
        secret_key(settings(tmp_path))
    assert "[gateway] secret_file" in str(fault.value)
    assert str(tmp_path / "secret") in str(fault.value)
    assert not text or text not in str(fault.value).replace(str(tmp_path), "")
    assert (tmp_path / "secret").read_text() == text


async def test_workers_tell_their_numbers_at_an_address_of_their_own_and_speak_of_no_door(tmp_path: Path) -> None:
    found = settings(tmp_path, 'workers = "127.0.0.1:0"\n' + ESME.format(port=1))
    out = io.BytesIO()
    async with running(found, journal := Journal(Lines(out)), "workers") as gateway:
        at = Whole(gateway, out, journal)
        assert (await at.get("/healthz"))[0] == 200
        numbers = (await at.get("/metrics"))[1].decode()
        assert 'lapor_ledger_up{ledger="embedded"} 1.0' in numbers
        assert "lapor_channel_up{" not in numbers
