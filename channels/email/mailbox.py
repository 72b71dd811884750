"""The channel "email.mailbox": an SMTP server that takes complaints in, and answers through a relay.

In: mails, which go to the inbox as they came, below the lines that say how; letters. Out: arrivals, and the Message-IDs of answers. It
never says 250 before the inbox has the mail, and never logs.

    Server ─► Conversation (aiosmtpd) ─► Loading ─► House ─► inbox           decode ─► mime (pure)
    Prover (SPF, DKIM, DMARC, ARC; after the yes)                            send ─► answer (pure) ─► Outbox (aiosmtplib) ─► relay

Answers leave with our own address on the envelope, not with the null sender that RFC 3834 §3.2 allows too: notices of what could not be
delivered come back here, and mark the letter. What answers our answers by itself is known by its own marks (`robots`) and gets none.
"""

from __future__ import annotations

import asyncio
import ipaddress
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING

import msgspec

from channels.base import Arrival, Attachment, Gathered, InboundMessage, Inbox, Letter, Part, Refused, Taken, Unavailable
from channels.email import answer, entering, journey, mime, proof
from channels.email.house import House
from channels.email.outbox import Mail, Outbox
from channels.email.server import Server, tls
from channels.email.settings import Settings, networks, place

if TYPE_CHECKING:
    from channels.email.proving import Prover
    from channels.email.signing import Signer

__all__ = ["Mailbox", "Settings", "channel"]

#: who listens everywhere is also here
ANYWHERE = {"": "127.0.0.1", "0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - read here, not listened at


def channel(name: str, settings: Settings) -> Mailbox:
    """The channel of one mailbox. Raises ValueError when one of its files cannot be used."""
    return Mailbox(name, settings)


class Mailbox:
    """One mailbox. `counts`: turned_away, too_slow, nuisance, unknown_recipient, malformed, not_kept, tls_failed, relay_unreachable …"""

    def __init__(self, name: str, settings: Settings) -> None:
        self._name, self._settings = name, settings
        self.counts: Counter[str] = Counter()
        self._tls = tls(settings)
        self._server = Server(settings.listen)
        local = settings.address.rpartition("@")[0]
        self._writer = answer.Writer(address=f"{local}@{settings.domain}", display_name=settings.display_name, domain=settings.domain)
        ours = {self._writer.address.lower(), *(address.lower() for address in settings.also if not address.startswith("*"))}
        self._own = mime.Own(addresses=frozenset(ours), id_domains=frozenset({settings.domain}))
        self._trusted, self._edge = networks(settings.trusted_relays), frozenset(map(str.lower, settings.authserv_ids))
        relay = settings.relay()
        self._outbox = Outbox(relay, hostname=settings.host, ca=settings.smtp_ca, counts=self.counts) if relay else None
        self._signer = _signer(settings) if settings.dkim_key else None

    @cached_property
    def _prover(self) -> Prover:
        # 4 MB that a mailbox does without until the first mail comes
        from channels.email.proving import Prover

        return Prover(self._settings.servers(), self._settings.arc_sealers)

    @property
    def name(self) -> str:
        return self._name

    @property
    def up(self) -> bool:
        """True but for a moment after the relay could not be reached. Without a relay nobody is answered: then, while mail is taken."""
        return self.port > 0 if self._outbox is None else self._outbox.up

    @property
    def port(self) -> int:
        """Where the server listens; 0 while it does not."""
        return self._server.port

    def share(self) -> None:
        """See `channels.base.Sharing`."""
        self._server.shared = True

    async def listen(self, inbox: Inbox) -> None:
        """Serve until cancelled; then finish what is under way, and say goodbye. Raises OSError when the address is taken."""
        await self._server.serve(House(self._name, self._settings, inbox=inbox, counts=self.counts, tls=self._tls))

    def enclosed(self, arrival: Arrival, number: int) -> Attachment | None:
        """See `channels.base.Enclosing`."""
        return mime.content(arrival.raw, number)

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        """Read a mail; pure. Raises ValueError when there is nothing to read in it."""
        message = mime.message(arrival, self._own)
        if self._outbox is None and message.reply_to:
            message = msgspec.structs.replace(message, reply_to={})
        try:
            trace, start = journey.read(arrival.raw)
        except ValueError:
            return message
        if not self._trusts(trace.ip):
            return message
        facts = proof.from_edge(arrival.raw[start:], self._edge, _domain(message.sender))
        if facts:
            return proof.completed(message, facts)
        return msgspec.structs.replace(message, extras=message.extras | {"sender_proof": "not checked: handed over by our own relay"})

    def lacks(self, message: InboundMessage) -> bool:
        """True for a citizen's mail of which it is not known yet who sent it."""
        return message.goes_to == "submit" and bool(message.sender) and "sender_proof" not in message.extras

    async def gather(self, arrival: Arrival, message: InboundMessage) -> Gathered:
        """Ask DNS who may send for the author's domain. Raises Unavailable when it does not answer."""
        try:
            return Gathered(facts=await self._prover.prove(arrival.raw, _domain(message.sender)))
        except Unavailable:
            self.counts["dns_trouble"] += 1
            raise

    def complete(self, message: InboundMessage, facts: Mapping[str, str]) -> InboundMessage:
        """What the proof means; pure. Without one the sender stays unverified, and is answered."""
        return proof.completed(message, facts)

    async def enter(self, words: str, public: str) -> str:
        """See `channels.base.Enterable`: a mail to our own listener. Raises Refused or Unavailable."""
        if not self.port:
            raise Unavailable("not_listening")
        host = place(self._settings.listen)[0]
        return await entering.enter(words, ANYWHERE.get(host, host), self.port, self._settings.address)

    async def probe(self) -> str:
        """Is there somebody at the relay? Raises Unavailable."""
        door = f"takes mail for {self._settings.address} at {self._settings.listen}"
        relay = self._settings.relay()
        if self._outbox is None or relay is None:
            return f"{door}; nobody is answered: smtp_url is not set"
        try:
            await self._outbox.reach()
        except Unavailable as problem:
            raise Unavailable(f"{relay.host}:{relay.port} does not take mail now: {problem.code}") from problem
        return f"{door}; {relay.host}:{relay.port} takes answers"

    async def send(self, letter: Letter) -> Taken:
        """Hand an answer to the relay. Raises Refused or Unavailable."""
        if self._outbox is None:
            raise Refused("no_relay")
        content = answer.composed(letter, self._writer, datetime.now(UTC))
        if self._signer:
            content = await asyncio.to_thread(self._signer.signed, content)
        said = await self._outbox.put(Mail(sender=self._writer.address, recipient=answer.recipient(letter), content=content))
        return Taken((answer.message_id(letter, self._writer),), said)

    def _trusts(self, ip: str) -> bool:
        try:
            address = ipaddress.ip_address(ip)
        except ValueError:
            return False
        return any(address in network for network in self._trusted)


def _domain(address: str) -> str:
    """Of a mail address, as DNS knows it; empty when it has none."""
    try:
        return address.rpartition("@")[2].encode("idna").decode().lower()
    except UnicodeError:
        return ""


def _signer(settings: Settings) -> Signer:
    """Raises ValueError."""
    # as large as what proves
    from channels.email.signing import Signer

    return Signer(settings)
