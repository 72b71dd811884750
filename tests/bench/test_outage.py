"""An outage in small: all that waited is registered once, in the order in which it came, and no yes is missing meanwhile."""

from __future__ import annotations

from pathlib import Path

import uvloop

from bench import outage

WAITING = 2_000


def test_after_an_outage_the_backlog_drains_in_order_while_intake_goes_on(tmp_path: Path) -> None:
    seen = uvloop.run(outage.measured(WAITING, tmp_path, phase_s=2.0, away_s=2.0))
    assert (seen.registered, seen.repeats) == (WAITING, 0)
    # calls that go side by side may overtake each other
    assert seen.farthest < WAITING / 4
    # those of the first calls, and whoever asked whether it is back, were tried more than once
    assert seen.attempts[1] >= WAITING * 0.9
    assert (seen.away.acknowledged, seen.away.answered) == (seen.away.sent, 0)
    assert seen.after.acknowledged == seen.after.answered == seen.after.sent
    assert "| registered twice | 0 |" in outage.results(seen)
