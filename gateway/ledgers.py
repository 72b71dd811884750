"""The wiring of the ledger: its table of the settings becomes something that registers.

In: settings. Out: a ledger, closed at the end, and how it wants to be asked.
"""

from __future__ import annotations

import importlib
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from types import ModuleType

import msgspec

from config.settings import Settings, SettingsError, fit
from forwarder.ledger import Ledger
from forwarder.worklist import WorklistLedger
from gateway import duties
from gateway.clerk import Clerk
from gateway.store.base import Store
from gateway.worklist import Worklist
from gateway.worklist_api import Desk

#: by kind, the module in `forwarder`; the others are not loaded
LEDGERS = {"embedded": "embedded", "http": "http_ledger", "open311": "open311_ledger", "xml": "xml_ledger", "worklist": "worklist"}

#: A case is claimed for as long as two look-ups and a submission may take, and half a minute for a busy loop.
LEASE_CALLS, LEASE_MORE_S = 3, 30.0


def ledger_module(settings: Settings) -> ModuleType:
    """What speaks to a ledger of this kind."""
    return importlib.import_module(f"forwarder.{LEDGERS[settings.ledger.kind]}")


def ledger_settings(settings: Settings) -> msgspec.Struct:
    """The table [ledger] of its kind. Raises SettingsError."""
    if settings.ledger.kind not in LEDGERS:
        raise SettingsError("ledger", "kind", f'there is no ledger of kind "{settings.ledger.kind}"; known here: {", ".join(LEDGERS)}')
    own: msgspec.Struct = fit("ledger", settings.ledger.rest, ledger_module(settings).Settings)
    return own


def ledger_pace(settings: Settings) -> duties.Pace:
    """As the ledger's own table says; a ledger without a network has no time-out."""
    own = ledger_settings(settings)
    timeout_s: float = getattr(own, "timeout_s", 30.0)
    return duties.Pace(
        batch=own.batch,  # type: ignore[attr-defined]  # each kind of ledger has these two
        concurrency=own.concurrency,  # type: ignore[attr-defined]  # see above
        lease_s=timeout_s * LEASE_CALLS + LEASE_MORE_S,
    )


@asynccontextmanager
async def opened_ledger(settings: Settings) -> AsyncIterator[Ledger]:
    """The ledger that the settings name."""
    own = ledger_settings(settings)
    ledger: Ledger = ledger_module(settings).ledger(settings.ledger.kind, own, settings.gateway.data_dir, lambda: datetime.now(UTC))
    try:
        yield ledger
    finally:
        await ledger.close()


def desks(ledgers: Iterable[Ledger], store: Store, clerk: Clerk) -> list[Desk]:
    """Those of the ledgers that people copy into, and that a token opens to programs."""
    return [Desk(ledger.token, Worklist(store, clerk)) for ledger in ledgers if isinstance(ledger, WorklistLedger) and ledger.token]
