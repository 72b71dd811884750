"""The desk of alerts: what officers do with them, and the ways to recipients that the settings name.

In: the table [alerts], the console's file. Out: ways, open alerts and past ones, acts that are audited.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Protocol

import aiohttp
import apsw

from gateway.console import audit
from gateway.console.alerts import book
from gateway.console.alerts.book import Alert
from gateway.console.alerts.ways import ByMail, ByTelegram, ByWebhook, Way, outbox
from gateway.console.audit import Act
from gateway.console.cabinet import Cabinet
from gateway.console.words import Language


class Recipient(Protocol):
    """One who is told, by exactly one way."""

    @property
    def name(self) -> str: ...
    @property
    def mail(self) -> str: ...
    @property
    def telegram(self) -> str: ...
    @property
    def webhook(self) -> str: ...


class Table(Protocol):
    """The table [alerts]."""

    @property
    def recipients(self) -> Sequence[Recipient]: ...
    @property
    def escalate_min(self) -> float: ...
    @property
    def waiting_min(self) -> float: ...
    @property
    def language(self) -> Language: ...
    @property
    def mail_from(self) -> str: ...
    @property
    def smtp_url(self) -> str: ...
    @property
    def smtp_ca(self) -> str: ...
    @property
    def telegram_token(self) -> str: ...
    @property
    def telegram_api(self) -> str: ...
    @property
    def webhook_secret(self) -> str: ...


@asynccontextmanager
async def opened_ways(table: Table, host: str) -> AsyncIterator[Mapping[str, Way]]:
    """To each recipient, by name. `host`: what we call ourselves to a relay. Raises ValueError."""
    relay = outbox(table.smtp_url, table.smtp_ca, host) if table.smtp_url else None
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        ways: dict[str, Way] = {}
        for each in table.recipients:
            if each.mail and relay is not None:
                ways[each.name] = ByMail(relay, table.mail_from, each.mail)
            elif each.telegram:
                ways[each.name] = ByTelegram(session, table.telegram_api, token=table.telegram_token, chat=each.telegram)
            else:
                ways[each.name] = ByWebhook(session, each.webhook, table.webhook_secret)
        yield ways


class Desk:
    """What officers do with alerts; each act stands in the audit, in the same transaction."""

    def __init__(self, cabinet: Cabinet) -> None:
        """Works on a console's file, also beside a running gateway."""
        self._cabinet = cabinet

    async def open(self) -> Sequence[Alert]:
        """The urgent ones first."""
        return await self._cabinet.run(book.open_alerts)

    async def past(self, limit: int) -> Sequence[Alert]:
        """Those that are over, the newest first."""
        return await self._cabinet.run(partial(book.past, limit=limit))

    async def one(self, number: int) -> Alert | None:
        """Open or over."""
        return await self._cabinet.run(partial(book.one, number=number))

    async def take(self, number: int, by: str) -> Alert | None:
        """I see to it. None: it is not open. Look at `by` for whose it is."""

        def work(db: apsw.Connection) -> Alert | None:
            alert = book.take(db, number, by, time.time())
            if alert is not None and alert.by == by:
                _written(db, alert, Act(by=by, act="alert.take"))
            return alert

        return await self._cabinet.run(work)

    async def mute(self, number: int, by: str, for_s: float, reason: str) -> Alert | None:
        """Nobody is told of it for so long. None: there is no such alert."""

        def work(db: apsw.Connection) -> Alert | None:
            alert = book.mute(db, number, time.time(), for_s, by=by, words=reason)
            return _written(db, alert, Act(by=by, act="alert.mute", words=reason))

        return await self._cabinet.run(work)

    async def unmute(self, number: int, by: str) -> Alert | None:
        """Tell of it again."""

        def work(db: apsw.Connection) -> Alert | None:
            return _written(db, book.unmute(db, number, by, time.time()), Act(by=by, act="alert.unmute"))

        return await self._cabinet.run(work)


def _written(db: apsw.Connection, alert: Alert | None, act: Act) -> Alert | None:
    if alert is not None:
        audit.add(db, Act(by=act.by, act=act.act, on=alert.key, words=act.words))
    return alert
