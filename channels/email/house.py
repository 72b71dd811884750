"""What all conversations of a mailbox share: whom it lets in, which addresses are its own, how much memory is left, and the inbox.

In: visitors, and whole mails with their journey. Out: refusals in SMTP's words, and arrivals. It never reads a mail beyond its identity.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from channels.base import Accepted, Arrival, Inbox
from channels.email import journey
from channels.email.data import identity
from channels.email.settings import Settings, networks

if TYPE_CHECKING:
    from channels.email.conversation import Conversation

#: mails of the largest size that may be under way at once; the memory that many connections could take otherwise is connections × size
ROOM = 8
#: senders give a mail up after five days at most (RFC 5321 §4.5.4.1); one without a Message-ID is recognised that long
REDELIVERY = timedelta(days=5)
#: RFC 5321 §4.5.3.1.8 wants at least 100
MOST_RECIPIENTS = 100
#: octets that are not hashed between two breaths of the loop
LARGE = 1 << 20


class Addresses:
    """Which addresses are ours: exact ones, whole domains, and either with +something behind the name."""

    def __init__(self, settings: Settings) -> None:
        every = [parted(address) for address in (settings.address, *settings.also)]
        self._exact = frozenset(address for address in every if address[0] != "*")
        self._domains = frozenset(domain for local, domain in every if local == "*")

    def __contains__(self, address: object) -> bool:
        local, domain = parted(str(address))
        return (local, domain) in self._exact or (bool(local) and domain in self._domains)


def parted(address: str) -> tuple[str, str]:
    """Local part and domain as they are compared; ("", "") for what has none."""
    local, _, domain = address.rpartition("@")
    try:
        domain = domain.lower() if domain.isascii() else domain.encode("idna").decode()
    except UnicodeError:
        return "", ""
    return local.partition("+")[0].lower(), domain


class House:
    """Of one mailbox while it is open."""

    def __init__(self, name: str, settings: Settings, *, inbox: Inbox, counts: Counter[str], tls: ssl.SSLContext | None) -> None:
        """`counts`: the channel's events."""
        self.host, self.max_bytes, self.counts, self.tls = settings.host, settings.max_bytes, counts, tls
        self.ours = Addresses(settings)
        #: who is here, and where from
        self.visitors: dict[Conversation, str] = {}
        self._name, self._settings, self._inbox = name, settings, inbox
        self._trusted = networks(settings.trusted_relays)
        self._crowd: Counter[str] = Counter()
        self._taken = 0

    def admit(self, visitor: Conversation) -> str:
        """Empty, or the answer with which the connection ends. Tells the visitor whether it is our own edge."""
        neighbourhood, visitor.trusted = self._known(visitor.peer)
        full = len(self.visitors) >= self._settings.max_connections
        if full or (not visitor.trusted and self._crowd[neighbourhood] >= self._settings.max_connections_per_address):
            self.counts["turned_away"] += 1
            return "421 4.3.2 too many connections, please try again later"
        self.visitors[visitor] = neighbourhood
        self._crowd[neighbourhood] += 1
        return ""

    def gone(self, visitor: Conversation) -> None:
        """It has left; nothing happens for one that was not let in."""
        neighbourhood = self.visitors.pop(visitor, None)
        if neighbourhood is not None:
            self._crowd[neighbourhood] -= 1
            if not self._crowd[neighbourhood]:
                del self._crowd[neighbourhood]

    def room(self, change: int) -> bool:
        """Mails under way take so much more memory, or less; False when that is too much."""
        self._taken += change
        return self._taken <= ROOM * self.max_bytes

    def refusal(self, recipient: str, others: int) -> str:
        """Of one more recipient beside so many others; empty when it is one of ours."""
        if others >= MOST_RECIPIENTS:
            return "452 4.5.3 too many recipients, send the others another copy"
        if recipient in self.ours:
            return ""
        self.counts["unknown_recipient"] += 1
        return "550 5.1.1 no such mailbox here"

    def keep(self, trace: journey.Trace, message: bytes) -> asyncio.Future[Accepted]:
        """Done when the mail is on disk; fails with Unavailable."""
        if len(message) < LARGE:
            return self._inbox.accept(self._arrival(trace, message))
        return asyncio.ensure_future(self._keep_large(trace, message))

    async def _keep_large(self, trace: journey.Trace, message: bytes) -> Accepted:
        arrival = await asyncio.to_thread(self._arrival, trace, message)
        del message  # it is in the arrival
        return await self._inbox.accept(arrival)

    def _arrival(self, trace: journey.Trace, message: bytes) -> Arrival:
        now = datetime.now(UTC)
        source_id, named = identity(message)
        return Arrival(
            channel=self._name,
            source_id=source_id,
            raw=journey.written(trace, self.host, now) + message,
            received_at=now,
            same_since=None if named else now - REDELIVERY,
        )

    def _known(self, peer: str) -> tuple[str, bool]:
        """Where it comes from: its IPv4 address or its IPv6 /64, and whether we trust it."""
        try:
            address = ipaddress.ip_address(peer.partition("%")[0])
        except ValueError:
            return peer, False
        trusted = any(address in network for network in self._trusted)
        return (str(address) if address.version == 4 else str(ipaddress.ip_network((address, 64), strict=False))), trusted
