"""One ESME's connection to the rehearsal SMSC: bytes in, whole PDUs out to whoever asked for them, and PDUs back under this
session's own sequence numbers, in a window. It never decides what a PDU means.
"""

from __future__ import annotations

import asyncio
import struct
from collections.abc import Callable
from typing import Literal, cast

import msgspec

from channels.sms import pdu

Mode = Literal["", "transmitter", "receiver", "transceiver"]


class Mobile(msgspec.Struct, kw_only=True, eq=False):
    """A message from a phone on its way to a gateway: the PDU as it goes out, and what came back for it."""

    raw: bytes
    #: the command_status of every answer so far
    statuses: list[int] = []
    #: how often it was put on a wire
    attempts: int = 0

    @property
    def taken(self) -> bool:
        """A gateway said yes to it."""
        return 0 in self.statuses


class Link(asyncio.Protocol):
    """What is known of one session, and the way to write to it."""

    def __init__(self, hear: Callable[[Link, pdu.Header, bytes], None], lose: Callable[[Link], None]) -> None:
        self.system_id = ""
        self.mode: Mode = ""
        #: deliver_sm that wait for their answer, by sequence number
        self.window: dict[int, Mobile] = {}
        #: PDUs that came, and messages of its own among them
        self.heard = self.spoken = 0
        #: set while nothing may be written any more
        self.mute = False
        #: set once we have asked it to unbind
        self.leaving = False
        self._hear, self._lose = hear, lose
        self._sequence = 0
        self._rest = b""
        self._transport: asyncio.Transport | None = None

    @property
    def receives(self) -> bool:
        return self.mode in {"receiver", "transceiver"}

    @property
    def connected(self) -> bool:
        return self._transport is not None

    @property
    def open(self) -> bool:
        return self._transport is not None and not self._transport.is_closing()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def data_received(self, data: bytes) -> None:
        """Frame, and hand over each whole PDU until the session is closed from within."""
        lost = False
        try:
            frames, self._rest = pdu.split(self._rest + data)
        except pdu.FramingLost as fault:
            frames, lost = list(fault.whole), True
        for raw in frames:
            if not self.open:
                return
            self.heard += 1
            self._hear(self, pdu.header(raw), raw)
        if lost:
            self.close()

    def connection_lost(self, exc: Exception | None) -> None:
        self.mode, self._transport = "", None
        self._lose(self)

    def ask(self, command: int, body: bytes = b"") -> int:
        """Send a request; returns the sequence number it went under."""
        self._sequence += 1
        self.write(struct.pack(">LLLL", 16 + len(body), command, 0, self._sequence) + body)
        return self._sequence

    def carry(self, mobile: Mobile) -> None:
        """Send a message as it is, but for its sequence number, and expect an answer."""
        self._sequence += 1
        self.window[self._sequence] = mobile
        mobile.attempts += 1
        self.write(mobile.raw[:12] + struct.pack(">L", self._sequence) + mobile.raw[16:])

    def say(self, command: int, status: int, sequence: int, body: bytes = b"") -> None:
        """Answer a request."""
        self.write(struct.pack(">LLLL", 16 + len(body), command, status, sequence) + body)

    def write(self, raw: bytes) -> None:
        if self._transport is not None and not self.mute:
            self._transport.write(raw)

    def numbers(self, count: int) -> int:
        """Take so many sequence numbers out of use; returns the first."""
        first = self._sequence + 1
        self._sequence += count
        return first

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()
