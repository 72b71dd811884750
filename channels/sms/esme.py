"""The channel "sms.esme": an operator's SMSC, to which we bind as an ESME (SMPP 3.4).

In: deliver_sm and data_sm, which go to the inbox as they came and are answered when they are on disk; letters, which go out as
submit_sm. Out: arrivals, parts, receipts, and the provider's ids of letters. It never says yes before the inbox has, and never logs.

    Link (dial, bind, again) ─► Wire (socket) ─► Session (pure) ─► Reception ─► inbox
    send ─► Outbox (first come, first sent) ─► a Wire with room
"""

from __future__ import annotations

import asyncio
import ssl
from collections import Counter
from collections.abc import Awaitable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from channels.base import Accepted, Arrival, InboundMessage, Inbox, Letter, Part, Receipt, Refused, Taken, Unavailable, quoted
from channels.sms import pdu, reading, statuses
from channels.sms.link import CONNECT_S, Link, LinkState
from channels.sms.outbox import Fate, Outbox
from channels.sms.session import Role
from channels.sms.settings import Settings
from channels.sms.submission import Submissions
from channels.sms.wire import Operator

__all__ = ["Esme", "Settings", "channel"]

#: letters a second that a bind may be asked to keep to
SLOWEST, FASTEST = 0.1, 5_000.0


def channel(name: str, settings: Settings) -> Esme:
    """The channel of one operator. Raises ValueError when its file of certificates cannot be used."""
    return Esme(name, settings)


class Absence:
    """How far back equal bytes are one message: the redelivery window, but for the time in which nobody was here to be redelivered to.

    Deliveries that we took and did not live to acknowledge were the last before we went; when the absence was longer than the window,
    the SMSC still sends them again, right after the bind. So for one window after the bind, one window before the last arrival counts
    too. One for all binds of an operator: what was open before the absence comes over any of them, also over one that was lost once
    more and made anew, when newer messages have come already.
    """

    def __init__(self, window: timedelta) -> None:
        self._window = window
        self._began: datetime | None = None
        self._until: datetime | None = None

    def ends(self, latest: datetime | None, now: datetime) -> None:
        """A connection is about to be made. `latest`: when the newest arrival of the channel had come."""
        if self._until is not None and now > self._until:
            self._began = self._until = None
        if latest is not None:
            self._began = min(latest, self._began or latest)

    def since(self, now: datetime) -> datetime:
        """Equal bytes that came before this instant were another message."""
        since = now - self._window
        if self._began is None:
            return since
        self._until = self._until or now + self._window
        return since if now > self._until else min(since, self._began - self._window)


class Reception:
    """Where the messages of one connection are read just enough to give them an identity, and handed to the inbox."""

    def __init__(self, channel: Esme, inbox: Inbox) -> None:
        self._name, self._rules, self._counts, self._inbox = channel.name, channel.rules, channel.counts, inbox
        self._since = channel.absence.since

    def take(self, raw: bytes, now: datetime) -> asyncio.Future[Accepted] | asyncio.Future[bool]:
        """A deliver_sm or data_sm."""
        what = self._keep(raw, now)
        if type(what) is Arrival:
            return self._inbox.accept(what)
        if isinstance(what, Part):
            return self._inbox.hold(what)
        if isinstance(what, Receipt):
            return self._inbox.note(what)
        return self._inbox.accept(what)

    def keep(self, raw: bytes, now: datetime) -> asyncio.Future[Accepted]:
        """Bytes without a meaning; a person will look at them."""
        self._counts["unreadable"] += 1
        return self._inbox.accept(reading.unreadable(self._name, raw, now, self._since(now)))

    def _keep(self, raw: bytes, now: datetime) -> Arrival | Part | Receipt:
        """The wall: whatever we make of a message, its bytes go on to the disk.

        A PDU with a fault (`Malformed`) and a fault of ours end alike. An error status would make the SMSC send the same bytes for
        ever; so they are kept for a person, and the SMSC is told that we have them.
        """
        try:
            return self._read(raw, now)
        except Exception:  # see above: between the wire and the disk no fault of ours may lose a citizen's words
            self._counts["unreadable"] += 1
            return reading.unreadable(self._name, raw, now, self._since(now))

    def _read(self, raw: bytes, now: datetime) -> Arrival | Part | Receipt:
        message = pdu.read_message(raw)
        if reading.is_receipt(message):
            return reading.read_receipt(self._name, message, now)
        return reading.read_arrival(self._name, raw, message, now=now, since=self._since(now), rules=self._rules)


