"""The wiring of the ledgers: their tables of the settings become something that registers.

In: settings. Out: ledgers, closed at the end, what each takes, and how it wants to be asked.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import msgspec

from config.settings import Settings, SettingsError, fit
from forwarder import embedded
from forwarder.ledger import Ledger
from forwarder.sorting import Take
from forwarder.worklist import WorklistLedger
from gateway import duties
from gateway.clerk import Clerk
from gateway.gate import Gate
from gateway.journal import Journal
from gateway.store.base import Store
from gateway.store.record import ALONE, DEFAULT
from gateway.worklist import Worklist
from gateway.worklist_api import Desk
from normalizer.regions import Regions, number

#: by kind, the module in `forwarder`; the others are not loaded
LEDGERS = {"embedded": "embedded", "http": "http_ledger", "open311": "open311_ledger", "xml": "xml_ledger", "worklist": "worklist"}

#: A case is claimed for as long as two look-ups and a submission may take, and half a minute for a busy loop.
LEASE_CALLS, LEASE_MORE_S = 3, 30.0


class Place(NamedTuple):
    """A ledger, as the settings have it."""

    #: how the store calls it
    queue: str
    #: how metrics and journal call it: the one of [ledger] by its kind, the others by their names
    name: str
    table: str
    kind: str
    rest: Mapping[str, object]

    @property
    def held(self) -> Sequence[str]:
        """The queues of the cases that it has or may have: the one of [ledger] also has those of the time when it was the only one."""
        return ALONE if self.queue == DEFAULT else (self.queue,)


class Told(NamedTuple):
    """A ledger that is open."""

    place: Place
    ledger: Ledger
    pace: duties.Pace
    way: Gate


def places(settings: Settings) -> list[Place]:
    """The one of [ledger] first. Raises SettingsError."""
    default = Place(DEFAULT, settings.ledger.kind, "ledger", settings.ledger.kind, settings.ledger.rest)
    found = [default, *(Place(name, name, f"ledgers.{name}", each.own.kind, each.own.rest) for name, each in settings.ledgers.items())]
    books: dict[Path, str] = {}
    for place in found:
        if place.name == default.name and place is not default:
            raise SettingsError(place.table, "", "metrics call the one of [ledger] so, by its kind; choose another name")
        own = own_settings(place)
        if isinstance(own, embedded.Settings):
            book = embedded.place(own, settings.gateway.data_dir).resolve()
            if book in books:
                raise SettingsError(place.table, "path", f"[{books[book]}] lies there too; give each its own file")
            books[book] = place.table
    return found


def takes(settings: Settings, regions: Regions | None) -> dict[str, Sequence[Take]]:
    """By name, the rules of every ledger that has some, in their order. Raises SettingsError."""
    ledgers = settings.ledgers.items()
    return {name: [_take(name, entry, rule, regions) for entry, rule in enumerate(each.takes, 1)] for name, each in ledgers}


def _take(name: str, entry: int, rule: Mapping[str, object], regions: Regions | None) -> Take:
    table = f"ledgers.{name}.takes, entry {entry}"
    take = fit(table, rule, Take)
    if take.region and regions is not None and regions.name(number(take.region)) is None:
        raise SettingsError(table, "region", "no region has this code")
    return take


def _module(place: Place) -> ModuleType:
    """What speaks to a ledger of this kind."""
    if place.kind not in LEDGERS:
        raise SettingsError(place.table, "kind", f'there is no ledger of kind "{place.kind}"; known here: {", ".join(LEDGERS)}')
    return importlib.import_module(f"forwarder.{LEDGERS[place.kind]}")


def own_settings(place: Place) -> msgspec.Struct:
    """Its table, as its kind reads it. Raises SettingsError."""
    own: msgspec.Struct = fit(place.table, place.rest, _module(place).Settings)
    return own


def pace(place: Place) -> duties.Pace:
    """As the ledger's own table says; a ledger without a network has no time-out."""
    own = own_settings(place)
    timeout_s: float = getattr(own, "timeout_s", 30.0)
    return duties.Pace(
        batch=own.batch,  # type: ignore[attr-defined]  # each kind of ledger has these two
        concurrency=own.concurrency,  # type: ignore[attr-defined]  # see above
        lease_s=timeout_s * LEASE_CALLS + LEASE_MORE_S,
    )


def asked(place: Place) -> str:
    """How one case is told to a ledger of kind "http", as method and path; empty for any other."""
    call: str = getattr(own_settings(place), "asked", "")
    return call


@asynccontextmanager
async def opened(place: Place, data_dir: Path) -> AsyncIterator[Ledger]:
    """A ledger of the settings."""
    ledger: Ledger = _module(place).ledger(place.name, own_settings(place), data_dir, lambda: datetime.now(UTC))
    try:
        yield ledger
    finally:
        await ledger.close()


def desks(told: Iterable[Told], store: Store, clerk: Clerk) -> list[Desk]:
    """Those of the ledgers that people copy into."""
    copied = [(place, ledger) for place, ledger, *_ in told if isinstance(ledger, WorklistLedger)]
    return [Desk(place.queue, ledger.token, Worklist(store, clerk, place.held), ledger.supervisor_token) for place, ledger in copied]


@asynccontextmanager
async def opened_all(found: Sequence[Place], data_dir: Path, journal: Journal) -> AsyncIterator[list[Told]]:
    """All of them, each with a way of its own, so that one that is away holds up nobody else."""
    async with AsyncExitStack() as stack:
        told = []
        for place in found:
            its_pace = pace(place)
            ledger = await stack.enter_async_context(opened(place, data_dir))
            told.append(Told(place, ledger, its_pace, Gate(place.name, its_pace.concurrency, journal)))
        yield told
