"""kill -9 at a random instant while cases are sorted between two ledgers: each is in its own, once, and in no other."""

from __future__ import annotations

import asyncio
import os
import random
import time
from pathlib import Path

from tests.fakes.ledger import FakeLedger
from tests.stories.town import MARK, Sent, Town, town

ROUNDS, NEW = 6, 60
#: a round ends within so many seconds of the bind
LONGEST_S = 0.4
TABLES = """
timeout_s = 5
[ledgers.tangerang]
kind = "http"
url = "{url}"
takes = [{{ agency = "Pemerintah Kabupaten Tangerang" }}]
[keywords]
TANGKAB = {{ agency = "Pemerintah Kabupaten Tangerang" }}
"""


async def test_killed_while_cases_are_sorted_none_is_lost_or_goes_to_two_ledgers_or_to_the_wrong_one(tmp_path: Path) -> None:
    seed = int(os.environ.get("STORY_SEED", time.time_ns() % 1_000_000))
    print(f"STORY_SEED={seed}")
    luck = random.Random(seed)
    async with FakeLedger() as tangerang, town(tmp_path, ledger=TABLES.format(url=tangerang.url)) as place:
        theirs: list[Sent] = []
        others: list[Sent] = []
        for _ in range(ROUNDS):
            for _ in range(NEW):
                mine = luck.random() < 0.5
                (theirs if mine else others).append(_said(place, mine=mine))
            binds = place.smsc.counts["binds"]
            place.gateway.spawn()
            await place.smsc.until(lambda binds=binds: place.smsc.counts["binds"] > binds, within_s=60)  # type: ignore[misc]  # mypy knows no default of a lambda
            await asyncio.sleep(luck.uniform(0, LONGEST_S))
            place.gateway.kill()
        place.gateway.hurry()
        await place.gateway.start()
        async with asyncio.timeout(120):
            while len(tangerang.registrations) + len(place.ledger.registrations) < len(place.sent):
                await asyncio.sleep(0.05)
        assert await place.gateway.metric('lapor_conservation_difference{channel="operator"}') == 0
        assert await place.gateway.stop() == 0
        for ledger, expected in ((tangerang, theirs), (place.ledger, others)):
            assert sorted(record["text"] for record in ledger.records.values()) == sorted(sent.text for sent in expected)
        doubtful = place.gateway.rows("SELECT id FROM cases WHERE ledger='' OR step<>'done'")
        assert doubtful == []


def _said(place: Town, *, mine: bool) -> Sent:
    n = len(place.sent)
    return place.say(f"{'TANGKAB ' if mine else ''}{MARK} nomor {n}: lampu jalan mati di depan pasar")