class Esme:
    """One operator, over as many binds as its settings say. `counts`: unreadable, stray_answer, throttled, reconnect, bind_refused …"""

    single: Final = "bind"

    def __init__(self, name: str, settings: Settings) -> None:
        self._name, self._settings = name, settings
        self.rules = reading.Rules(
            short_code=settings.short_code,
            default_alphabet=settings.default_alphabet,
            id_tlv=settings.id_tlv,
            redelivery_window_s=settings.redelivery_window_s,
            part_timeout_s=settings.part_timeout_s,
        )
        self.absence = Absence(timedelta(seconds=settings.redelivery_window_s))
        self.counts: Counter[str] = Counter()
        self._submissions = Submissions(settings.short_code, settings.default_alphabet)
        self._outbox = Outbox(window=settings.window, patience_s=settings.response_timeout_s)
        operator = Operator(settings, self._outbox, self.counts)
        trust = _trust(settings)
        roles: tuple[Role, ...] = ("transceiver",) if settings.bind == "transceiver" else ("transmitter", "receiver")
        self._links = [Link(operator, number, role, trust) for number in range(1, settings.sessions + 1) for role in roles]

    @property
    def name(self) -> str:
        return self._name

    @property
    def up(self) -> bool:
        """True while a bind can send."""
        return self._outbox.open

    @property
    def links(self) -> tuple[LinkState, ...]:
        """Every link, bound or not; a transmitter and its receiver have the same number."""
        return tuple(link.seen for link in self._links)

    @property
    def rates(self) -> tuple[float, float]:
        """See `Paced`. An operator that named a rate allows no more."""
        return SLOWEST, self._settings.rate_per_s or FASTEST

    def pace(self, per_s: float | None) -> None:
        """See `Paced`. Of each bind, as in the settings."""
        least, most = self.rates
        rate = self._settings.rate_per_s if per_s is None else min(max(per_s, least), most)
        for link in self._links:
            link.pace.limit(rate)
        self._outbox.dispatch()

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        return reading.decode(arrival, parts, self.rules)

    async def echo(self) -> dict[str, float]:
        """See `Echoing`: an enquire_link on each bind."""
        return {f"{link.state.role} {link.state.number}": await link.echo() for link in self._links}

    async def probe(self) -> str:
        """Is there somebody at the operator's address? It connects and does not bind: the operator may allow one bind only.

        Raises Unavailable.
        """
        place = f"{self._settings.host}:{self._settings.port}"
        trust = _trust(self._settings)
        try:
            async with asyncio.timeout(CONNECT_S):
                _, writer = await asyncio.open_connection(
                    self._settings.host, self._settings.port, ssl=trust, server_hostname=self._settings.host if trust else None
                )
        except (OSError, UnicodeError) as problem:
            raise Unavailable(f"{place} cannot be reached: {type(problem).__name__}") from problem
        writer.close()
        return f"{place} answers; it was not bound to"

    async def listen(self, inbox: Inbox) -> None:
        """Keep every link up until cancelled; then leave politely."""
        self._outbox.left_s = lambda: inbox.left_s

        async def receive() -> Reception:
            self.absence.ends(await inbox.latest(self._name), datetime.now(UTC))
            return Reception(self, inbox)

        async with asyncio.TaskGroup() as group:
            for link in self._links:
                group.create_task(link.keep(receive))

    def send(self, letter: Letter) -> Awaitable[Taken]:
        """Send every segment. When one fails, the letter has failed, although the citizen may have read the others."""
        segments = self._submissions.of(letter)
        if len(segments) > 1:
            return self._send_all(segments)
        # nearly every letter: a future that follows its one segment, and no task
        sent: asyncio.Future[Taken] = asyncio.get_running_loop().create_future()
        fate = self._outbox.put(segments[0])
        fate.add_done_callback(lambda fate: _pass_on(fate, sent))
        # a worker that gives up while there is no room keeps it from being sent
        sent.add_done_callback(lambda sent: sent.cancelled() and fate.cancel())
        return sent

    async def _send_all(self, segments: Sequence[bytes]) -> Taken:
        fates = [self._outbox.put(raw) for raw in segments]
        try:
            return _taken([_id(await fate) for fate in fates])
        finally:
            # A segment that still waits for room when another has failed, or when the worker gave up, is not sent.
            for fate in fates:
                fate.cancel()


def _pass_on(fate: asyncio.Future[Fate], sent: asyncio.Future[Taken]) -> None:
    """A letter's fate is its segment's."""
    if sent.done() or fate.cancelled():
        sent.cancel()
        return
    try:
        sent.set_result(_taken([_id(fate.result())]))
    except (Refused, Unavailable) as failure:
        sent.set_exception(failure)


def _taken(ids: Sequence[str]) -> Taken:
    """A letter of which every segment was taken."""
    return Taken(tuple(ids), quoted("\n".join([statuses.answered(0, each) for each in ids])))


def _id(fate: Fate) -> str:
    """The provider's id of a segment. Raises Refused or Unavailable when it has none."""
    if isinstance(fate, Unavailable):
        raise fate
    if fate.status:
        raise statuses.failure(fate.status)
    return fate.message_id


def _trust(settings: Settings) -> ssl.SSLContext | None:
    """What to trust when the link is to be encrypted."""
    if not settings.tls:
        return None
    try:
        return ssl.create_default_context(cafile=settings.tls_ca or None)
    except OSError as problem:
        raise ValueError(f"tls_ca: {problem.strerror or 'no certificates that can be used'}") from problem
