"""The wiring, to be read from top to bottom; stopping is the same, read from bottom to top.

In: settings. Out: a running gateway. This is the one place where the settings, the channels, the ledger and the store meet.
"""

from __future__ import annotations

import asyncio
import importlib
import os
from collections.abc import AsyncIterator, Coroutine, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import Literal

import msgspec
from aiohttp import web

from channels.base import Channel, Host, Sharing
from config.settings import Settings, SettingsError, fit
from forwarder.wording import Wordings
from forwarder.wording import load as load_wordings
from gateway import casebook, doors, duties, ledgers, public, storing, telling, worklist_api
from gateway.admission import admission, terms
from gateway.attempts import Submitting
from gateway.clerk import Clerk
from gateway.console import room
from gateway.console.chronicle import Settled
from gateway.console.pulse import Heart
from gateway.console.room import Office, Parts
from gateway.enclosures import Enclosures
from gateway.events import Events
from gateway.faults import CannotStart
from gateway.handing import ROUTE, handing
from gateway.health import Health
from gateway.http import CannotListen, serving
from gateway.intake import Intake, Room
from gateway.journal import FLUSH_S, Journal
from gateway.links import Links
from gateway.marks import Marks
from gateway.metrics import Metrics
from gateway.notices import Notices
from gateway.numbering import Numbering
from gateway.polling import Polling
from gateway.probes import Prober
from gateway.probing import probing
from gateway.public import Reception
from gateway.rehearse.smsc import Smsc
from gateway.relations import Relations
from gateway.rulebook import rulebook
from gateway.secret import secret_key
from gateway.spool.home import opened as spool_opened
from gateway.steering import steered
from gateway.stint import Stint
from gateway.store.record import StoreFault
from gateway.wordlists import regions, shipped
from gateway.workers import bringers, workers
from normalizer.rules import Keyword, Rules

#: doors: listen, keep, answer. workers: submit. Side by side on one store they use two processors.
Role = Literal["doors", "workers"]


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
        try:
            store = await stack.enter_async_context(storing.opened(settings, patient=True))
            data_dir = settings.gateway.data_dir
            spool = await stack.enter_async_context(
                spool_opened(store, data_dir, room=Room(data_dir), numbering=numbering, journal=journal)
            )
            told = await stack.enter_async_context(ledgers.opened_all(found, data_dir, journal))
            asked = telling.asked(settings, {each.place.queue: (each.ledger, each.way) for each in told})
            ways = {} if only == "doors" else {each.place.name: each.way for each in told}
            links, enclosures = Links(settings.http.base_url, key), Enclosures(store, channels)
            kept = {} if only == "workers" else channels
            steering = await stack.enter_async_context(steered(store, kept, journal))
            intake = Intake(store, room, detour=spool.detour, numbering=numbering, metrics=metrics, journal=journal, shut=steering.shut)
            clerk = Clerk(channels, reading, words, links, Marks(key))
            tenures = doors.rights(store, intake, kept)
            health = Health(store, kept, room, metrics, ways=ways, tenures=tenures, spool=spool, steering=steering)
            heart = Heart(store, health, metrics, only or "all")
            desks, cases = ledgers.desks(told, store, clerk), casebook.of(settings, store, clerk, channels)
            parts = Parts(store=store, clerk=clerk, health=health, heart=heart, channels=channels, desks=desks, cases=cases)
            operators = await opened_operators(stack, settings, parts, only=only, journal=journal)
            rehearsal = None if only == "workers" else await stack.enter_async_context(rehearsing(settings))
        except (StoreFault, CannotListen, OSError, ValueError) as error:
            raise CannotStart(str(error)) from error
        await stack.enter_async_context(tasks(flushed(journal), spool.run(), heart.beat()))
        if only != "doors":
            relations, stint, wait_s = Relations(store, key=key, journal=journal), Stint(intake), settings.answers.ask_wait_s
            submitting = partial(
                Submitting, store, clerk=clerk, relations=relations, stint=stint, metrics=metrics, journal=journal, ask_wait_s=wait_s
            )
            working = workers(store, intake, told, submitting, takes=takes, journal=journal)
            bringing = bringers(store, told, enclosures, metrics=metrics, journal=journal)
            asking = [Polling(store, asked, intake).run()] if asked else []
            comfort, notices = duties.comfort(store, clerk, stint, settings.gateway.receipt_after_s), Notices(store, clerk, manners)
            await stack.enter_async_context(
                tasks(*working, *bringing, *asking, *storing.shelving(settings, store, journal), comfort, notices.run())
            )
        port = None
        if only != "workers":
            own = [web.get(ROUTE, handing(store, links, enclosures))] if links.base_url else []
            host = Reception(intake, settings.http.base_url, store, spool.detour.since, notice=steering.notice)
            routes = [*own, *Events(store, senders, metrics, journal).routes()]
            port = await stack.enter_async_context(opened_public(settings, channels, host, routes, journal=journal, shared=only == "doors"))
            await stack.enter_async_context(
                tasks(*doors.answering(store, channels, tenures, steering=steering, metrics=metrics, journal=journal))
            )
            keeping = doors.keeping(intake, channels, tenures, steering=steering, journal=journal)
            prober = partial(Prober, store, channels, tenures, marks=Marks(key), steering=steering, journal=journal)
            await stack.enter_async_context(tasks(*keeping, *probing(settings, port, prober)))
        journal.state("started", role=only or "all", channels=len(channels), ledger=settings.ledger.kind)
        yield Running(operators=operators, public=port, rehearsal=rehearsal)
        journal.state("draining")


