"""A ledger that answers two cases with one number: two citizens are not told the same."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from forwarder.ledger import Registration
from tests.gateway.tiny import SECRET, desk

ONE = Registration(tracking_id="7654321", registered_at=datetime(2026, 11, 20, 3, 4, 5, tzinfo=UTC))


async def test_the_second_waits_for_a_person_and_its_sender_is_not_told_the_number_of_the_first(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.ledger.script = [ONE, ONE]
        codes = []
        for n in range(2):
            codes.append((await here.put(f"+62812000000{n}|{SECRET} nomor {n}", name=n)).reference)
            await here.submit()
        await here.send()
        # the second hears that it is safe, and nothing of the number
        assert [(letter.to, letter.kind) for letter in here.channel.sent] == [("+628120000000", "registered"), ("+628120000001", "receipt")]
        assert "7654321" not in here.channel.sent[1].text
        case = (await here.life(codes[1])).case
        assert (case.step, case.code, case.unsure, case.registration) == ("parked", "duplicate_id", True, None)
        assert codes[0] in case.words
        assert here.metrics.forwarded["embedded", "parked"] == 1
        assert (await here.life("7654321")).case.reference == codes[0]


async def test_two_answers_with_one_number_in_one_batch_are_told_apart_too(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        here.ledger.script = [ONE]
        codes = [(await here.put(f"+62812000000{n}|{SECRET} nomor {n}", name=n)).reference for n in range(3)]
        await here.submit()
        steps = [(await here.life(code)).case.step for code in codes]
        assert sorted(steps) == ["done", "parked", "parked"]
        await here.send()
        assert sorted(letter.kind for letter in here.channel.sent) == ["receipt", "receipt", "registered"]
        assert sum("7654321" in letter.text for letter in here.channel.sent) == 1
