"""kill -9 at each row of the crash table (design §3), and what the next process makes of it.

The exact place is found by what anybody outside could do: hold the store's write lock, leave an answer unread, let the ledger hold
its own.
"""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from gateway.rehearse.wire import ENQUIRE
from tests.fakes.faulty import FAULTS
from tests.stories.town import Town, town

CASES = "SELECT id FROM cases"


async def again(place: Town) -> None:
    """Whatever went wrong is over; a new process finds what the dead one left."""
    place.smsc.misbehave()
    place.ledger.script.always = None
    await place.gateway.start()
    await place.settled()
    assert len(place.gateway.rows(CASES)) == len(place.sent)


async def test_killed_before_it_read_the_message_it_was_not_told_and_the_operator_delivers_again(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        place.gateway.freeze()
        sent = place.say()
        place.gateway.kill()
        assert place.gateway.rows(CASES) == []
        await again(place)
        assert sent.mobiles[0].statuses == [0]
        assert len(place.answers(sent.number)) == 1


async def test_killed_before_put_returns_the_operator_delivers_again(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        with closing(sqlite3.connect(place.gateway.store, isolation_level=None)) as rival:
            rival.execute("BEGIN IMMEDIATE")  # nobody else can commit now
            sent, long = place.say(), place.say_at_length()
            for link in place.smsc.links:
                link.ask(ENQUIRE)
            # it answers in the order in which it reads, so it has read the messages
            await place.smsc.until(lambda: place.smsc.counts["alive"] == 1)
            place.gateway.kill()
            rival.execute("ROLLBACK")
        assert not sent.mobiles[0].statuses
        assert not long.mobiles[0].statuses
        assert place.gateway.rows(CASES) == []
        await again(place)
        assert len(place.answers(sent.number)) == len(place.answers(long.number)) == 1


async def test_killed_after_put_and_before_the_answer_a_redelivery_is_the_same_case_and_is_answered(tmp_path: Path) -> None:
    async with town(tmp_path, channel="part_timeout_s = 600") as place:
        place.ledger.script.always = FAULTS["503"]
        await place.gateway.start()
        sent, long = place.say(), place.say_at_length()
        place.smsc.misbehave("silent=1")  # from now on it hears nothing that the gateway says
        await place.gateway.until_rows(CASES, 2)
        await place.gateway.until_rows("SELECT * FROM parts", len(long.mobiles))
        before = place.gateway.rows("SELECT id, reference FROM cases ORDER BY id")
        place.gateway.kill()
        assert not any(mobile.statuses for mobile in (*sent.mobiles, *long.mobiles))
        await again(place)
        assert place.gateway.rows("SELECT id, reference FROM cases ORDER BY id") == before
        assert [mobile.statuses for mobile in (*sent.mobiles, *long.mobiles)] == [[0]] * 4
        assert len(place.gateway.rows("SELECT * FROM parts")) == len(long.mobiles)


async def test_killed_during_submit_the_ledger_is_asked_first_and_registers_it_once(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.ledger.script.always = FAULTS["hold"]
        await place.gateway.start()
        place.say()
        await place.until_called()
        place.gateway.kill()
        assert place.ledger.registrations == {}
        await again(place)
        assert place.ledger.calls == ["POST /complaints", "GET /complaints", "POST /complaints"]


async def test_killed_after_submit_and_before_settle_the_ledger_finds_what_it_has(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.ledger.script.always = FAULTS["commit_then_hold"]
        await place.gateway.start()
        place.say()
        await place.until_called()
        place.gateway.kill()
        assert len(place.ledger.registrations) == 1
        await again(place)
        assert place.ledger.calls == ["POST /complaints", "GET /complaints"]
        assert place.ledger.repeats == 0


async def test_killed_after_settle_and_before_the_letter_went_out_it_goes_out(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.smsc.misbehave("temporary=1/1")
        await place.gateway.start()
        sent = place.say()
        await place.smsc.until(lambda: place.smsc.counts["refused_submits"] > 0)
        place.gateway.kill()
        assert place.answers(sent.number) == []
        assert len(place.ledger.registrations) == 1
        await again(place)
        assert len(place.answers(sent.number)) == 1


async def test_killed_after_send_and_before_settle_the_sender_hears_twice_rather_than_never(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.smsc.misbehave("slow=60")  # takes the letter, and says so a minute later
        await place.gateway.start()
        sent = place.say()
        await place.smsc.answer_to(sent.number)
        place.gateway.kill()
        place.smsc.misbehave()
        await place.gateway.start()
        await place.smsc.answer_to(sent.number, nth=2)
        first, second = place.answers(sent.number)
        assert first == second
        assert place.verdict().clean
        assert len(place.ledger.registrations) == 1
