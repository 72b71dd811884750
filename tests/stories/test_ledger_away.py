"""A ledger that is not there for as long as the gateway runs, and comes back."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

from tests.stories.town import town


async def test_a_ledger_that_was_down_for_a_whole_run_gets_all_in_due_order_and_everybody_hears_twice(tmp_path: Path) -> None:
    # one call at a time, so that the order in which the ledger is told is the order in which cases were claimed
    async with town(tmp_path, ledger="batch = 4\nconcurrency = 1\ntimeout_s = 5", ledger_open=False, receipt_after_s=0.5) as place:
        await place.gateway.start()
        sent = [place.say() for _ in range(18)] + [place.say_at_length(), place.say_at_length(reference=8)]
        for each in sent:
            await place.smsc.answer_to(each.number)
        assert all(each.acknowledged for each in sent)
        assert all("ketik STATUS dan kode itu" in place.answers(each.number)[0] for each in sent)
        assert await place.gateway.metric('lapor_cases{step="submit"}') == len(sent)
        assert await place.gateway.stop() == 0
        waiting = place.gateway.rows("SELECT id, due FROM cases WHERE step='submit' ORDER BY due")
        await place.open_ledger()
        await asyncio.sleep(max(waiting[-1][1] - time.time(), 0))
        await place.gateway.start()
        await place.settled()
        assert [int(record["case_id"]) for record in place.ledger.records.values()] == [case_id for case_id, _ in waiting]
        for each in sent:
            receipt, registered = place.answers(each.number)
            assert "sudah terdaftar" in registered
            assert "sudah terdaftar" not in receipt


async def test_a_ledger_that_comes_back_is_found_without_a_restart(tmp_path: Path) -> None:
    async with town(tmp_path, ledger_open=False) as place:
        await place.gateway.start()
        first = place.say()
        await place.smsc.until(lambda: first.acknowledged)
        await asyncio.sleep(0.1)
        await place.open_ledger()
        place.say()
        await place.settled()
