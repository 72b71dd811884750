"""Two processes with the same doors on one store: one keeps the bind and asks Telegram, the other takes over when it dies or is stopped.

What was stopped and goes on sends nothing more and closes; nothing is lost or doubled. The doors that many may keep, web and mail, are
open in both, at the same addresses. On SQLite they are processes of one machine; on Redis each has a disk and addresses of its own.
"""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import msgspec
import pytest

from gateway.rehearse.telegram_api import TOKEN, TelegramApi
from tests.fakes.ports import free_port
from tests.fakes.redis_server import Server, missing, server
from tests.stories.process import GatewayProcess
from tests.stories.test_two_gateways import MAILBOX
from tests.stories.town import MARK, Town, town

TELEGRAM = f"""
[channels.bot]
kind = "social.telegram"
token = "{TOKEN}"
api_url = "{{url}}"
poll_s = 1
"""
#: one letter at a time is on its way, and the others wait in the process that claimed them
NARROW = "window = 1\n"


class Pair(msgspec.Struct):
    """Two processes of doors, one of workers; what reached the operator and Telegram."""

    place: Town
    api: TelegramApi
    doors: Sequence[GatewayProcess]
    workers: GatewayProcess
    #: when the processes are on machines of their own
    shared: Server | None = None
    texts: list[str] = []

    async def until(self, claim: Callable[[], object], words: str) -> None:
        """Wait until the claim holds."""
        try:
            async with asyncio.timeout(60):
                while not claim():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{words}\n{dict(self.place.smsc.counts)}\n{self.place.gateway.said[-3000:]}") from None

    def holder(self, name: str) -> int:
        """The number of the process that has this lease now; 0 when none has."""
        if self.shared is None:
            rows = self.place.gateway.rows("SELECT holder, until FROM leases WHERE name=?", name)
            holder, lasts = rows[0][0], rows[0][1] > time.clock_gettime(time.CLOCK_BOOTTIME)
        else:
            with self.shared.client() as client:
                found = client.hgetall(f"{{lapor}}:lease:{name}")
            holder, lasts = found.get(b"holder", b"").decode(), float(found.get(b"until", 0)) > time.time()
        return int(holder.split("/")[1]) if lasts else 0

    async def kept(self, by: GatewayProcess) -> None:
        """Wait until this process keeps both doors, and is bound."""
        binds = self.place.smsc.counts["binds"]
        await self.until(lambda: self.holder("operator") == self.holder("bot") == by.pid, "who keeps what")
        await self.until(lambda: self.place.smsc.counts["binds"] > binds or len(self.place.smsc.links) == 1, "the bind")

    def say(self) -> None:
        """By SMS, and to the bot."""
        self.place.say()
        nth = len(self.texts)
        self.texts.append(f"{MARK} lewat bot {nth}: lampu jalan mati di depan pasar")
        self.api.say(self.texts[-1], who=f"tetangga{nth}")

    async def settled(self) -> None:
        """All is registered once and answered, at both."""
        try:
            async with asyncio.timeout(60):
                while not (self.told_once() and self.place.verdict().unanswered == self.place.verdict().lost == 0):
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"{self.place.verdict()}\n{self.api.counts}\n{self.place.gateway.said[-3000:]}") from None
        assert self.place.verdict().twice == 0
        assert self.place.verdict().registered == len(self.place.sent)

    def told_once(self) -> bool:
        """The ledger has each text of the bot once, and its sender has read the code."""
        for nth, text in enumerate(self.texts):
            found = [reference for reference, record in self.place.ledger.records.items() if record["text"] == text]
            if len(found) != 1 or not any(found[0] in answer for answer in self.api.answers_to(f"tetangga{nth}")):
                assert len(found) < 2
                return False
        return True


def elsewhere(process: GatewayProcess, store: Server) -> None:
    """On a machine of its own, with a copy of the key."""
    process.operators, process.public = free_port(), free_port()
    process.data = store.folder.parent / f"machine-{process.public}"
    process.data.mkdir()
    key = store.folder.parent / "secret"
    key.write_text(f"{'5a' * 32}\n", encoding="ascii")
    process.env = {
        "LAPOR__STORE__URL": store.url, "LAPOR__GATEWAY__DATA_DIR": f"{process.data}",
        "LAPOR__GATEWAY__SECRET_FILE": f"{key}",
        "LAPOR__HTTP__OPERATORS": f"127.0.0.1:{process.operators}", "LAPOR__HTTP__PUBLIC": f"127.0.0.1:{process.public}",
    }  # fmt: skip


@asynccontextmanager
async def pair(folder: Path, *, channel: str = "", mail: int = 0, store: Server | None = None) -> AsyncIterator[Pair]:
    """Started, and the first one has the doors. `store`: they are on several machines."""
    api = TelegramApi()
    await api.start()
    tables = TELEGRAM.format(url=api.url) + '[channels.web]\nkind = "web.site"\n'
    if mail:
        tables += MAILBOX.format(port=mail, address="lapor@lapor.example", relay=free_port())
    async with town(folder, channel=channel + tables) as place:
        first, second, workers = place.gateway, place.gateway.beside(), place.gateway.beside("--only", "workers")
        first.words = second.words = ("--only", "doors")
        for each in (first, second, workers):
            if store:
                elsewhere(each, store)
        here = Pair(place, api, [first, second], workers, store)
        try:
            await first.start()
            second.spawn()
            workers.spawn()
            await here.until(lambda: first.said.count('"event":"started"') == 3, "all three")
            yield here
        finally:
            for each in (second, workers):
                each.kill()
            await api.stop()


