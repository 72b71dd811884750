"""Aggregators of each kind that call the gateway: in, to the ledger, and the answer out through the same aggregator, or with the yes."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes.aggregator import PASSWORD, Aggregator, table
from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.stories.process import GatewayProcess
from tests.stories.town import MARK

KEY = "kunci-agregator"
#: answers with its yes, and has no send URL
RESPONDING = """
[channels.responding]
kind = "sms.push"
path = "/sms/responding"
secret = "{key}"
answer = "response"
success_body = '''{{"status": "ok", "reply": "Laporan Anda kami terima, kode {{reference}}"}}'''
"""
PROFILES = ("generic", "jasmin", "kannel", "twilio")


@dataclass(slots=True, kw_only=True)
class Trade:
    """Aggregators by name, a ledger and a gateway that runs."""

    aggregators: dict[str, Aggregator]
    ledger: FakeLedger
    gateway: GatewayProcess

    def record(self, text: str) -> dict[str, Any]:
        """The one record of a text."""
        (record,) = [record for record in self.ledger.records.values() if record["text"] == text]
        return record

    async def until(self, claim: Callable[[], object]) -> None:
        """Wait until the claim holds."""
        try:
            async with asyncio.timeout(60):
                while not claim():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(self.gateway.said[-3000:]) from None


@asynccontextmanager
async def trade(folder: Path, *lines: str) -> AsyncIterator[Trade]:
    """Every aggregator by the name of its profile, and one that reads the answer in our yes; `lines` are more TOML for the generic one."""
    public = free_port()
    async with AsyncExitStack() as stack:
        book = await stack.enter_async_context(FakeLedger())
        aggregators = {name: await stack.enter_async_context(Aggregator(name, secret=KEY)) for name in PROFILES}
        rows = [table(aggregator, name, public, *(lines if name == "generic" else ())) for name, aggregator in aggregators.items()]
        aggregators["responding"] = await stack.enter_async_context(Aggregator(secret=KEY))
        aggregators["responding"].url = f"http://127.0.0.1:{public}/sms/responding"
        tables = "".join((*rows, RESPONDING.format(key=KEY)))
        gateway = GatewayProcess(folder, ledger=f'kind = "http"\nurl = "{book.url}"', tables=tables, public=public)
        await gateway.start()
        try:
            yield Trade(aggregators=aggregators, ledger=book, gateway=gateway)
        finally:
            gateway.kill()
        assert gateway.leaks() == []
        assert KEY not in gateway.said
        assert f'"{PASSWORD}"' not in gateway.said


async def test_every_aggregator_is_told_yes_its_message_is_registered_and_its_citizen_answered(tmp_path: Path) -> None:
    async with trade(tmp_path) as place:
        for nth, profile in enumerate(PROFILES):
            aggregator, number, text = (
                place.aggregators[profile],
                f"+62812000000{nth}",
                f"{MARK} jalan rusak \N{GRINNING FACE} di {profile}",
            )
            push = aggregator.say(number, text)
            await place.until(lambda aggregator=aggregator: aggregator.letters)  # type: ignore[misc]  # mypy knows no default of a lambda
            assert [status for status, _ in push.answers] == [200]
            record = place.record(text)
            assert record["reporter"]["address"] == number
            (words,) = aggregator.answers_to(number)
            assert record["reference"] in words
            assert place.ledger.registrations[record["reference"]]["tracking_id"] in words


async def test_receipts_meet_their_letters(tmp_path: Path) -> None:
    words = {"generic": "delivered", "jasmin": "UNDELIV", "kannel": "1", "twilio": "delivered"}
    async with trade(tmp_path) as place:
        for nth, (profile, word) in enumerate(words.items()):
            aggregator = place.aggregators[profile]
            aggregator.say(f"+62812000000{nth}", f"{MARK} lampu mati di {profile}")
            await place.until(lambda aggregator=aggregator: aggregator.letters)  # type: ignore[misc]  # mypy knows no default of a lambda
            await aggregator.receipt(aggregator.letters[0], word)
            assert [status for status, _ in aggregator.receipts] == [200]
            state = "failed" if word == "UNDELIV" else "delivered"
            assert await place.gateway.metric(f'lapor_receipts_total{{channel="{profile}",state="{state}"}}') == 1


async def test_a_push_that_comes_again_is_one_case_and_a_long_text_is_one_too(tmp_path: Path) -> None:
    async with trade(tmp_path) as place:
        aggregator, number = place.aggregators["generic"], "+628120000001"
        push = aggregator.say(number, f"{MARK} jalan rusak")
        await place.until(lambda: aggregator.letters)
        await aggregator.push(push)
        assert [status for status, _ in push.answers] == [200, 200]
        for text in ("(3/3) gelap", f"(1/3) {MARK} lampu ", "(2/3) mati, "):
            aggregator.say(number, text)
        await place.until(lambda: len(aggregator.letters) == 2)
        assert "incomplete_sms" not in place.record(f"{MARK} lampu mati, gelap")["flags"]
        assert len(place.ledger.records) == 2
        assert await place.gateway.metric('lapor_messages_duplicate_total{channel="generic"}') == 1


async def test_a_lone_numbered_text_becomes_a_complaint_when_nothing_more_comes(tmp_path: Path) -> None:
    async with trade(tmp_path, "part_timeout_s = 1") as place:
        aggregator, text = place.aggregators["generic"], f"(1/3) {MARK} sudah lapor ke kelurahan"
        aggregator.say("+628120000001", text)
        await place.until(lambda: aggregator.letters)
        assert "incomplete_sms" in place.record(text)["flags"]


async def test_a_letter_that_was_not_taken_is_sent_again(tmp_path: Path) -> None:
    async with trade(tmp_path) as place:
        aggregator = place.aggregators["kannel"]
        aggregator.next("500", "drop")
        aggregator.say("+628120000001", f"{MARK} jalan rusak")
        await place.until(lambda: len(aggregator.letters) == 2)
        assert len(set(aggregator.answers_to("+628120000001"))) == 1
        assert await place.gateway.metric('lapor_letters_total{channel="kannel",kind="registered",outcome="retried"}') == 2


async def test_the_answer_may_be_the_response_and_no_letter_follows(tmp_path: Path) -> None:
    async with trade(tmp_path) as place:
        aggregator, text = place.aggregators["responding"], f"{MARK} jalan rusak"
        push = aggregator.say("+628120000001", text)
        await place.until(lambda: place.ledger.records)
        (_, body) = push.answers[0]
        assert json.loads(body)["reply"] == f"Laporan Anda kami terima, kode {place.record(text)['reference']}"
        await aggregator.push(push)
        assert push.answers[1] == push.answers[0]
        machine = aggregator.say("BANK", f"{MARK} tagihan Anda")
        await place.until(lambda: len(place.ledger.records) == 2)
        assert json.loads(machine.answers[0][1]) == {"status": "ok"}
        assert place.gateway.rows("SELECT id FROM letters") == []


async def test_who_cannot_be_told_yes_is_told_why(tmp_path: Path) -> None:
    async with trade(tmp_path) as place, aiohttp.ClientSession() as session:
        url, known = place.aggregators["generic"].url, {"secret": KEY, "from": "+628120000001", "text": MARK}
        calls: list[tuple[dict[str, str], int, str]] = [
            ({"secret": "salah"}, 403, "not allowed\n"),
            ({"from": ""}, 400, "from is missing\n"),
            ({"coding": "delapan"}, 400, "coding is no number up to 255\n"),
        ]
        for changes, status, words in calls:
            async with session.post(url, json=known | changes) as answer:
                assert (answer.status, await answer.text()) == (status, words)
        async with session.put(url, json=known) as answer:
            assert answer.status == 400
        assert place.ledger.calls == []
        assert place.gateway.rows("SELECT id FROM cases") == []
