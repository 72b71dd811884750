"""Who hears nothing sends again: what the ledger is told of it."""

from __future__ import annotations

from pathlib import Path

from tests.stories.town import MARK, town


async def test_a_resend_is_registered_and_answered_as_a_case_of_its_own_and_linked_to_the_first(tmp_path: Path) -> None:
    async with town(tmp_path) as place:
        await place.gateway.start()
        first = place.say(f"{MARK}: lampu jalan mati di depan pasar")
        await place.settled()
        place.gateway.kill()
        await place.gateway.start()
        again = place.say(f"{MARK}, LAMPU jalan mati di depan pasar!!", first.number)
        other = place.say(f"{MARK}: air mati di depan pasar", first.number)
        await place.settled()
        (earlier,), (later,), (unlike,) = map(place.records, (first, again, other))
        assert (earlier["related"], unlike["related"]) == ([], [])
        assert later["related"] == [{"id": earlier["reference"], "kind": "resend", "evidence": "same sender, same text, 0 min"}]
