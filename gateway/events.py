"""The door through which ledgers say what became of complaints: `POST /ledger/events` at the public address.

In: signed calls with one event or a list of them (`forwarder/ledger-api.yaml`). Out: 200 when all of it is on disk, else what is wrong and
where. It never says more than that to whoever cannot sign, and never reads a body whose signature is stale.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Final, NamedTuple

import msgspec
from aiohttp import web
from msgspec import Meta

from channels.base import Unavailable
from forwarder.ledger import LONGEST_ID, Happening, credible, tellable
from forwarder.signature import HEADER, genuine, timely
from forwarder.states import States
from gateway.calls import AGAIN, Calls, Unread
from gateway.journal import Journal
from gateway.metrics import Metrics
from gateway.store.base import Store
from gateway.store.happenings import Heard, Told

PATH: Final = "/ledger/events"
#: events in one call, and in one transaction of the store, for which the doors wait
MOST, SHEAF = 1000, 100


class Sender(NamedTuple):
    """A ledger that may call."""

    #: as the store calls it, and as metrics and journal do
    ledger: str
    name: str
    secret: str
    #: what its words mean
    states: States


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """An event as it comes."""

    tracking_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_ID)]
    reference: Annotated[str, Meta(min_length=1, max_length=40)]
    at: Annotated[datetime, Meta(tz=True)]
    status: Annotated[str, Meta(min_length=1, max_length=200)]
    by: Annotated[str, Meta(max_length=200)] = ""
    note: Annotated[str, Meta(max_length=5000)] = ""


_decode = msgspec.json.Decoder(Annotated[list[Said], Meta(max_length=MOST)] | Said).decode


class Events:
    """What is behind the door."""

    def __init__(self, store: Store, senders: Sequence[Sender], metrics: Metrics, journal: Journal) -> None:
        """One for the process; `senders` in the order in which their secrets are tried."""
        self._store, self._senders, self._metrics, self._journal = store, senders, metrics, journal
        self._calls = Calls()

    def routes(self) -> list[web.AbstractRouteDef]:
        """None of them when no ledger may call."""
        return [web.post(PATH, self._answer)] if self._senders else []

    async def _answer(self, request: web.Request) -> web.Response:
        now, header = datetime.now(UTC), request.headers.get(HEADER, "")
        if not timely(header, now):
            return self._refused(f"{HEADER} is missing, or its time is more than five minutes from ours")
        try:
            async with self._calls.body(request) as body:
                return await self._heard(header, body, now)
        except Unread as unread:
            return _problem(unread.status, unread.words, unread.headers)

    async def _heard(self, header: str, body: bytes, now: datetime) -> web.Response:
        sender = next((each for each in self._senders if genuine(header, each.secret, body)), None)
        if sender is None:
            return self._refused("the signature does not fit")
        try:
            told = [_told(sender, place, said, now) for place, said in enumerate(_each(body))]
        except (msgspec.MsgspecError, ValueError, RecursionError) as fault:
            self._metrics.events[sender.name, "unreadable"] += 1
            return _problem(400, str(fault))
        return await self._kept(sender, told)

    async def _kept(self, sender: Sender, told: Sequence[Told]) -> web.Response:
        heard: list[Heard] = []
        try:
            for start in range(0, len(told), SHEAF):
                heard += await self._store.tell(told[start : start + SHEAF])
        except Unavailable:  # what was kept by then is recognised when it comes again
            return _problem(503, "not now", AGAIN)
        counts = Counter(heard)
        for outcome, n in counts.items():
            self._metrics.events[sender.name, outcome] += n
        kept, known = counts["kept"], counts["known"]
        self._journal.state("ledger_told", ledger=sender.name, kept=kept, known=known, unknown=counts["unknown"])
        if counts["unknown"]:
            unknown = [place for place, each in enumerate(heard) if each == "unknown"]
            return _problem(404, "no complaint has this reference and this tracking id", kept=kept, known=known, unknown=unknown)
        return web.json_response({"kept": kept, "known": known})

    def _refused(self, title: str) -> web.Response:
        self._metrics.events["", "forged"] += 1
        return _problem(401, title)


def _each(body: bytes) -> Sequence[Said]:
    """Raises msgspec.MsgspecError, whose words name the field and not what stands in it."""
    said = _decode(body)
    return said if isinstance(said, list) else [said]


def _told(sender: Sender, place: int, said: Said, now: datetime) -> Told:
    """Raises ValueError naming the field."""
    if not tellable(said.tracking_id):
        raise ValueError(f"expected a tracking id in printable ASCII - at `$[{place}].tracking_id`")
    at = credible(said.at)
    if at is None:
        raise ValueError(f"expected a time in this century - at `$[{place}].at`")
    happening = Happening(tracking_id=said.tracking_id, reference=said.reference, at=at, status=said.status, by=said.by, note=said.note)
    return Told(ledger=sender.ledger, happening=happening, state=sender.states.of(said.status), heard_at=now)


def _problem(status: int, title: str, headers: Mapping[str, str] = {}, **more: object) -> web.Response:
    body = msgspec.json.encode({"title": title, "status": status, **more})
    return web.Response(status=status, body=body, headers={"Content-Type": "application/problem+json", **headers})