async def test_one_of_two_is_bound_and_asks_telegram_and_when_it_is_killed_or_leaves_the_other_is_and_does(tmp_path: Path) -> None:
    async with pair(tmp_path) as here:
        first, second = here.doors
        here.say()
        await here.settled()
        assert (here.holder("operator"), here.holder("bot")) == (first.pid, first.pid)
        assert (here.place.smsc.counts["binds"], len(here.place.smsc.links)) == (1, 1)
        for _ in range(20):
            here.say()
        first.kill()
        await here.kept(second)
        first.spawn()
        here.say()
        await here.settled()
        await here.until(lambda: first.said.count('"event":"started"') == 4, "the first one is here again")
        assert (here.place.smsc.counts["binds"], len(here.place.smsc.links)) == (2, 1)
        assert await second.stop() == 0
        await here.kept(first)
        here.say()
        await here.settled()
        assert (here.place.smsc.counts["unbinds"], here.place.smsc.counts["binds"], len(here.place.smsc.links)) == (1, 3, 1)


@pytest.fixture(params=["sqlite", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Server | None]:
    if request.param == "sqlite":
        yield None
    elif why := missing():
        pytest.skip(why)
    else:
        with server(tmp_path / "redis") as running:
            yield running


async def test_one_that_was_stopped_and_goes_on_sends_nothing_more_and_closes(store: Server | None, tmp_path: Path) -> None:
    async with pair(tmp_path, channel=NARROW, store=store) as here:
        first, second = here.doors
        here.say()
        await here.settled()
        smsc, (link,) = here.place.smsc, here.place.smsc.links
        smsc.misbehave("slow=0.2")
        answered = smsc.counts["submits"]
        for _ in range(20):
            here.say()
        await here.until(lambda: smsc.counts["submits"] > answered + 2, "letters are under way, and others wait in the first process")
        smsc.spool.pause(link)
        first.freeze_between() if store is None else first.freeze()
        smsc.misbehave()
        # Telegram answers the question of the one that is stopped, which will read it when another has the cursor
        here.say()
        await here.kept(second)
        here.say()
        await here.until(lambda: len(smsc.links) == 2, "the other is bound beside a link that nobody has closed yet")
        spoken = link.spoken
        first.signal(signal.SIGCONT)
        await here.until(lambda: link not in smsc.links, "the first one closes its link")
        assert link.spoken == spoken
        await here.settled()
        assert here.holder("operator") == here.holder("bot") == second.pid
        assert first.alive
        assert "lease_lost" in first.said
        # … and is the next one when the other is gone
        second.kill()
        await here.kept(first)
        here.say()
        await here.settled()


async def test_with_the_same_settings_both_serve_what_many_may_serve_and_it_is_told_who_keeps_the_rest(tmp_path: Path) -> None:
    port = free_port()
    async with pair(tmp_path, mail=port) as here:
        first, second = here.doors
        assert first.said.count('"no_operators_address"') == 1
        assert "LAPOR__HTTP__OPERATORS=HOST:PORT" in first.said
        assert listeners(port) == listeners(first.public) == 2
        for _ in range(40):
            assert await serves(first.public)
        shown = await first.command("status", "--json")
        holders = {lease["name"]: lease["holder"] for lease in shown.json["leases"]}
        assert [holders[door].split("/")[1] for door in ("operator", "bot")] == [str(first.pid)] * 2
        assert f"operator: kept by {holders['operator']}" in (await first.command("status")).out
        third = here.place.gateway.beside(own_address=True)
        third.words = ("--only", "doors")
        try:
            third.spawn()
            await here.until(lambda: first.said.count('"event":"started"') == 4, "all four")
            assert [await each.metric('lapor_lease_held{name="operator"}') for each in (first, third)] == [1, 0]
        finally:
            third.kill()
        first.kill()
        assert await serves(second.public)
        assert listeners(port) == listeners(second.public) == 1


async def serves(port: int) -> bool:
    """The form is served."""
    async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{port}/") as answer:
        return answer.status == 200


def listeners(port: int) -> int:
    """How many sockets listen at a port of this machine."""
    lines = Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:]
    return sum(line.split()[1].endswith(f":{port:04X}") and line.split()[3] == "0A" for line in lines)


async def test_a_gateway_that_is_killed_need_not_wait_for_its_own_lease(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        for nth in range(3):
            await place.gateway.start()
            async with asyncio.timeout(60):
                while place.gateway.said.count('"lease_taken"') <= nth:
                    await asyncio.sleep(0.02)
            place.gateway.kill()
        assert "lease_waits" not in place.gateway.said
