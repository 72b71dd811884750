"""The wiring, to be read from top to bottom; stopping is the same, read from bottom to top.

In: settings. Out: a running gateway. This is the one place where the settings, the channels, the ledger and the store meet.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine
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
from gateway.enclosures import Enclosures
from gateway.events import Events
from gateway.faults import CannotStart
from gateway.handing import ROUTE, handing
from gateway.health import Health
from gateway.http import CannotListen
from gateway.intake import Intake, Room
from gateway.journal import FLUSH_S, Journal
from gateway.lately import Lately
from gateway.links import Links
from gateway.marks import Marks
from gateway.metrics import Metrics
from gateway.notices import Notices
from gateway.numbering import Numbering
from gateway.outfit import Role, open_channels, rules, wordings
from gateway.polling import Polling
from gateway.probes import Prober
from gateway.probing import probing
from gateway.public import Reception
from gateway.relations import Relations
from gateway.secret import secret_key
from gateway.spool.home import opened as spool_opened
from gateway.steering import steered
from gateway.stint import Stint
from gateway.store.record import StoreFault
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


@asynccontextmanager
async def running(settings: Settings, journal: Journal, only: Role | None = None) -> AsyncIterator[Running]:
    """Start everything, or one role's part of it; at the end close the doors, let the workers finish, then close the ledger and the store.

    Raises SettingsError or CannotStart. A part that dies takes the rest down with it (an ExceptionGroup), and is started again with
    it by whoever supervises: half a gateway that looks alive would be worse.
    """
    channels = open_channels(settings, shared=only == "doors")
    reading, words = rules(settings, only), wordings(settings)
    found, takes = ledgers.places(settings), ledgers.takes(settings, reading.regions)
    key, manners, senders = secret_key(settings), telling.manners(settings), telling.senders(settings)
    metrics, room, numbering = Metrics(), Room(storing.folder(settings)), Numbering(key)
    async with AsyncExitStack() as stack:
        enter, data_dir = stack.enter_async_context, settings.gateway.data_dir
        try:
            store = await enter(storing.opened(settings, patient=True))
            spool = await enter(spool_opened(store, data_dir, room=Room(data_dir), numbering=numbering, journal=journal))
            told = await enter(ledgers.opened_all(found, data_dir, journal))
            asked = telling.asked(settings, {each.place.queue: (each.ledger, each.way) for each in told})
            ways = {} if only == "doors" else {each.place.name: each.way for each in told}
            links, enclosures = Links(settings.http.base_url, key), Enclosures(store, channels)
            kept = {} if only == "workers" else channels
            steering = await enter(steered(store, kept, journal))
            intake = Intake(store, room, detour=spool.detour, numbering=numbering, metrics=metrics, journal=journal, shut=steering.shut)
            clerk = Clerk(channels, reading, words, links, Marks(key))
            tenures = doors.rights(store, intake, kept)
            health = Health(store, kept, room, metrics, ways=ways, tenures=tenures, spool=spool, steering=steering)
            heart = Heart(store, health, metrics, only or "all")
            desks, cases = ledgers.desks(told, store, clerk), casebook.of(settings, store, clerk, channels)
            parts = Parts(store=store, clerk=clerk, health=health, heart=heart, channels=channels, desks=desks, cases=cases)
            operators = await opened_operators(stack, settings, parts, only=only, journal=journal)
            rehearsal = None if only == "workers" else await enter(rehearsing(settings))
        except (StoreFault, CannotListen, OSError, ValueError) as error:
            raise CannotStart(str(error)) from error
        await enter(tasks(store.ended(), flushed(journal), spool.run(), heart.beat()))
        if only != "doors":
            relations, stint, wait_s = Relations(store, key=key, journal=journal), Stint(intake), settings.answers.ask_wait_s
            submitting = partial(
                Submitting, store, clerk=clerk, relations=relations, stint=stint, metrics=metrics, journal=journal, lately=Lately(),
                ask_wait_s=wait_s,
            )  # fmt: skip
            working = workers(store, intake, told, submitting, takes=takes, journal=journal)
            bringing = bringers(store, told, enclosures, metrics=metrics, journal=journal)
            asking = [Polling(store, asked, intake).run()] if asked else []
            comfort, notices = duties.comfort(store, clerk, stint, settings.gateway.receipt_after_s), Notices(store, clerk, manners)
            await enter(tasks(*working, *bringing, *asking, *storing.shelving(settings, store, journal), comfort, notices.run()))
        port = None
        if only != "workers":
            own = [web.get(ROUTE, handing(store, links, enclosures))] if links.base_url else []
            host = Reception(intake, settings.http.base_url, store, spool.detour.since, notice=steering.notice)
            routes = [*own, *Events(store, senders, metrics, journal).routes()]
            port = await enter(opened_public(settings, channels, host, routes, journal=journal, shared=only == "doors"))
            await enter(tasks(*doors.answering(store, channels, tenures, steering=steering, metrics=metrics, journal=journal)))
            keeping = doors.keeping(intake, channels, tenures, steering=steering, journal=journal)
            prober = partial(Prober, store, channels, tenures, marks=Marks(key), steering=steering, journal=journal, metrics=metrics)
            await enter(tasks(*keeping, *probing(settings, port, prober)))
        journal.state("started", role=only or "all", channels=len(channels), ledger=settings.ledger.kind)
        yield Running(operators=operators, public=port, rehearsal=rehearsal)
        journal.state("draining")


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
