"""SMSCs that misbehave, in front of the whole process: whatever they do, what was acknowledged is registered once and answered."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from gateway.rehearse.parts import UCS2
from tests.stories.town import Town, town

#: what a link outlives
ON_A_LINK = [
    "receipts_early", "hex_ids", "redelivers", "duplicate_parts", "parts_shuffled", "enquire_ignored", "temporary=2", "wrong_sequence=1",
]  # fmt: skip
#: what ends a link
OVER_SEVERAL = ["drops_after=9", "unbind_midway=9", "drop_before_resp=1", "refuses_bind=1", "silent=6"]


async def test_what_a_link_outlives_changes_nothing_for_the_citizen(tmp_path: Path) -> None:
    async with town(tmp_path, channel="response_timeout_s = 1") as place:
        await place.gateway.start()
        for fault in ON_A_LINK:
            place.smsc.misbehave(fault)
            talk(place)
            await well(place, fault)
        place.smsc.misbehave()
        await place.smsc.until(lambda: place.smsc.counts["receipts"] >= len(place.sent))
        assert place.smsc.counts["connections"] == 1


async def test_a_link_that_is_lost_costs_nobody_his_complaint(tmp_path: Path) -> None:
    async def story(fault: str) -> None:
        async with town(tmp_path / fault, channel="response_timeout_s = 1\nenquire_link_s = 1") as place:
            place.smsc.misbehave(fault)
            if fault.startswith("refuses_bind"):
                talk(place)
            await place.gateway.start()
            talk(place)
            await place.smsc.until(lambda: place.smsc.counts["connections"] > 1, within_s=60)
            place.smsc.misbehave()
            await well(place, fault)

    await asyncio.gather(*map(story, OVER_SEVERAL))


async def test_an_operator_that_says_slower_is_obeyed_and_everybody_is_answered(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.smsc.misbehave("throttling=2")
        await place.gateway.start()
        place.say()
        place.say()
        await well(place, "throttling")
        assert await place.gateway.metric('lapor_channel_events_total{channel="operator",event="throttled"}') == 2


async def test_a_number_that_the_operator_does_not_know_parks_the_letter_and_not_the_complaint(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        place.smsc.misbehave("permanent=1")
        await place.gateway.start()
        sent = place.say()
        await place.gateway.until_rows("SELECT id FROM letters WHERE step='parked'", 1)
        assert len(place.records(sent)) == 1
        ((words,),) = place.gateway.rows("SELECT words FROM letters")
        assert "RINVDSTADR" in words


@pytest.mark.parametrize(("fault", "kept"), [("garbage_pdu", 3), ("bad_length=1", 1)])
async def test_bytes_that_mean_nothing_are_parked_and_counted_and_stop_nobody(tmp_path: Path, fault: str, kept: int) -> None:
    async with town(tmp_path) as place:
        place.smsc.misbehave(fault)
        place.gateway.spawn()
        await place.smsc.until(lambda: place.smsc.counts["connections"] > 0, within_s=60)
        talk(place)
        await well(place, fault)
        await place.gateway.until_rows("SELECT id FROM cases WHERE step='parked'", kept)
        assert await place.gateway.metric('lapor_cases{step="parked"}') == kept
        assert await place.gateway.metric('lapor_conservation_difference{channel="operator"}') == 0
        parked = await place.gateway.command("parked", "list", "--json")
        assert [case["code"] for case in parked.json] == ["unreadable"] * kept


def talk(place: Town) -> None:
    """Four citizens, one at length and one at length in UCS-2."""
    place.say()
    place.say()
    place.say_at_length()
    place.say_at_length(coding=UCS2)


async def well(place: Town, fault: str) -> None:
    """All that was sent ended as it should."""
    try:
        await place.settled(within_s=60)
    except AssertionError as missing:
        pytest.fail(f"{fault}: {missing}")
    assert place.gateway.alive


async def test_no_log_line_holds_a_number_a_text_a_code_or_a_password_whatever_goes_wrong(tmp_path: Path) -> None:
    async with town(tmp_path, channel="response_timeout_s = 1") as place:
        place.smsc.misbehave("garbage_pdu", "temporary=1", "wrong_sequence=1", "receipts_early", "redelivers")
        place.ledger.next("503", "commit_then_drop")
        await place.gateway.start()
        talk(place)
        await well(place, "all at once")
        place.ledger.next("422")
        place.say()
        await place.gateway.until_rows("SELECT id FROM cases WHERE code='http_422'", 1)
        assert await place.gateway.stop() == 0
        said = place.gateway.said
        for word in ("accepted", "held", "duplicate", "registered", "retried", "parked", "told"):
            assert f'"event":"{word}"' in said
        secrets = [secret for sent in place.sent for secret in (sent.number, sent.number[2:], sent.text, sent.text[:20])]
        assert [secret for secret in (*secrets, *place.ledger.registrations, "latihan") if secret in said] == []