async def opened_operators(
    stack: AsyncExitStack,
    settings: Settings,
    parts: Parts,
    *,
    only: Role | None,
    journal: Journal,
) -> int:
    """The operators' address, with the console unless this process only works; gives the port, 0 where there is none. Raises CannotStart
    or CannotListen."""
    which, address = ("workers", settings.http.workers) if only == "workers" else ("operators", settings.http.operators)
    if address is None:
        return 0
    pages: Sequence[web.AbstractRouteDef] = ()
    if only != "workers":
        given = settings.gateway
        kinds = {name: table.kind for name, table in settings.channels.items() if table.enabled}
        settled = Settled(channels=kinds, ledgers={place.name: place.kind for place in ledgers.places(settings)})
        office = Office(
            name=given.name, zone=given.timezone, folder=given.data_dir, settled=settled, terms=terms(settings), alerts=settings.alerts
        )
        pages = await stack.enter_async_context(room.opened(office, parts, journal))
    more, at = [*worklist_api.routes(parts.desks), *pages], (address.host, address.port)
    served = serving(at, parts.health, journal, which=which, more=more, admission=admission(settings))
    return await serving_unless_taken(stack, served, only, journal)


async def serving_unless_taken(stack: AsyncExitStack, served: AbstractAsyncContextManager[int], only: Role | None, journal: Journal) -> int:
    """The operators' address, which no two processes share, for each tells of itself. Of several of one role on a machine with the same
    settings the first has it, and the others run without, and say so. Raises CannotListen where there should be no other."""
    try:
        return await stack.enter_async_context(served)
    except CannotListen as taken:
        if only is None:
            raise
        journal.trouble("no_operators_address", words=str(taken))
        return 0


@asynccontextmanager
async def opened_public(
    settings: Settings,
    channels: Mapping[str, Channel],
    host: Host,
    routes: Sequence[web.AbstractRouteDef],
    *,
    journal: Journal,
    shared: bool,
) -> AsyncIterator[int | None]:
    """The address that citizens, providers and ledgers call; `shared` by all doors of one machine. Raises CannotStart."""
    http = settings.http
    address = (http.public.host, http.public.port)
    try:
        async with public.opened(address, channels, host, proxies=http.trusted, journal=journal, shared=shared, routes=routes) as port:
            yield port
    except CannotListen as error:
        raise CannotStart(str(error)) from error


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


def open_channels(settings: Settings, *, shared: bool = False) -> dict[str, Channel]:
    """A channel for each table that is enabled; `shared`: other processes on this machine have the same. Raises SettingsError."""
    channels: dict[str, Channel] = {}
    for name, table in settings.channels.items():
        if not table.enabled:
            continue
        place = f"channels.{name}"
        try:
            module = importlib.import_module(f"channels.{table.kind}")
            kind_settings, make = module.Settings, module.channel
        except (ModuleNotFoundError, AttributeError) as error:
            raise SettingsError(place, "kind", f'there is no channel of kind "{table.kind}"') from error
        try:
            channels[name] = channel = make(name, fit(place, table.rest, kind_settings))
        except ValueError as error:
            raise SettingsError(place, "", str(error)) from error
        if shared and isinstance(channel, Sharing):
            channel.share()
    return channels


@asynccontextmanager
async def rehearsing(settings: Settings) -> AsyncIterator[int | None]:
    """The rehearsal SMSC, when the settings ask for one; gives its port."""
    if settings.rehearsal is None:
        yield None
        return
    smsc = Smsc()
    listen = settings.rehearsal.listen
    try:
        port = await smsc.start(listen.host, listen.port)
    except OSError as error:
        raise CannotListen(f"[rehearsal] listen: cannot listen at {listen}: {os.strerror(error.errno or 0)}") from error
    try:
        yield port
    finally:
        await smsc.stop()


def wordings(settings: Settings) -> Wordings:
    """What citizens are told. Raises SettingsError."""
    try:
        return load_wordings(msgspec.structs.asdict(settings.emergency), settings.answers.wordings)
    except ValueError as error:
        raise SettingsError("answers", "wordings", str(error)) from error


def rules(settings: Settings, only: Role | None = None) -> Rules:
    """The normalizer's part of the settings; the doors, who read no message, do without the 15 MB of regions. Raises SettingsError."""
    keywords = {word: Keyword(agency=keyword.agency, region=keyword.region) for word, keyword in settings.keywords.items()}
    kinds = {name: table.kind for name, table in settings.channels.items()}
    meanings, languages = shipped()
    try:
        book = rulebook(settings.rules.file, meanings)
    except ValueError as error:
        raise SettingsError("rules", "file", str(error)) from error
    try:
        return Rules(
            keywords=keywords,
            channels=kinds,
            timezone=settings.gateway.timezone,
            rulebook=book,
            abbreviations=meanings,
            languages=languages,
            regions=None if only == "doors" else regions(),
        )
    except ValueError as error:
        raise SettingsError("keywords", "", str(error)) from error
