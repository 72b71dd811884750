"""What the ledger says of a complaint comes back to whoever sent it: whole processes, a real operator's link, signed calls, kill -9."""

from __future__ import annotations

import asyncio
import random
import re
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.addstream import TOKEN, FakeAddstream
from tests.fakes.smsc import short_sms
from tests.gateway.told import SHARED, said, told
from tests.stories.test_asking import CITIZEN, OTHER, conserved, hears
from tests.stories.town import MARK, SHORT_CODE, Town, town

LEDGER = f'timeout_s = 5\nevents_secret = "{SHARED}"'


def by_day(place: Town, settle_s: float) -> None:
    """It is never night in these stories."""
    text = place.gateway.config.read_text(encoding="utf-8")
    answers = f'[answers]\nsettle_s = {settle_s}\nquiet = ""\nchanges_per_day = 1000\n'
    place.gateway.config.write_text(text.replace("[answers]\n", answers) + '[channels.web]\nkind = "web.site"\n', encoding="utf-8")


async def registered(place: Town) -> tuple[str, str]:
    """One complaint: our code and the ledger's number."""
    await place.gateway.start()
    sent = place.say(f"{MARK}: lampu jalan mati di depan pasar", CITIZEN)
    await place.settled()
    (record,) = place.records(sent)
    return record["reference"], place.ledger.registrations[record["reference"]]["tracking_id"]


def news(place: Town) -> list[str]:
    return [answer for answer in place.answers(CITIZEN) if "Kabar laporan" in answer]


async def heard(place: Town, words: str) -> str:
    async def answers() -> list[str]:
        return news(place)

    return await hears(answers, words)


async def looked_up(place: Town, code: str) -> dict[str, Any]:
    url = f"http://127.0.0.1:{place.gateway.public}/api/v1/complaints/{code}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        found: dict[str, Any] = await answer.json()
        return found


async def test_two_events_are_one_sms_and_everybody_with_the_code_sees_where_it_stands(tmp_path: Path) -> None:
    async with town(tmp_path, ledger=LEDGER) as place:
        by_day(place, 2)
        code, number = await registered(place)
        first = said(code, number, "Terdisposisi ke Dinas Bina Marga", note="Mohon ditangani.")
        assert await told(place.gateway.public, first) == (200, {"kept": 1, "known": 0})
        second = said(code, number, "Ditindaklanjuti oleh Instansi", note=f"Kepada pelapor 0812-0000-0001: {MARK}.")
        assert await told(place.gateway.public, [second, first]) == (200, {"kept": 1, "known": 1})
        assert code in await heard(place, "sudah ditindaklanjuti instansi")
        assert len(news(place)) == 1
        place.deliver(short_sms(f"STATUS {code.lower()}", OTHER, SHORT_CODE))

        async def theirs() -> list[str]:
            return place.answers(OTHER)

        assert "ditindaklanjuti" in await hears(theirs, f"Status laporan {code}")
        found = await looked_up(place, code)
        assert (found["status"], found["tracking_id"]) == ("answered", number)
        assert [step["status"] for step in found["timeline"]] == ["received", "registered", "forwarded", "answered"]
        assert "Bina Marga" not in str(found)
        shown = (await place.gateway.command("trace", code, "--json")).json
        assert [event["status"] for event in shown["events"]] == ["Terdisposisi ke Dinas Bina Marga", "Ditindaklanjuti oleh Instansi"]
        assert "0812-0000-0001" not in str(shown["events"])
        assert await place.gateway.metric('lapor_ledger_events_total{ledger="http",outcome="kept"}') == 2
        assert await told(place.gateway.public, first, secret="somebody who guesses it") == (
            401,
            {"title": "the signature does not fit", "status": 401},
        )
        await conserved(place.gateway, "operator", done=1, declined=1)


