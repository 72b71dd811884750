"""Something that is wrong, for the tests of alerts: in a console, what signs. Out: alerts, an hour old."""

from __future__ import annotations

import time

import apsw

from gateway.console import cabinet, room
from gateway.console.alerts.book import Plan, open_alerts, turn
from gateway.console.alerts.signs import Kind, Sign
from tests.console.opened import House
from tests.console.seen import AGO


async def wrong(of: House, *kinds: Kind) -> str:
    """These were found wrong an hour ago, and still are; the address of the first one."""
    began = time.time() - 3600
    async with cabinet.opened(of.folder / "var", room.TABLES) as file:
        signs = [Sign(kind=kind, on="telkomsel", since=AGO, figure=12) for kind in kinds]

        def twice(db: apsw.Connection) -> None:  # at once, so that no round of the watch comes between
            for now in (began, began + 130):
                turn(db, signs, now, Plan(["piket"], 900))

        await file.run(twice)
        return next(f"/alerts/{alert.id}" for alert in await file.run(open_alerts) if alert.kind == kinds[0])
