"""The console's wiring: what lies in its file, which pages there are, and what stands in the menu.

In: the parts of a running gateway that pages tell of. Out: routes for the operators' address.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from channels.base import Channel
from gateway.archive import FOLDER, Archive
from gateway.casebook import Casebook
from gateway.clerk import Clerk
from gateway.console import alerting, audit, cabinet, controls, desks, history, overview, past, report, trace
from gateway.console.access import second, wiring
from gateway.console.access.seal import Seal
from gateway.console.access.sessions import Sessions
from gateway.console.access.terms import Terms
from gateway.console.alerts import wiring as alarms
from gateway.console.alerts.desk import Table
from gateway.console.alerts.wiring import Sights
from gateway.console.audit import Audit
from gateway.console.diary import Diary, Settled
from gateway.console.frame import Entry, Frame
from gateway.console.guard import guarded
from gateway.console.lookout import Lookout
from gateway.console.overview import Outlook
from gateway.console.page import Page
from gateway.console.pulse import Heart
from gateway.controlling import Controlling
from gateway.health import Health
from gateway.journal import Journal
from gateway.reports import bureau
from gateway.store.base import Store
from gateway.worklist_api import Desk

TABLES: Final = (*history.TABLES, *audit.TABLES, *wiring.TABLES, *alarms.TABLES)
MENU: Final = (
    Entry(path="/", key="overview", role="viewer"),
    Entry(path="/alerts", key="alerts", role="viewer"),
    Entry(path="/trace", key="trace", role="viewer", more=True),
    Entry(path="/controls", key="controls", role="viewer", more=True),
    Entry(path="/reports", key="reports", role="viewer", more=True),
    Entry(path="/accounts", key="accounts", role="admin", more=True),
    Entry(path="/audit", key="audit", role="admin", more=True),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Whose console it is: its name, the zone in which it tells times, on what terms officers come in, where its file lies, and the
    gateway's key."""

    name: str
    zone: ZoneInfo
    folder: Path
    key: bytes = field(repr=False)
    settled: Settled
    terms: Terms
    #: who is told when something is wrong
    alerts: Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What pages tell of and act on, of the gateway that runs. Each page is given what it needs."""

    store: Store
    clerk: Clerk
    health: Health
    heart: Heart
    #: those that are enabled
    channels: Mapping[str, Channel]
    desks: Sequence[Desk]
    cases: Casebook


@asynccontextmanager
async def opened(office: Office, parts: Parts, journal: Journal) -> AsyncIterator[Sequence[web.RouteDef]]:
    """The routes. Raises CannotStart."""
    async with AsyncExitStack() as stack:
        file = await stack.enter_async_context(cabinet.opened(office.folder, TABLES))
        counted = bureau.opened(parts.store, Archive(office.folder / FOLDER), office=office.name, zone=office.zone)
        counting = await stack.enter_async_context(counted)
        seal = Seal(office.key)
        if locked := await file.run(lambda db: second.sealed(db, seal)):
            journal.trouble("second_proof_locked", n=locked)
        store, book, seated = parts.store, Audit(file), Sessions(file, office.terms)
        lookout = Lookout(store, parts.heart, office.settled.channels)
        frame = Frame([*MENU[:1], *desks.menu(parts.desks), *MENU[1:]], name=office.name, zone=office.zone)
        sights = Sights(lookout=lookout, settled=office.settled, store=store)
        alerts = await stack.enter_async_context(
            alarms.opened(file, sights, office.alerts, name=office.name, zone=office.zone, journal=journal)
        )
        diary = Diary(file, lookout, office.settled, journal, rhythm=alerts.silences.rhythm)
        outlook = Outlook(office.settled, lookout, diary, office.zone, alerts.desk.open)
        every: list[Page] = [
            *wiring.pages(file, seated, seal, name=office.name, zone=office.zone),
            *overview.pages(outlook),
            *past.pages(outlook, file),
            *alerting.pages(alerts, office.zone),
            *trace.pages(parts.cases, book),
            *controls.pages(Controlling(store, parts.channels, book), office.zone),
            *desks.pages(store, parts.clerk, book, worklists=parts.desks, data_dir=office.folder),
            *report.pages(counting, book),
        ]
        for work in (diary.run(), alerts.watch.run(), alerts.courier.run(), frame.readied()):
            await stack.enter_async_context(_beside(work, journal))
        yield [*(guarded(page, seated, frame) for page in every), web.get("/static/{digest}/{name}", frame.serve)]


@asynccontextmanager
async def _beside(work: Coroutine[None, None, None], journal: Journal) -> AsyncIterator[None]:
    """Run it as long as the console is open, or until it has nothing to do. One that falls by a fault of ours is told of, and closes no
    door."""

    def ended(done: asyncio.Task[None]) -> None:
        if not done.cancelled() and (fault := done.exception()):
            journal.trouble("console_fell", why=type(fault).__name__)

    task = asyncio.create_task(work)
    task.add_done_callback(ended)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait((task,))
