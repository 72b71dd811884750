"""The ledgers that `test_ledger.py` and `test_ledger_faults.py` hold to their promises, each with the server that it speaks to.

In: a folder, a clock. Out: an open ledger, and what the other side has in its books. A new ledger joins `SUBJECTS`.
"""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import apsw
import msgspec

from forwarder import embedded, http_ledger, open311_ledger, worklist, xml_ledger
from forwarder.ledger import Ledger
from forwarder.mapped_ledger import Mapping
from tests.fakes.addstream import TOKEN, FakeAddstream
from tests.fakes.agency import FIND, MAPPING, FakeAgency
from tests.fakes.faulty import Server
from tests.fakes.ledger import FakeLedger
from tests.fakes.open311 import KEY, FakeOpen311


class Clock:
    """Time that tests move; `skew` is how far another clock goes ahead of it."""

    def __init__(self) -> None:
        self.moved, self.skew = timedelta(0), timedelta(0)

    def ours(self) -> datetime:
        return datetime.now(UTC) + self.moved

    def theirs(self) -> datetime:
        return self.ours() + self.skew


class Books(Protocol):
    """The other side."""

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """Reference and number of each registration, one by one."""
        ...


class Fake(Books, Protocol):
    """One that is a server."""

    server: Server
    #: the same for everything that it is told, when it is given
    number: str

    def next(self, *names: str) -> None: ...


class How(msgspec.Struct, frozen=True, kw_only=True):
    """What differs from test to test."""

    folder: Path
    clock: Clock
    timeout_s: float = 10.0
    tls_ca: str = ""


class Subject(msgspec.Struct, frozen=True, kw_only=True):
    """A ledger under test."""

    other: Callable[[How], AbstractAsyncContextManager[Any]]
    #: what `other` gave
    ledger: Callable[[Any, How], Ledger]
    #: it has a server, which may fail
    served: bool = True
    #: told twice or in doubt, it can say what it has
    keyed: bool = False
    #: of what it may or may not have, nobody can say whether it has it
    blind: bool = False
    #: it gives numbers later, and what it does not show it may have
    later: bool = False


class Book:
    """The file of the embedded ledger, as another program reads it."""

    def __init__(self, how: How) -> None:
        self._path = how.folder / "ledger.db"

    @property
    def told(self) -> Sequence[tuple[str, str]]:
        """See `Books`."""
        db = apsw.Connection(str(self._path), flags=apsw.SQLITE_OPEN_READONLY)
        found = [(str(row[0]), str(row[1])) for row in db.execute("SELECT reference, tracking_id FROM entries WHERE kind='registration'")]
        db.close()
        return found


class Desk:
    """Officers who have copied nothing yet."""

    told: Sequence[tuple[str, str]] = ()


@asynccontextmanager
async def _without_a_server(other: Books) -> AsyncIterator[Books]:
    yield other


def _http(batch: int) -> Callable[[FakeLedger, How], Ledger]:
    def opened(fake: FakeLedger, how: How) -> Ledger:
        settings = http_ledger.Settings(
            url=fake.url, token="secret", batch=batch, concurrency=2, timeout_s=how.timeout_s, tls_ca=how.tls_ca
        )
        return http_ledger.ledger("national", settings, how.folder, how.clock.ours)

    return opened


def _mapped(**keys: Any) -> Callable[[FakeAgency, How], Ledger]:
    def opened(fake: FakeAgency, how: How) -> Ledger:
        mapping = Mapping(**(MAPPING | keys))
        settings = http_ledger.Settings(url=fake.url, mapping=mapping, timeout_s=how.timeout_s, tls_ca=how.tls_ca)
        return http_ledger.ledger("agency", settings, how.folder, how.clock.ours)

    return opened


def _open311(fake: FakeOpen311, how: How) -> Ledger:
    settings = open311_ledger.Settings(discovery=fake.discovery, api_key=KEY, service="jalan", timeout_s=how.timeout_s, tls_ca=how.tls_ca)
    return open311_ledger.ledger("city", settings, how.folder, how.clock.ours)


def _xml(fake: FakeAddstream, how: How) -> Ledger:
    settings = xml_ledger.Settings(url=fake.url, token=TOKEN, timeout_s=how.timeout_s, tls_ca=how.tls_ca)
    return xml_ledger.ledger("lapor", settings, how.folder, how.clock.ours)


SUBJECTS: dict[str, Subject] = {
    "embedded": Subject(
        other=lambda how: _without_a_server(Book(how)),
        ledger=lambda _, how: embedded.ledger("office", embedded.Settings(), how.folder, how.clock.ours),
        served=False,
        keyed=True,
    ),
    "http": Subject(other=lambda how: FakeLedger(token="secret", now=how.clock.theirs), ledger=_http(3), keyed=True),
    "http_one_by_one": Subject(other=lambda how: FakeLedger(token="secret", now=how.clock.theirs), ledger=_http(1), keyed=True),
    "mapped": Subject(other=lambda _: FakeAgency(), ledger=_mapped(), blind=True),
    "mapped_found": Subject(other=lambda _: FakeAgency(), ledger=_mapped(find=FIND)),
    "open311_json": Subject(other=lambda how: FakeOpen311("json", now=how.clock.theirs), ledger=_open311),
    "open311_xml": Subject(other=lambda how: FakeOpen311("xml", now=how.clock.theirs), ledger=_open311),
    "open311_token": Subject(other=lambda how: FakeOpen311(answers="token", now=how.clock.theirs), ledger=_open311, later=True),
    "open311_nothing": Subject(other=lambda how: FakeOpen311(answers="nothing", now=how.clock.theirs), ledger=_open311, later=True),
    "worklist": Subject(
        other=lambda _: _without_a_server(Desk()),
        ledger=lambda _, how: worklist.ledger("copied", worklist.Settings(), how.folder, how.clock.ours),
        served=False,
    ),
    "xml": Subject(other=lambda _: FakeAddstream(), ledger=_xml, blind=True),
}


def certificate(context: ssl.SSLContext, authority: Any, *, ended: bool) -> None:
    """One for the loopback address, from an authority of `trustme`; that `ended` yesterday."""
    begins, ends = datetime.now(UTC) - timedelta(days=9), datetime.now(UTC) - timedelta(days=1)
    issued = authority.issue_cert("127.0.0.1", not_before=begins, not_after=ends if ended else None)
    issued.configure_cert(context)