async def test_what_was_said_yes_to_is_told_and_never_three_times_whatever_is_killed_when(tmp_path: Path) -> None:
    async with town(tmp_path, ledger=LEDGER) as place:
        by_day(place, 0)
        code, number = await registered(place)
        words = {"Diteruskan": "diteruskan ke instansi", "Ditanggapi": "sudah ditindaklanjuti"}
        for round_ in range(6):
            status, meaning = list(words.items())[round_ % 2]
            before = len(news(place))
            event = said(code, number, f"{status} oleh instansi ke-{round_}")
            assert await told(place.gateway.public, event) == (200, {"kept": 1, "known": 0})
            await asyncio.sleep(random.uniform(0, 1.2))
            place.gateway.kill()
            place.gateway.hurry()
            await place.gateway.start()
            async with asyncio.timeout(60):
                while len(news(place)) == before:
                    await asyncio.sleep(0.02)
            assert meaning in news(place)[-1]
            assert await told(place.gateway.public, event) == (200, {"kept": 0, "known": 1})
            assert len(news(place)) <= before + 2
        found = await looked_up(place, code)
        assert [step["status"] for step in found["timeline"]][2:] == ["forwarded", "answered"] * 3
        letters = place.gateway.rows("SELECT key, step FROM letters WHERE key LIKE '%:change:%'")
        assert sorted(letters) == [(f"1:change:{nth}", "sent") for nth in range(1, 7)]
        await conserved(place.gateway, "operator", done=1)


async def test_a_letter_of_the_night_waits_through_a_kill_and_says_the_newest(tmp_path: Path) -> None:
    async with town(tmp_path, ledger=LEDGER) as place:
        by_day(place, 600)
        code, number = await registered(place)
        await told(place.gateway.public, said(code, number, "Diteruskan"))
        await place.gateway.until_rows("SELECT 1 FROM letters WHERE key LIKE '%:change:%'", 1)
        place.gateway.kill()
        await place.gateway.start()
        await told(place.gateway.public, said(code, number, "Selesai"))
        await place.gateway.until_rows("SELECT 1 FROM events WHERE letter=1", 2)
        assert news(place) == []
        place.gateway.kill()
        place.gateway.hurry()
        await place.gateway.start()
        assert code in await heard(place, "selesai, ditutup oleh instansi")
        assert len(news(place)) == 1


async def test_an_event_settles_what_nobody_was_sure_of(tmp_path: Path) -> None:
    """LAPOR!'s push interface took it and its answer was lost; it cannot be asked, and its call says which number it gave."""
    async with FakeAddstream() as book, town(tmp_path) as place:
        by_day(place, 0)
        text = place.gateway.config.read_text(encoding="utf-8")
        before, after = text[: text.index("[ledger]")], text[text.index("[answers]") :]
        ledger = f'[ledger]\nkind = "xml"\nurl = "{book.url}"\ntoken = "{TOKEN}"\nevents_secret = "{SHARED}"\n'
        place.gateway.config.write_text(before + ledger + after, encoding="utf-8")
        book.next("commit_then_drop")
        await place.gateway.start()
        place.say(f"{MARK}: lampu jalan mati di depan pasar", CITIZEN)
        await place.gateway.until_rows("SELECT 1 FROM cases WHERE step='parked' AND code='unknown'", 1)
        (code,) = re.findall(r"Kode laporan: (\S{14})", book.documents[0].decode())
        assert await told(place.gateway.public, said(code, "7000005", "Diteruskan")) == (200, {"kept": 1, "known": 0})
        assert code in await heard(place, "diteruskan ke instansi")
        (answer,) = [answer for answer in place.answers(CITIZEN) if "sudah terdaftar" in answer]
        assert "7000005" in answer
        assert (await looked_up(place, code))["status"] == "forwarded"
        assert len(book.documents) == 1
        await conserved(place.gateway, "operator", done=1)


async def test_a_ledger_that_does_not_call_is_asked(tmp_path: Path) -> None:
    async with town(tmp_path, ledger="timeout_s = 5\npoll_s = 1") as place:
        by_day(place, 0)
        code, _ = await registered(place)
        at = place.ledger.registrations[code]["registered_at"]
        place.ledger.registrations[code] |= {"status": "Selesai otomatis dalam 10 hari", "at": at, "by": "Admin"}
        assert code in await heard(place, "selesai, ditutup oleh instansi")
        await place.gateway.until_rows("SELECT 1 FROM events", 1)
        assert (await looked_up(place, code))["status"] == "closed"
        assert len(news(place)) == 1
