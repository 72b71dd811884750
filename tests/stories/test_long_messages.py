"""Long SMS on their way through a gateway that is killed, through losses, and twice (design §4)."""

from __future__ import annotations

from pathlib import Path

from channels.sms.pdu import ShortMessage
from gateway.rehearse.link import Mobile
from tests.stories.town import Town, town


async def test_two_senders_with_one_reference_and_interleaved_parts_across_two_kills_make_two_right_complaints(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        number, text, parts = place.at_length(reference=42)
        other_number, other_text, other_parts = place.at_length(reference=42, nth=1)
        assert len(parts) == len(other_parts) == 3
        await place.gateway.start()
        came = await taken(place, parts[2], other_parts[2])
        place.gateway.kill()
        await place.gateway.start()
        came += await taken(place, other_parts[0], parts[1])
        place.gateway.kill()
        assert place.ledger.calls == []
        await place.gateway.start()
        came += await taken(place, parts[0], other_parts[1])
        place.expect(number, text, came)
        place.expect(other_number, other_text, came)
        await place.settled()


async def test_a_missing_part_is_marked_and_amends_the_record_when_it_comes_late(tmp_path: Path) -> None:
    async with town(tmp_path, channel="part_timeout_s = 1") as place:
        number, text, parts = place.at_length()
        await place.gateway.start()
        came = await taken(place, parts[2], parts[0])
        heard = await place.smsc.answer_to(number)
        (reference, record), *more = place.ledger.records.items()
        assert not more
        assert record["text"] == text[:153] + "[bagian 2/3 tidak diterima]" + text[306:]
        assert "incomplete_sms" in record["flags"]
        assert reference.encode() in heard.body
        came += await taken(place, parts[1])
        place.expect(number, text, came)
        await place.settled()
        assert "incomplete_sms" not in place.ledger.records[reference]["flags"]
        assert place.ledger.calls == ["POST /complaints", f"PUT /complaints/{reference}"]
        assert len(place.answers(number)) == 1


async def test_a_message_that_is_delivered_again_is_one_case(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        place.smsc.misbehave("redelivers")
        sent, long = place.say(), place.say_at_length()
        mobiles = (*sent.mobiles, *long.mobiles)
        await place.smsc.until(lambda: all(mobile.statuses == [0, 0] for mobile in mobiles))
        await place.settled()
        assert len(place.gateway.rows("SELECT id FROM cases")) == 2
        assert len(place.answers(sent.number)) == len(place.answers(long.number)) == 1
        assert await place.gateway.metric('lapor_messages_duplicate_total{channel="operator"}') == len(mobiles)


async def taken(place: Town, *parts: ShortMessage) -> tuple[Mobile, ...]:
    """Deliver some parts, and wait for the yes."""
    mobiles = place.deliver(*parts)
    await place.smsc.until(lambda: all(mobile.taken for mobile in mobiles))
    return mobiles
