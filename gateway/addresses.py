"""Where a gateway listens for requests: the operators' address with its console, the public one, and the rehearsal's.

In: settings, the parts that answer. Out: ports that are bound; or a sentence with the address that is not to be had.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from aiohttp import web

from channels.base import Channel, Host
from config.settings import Settings
from gateway import ledgers, public, worklist_api
from gateway.admission import admission, terms
from gateway.console import room
from gateway.console.diary import Settled
from gateway.console.room import Office, Parts
from gateway.faults import CannotStart
from gateway.http import CannotListen, serving
from gateway.journal import Journal
from gateway.outfit import Role
from gateway.rehearse.smsc import Smsc
from gateway.secret import secret_key


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
        places = ledgers.places(settings)
        worklists = {place.name: place.held for place in places if place.kind == "worklist"}
        settled = Settled(channels=kinds, ledgers={place.name: place.kind for place in places}, worklists=worklists)
        office = Office(
            name=given.name, zone=given.timezone, folder=given.data_dir, key=secret_key(settings), settled=settled, terms=terms(settings),
            alerts=settings.alerts,
        )  # fmt: skip
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
