"""A rehearsal SMSC (SMPP 3.4): in come binds of gateways and of handsets, out go their messages to one another, with receipts.

A bind whose system_id is `handset` plays phones: what it submits reaches a gateway as deliver_sm, and what a gateway submits goes to
the handset session that spoke for that number last. Messages to gateways are stored and forwarded until one says ROK. Misbehaviour
strikes gateways only, so that a rehearsed citizen can still be heard. It keeps everything in memory and is not an SMSC to rely on.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

import msgspec
from smpplib import consts

from channels.sms import pdu
from gateway.rehearse import misbehave, wire
from gateway.rehearse.link import Link, Mobile
from gateway.rehearse.spool import Spool

HANDSET = "handset"
#: some way into the count, so that the hexadecimal spelling of an id is never also a decimal one
FIRST_ID = 0xABC0DE
#: how far off the sequence numbers of `wrong_sequence` are
ASTRAY = 1_000_000
#: how long a session may take to answer our unbind
UNBIND_WAIT_S = 5.0
#: how long to wait for sessions to be gone
STOP_S = 2.0


class Smsc:
    """The SMSC itself; `counts`, `answers` and `spool.acked` say what came to pass."""

    def __init__(
        self,
        faults: Iterable[str] = (),
        *,
        password: str = "",
        window: int = 100,
        retry_s: float = 1.0,
        receipt_after_s: float = 0.05,
        enquire_s: float = 30.0,
    ) -> None:
        """`password` is asked of gateways when it is not empty; `window` is how many deliver_sm a session may leave unanswered."""
        self.spool = Spool(window=window, retry_s=retry_s)
        #: every submit_sm or data_sm of a gateway that was not refused, in order
        self.answers: list[pdu.ShortMessage] = []
        #: connections, lost, binds, refused_binds, unbinds, enquiries (asked of us), alive (answers to ours), strange (unknown commands),
        #: spoken (by phones), acks, nacks, strays, submits (taken), refused_submits, receipts, unheard (its phone was not there)
        self.counts: Counter[str] = Counter()
        self.links: set[Link] = set()
        self.misbehave(*faults)
        self._password = password[:8]  # no bind can carry more (SMPP 3.4 §4.1.1)
        self._receipt_after_s, self._enquire_s = receipt_after_s, enquire_s
        self._phones: dict[str, Link] = {}
        self._answers: defaultdict[str, list[pdu.ShortMessage]] = defaultdict(list)
        self._last_id = FIRST_ID
        self._happened = asyncio.Event()
        #: where it listens, once it does
        self.port = 0
        self._server: asyncio.Server | None = None
        self._enquirer: asyncio.Task[None] | None = None

    async def start(self, host: str, port: int = 0, *, tls: ssl.SSLContext | None = None) -> int:
        """Listen; returns the port (a free one for 0). Raises OSError when it cannot be had."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(self._connected, host, port, ssl=tls)
        self._enquirer = asyncio.create_task(self._enquire())
        self.port = int(self._server.sockets[0].getsockname()[1])
        return self.port

    async def stop(self) -> None:
        """Close every session as an outage would, and stop listening. What was not taken is forgotten."""
        self.spool.close()
        if self._server is None or self._enquirer is None:
            return
        self._enquirer.cancel()
        self._server.close()
        for link in tuple(self.links):
            link.abort()
        with contextlib.suppress(TimeoutError):  # a TLS handshake that hangs is no reason to stay
            await self.until(lambda: not any(link.connected for link in self.links), within_s=STOP_S)
            async with asyncio.timeout(STOP_S):
                await self._server.wait_closed()

    def misbehave(self, *names: str) -> None:
        """From now on go wrong in these ways, and no longer in others. Raises ValueError for a name that is not known."""
        self.faults = self.spool.faults = misbehave.Faults(names)

    def deliver(self, message: pdu.ShortMessage | bytes) -> Mobile:
        """Send a message from a phone, or any bytes with a header, to a gateway; now, or when one is bound."""
        return self.spool.put(message if isinstance(message, bytes) else pdu.write_message(message))

    async def answer_to(self, number: str, *, nth: int = 1, within_s: float = 5.0) -> pdu.ShortMessage:
        """Wait for the nth submit_sm to this number. Raises TimeoutError."""
        await self.until(lambda: len(self.answers_to(number)) >= nth, within_s=within_s)
        return self.answers_to(number)[nth - 1]

    def answers_to(self, number: str) -> list[pdu.ShortMessage]:
        return self._answers[wire.dialled(number)]

    async def until(self, claim: Callable[[], bool], *, within_s: float = 5.0) -> None:
        """Wait until the claim holds; it is looked at whenever something came. Raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not claim():
                await self._happened.wait()

    def _connected(self) -> Link:
        link = Link(self._hear, self._lose)
        self.links.add(link)
        self._note("connections")
        return link

    def _lose(self, link: Link) -> None:
        self.links.discard(link)
        if link.system_id != HANDSET:
            self.spool.leave(link)
        self._phones = {number: other for number, other in self._phones.items() if other is not link}
        self._note("lost")

    def _hear(self, link: Link, header: pdu.Header, raw: bytes) -> None:
        """Take one PDU of a session, going wrong around it where that was asked for."""
        if header.command in wire.BINDS and not link.mode:
            link.system_id = wire.bind_names(raw)[0]
        faults = misbehave.Faults() if link.system_id == HANDSET else self.faults
        if link.heard > faults.amount("silent"):
            return
        if header.command in wire.BINDS:
            self._bind(link, header, raw)
        elif not link.mode:
            link.say(header.command | wire.RESP, consts.SMPP_ESME_RINVBNDSTS, header.sequence)
        else:
            self._serve(link, header, raw)
        link.mute = link.heard >= faults.amount("silent")
        if link.heard >= faults.amount("unbind_midway") and not link.leaving:
            self._send_away(link)
        if link.heard >= faults.amount("drops_after"):
            link.close()

    def _serve(self, link: Link, header: pdu.Header, raw: bytes) -> None:
        """A PDU of a bound session."""
        match header.command:
            case wire.SUBMIT | wire.DATA:
                link.spoken += 1
                self._submit(link, header, raw)
            case wire.DELIVER_RESP | wire.DATA_RESP | wire.NACK:
                self._answered(link, header)
            case wire.ENQUIRE:
                self._note("enquiries")
                if not self.faults.has("enquire_ignored") or link.system_id == HANDSET:
                    link.say(wire.ENQUIRE | wire.RESP, consts.SMPP_ESME_ROK, header.sequence)
            case wire.ENQUIRE_RESP:
                self._note("alive")
            case wire.UNBIND:
                self._note("unbinds")
                self.spool.pause(link)
                link.say(wire.UNBIND | wire.RESP, consts.SMPP_ESME_ROK, header.sequence)
                link.close()
            case wire.UNBIND_RESP:
                link.close()
            case _:
                self._note("strange")
                link.say(wire.NACK, consts.SMPP_ESME_RINVCMDID, header.sequence)

    def _bind(self, link: Link, header: pdu.Header, raw: bytes) -> None:
        """Answer a bind (SMPP 3.4 §4.1), and let messages flow."""
        gateway = link.system_id != HANDSET
        status = consts.SMPP_ESME_ROK
        if link.mode:
            status = consts.SMPP_ESME_RALYBND
        elif gateway and self.faults.strikes("refuses_bind"):
            status = consts.SMPP_ESME_RBINDFAIL
        elif gateway and self._password and wire.bind_names(raw)[1] != self._password:
            status = consts.SMPP_ESME_RINVPASWD
        if status:
            link.say(header.command | wire.RESP, status, header.sequence)
            self._note("refused_binds")
            return
        link.mode = wire.BINDS[header.command]
        link.say(header.command | wire.RESP, status, header.sequence, wire.BIND_RESP_BODY)
        self._note("binds")
        if gateway and self.faults.has("garbage_pdu"):
            for each in misbehave.garbage(link.numbers(3)):
                link.write(each)
        if gateway and self.faults.strikes("bad_length"):
            link.write(misbehave.lost_framing(link.numbers(1)))
        elif gateway and link.receives:
            self.spool.join(link)

    def _send_away(self, link: Link) -> None:
        """Unbind a session (SMPP 3.4 §4.2); close it when it has not agreed after a while."""
        link.leaving = True
        self.spool.pause(link)
        link.ask(wire.UNBIND)
        self._later(UNBIND_WAIT_S, link.close)

    def _answered(self, link: Link, header: pdu.Header) -> None:
        """A deliver_sm_resp, data_sm_resp or generic_nack; the last is a no, whatever its status."""
        status = header.status
        if header.command == wire.NACK:
            self._note("nacks")
            status = status or consts.SMPP_ESME_RUNKNOWNERR
        if link.system_id == HANDSET:
            link.window.pop(header.sequence, None)
        else:
            self._note("acks" if self.spool.answered(link, header.sequence, status) else "strays")

    def _submit(self, link: Link, header: pdu.Header, raw: bytes) -> None:
        """Answer a submit_sm or data_sm (SMPP 3.4 §4.4, §4.7), and send its message on."""
        answer = wire.Answering(link, header)
        try:
            message = pdu.read_message(raw)
        except pdu.Malformed as fault:
            answer.refuse(fault.status)
            return
        if link.mode == "receiver":
            answer.refuse(consts.SMPP_ESME_RINVBNDSTS)
        elif link.system_id == HANDSET:
            self._last_id += 1
            answer.take(f"{self._last_id:d}")
            self._spoken(link, message)
        else:
            self._submitted(answer, message)

    def _spoken(self, link: Link, message: pdu.ShortMessage) -> None:
        """A phone said something: to a gateway with it, every octet of the text and its header as they were."""
        self._phones[wire.dialled(message.source)] = link
        self._note("spoken")
        self.deliver(msgspec.structs.replace(message, command=wire.DELIVER, esm_class=message.esm_class & ~3, registered_delivery=0))

    def _submitted(self, answer: wire.Answering, message: pdu.ShortMessage) -> None:
        """A gateway said something: to the phone with it, and a receipt back when it asks for one."""
        if status := self.faults.submit_status():
            answer.refuse(status)
            self._note("refused_submits")
            return
        self._last_id += 1
        number = self._last_id
        self.answers.append(message)
        self._answers[wire.dialled(message.destination)].append(message)
        self._note("submits")
        self._ring(message)
        if self.faults.strikes("drop_before_resp"):
            answer.link.close()
            return
        if self.faults.strikes("wrong_sequence"):
            answer.sequence += ASTRAY
        early = self.faults.has("receipts_early")
        if message.registered_delivery & 3 == 1:  # SMPP 3.4 §5.2.17: whatever becomes of it
            self._later(0 if early else self._receipt_after_s, lambda: self._receipt(message, number))
        pause = self.faults.amount("slow") if self.faults.has("slow") else self._receipt_after_s if early else 0
        self._later(pause, lambda: answer.take(f"{number:X}" if self.faults.has("hex_ids") else f"{number:d}"))

    def _ring(self, message: pdu.ShortMessage) -> None:
        """Hand a gateway's message to its phone, when that is on."""
        phone = self._phones.get(wire.dialled(message.destination))
        if phone is None or not phone.receives:
            self._note("unheard")
            return
        delivered = msgspec.structs.replace(message, command=wire.DELIVER, esm_class=message.esm_class & ~3, registered_delivery=0)
        phone.carry(Mobile(raw=pdu.write_message(delivered)))

    def _receipt(self, message: pdu.ShortMessage, number: int) -> None:
        self._note("receipts")
        self.deliver(wire.receipt(message, f"{number:d}", datetime.now(UTC)))

    def _later(self, pause_s: float, act: Callable[[], object]) -> None:
        """Now when there is no pause, so that an undisturbed SMSC answers in order and at once."""
        if pause_s:
            asyncio.get_running_loop().call_later(pause_s, act)
        else:
            act()

    def _note(self, what: str) -> None:
        """Count, and wake whoever waits in `until`."""
        self.counts[what] += 1
        self._happened.set()
        self._happened = asyncio.Event()

    async def _enquire(self) -> None:
        """Ask every session, now and then, whether it is still there."""
        while True:
            await asyncio.sleep(self._enquire_s)
            for link in self.links:
                if link.mode:
                    link.ask(wire.ENQUIRE)
