"""The desk of alerts: the watch, the couriers and what officers do, put together for the console's wiring and the command line.

In: settings as they are needed here, the console's file. Out: ways to recipients, what to run beside the console, acts that are audited.
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


class Settled(Protocol):
    """The table [alerts], as far as it is needed for the ways."""

    @property
    def recipients(self) -> Sequence[Recipient]: ...
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
async def opened_ways(settled: Settled, host: str) -> AsyncIterator[Mapping[str, Way]]:
    """To each recipient, by name. `host`: what we call ourselves to a relay. Raises ValueError."""
    relay = outbox(settled.smtp_url, settled.smtp_ca, host) if settled.smtp_url else None
    async with aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session:
        ways: dict[str, Way] = {}
        for each in settled.recipients:
            if each.mail and relay is not None:
                ways[each.name] = ByMail(relay, settled.mail_from, each.mail)
            elif each.telegram:
                ways[each.name] = ByTelegram(session, settled.telegram_api, token=settled.telegram_token, chat=each.telegram)
            else:
                ways[each.name] = ByWebhook(session, each.webhook, settled.webhook_secret)
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

    async def take(self, number: int, by: str) -> Alert | None:
        """I see to it. None: it is not open. Look at `by` for whose it is."""

        def work(db: apsw.Connection) -> Alert | None:
            return _written(db, book.take(db, number, by, time.time()), Act(by=by, act="alert.take"))

        return await self._cabinet.run(work)

    async def mute(self, number: int, by: str, for_s: float, reason: str) -> Alert | None:
        """Nobody is told of it for so long. None: there is no such alert."""

        def work(db: apsw.Connection) -> Alert | None:
            alert = book.mute(db, number, time.time() + for_s, by=by, words=reason)
            return _written(db, alert, Act(by=by, act="alert.mute", words=reason))

        return await self._cabinet.run(work)

    async def unmute(self, number: int, by: str) -> Alert | None:
        """Tell of it again."""

        def work(db: apsw.Connection) -> Alert | None:
            return _written(db, book.unmute(db, number), Act(by=by, act="alert.unmute"))

        return await self._cabinet.run(work)


def _written(db: apsw.Connection, alert: Alert | None, act: Act) -> Alert | None:
    if alert is not None:
        audit.add(db, Act(by=act.by, act=act.act, on=alert.key, words=act.words))
    return alert
