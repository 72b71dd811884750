"""What officers want of channels, on a gateway that runs: paused, resumed, drained, opened again, slowed; and the notice on its pages.

They say it on another connection to the store, as the terminal does. Nothing is lost by it, and nothing is done twice.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import aiohttp
import apsw
import msgspec
import pytest

from channels.base import Letter
from channels.sms.pace import Pace
from gateway import controls
from gateway.app import running
from gateway.controls import Act, Notice
from gateway.journal import Journal, Lines
from gateway.rehearse.telegram_api import TOKEN, TelegramApi
from gateway.store.base import Store
from gateway.store.sqlite import opened
from tests.fakes import smsc as smscs
from tests.fakes.ports import free_port
from tests.fakes.smsc import Smsc, short_sms
from tests.gateway.test_cli import fault, ran, told
from tests.gateway.whole import ESME, filled, settings, written
from tests.promises.stores import arrival, numbers
from tests.social.telegram_world import telegram_api

MORE = """
public = "127.0.0.1:{public}"
[answers]
ask_wait_s = 0
[channels.web]
kind = "web.site"
[channels.mail]
kind = "email.mailbox"
listen = "127.0.0.1:{mail}"
address = "lapor@lapor.example"
trusted_relays = []
[channels.bot]
kind = "social.telegram"
token = "{token}"
api_url = "{bot}"
poll_s = 1
"""


class Town(msgspec.Struct):
    """A gateway that runs, an officer's hand on its store, and those outside."""

    store: Store
    smsc: Smsc
    bot: TelegramApi
    operators: int
    public: int
    mail: int
    out: io.BytesIO
    journal: Journal

    async def want(self, channel: str, act: Act, rate: float | None = None) -> None:
        await controls.want(self.store, channel, act, by="rini", rate=rate)

    def said(self, word: str, channel: str) -> bool:
        self.journal.lines.flush()
        lines = [msgspec.json.decode(line) for line in self.out.getvalue().splitlines()]
        return any(line["event"] == word and line.get("channel", "") == channel for line in lines)

    async def until(self, claim: Callable[[], Awaitable[object]] | Callable[[], object]) -> None:
        async with asyncio.timeout(30):
            while True:
                found = claim()
                if await found if isinstance(found, Awaitable) else found:
                    return
                await asyncio.sleep(0.02)

    async def metrics(self) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.operators}/metrics") as answer:
            return await answer.text()

    async def page(self, path: str = "/", **form: str) -> tuple[int, str]:
        url, origin = f"http://127.0.0.1:{self.public}{path}", {"Origin": f"http://127.0.0.1:{self.public}"}
        async with aiohttp.ClientSession() as session:
            asked = session.post(url, json=form, headers=origin) if form else session.get(url)
            async with asked as answer:
                return answer.status, await answer.text()

    async def mailed(self) -> str:
        """A mail is brought; what is said to it at its end."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.mail)
        answer = b""
        for said in (
            b"EHLO a.example",
            b"MAIL FROM:<a@a.example>",
            b"RCPT TO:<lapor@lapor.example>",
            b"DATA",
            b"Subject: x\r\n\r\nAir mati\r\n.",
        ):
            while answer[3:4] != b" ":
                answer = await reader.readline()
            writer.write(said + b"\r\n")
            answer = b""
        while answer[3:4] != b" ":
            answer = await reader.readline()
        writer.close()
        return answer.decode()

    async def settled(self, case_id: str) -> bool:
        """No worker has it any more: it is no message of a bind, so it is parked."""
        return any(case.case_id == case_id for case in await self.store.listing("parked", 9))

    async def received(self) -> dict[str, int]:
        return dict((await self.store.tally()).received)


@asynccontextmanager
async def town(folder: Path, smsc: Smsc) -> AsyncIterator[Town]:
    mail, public, out = free_port(), free_port(), io.BytesIO()
    journal = Journal(Lines(out))
    async with telegram_api() as bot:
        more = MORE.format(public=public, mail=mail, token=TOKEN, bot=bot.url) + ESME.format(port=smsc.port)
        async with running(settings(folder, more), journal) as gateway, opened(folder / "gateway.db", most_letters=5) as store:
            yield Town(store, smsc, bot, gateway.operators, public, mail, out, journal)


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Town]:
    async with smscs.running() as smsc, town(tmp_path, smsc) as one:
        await one.until(lambda: smsc.counts["binds"] and one.said("started", ""))
        yield one


def number(n: int) -> str:
    return f"62812000{n:05d}"


async def test_while_a_bind_is_paused_its_messages_wait_with_the_operator_and_come_afterwards_once(here: Town) -> None:
    """Under load: some are on their way when it is closed, some when it is opened again."""
    smsc, sent = here.smsc, 0

    async def pour(enough: Callable[[], bool]) -> None:
        nonlocal sent
        while not enough():
            smsc.deliver(short_sms(f"jalan rusak nomor {sent}", number(sent), "1708"))
            sent += 1
            await asyncio.sleep(0.002)

    await pour(lambda: sent == 100)
    pouring = asyncio.create_task(pour(lambda: smsc.counts["unbinds"] == 1 and not smsc.links))
    await here.want("telkomsel", "pause")
    await pouring
    most = sent + 100
    await pour(lambda: sent == most)
    before = await here.received()
    await asyncio.sleep(0.2)
    assert await here.received() == before
    assert 'lapor_channel_paused{channel="telkomsel"} 1.0' in await here.metrics()
    await here.want("telkomsel", "resume")
    await here.until(lambda: all(smsc.answers_to(number(n)) for n in range(sent)))
    assert (await here.received())["telkomsel"] == sent
    assert {len(smsc.answers_to(number(n))) for n in range(sent)} == {1}
    assert 'lapor_channel_paused{channel="telkomsel"} 0.0' in await here.metrics()


async def test_letters_wait_while_their_channel_is_paused(here: Town) -> None:
    await here.want("telkomsel", "pause")
    await here.until(lambda: here.smsc.counts["unbinds"] == 1)
    case = await here.store.put(arrival("one"), numbers("one"))
    await here.until(lambda: here.settled(case.case_id))
    letter = Letter(
        key="l", case_id=case.case_id, channel="telkomsel", to=number(1), kind="registered", text="Kode", reply_to={"to": number(1)}
    )
    await here.store.comfort((), [letter])
    await asyncio.sleep(0.3)
    assert (await here.store.tally()).letters["telkomsel"] == {"send": 1}
    await here.want("telkomsel", "resume")
    await here.smsc.answer_to(number(1))


async def test_a_channel_that_is_drained_takes_nothing_and_sends_what_waits_and_says_when_nothing_does(here: Town) -> None:
    smsc = here.smsc
    await here.want("telkomsel", "rate", 2.0)
    await here.until(lambda: here.said("channel_paced", "telkomsel"))
    for n in range(8):
        smsc.deliver(short_sms(f"jalan rusak {n}", number(n), "1708"))
    await here.until(lambda: len(smsc.spool.acked) == 8)
    await here.want("telkomsel", "drain")
    await here.until(lambda: here.said("channel_draining", "telkomsel"))
    mobile = smsc.deliver(short_sms("lampu mati", number(99), "1708"))
    await here.until(lambda: here.said("channel_drained", "telkomsel"))
    assert [len(smsc.answers_to(number(n))) for n in range(8)] == [1] * 8
    assert not mobile.taken
    assert smsc.links
    await here.want("telkomsel", "resume")
    await here.until(lambda: mobile.taken)


async def test_a_bind_is_closed_politely_and_opened_again_at_once(here: Town) -> None:
    await here.until(lambda: here.smsc.counts["binds"] == 1)
    await here.want("telkomsel", "rebind")
    await here.until(lambda: here.smsc.counts["binds"] == 2)
    assert here.smsc.counts["unbinds"] == 1
    mobile = here.smsc.deliver(short_sms("jalan rusak", number(1), "1708"))
    await here.until(lambda: mobile.taken)


async def test_what_an_officer_wanted_is_so_after_a_restart_too(tmp_path: Path) -> None:
    async with smscs.running() as smsc:
        async with town(tmp_path, smsc) as first:
            await first.want("telkomsel", "pause")
            await first.until(lambda: first.said("channel_paused", "telkomsel"))
        binds = smsc.counts["binds"]
        async with town(tmp_path, smsc) as second:
            await second.until(lambda: second.said("channel_paused", "telkomsel"))
            assert smsc.counts["binds"] == binds
            await second.want("telkomsel", "resume")
            await second.until(lambda: smsc.counts["binds"] == binds + 1)


async def test_doors_that_are_called_say_later_in_their_own_words_and_take_in_afterwards(here: Town) -> None:
    complaint = {"classification": "pengaduan", "title": "Jalan rusak", "text": "Lubang di depan pasar", "location": "Pasar Contoh"}
    complaint |= {"incident_date": "2026-11-20"}
    for channel in ("web", "mail"):
        await here.want(channel, "pause")
    await here.until(lambda: here.said("channel_paused", "web") and here.said("channel_paused", "mail"))
    assert (await here.page("/api/v1/complaints", **complaint))[0] == 503
    assert (await here.page("/lacak"))[0] == 200
    assert (await here.mailed())[:3] == "451"
    assert await here.received() == {}
    for channel in ("web", "mail"):
        await here.want(channel, "resume")
    await here.until(lambda: here.said("channel_open", "web") and here.said("channel_open", "mail"))
    assert (await here.page("/api/v1/complaints", **complaint))[0] == 201
    assert (await here.mailed())[:3] == "250"
    assert await here.received() == {"web": 1, "mail": 1}


async def test_a_bot_that_is_paused_does_not_ask_and_finds_everything_afterwards(here: Town) -> None:
    bot = here.bot
    bot.say(text="Jalan rusak di pasar Contoh")
    await bot.until(lambda: len(bot.answers_to("warga")) == 1)
    await here.want("bot", "pause")
    await here.until(lambda: here.said("channel_paused", "bot"))
    bot.say(text="Lampu mati di pasar Contoh")
    await asyncio.sleep(0.3)
    assert (await here.received())["bot"] == 1
    await here.want("bot", "resume")
    await bot.until(lambda: len(bot.answers_to("warga")) == 2)
    assert (await here.received())["bot"] == 2


async def test_a_notice_stands_above_the_form_and_the_tracking_page_until_it_is_taken_off_or_ends(here: Town) -> None:
    until = datetime.now(UTC) + timedelta(hours=1)
    await controls.announce(here.store, Notice(id="Perawatan <malam> ini", en="Maintenance tonight", until=until))

    async def shown() -> bool:
        return "Perawatan &lt;malam&gt; ini" in (await here.page())[1]

    await here.until(shown)
    assert '<p lang="en">Maintenance tonight</p>' in (await here.page("/lacak"))[1]
    assert "Perawatan" not in (await here.page("/privasi"))[1]
    await controls.be_silent(here.store)

    async def gone() -> bool:
        return not await shown()

    await here.until(gone)
    await controls.announce(here.store, Notice(id="Sebentar lagi", until=datetime.now(UTC) + timedelta(seconds=3)))
    await asyncio.sleep(3.1)
    assert "Sebentar" not in (await here.page())[1]


async def test_what_cannot_be_read_on_the_board_is_passed_over_and_the_rest_is_done(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await controls.want(store, "xl", "pause", by="rini")
        await store.pin("controls", "channel/telkomsel", b'{"mode": "of tomorrow"}', None)
        await store.pin("controls", "notice", b"?", None)
        await store.pin("controls", "something/else", b"?", None)
        found = await controls.wanted(store)
        assert (list(found.channels), found.notice) == (["xl"], None)
        assert (found.of("xl").mode, found.of("xl").by, found.of("telkomsel").mode) == ("paused", "rini", "open")


def test_a_bind_whose_rate_is_changed_keeps_to_the_new_one() -> None:
    pace = Pace(50)
    for _ in range(50):
        pace.spend(10.0)
    assert pace.wait(10.0) > 0.5
    pace.limit(2)
    assert pace.wait(10.0) <= 0
    for _ in range(4):
        pace.spend(10.0)
    assert 1.9 < pace.wait(10.0) <= 2.0
    pace.limit(0)
    assert pace.wait(10.0) == 0


# --- from a terminal ---

TABLES = f"""
{ESME.format(port=1)}
rate_per_s = 50
[channels.web]
kind = "web.site"
"""


def test_a_terminal_says_what_is_wanted_of_each_channel_and_it_is_written_into_the_audit(tmp_path: Path) -> None:
    config = written(tmp_path, TABLES)
    filled(tmp_path)
    assert ran("channel", "pause", "telkomsel", "--config", config)[:2] == (0, "telkomsel is paused\n")
    assert ran("channel", "drain", "web", "--config", config)[0] == 0
    assert ran("channel", "rate", "telkomsel", "20", "--config", config)[0] == 0
    found = {each["name"]: each for each in told("channel", "list", "--config", config)}
    assert {name: each["mode"] for name, each in found.items()} == {"telkomsel": "paused", "web": "drained"}
    assert found["telkomsel"]["wish"]["rate"] == 20
    assert found["telkomsel"]["rates"] == [0.1, 50]
    assert "paused" in ran("channel", "list", "--config", config)[1]
    ran("channel", "resume", "telkomsel", "--config", config)
    ran("channel", "rate", "telkomsel", "--config", config)
    found = {each["name"]: each for each in told("channel", "list", "--config", config)}
    assert (found["telkomsel"]["mode"], "rate" in found["telkomsel"]["wish"]) == ("open", False)
    acts = [(row[0], row[1]) for row in apsw.Connection(str(tmp_path / "console.db")).execute('SELECT act, "on" FROM audit ORDER BY id')]
    assert acts == [
        ("channel.pause", "telkomsel"), ("channel.drain", "web"), ("channel.rate", "telkomsel"), ("channel.resume", "telkomsel"),
        ("channel.rate", "telkomsel"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("channel pause nobody", "no channel that is enabled is called nobody"),
        ("channel rebind web", "web has no link that could be closed"),
        ("channel rate web 5", "web has no rate of its own"),
        ("channel rate telkomsel 51", "telkomsel sends between 0.1 and 50 letters a second"),
        ("notice Perawatan", "--until: say when it ends"),
        ("notice Perawatan --until 2020-01-01T00:00", "--until: that is over already"),
    ],
)
def test_what_cannot_be_wanted_is_one_line_and_two(tmp_path: Path, words: str, sentence: str) -> None:
    filled(tmp_path)
    assert sentence in fault(2, *words.split(), "--config", written(tmp_path, TABLES))


def test_a_notice_is_set_shown_and_taken_off_at_a_terminal(tmp_path: Path) -> None:
    config = written(tmp_path, TABLES)
    filled(tmp_path)
    assert ran("notice", "--config", config)[1] == "there is no notice\n"
    said = ran("notice", "Perawatan malam ini", "--en", "Maintenance", "--until", "2099-01-01 07:00", "--config", config)
    assert said[:2] == (0, "until 2099-01-01 00:00 UTC: Perawatan malam ini\n")
    assert ran("notice", "--clear", "--config", config)[1] == "there is no notice\n"
