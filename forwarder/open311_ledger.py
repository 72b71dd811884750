"""A ledger that speaks Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), in JSON or XML, realtime or with tokens.

In: canonical records. Out: one answer for each. The interface has no idempotency key: our code stands in the description (and in an
attribute, if the settings say which), and before a repeat the server's list of requests is searched for it. It never takes a request
for missing that may only not be listed yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.doubt import Doubts
from forwarder.ledger import Answer, Happening, Registration
from forwarder.line import Access, Line, Tls
from forwarder.once import each_once
from forwarder.open311_answers import (
    Attribute,
    Row,
    attributes,
    created,
    endpoint,
    identity,
    numbers_later,
    requested_at,
    rows,
    standing,
    wants_more,
)
from forwarder.open311_form import Settings, each, form, service
from forwarder.open311_search import searched
from forwarder.reply import Reply, instant
from normalizer.complaint import Complaint

__all__ = ["Open311Ledger", "Settings", "ledger"]

FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
#: seconds between two questions after a token
ASK_AGAIN_S: Final = 2.0
#: clocks differ, and some servers write the time of their place as if it were UTC: so long before the complaint came it may have been
#: registered, and so long after now
SKEW: Final = timedelta(hours=25)


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> Open311Ledger:
    """A ledger that connects when it is first asked; `now` gives aware UTC. Raises ValueError for a certificate that cannot be used."""
    return Open311Ledger(name, settings, now)


class Open311Ledger:
    """A `Ledger` that is searched before anything is told twice."""

    finds = True
    idempotent = False

    def __init__(self, name: str, settings: Settings, now: Callable[[], datetime]) -> None:
        self.name = name
        self._settings, self._now = settings, now
        tls = Tls(settings.tls_ca, settings.tls_cert, settings.tls_key)
        self._line = Line(Access(settings.timeout_s, settings.concurrency, {"Accept": "application/json, text/xml"}, tls))
        # XML is what each server has to speak, JSON what its discovery document may name besides
        self._base, self._form = URL(settings.url.rstrip("/")) if settings.url else None, "xml"
        #: services whose attributes are known to be given; and those of them whose requests get no id at once
        self._served: set[str] = set()
        self._later: set[str] = set()
        self._doubts = Doubts(settings.listed_after_s, now)

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each; a reference that stands here twice is told once."""
        return await each_once(complaints, self._register)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """Search the requests made since then. Raises Refused or Unavailable, also while it may be there and not be listed yet."""
        if token := self._doubts.token(reference):
            with suppress(Refused, Unavailable):  # the list may tell
                if number := await self._named(token):
                    return self._registered(reference, number)
        row = await searched(self._listed, reference, (since - SKEW, self._now() + SKEW), self._settings.list_limit)
        if row is None:
            self._doubts.missed(reference)
            await self.probe()
            if self._later:
                raise Refused("unknown", "the ledger numbers requests later, and may have this one without showing it")
            return None
        if not row.get("service_request_id"):
            self._doubts.begin(reference, taken=True)
            self._doubts.missed(reference)
        if not identity(row):
            raise Refused("strange_id", "the ledger has it under an id that cannot be told to a citizen; look for the code there")
        return self._registered(reference, identity(row), requested_at(row))

    async def standing(self, reference: str, registration: Registration) -> Happening | None:
        """None when the answer is not about this request, or has no status. Raises Refused or Unavailable."""
        number = registration.tracking_id
        for row in await self._rows(f"requests/{quote(number, safe='')}"):
            status, by, note, at = standing(row, self._now())
            if identity(row) == number and status:
                return Happening(tracking_id=number, reference=reference, at=at, status=status, by=by, note=note)
        return None

    async def amend(self, complaint: Complaint) -> None:
        """Raises Refused: a request cannot be changed in GeoReport v2."""
        raise Refused("amend_unsupported")

    async def probe(self) -> None:
        """Ask for the services, and whether they get all that they want to know. Raises Refused or Unavailable."""
        for code in {self._settings.service, *self._settings.services.values()}:
            await self._serve(code)

    async def close(self) -> None:
        """Close the connections."""
        await self._line.close()

    async def _register(self, complaint: Complaint) -> Answer:
        try:
            fields = form(complaint, self._settings)
            await self._serve(service(complaint, self._settings))
            url = await self._url("requests")
            return await self._told(complaint.reference, url, urlencode(fields, doseq=True).encode())
        except (Refused, Unavailable) as failed:
            return failed

    async def _told(self, reference: str, url: URL, body: bytes) -> Registration:
        try:
            made = created(await self._line.call("POST", url, body, Content_Type=FORM), self._now())
        except Unavailable as failed:
            if failed.unsure:
                self._doubts.begin(reference)
            raise
        if made.id:
            return self._registered(reference, made.id)
        # taken, they say, and do not say as what: the token will, or the list of requests may
        self._doubts.begin(reference, taken=True, token=made.token)
        if not made.token:
            raise Unavailable("no_id", unsure=True)
        return self._registered(reference, await self._resolved(made.token))

    def _registered(self, reference: str, number: str, at: datetime | None = None) -> Registration:
        self._doubts.end(reference)
        return Registration(tracking_id=number, registered_at=at or self._now())

    async def _resolved(self, token: str) -> str:
        """What a token stands for, asked again and again for as long as one call may take. Raises Unavailable: unsure, for it was taken."""
        with suppress(Refused, Unavailable, TimeoutError):
            async with asyncio.timeout(self._settings.timeout_s):
                while True:
                    if number := await self._named(token):
                        return number
                    await asyncio.sleep(ASK_AGAIN_S)
        raise Unavailable("token_pending", unsure=True)

    async def _named(self, token: str) -> str:
        """The id that a token stands for by now, or nothing. Raises Refused or Unavailable."""
        return created(await self._asked(f"tokens/{quote(token, safe='')}"), self._now()).id

    async def _serve(self, code: str) -> None:
        """See to it that a service is there and gets what it wants. What is wrong here is our settings: complaints wait, none is parked."""
        if code in self._served:
            return
        try:
            found = await self._rows("services")
            row = next((row for row in found if str(row.get("service_code", "")).strip() == code), None)
            if row is None:
                raise Unavailable("no_such_service")
            wanted = attributes(await self._asked(f"services/{quote(code, safe='')}"), self._now()) if wants_more(row) else ()
        except Refused as refused:
            raise Unavailable(refused.code, said=refused.said) from refused
        except Unavailable as failed:
            raise Unavailable(failed.code, retry_after=failed.retry_after, said=failed.said) from failed
        for attribute in wanted:
            given = self._settings.attributes.get(attribute.code)
            if (attribute.required and not given) or (given and not _fits(given, attribute)):
                raise Unavailable("attribute_missing")
        if numbers_later(row):
            self._later.add(code)
        self._served.add(code)

    async def _listed(self, begin: datetime, end: datetime) -> list[Row]:
        reply = await self._asked("requests", start_date=_w3(begin), end_date=_w3(end))
        there = instant(reply.date)
        if there and abs(there - self._now()) > SKEW:
            raise Refused("cannot_look_up", "the ledger's clock and ours are more than a day apart; look for the code by hand")
        return rows(reply, self._now())

    async def _rows(self, path: str, **query: str) -> list[Row]:
        return rows(await self._asked(path, **query), self._now())

    async def _asked(self, path: str, **query: str) -> Reply:
        url = (await self._url(path)).update_query(_given(jurisdiction_id=self._settings.jurisdiction_id, **query))
        return await self._line.call("GET", url)

    async def _url(self, path: str) -> URL:
        if self._base is None:
            try:
                where, speaks_json = endpoint(await self._line.call("GET", URL(self._settings.discovery)), self._now())
            except Refused as refused:  # the settings are wrong, not the complaint
                raise Unavailable(refused.code, said=refused.said) from refused
            self._base, self._form = URL(where), "json" if speaks_json else "xml"
        return URL(f"{self._base}/{path}.{self._form}", encoded=True)


def _fits(given: str | list[str], attribute: Attribute) -> bool:
    """A list where it takes several, and none of the values that are known now is another than it takes."""
    known = {value for value in each(given) if "{" not in value}
    return isinstance(given, list) == attribute.several and (not attribute.values or known <= attribute.values)


def _given(**query: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


def _w3(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
