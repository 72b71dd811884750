"""The wiring, to be read from top to bottom; stopping is the same, read from bottom to top.

In: settings. Out: a running gateway. This is the one place where the settings, the channels, the ledger and the store meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from aiohttp import web

from config.settings import Settings
from gateway import casebook, doors, duties, ledgers, storing, telling
from gateway.addresses import opened_operators, opened_public, rehearsing
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.console.pulse import Heart
from gateway.console.room import Parts
from gateway.doors import Tenures
from gateway.enclosures import Enclosures
from gateway.events import Events
from gateway.faults import CannotStart
from gateway.handing import ROUTE, handing
from gateway.health import Health
from gateway.http import CannotListen
from gateway.intake import Intake, Room
from gateway.journal import FLUSH_S, Journal
from gateway.lately import Lately
from gateway.ledgers import Told
from gateway.links import Links
from gateway.marks import Marks
from gateway.metrics import Metrics
from gateway.notices import Notices
from gateway.numbering import Numbering
from gateway.outfit import Outfit, Role, outfit
from gateway.polling import Polling
from gateway.probes import Prober
from gateway.probing import probing
from gateway.public import Reception
from gateway.relations import Relations
from gateway.spool.home import Spool
from gateway.spool.home import opened as spool_opened
from gateway.steering import Steering, steered
from gateway.stint import Stint
from gateway.store.record import StoreFault
from gateway.storing import Counted
from gateway.workers import bringers, workers


@dataclass(frozen=True, slots=True, kw_only=True)
class Running:
    """A gateway that runs."""

    #: the port of the operators' address; the settings may have said 0
    operators: int
    #: the port of the public address; None when no channel needs one
    public: int | None
    #: where the rehearsal SMSC listens, if there is one
    rehearsal: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Premises:
    """What doors and workers stand on, and officers look at."""

    settings: Settings
    journal: Journal
    outfit: Outfit
    metrics: Metrics
    store: Counted
    spool: Spool
    told: Sequence[Told]
    intake: Intake
    links: Links
    enclosures: Enclosures
    steering: Steering
    tenures: Tenures
    seen: Parts


@asynccontextmanager
async def running(settings: Settings, journal: Journal, only: Role | None = None) -> AsyncIterator[Running]:
    """Start everything, or one role's part of it; at the end close the doors, let the workers finish, then close the ledger and the store.

    Raises SettingsError or CannotStart. A part that dies takes the rest down with it (an ExceptionGroup), and is started again with
    it by whoever supervises: half a gateway that looks alive would be worse.
    """
    fitted = outfit(settings, only)
    async with AsyncExitStack() as stack:
        enter = stack.enter_async_context
        try:
            ours = await _premises(stack, settings, fitted, only=only, journal=journal)
            operators = await opened_operators(stack, settings, ours.seen, only=only, journal=journal)
            rehearsal = None if only == "workers" else await enter(rehearsing(settings))
        except (StoreFault, CannotListen, OSError, ValueError) as error:
            raise CannotStart(str(error)) from error
        await enter(tasks(ours.store.ended(), flushed(journal), ours.spool.run(), ours.seen.heart.beat()))
        if only != "doors":
            await enter(tasks(*_working(ours)))
        port = None if only == "workers" else await _open_doors(stack, ours, shared=only == "doors")
        journal.state("started", role=only or "all", channels=len(fitted.channels), ledger=settings.ledger.kind)
        yield Running(operators=operators, public=port, rehearsal=rehearsal)
        journal.state("draining")


async def _premises(stack: AsyncExitStack, settings: Settings, fitted: Outfit, *, only: Role | None, journal: Journal) -> _Premises:
    """The store, the spool and the ledgers are open; nobody listens, and nobody works. Raises whatever opening one of them raises."""
    enter, data_dir, channels = stack.enter_async_context, settings.gateway.data_dir, fitted.channels
    metrics, room, numbering = Metrics(), Room(storing.folder(settings)), Numbering(fitted.key)
    store = await enter(storing.opened(settings, patient=True))
    spool = await enter(spool_opened(store, data_dir, room=Room(data_dir), numbering=numbering, journal=journal))
    told = await enter(ledgers.opened_all(fitted.ledgers, data_dir, journal))
    ways = {} if only == "doors" else {each.place.name: each.way for each in told}
    links, enclosures = Links(settings.http.base_url, fitted.key), Enclosures(store, channels)
    kept = {} if only == "workers" else channels
    steering = await enter(steered(store, kept, journal))
    intake = Intake(store, room, detour=spool.detour, numbering=numbering, metrics=metrics, journal=journal, shut=steering.shut)
    clerk = Clerk(channels, fitted.rules, fitted.words, links, Marks(fitted.key))
    tenures = doors.rights(store, intake, kept)
    health = Health(store, kept, room, metrics, ways=ways, tenures=tenures, spool=spool, steering=steering)
    heart = Heart(store, health, metrics, only or "all")
    desks, cases = ledgers.desks(told, store, clerk), casebook.of(settings, store, clerk, channels)
    return _Premises(
        settings=settings, journal=journal, outfit=fitted, metrics=metrics, store=store, spool=spool, told=told, intake=intake,
        links=links, enclosures=enclosures, steering=steering, tenures=tenures,
        seen=Parts(store=store, clerk=clerk, health=health, heart=heart, channels=channels, desks=desks, cases=cases),
    )  # fmt: skip


def _working(ours: _Premises) -> list[Coroutine[None, None, None]]:
    """Those who read, tell the ledgers, and say to citizens what became of it. Raises SettingsError."""
    settings, store, clerk, metrics, journal = ours.settings, ours.store, ours.seen.clerk, ours.metrics, ours.journal
    stint, relations = Stint(ours.intake), Relations(store, key=ours.outfit.key, journal=journal)
    submitting = partial(
        Submitting, store, clerk=clerk, relations=relations, stint=stint, metrics=metrics, journal=journal, lately=Lately(),
        ask_wait_s=settings.answers.ask_wait_s,
    )  # fmt: skip
    asked = telling.asked(settings, {each.place.queue: (each.ledger, each.way) for each in ours.told})
    return [
        *workers(store, ours.intake, ours.told, submitting, takes=ours.outfit.takes, journal=journal),
        *bringers(store, ours.told, ours.enclosures, metrics=metrics, journal=journal),
        *([Polling(store, asked, ours.intake).run()] if asked else []),
        *storing.shelving(settings, store, journal),
        duties.comfort(store, clerk, stint, settings.gateway.receipt_after_s),
        Notices(store, clerk, ours.outfit.manners).run(),
    ]


async def _open_doors(stack: AsyncExitStack, ours: _Premises, *, shared: bool) -> int | None:
    """Those who listen and answer; the port of the public address, if there is one. Raises CannotStart."""
    settings, store, channels, links = ours.settings, ours.store, ours.outfit.channels, ours.links
    tenures, steering, metrics, journal = ours.tenures, ours.steering, ours.metrics, ours.journal
    own = [web.get(ROUTE, handing(store, links, ours.enclosures))] if links.base_url else []
    host = Reception(ours.intake, settings.http.base_url, store, ours.spool.detour.since, notice=steering.notice)
    routes = [*own, *Events(store, ours.outfit.senders, metrics, journal).routes()]
    port = await stack.enter_async_context(opened_public(settings, channels, host, routes, journal=journal, shared=shared))
    answering = doors.answering(store, channels, tenures, steering=steering, metrics=metrics, journal=journal)
    await stack.enter_async_context(tasks(*answering))
    keeping = doors.keeping(ours.intake, channels, tenures, steering=steering, journal=journal)
    prober = partial(Prober, store, channels, tenures, marks=Marks(ours.outfit.key), steering=steering, journal=journal, metrics=metrics)
    await stack.enter_async_context(tasks(*keeping, *probing(settings, port, prober)))
    return port


@asynccontextmanager
async def tasks(*coroutines: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run beside the body, and cancel and await at its end. One that fails ends the body; what the body cannot start is its own word."""
    try:
        async with asyncio.TaskGroup() as group:
            started = [group.create_task(coroutine) for coroutine in coroutines]
            try:
                yield
            finally:
                for task in started:
                    task.cancel()
                if started:
                    await asyncio.wait(started)
    except BaseExceptionGroup as fell:
        if len(fell.exceptions) == 1 and isinstance(fell.exceptions[0], CannotStart):
            raise fell.exceptions[0] from None
        raise


async def flushed(journal: Journal) -> None:
    """Write the journal's lines as they gather."""
    try:
        while True:
            await asyncio.sleep(FLUSH_S)
            journal.lines.flush()
    finally:
        journal.lines.flush()
