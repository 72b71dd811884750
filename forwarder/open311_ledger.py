"""A ledger that speaks Open311 GeoReport v2 (wiki.open311.org/GeoReport_v2), in JSON or XML, realtime or with tokens.

In: canonical records. Out: one answer for each. The interface has no idempotency key: our code stands in the description (and in an
attribute, if the settings say which), and before a repeat the server's list of requests is searched for it. It never takes a request
for missing that may only not be listed yet.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode

from yarl import URL

from channels.base import Refused, Unavailable
from forwarder.ledger import Answer, Happening, Registration, each_once
from forwarder.line import Access, Line, Tls
from forwarder.open311_answers import Row, attributes, created, endpoint, identity, requested_at, rows, standing, wants_more
from forwarder.open311_form import Settings, form, service
from forwarder.reply import Reply
from normalizer.complaint import Complaint

__all__ = ["Open311Ledger", "Settings", "ledger"]

#: seconds between two questions after a token
ASK_AGAIN_S: Final = 2.0
#: a window of this length that is still too full cannot be searched
SHORTEST: Final = timedelta(minutes=1)
#: windows of one search: two months of a city with a thousand requests a day
MOST_WINDOWS: Final = 200
#: clocks differ: so long before the complaint came, it may have been registered
SKEW: Final = timedelta(hours=1)


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
        self._base, self._form = URL(settings.url.rstrip("/")) if settings.url else None, "json"
        #: services whose attributes are known to be given
        self._served: set[str] = set()
        #: since when a reference may have been told, and be not listed yet; for those of an earlier life, since we began
        self._doubtful: dict[str, datetime] = {}
        self._began = now()
        #: tokens that still stand for an id
        self._tokens: dict[str, str] = {}

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Answer]:
        """One call for each; a reference that stands here twice is told once."""
        return await each_once(complaints, self._register)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """Search the requests made since then. Raises Refused or Unavailable, also while it may be there and not be listed yet."""
        if token := self._tokens.get(reference):
            return await self._resolved(reference, token)
        found = await self._searched(reference, since - SKEW)
        if found is not None:
            self._doubtful.pop(reference, None)
            return found
        waited = self._now() - self._doubtful.get(reference, self._began)
        lag = timedelta(seconds=self._settings.listed_after_s)
        if waited < lag:
            raise Unavailable("not_listed_yet", retry_after=(lag - waited).total_seconds(), unsure=True)
        return None

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
            return await self._told(complaint.reference, url, urlencode(fields).encode())
        except (Refused, Unavailable) as failed:
            return failed

    async def _told(self, reference: str, url: URL, body: bytes) -> Answer:
        try:
            reply = await self._line.call("POST", url, body, Content_Type="application/x-www-form-urlencoded; charset=utf-8")
            made = created(reply, self._now())
            if made.id:
                return Registration(tracking_id=made.id, registered_at=self._now())
            if not made.token:
                # taken, they say, and do not say as what: the list of requests may tell
                raise Unavailable("no_id", unsure=True)
            self._tokens[reference] = made.token
            return await self._resolved(reference, made.token)
        except Unavailable as failed:
            if failed.unsure:
                self._doubtful[reference] = self._now()
            raise

    async def _resolved(self, reference: str, token: str) -> Registration:
        """Ask what became of a token, for as long as one call may take. Raises Refused or Unavailable."""
        url = (await self._url(f"tokens/{quote(token, safe='')}")).update_query(_given(jurisdiction_id=self._settings.jurisdiction_id))
        for _ in range(max(1, int(self._settings.timeout_s / ASK_AGAIN_S))):
            made = created(await self._line.call("GET", url), self._now())
            if made.id:
                self._tokens.pop(reference, None)
                self._doubtful.pop(reference, None)
                return Registration(tracking_id=made.id, registered_at=self._now())
            await asyncio.sleep(ASK_AGAIN_S)
        raise Unavailable("token_pending", unsure=True)

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
            raise Unavailable(refused.code) from refused
        except Unavailable as failed:
            raise Unavailable(failed.code, retry_after=failed.retry_after) from failed
        for attribute in wanted:
            given = self._settings.attributes.get(attribute.code, "")
            if (attribute.required and not given) or (given and attribute.values and "{" not in given and given not in attribute.values):
                raise Unavailable("attribute_missing")
        self._served.add(code)

    async def _searched(self, reference: str, start: datetime) -> Registration | None:
        """Window by window, halved while one is too full, the newest first."""
        windows, looked = [(start, self._now() + SKEW)], 0
        while windows:
            begin, end = windows.pop()
            found = await self._rows("requests", start_date=_w3(begin), end_date=_w3(end))
            for row in found:
                if reference in str(row.get("description") or "") and identity(row):
                    return Registration(tracking_id=identity(row), registered_at=requested_at(row, self._now()))
            if found and not any(row.get("description") for row in found):
                raise Refused("cannot_look_up", "the ledger lists requests without their descriptions; look for the code by hand")
            looked += 1
            if len(found) >= self._settings.list_limit:
                if end - begin < SHORTEST or looked > MOST_WINDOWS:
                    raise Refused("cannot_look_up", "the ledger lists too many requests to find one; look for the code by hand")
                middle = begin + (end - begin) / 2
                windows += [(begin, middle), (middle, end)]
        return None

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
                raise Unavailable(refused.code) from refused
            self._base, self._form = URL(where), "json" if speaks_json else "xml"
        return URL(f"{self._base}/{path}.{self._form}", encoded=True)


def _given(**query: str) -> dict[str, str]:
    return {name: value for name, value in query.items() if value}


def _w3(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")
