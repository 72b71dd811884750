"""The alerts of a console, put together.

In: the console's file, what looks at the gateway, the table [alerts]. Out: a desk for pages; a watch and couriers to be run beside them.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from zoneinfo import ZoneInfo

from gateway.console import holidays, words
from gateway.console.alerts import book, sharing
from gateway.console.alerts.book import Plan
from gateway.console.alerts.courier import Courier
from gateway.console.alerts.desk import Desk, Table, opened_ways
from gateway.console.alerts.silences import Silences
from gateway.console.alerts.telling import Voice
from gateway.console.alerts.watch import Store, Watch
from gateway.console.cabinet import Cabinet
from gateway.console.diary import Settled
from gateway.console.lookout import Lookout
from gateway.faults import CannotStart
from gateway.journal import Journal
from gateway.tenure import holder

TABLES: Final = (*book.TABLES, *sharing.TABLES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sights:
    """What is watched."""

    lookout: Lookout
    settled: Settled
    store: Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerts:
    """What pages need of alerts."""

    desk: Desk
    silences: Silences
    #: that have a rhythm, or will
    channels: Sequence[str]
    #: somebody is told
    told: bool
    #: to be run beside the pages
    watch: Watch
    courier: Courier


@asynccontextmanager
async def opened(file: Cabinet, sights: Sights, table: Table, *, name: str, zone: ZoneInfo, journal: Journal) -> AsyncIterator[Alerts]:
    """`name` of the office. Raises CannotStart."""
    calendar = await asyncio.to_thread(holidays.load)
    silences = Silences(file, calendar, zone)
    plan = Plan([each.name for each in table.recipients], table.escalate_min * 60)
    voice = Voice(words.load()[table.language].alerts, name, zone)
    try:
        async with opened_ways(table, table.mail_from.rpartition("@")[2]) as ways:
            patience = timedelta(minutes=table.waiting_min)
            watch = Watch(
                file,
                sights.lookout,
                sights.settled,
                silences,
                store=sights.store,
                plan=plan,
                patience=patience,
                holder=holder(),
                journal=journal,
            )
            courier, channels = Courier(file, ways, voice, journal), tuple(sights.settled.channels)
            yield Alerts(desk=Desk(file), silences=silences, channels=channels, told=bool(ways), watch=watch, courier=courier)
    except ValueError as error:
        raise CannotStart(f"[alerts] {error}") from error
