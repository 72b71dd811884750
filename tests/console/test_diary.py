"""The history, as it is written while time goes by."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from gateway.console import cabinet, history
from gateway.console.diary import Diary, Settled
from gateway.console.history import HOUR
from gateway.console.lookout import Lookout
from gateway.console.pulse import Heart
from gateway.console.rhythm import Rhythm
from gateway.controls import Mode, Wish
from gateway.journal import Journal, Lines
from gateway.metrics import Metrics
from gateway.store.board import Pinned
from tests.console.wall import Body, Wall

SETTLED = Settled(channels={"sms": "sms.esme"}, ledgers={"http": "http"})


async def unknown(_channel: str, _now: datetime) -> Rhythm | None:
    return None


def diary(file: cabinet.Cabinet, body: Body, lines: Lines, wall: Wall | None = None) -> Diary:
    wall = wall or Wall()
    lookout = Lookout(wall, Heart(wall, body, Metrics(), "all"))
    return Diary(file, lookout, SETTLED, Journal(lines), rhythm=unknown)


async def test_for_how_long_something_was_down_is_remembered(tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, history.TABLES) as file:
        body = Body()
        body.up = False
        kept = diary(file, body, Lines(io.BytesIO()))
        await kept.look()
        assert kept.of("ledger:http").day.down_s == 5
        assert kept.of("channel:sms").day.down_s == 0  # its link works, though nothing can be sent
        (now,) = await file.run(lambda db: history.told(db, "ledger:http", HOUR, datetime.now(UTC), 1))
        assert now is not None
        assert now.down_s == 5


@pytest.mark.parametrize(
    ("mode", "away", "closed_s"), [("open", False, 0), ("paused", False, 5), ("draining", False, 5), ("open", True, 5)]
)
async def test_for_how_long_nothing_could_come_is_remembered(mode: Mode, away: bool, closed_s: float, tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, history.TABLES) as file:
        wall = Wall()
        wall.wishes["channel/sms"] = Pinned(msgspec.json.encode(Wish(mode=mode)), datetime.now(UTC))
        wall.away = away
        kept = diary(file, Body(), Lines(io.BytesIO()), wall)
        await kept.look()
        assert kept.of("channel:sms").day.closed_s == closed_s


async def test_a_file_that_cannot_be_written_costs_the_history_and_is_told(tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, history.TABLES) as file:
        out = io.BytesIO()
        lines = Lines(out)
        kept = diary(file, Body(), lines)
        await file.run(lambda db: db.execute("DROP TABLE history"))
        await kept.look()
        assert kept.of("channel:sms").day.came == 0
        lines.flush()
        assert b"history_failed" in out.getvalue()
