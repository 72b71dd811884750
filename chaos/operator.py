"""The operator: keeps short messages until the gateway has said yes to them, and hands its answers to the handsets.

In: an SMPP 3.4 server's port, and the messages of a run. Out: deliver_sm, a window of them for each bind; lines in the book for each yes
and each answer. What was refused, or was not acknowledged when its session ended, is sent again, octet for octet, as operators do; so is
now and then what was acknowledged, because an operator may lose a yes too.
"""

from __future__ import annotations

import asyncio
import random
import re
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import NamedTuple, cast

from chaos import smpp
from chaos.book import Book
from chaos.message import Message

SHORT_CODE = b"1708"
SYSTEM_ID = "gateway"
#: deliver_sm under way on one bind
WINDOW = 60
#: an operator gives up a bind that leaves a message unacknowledged for so long, in seconds
PATIENCE_S = 20.0
#: seconds until what was refused is sent again
LATER_S = 0.5
#: of so many acknowledged messages one is sent again
FORGETS = 200
REFERENCE = re.compile(r"\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b")
NUMBER = re.compile(r"\b2\d{7}\b")


class Parcel(NamedTuple):
    """A part of a message, on its way."""

    message: Message
    part: int
    body: bytes


class Operator:
    """`sessions` are those that are bound."""

    def __init__(self, book: Book, messages: Iterator[Message], luck: random.Random, ready: Callable[[], bool]) -> None:
        """`ready`: whether a message more may be sent now."""
        self._messages, self._luck, self._ready = messages, luck, ready
        self.book = book
        self.sessions: list[Session] = []
        self._waiting: deque[Parcel] = deque()
        #: by serial number, for long messages: the parts without a yes
        self._parts: dict[int, set[int]] = {}
        self._server: asyncio.Server | None = None

    async def listen(self, host: str, port: int) -> None:
        """Until `close`."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Session(self), host, port)

    async def tend(self) -> None:
        """Fill the windows and give up binds that hang, for as long as the run lasts."""
        while True:
            for session in list(self.sessions):
                session.fill()
                session.give_up(asyncio.get_running_loop().time() - PATIENCE_S)
            await asyncio.sleep(0.02)

    def take(self) -> Parcel | None:
        """The next to send."""
        if self._waiting:
            return self._waiting.popleft()
        message = next(self._messages, None) if self._ready() else None
        if message is None:
            return None
        parcels = [Parcel(message, part, body) for part, body in enumerate(smpp.bodies(message, SHORT_CODE))]
        if len(parcels) > 1:
            self._parts[message.serial] = set(range(len(parcels)))
            self._luck.shuffle(parcels)
        self._waiting.extend(parcels[1:])
        return parcels[0]

    def again(self, parcel: Parcel) -> None:
        """Send it once more, before what is new."""
        self._waiting.append(parcel)

    def acknowledged(self, parcel: Parcel, status: int) -> None:
        """A deliver_sm_resp."""
        serial = parcel.message.serial
        if status:
            self.book.write("no", "sms", serial, parcel.part, status)
            asyncio.get_running_loop().call_later(LATER_S, self.again, parcel)
            return
        left = self._parts.get(serial, set())
        left.discard(parcel.part)
        if not left:
            self._parts.pop(serial, None)
        self.book.yes("sms", serial, parcel.part, whole=not left)
        if not self._luck.randrange(FORGETS):
            self.book.tally["redelivered after a yes"] += 1
            self.again(parcel)

    def hang_up(self) -> None:
        """All binds at once, without a word."""
        for session in list(self.sessions):
            session.hang_up()

    def close(self) -> None:
        """For good."""
        self.hang_up()
        if self._server is not None:
            self._server.close()


class Session(asyncio.Protocol):
    """One connection."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._buffer = b""
        self._unsent: list[bytes] = []
        self._sequence = 0
        #: by sequence number: what is under way, and since when
        self._out: dict[int, tuple[Parcel, float]] = {}
        self._transport: asyncio.Transport | None = None
        self._receives = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """What was not acknowledged goes out again on another bind."""
        with suppress(ValueError):
            self._operator.sessions.remove(self)
        for parcel, _ in self._out.values():
            self._operator.again(parcel)
        self._out, self._transport = {}, None

    def hang_up(self) -> None:
        """Without a word."""
        if self._transport is not None:
            self._transport.abort()

    def give_up(self, before: float) -> None:
        """Hang up when the oldest message under way has waited since then."""
        if any(since < before for _, since in self._out.values()):
            self._operator.book.write("strange", "bind_hangs")
            self.hang_up()

    def fill(self) -> None:
        """Send what the window has room for."""
        while self._receives and self._open and len(self._out) < WINDOW and (parcel := self._operator.take()) is not None:
            self._sequence += 1
            self._out[self._sequence] = parcel, asyncio.get_running_loop().time()
            self._say(smpp.pdu(smpp.DELIVER_SM, 0, self._sequence, parcel.body))
        self._flush()

    def data_received(self, data: bytes) -> None:
        """Each PDU that is complete."""
        self._buffer += data
        at = 0
        while len(self._buffer) - at >= 16:
            size, command, status, sequence = smpp.HEAD.unpack_from(self._buffer, at)
            if not 16 <= size <= smpp.LONGEST:
                self._operator.book.write("strange", "pdu_of_no_size")
                self.hang_up()
                return
            if len(self._buffer) - at < size:
                break
            self._read(command, status, sequence, self._buffer[at + 16 : at + size])
            at += size
        self._buffer = self._buffer[at:]
        self.fill()

    def _read(self, command: int, status: int, sequence: int, body: bytes) -> None:
        if command == smpp.DELIVER_SM | smpp.RESPONSE:
            if sequence in self._out:
                self._operator.acknowledged(self._out.pop(sequence)[0], status)
        elif command == smpp.SUBMIT_SM:
            self._answered(sequence, body)
        elif command in smpp.BINDS:
            self._bound(command, sequence, body)
        elif command == smpp.ENQUIRE_LINK:
            self._say(smpp.pdu(command | smpp.RESPONSE, 0, sequence))
        elif command == smpp.UNBIND:
            self._receives = False
            self._say(smpp.pdu(command | smpp.RESPONSE, 0, sequence))
        elif not command & smpp.RESPONSE:
            self._say(smpp.pdu(smpp.GENERIC_NACK, smpp.INVALID_COMMAND, sequence))

    def _bound(self, command: int, sequence: int, body: bytes) -> None:
        self._receives = command != smpp.BINDS[1] and smpp.read_system_id(body) == SYSTEM_ID
        self._say(smpp.pdu(command | smpp.RESPONSE, 0, sequence, b"operator\0"))
        self._operator.sessions.append(self)
        self._operator.book.tally["binds"] += 1

    def _answered(self, sequence: int, body: bytes) -> None:
        answer = smpp.read_submit(body)
        hear(self._operator.book, "sms", answer.to, answer.text)
        self._say(smpp.pdu(smpp.SUBMIT_SM | smpp.RESPONSE, 0, sequence, b"%d\0" % self._operator.book.tally["heard"]))

    @property
    def _open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def _say(self, octets: bytes) -> None:
        self._unsent.append(octets)

    def _flush(self) -> None:
        """What was said meanwhile, in one go."""
        if self._unsent and self._transport is not None and self._open:
            self._transport.write(b"".join(self._unsent))
        self._unsent.clear()


def hear(book: Book, kind: str, address: str, text: str) -> None:
    """An answer has reached a sender: note the reference and the number that it names."""
    reference, number = REFERENCE.search(text), NUMBER.search(text)
    book.heard(kind, address, reference[0] if reference else "", number[0] if number else "")
