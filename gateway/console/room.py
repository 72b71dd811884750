"""The console's wiring: what lies in its file, which pages there are, and what stands in the menu.

In: the parts of a running gateway that pages tell of. Out: routes for the operators' address.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from aiohttp import web

from gateway.console import audit, cabinet, overview
from gateway.console.access import accounts, sessions, signing
from gateway.console.access.accounts import Accounts
from gateway.console.access.sessions import Sessions
from gateway.console.audit import Audit
from gateway.console.frame import Entry, Frame
from gateway.console.guard import guarded
from gateway.console.page import Page
from gateway.health import Health

TABLES: Final = (*audit.TABLES, *accounts.TABLES, *sessions.TABLES)
MENU: Final = (Entry(path="/", key="overview", role="viewer"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """Whose console it is: its name, the zone in which it tells times, where its file lies."""

    name: str
    zone: ZoneInfo
    folder: Path


@asynccontextmanager
async def opened(office: Office, health: Health) -> AsyncIterator[Sequence[web.RouteDef]]:
    """The routes. Raises CannotStart."""
    async with cabinet.opened(office.folder, TABLES) as file:
        book, seated = Audit(file), Sessions(file)
        frame = Frame(MENU, name=office.name, zone=office.zone)
        every: list[Page] = [*signing.pages(Accounts(file), seated, book), *overview.pages(health)]
        yield [*(guarded(page, seated, frame) for page in every), web.get("/static/{digest}/{name}", frame.serve)]
