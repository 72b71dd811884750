"""A simulated operator that loads a peer and counts what comes back.

In: an SMPP 3.4 receiver or transceiver that binds. Out: `deliver_sm`, either as many as a window of unacknowledged ones allows or at a
fixed rate; then how many were acknowledged and answered a second, and how long each took. What a lost session left unacknowledged is
sent again on the next one, as an operator does. It reads no more of a PDU than it counts by, packs by hand, and is no model of a
careful SMSC: `gateway rehearse` is.

Message n comes from the handset 62812 followed by n in eight digits and says n in its text; an answer is matched to it by the handset.
"""

from __future__ import annotations

import asyncio
import struct
import time
from collections.abc import Iterator, Mapping
from typing import cast

import msgspec

HEAD = struct.Struct(">LLLL")
RESPONSE = 0x80000000
RECEIVER, TRANSMITTER, TRANSCEIVER = 1, 2, 9
SUBMIT, DELIVER, UNBIND, ENQUIRE = 4, 5, 6, 0x15
TEXT = b"lampu jalan mati di Jl Melati RT 03 RW 05 Kec Sukamaju sdh 2 minggu, gelap kalau malam, mhn dicek"


class Load(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent: `count` messages, from serial number `first` on."""

    count: int
    first: int = 0
    #: unacknowledged messages on each line, when there is no rate
    window: int = 100
    #: messages a second, whatever comes back; 0 for as many as the window allows
    rate: float = 0.0
    #: answers are waited for
    answers: bool = True


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a load; milliseconds from the moment a message was first sent, None when nothing came."""

    sent: int
    acknowledged: int
    refused: int
    answered: int
    #: answers beyond the first to a handset
    surplus: int
    resent: int
    ack_per_s: float
    answer_per_s: float
    ack_p50_ms: float | None
    ack_p99_ms: float | None
    answer_p50_ms: float | None
    answer_p99_ms: float | None


def deliver_sm(sequence: int, serial: int) -> bytes:
    """A `deliver_sm` of one segment to 1708, from the handset of that serial number (SMPP 3.4 §4.6.1)."""
    text = b"#Lapor1708 no%08d %s" % (serial, TEXT)
    body = b"\x00\x01\x0162812%08d\x00\x00\x011708" % serial + bytes(10) + b"%c%s" % (len(text), text)
    return HEAD.pack(16 + len(body), DELIVER, 0, sequence) + body


def handset(submit_sm: bytes) -> int:
    """The serial number of the handset that a `submit_sm` goes to; ValueError when it is none of ours (SMPP 3.4 §4.4.1)."""
    source = submit_sm.index(b"\0", 16) + 3
    address = submit_sm.index(b"\0", source) + 3
    return int(submit_sm[address : submit_sm.index(b"\0", address)][-8:])


class Run:
    """One load on its way. Times are of `time.perf_counter`."""

    def __init__(self, load: Load) -> None:
        self.load = load
        self.began = 0.0
        self.sent: dict[int, float] = {}
        self.acknowledged: dict[int, float] = {}
        self.answered: dict[int, float] = {}
        self.refused = self.surplus = self.resent = 0
        #: unacknowledged when their session was lost, or refused
        self.again: list[int] = []
        self.all_acknowledged, self.all_answered = asyncio.Event(), asyncio.Event()
        self._fresh: Iterator[int] = iter(range(load.first, load.first + load.count))

    def serial(self) -> int | None:
        """The next to send."""
        if self.again:
            self.resent += 1
            return self.again.pop()
        return next(self._fresh, None)

    def acknowledge(self, serial: int, at: float) -> None:
        """Note a `deliver_sm_resp` that says yes; one to the load before is late."""
        if serial in self.sent:
            self.acknowledged.setdefault(serial, at)
        if len(self.acknowledged) == self.load.count:
            self.all_acknowledged.set()

    def answer(self, serial: int, at: float) -> None:
        """Note a `submit_sm` to a handset."""
        if serial in self.answered or serial not in self.sent:
            self.surplus += 1
            return
        self.answered[serial] = at
        if len(self.answered) == self.load.count:
            self.all_answered.set()

    def figures(self) -> Figures:
        """What came so far."""
        acks = sorted(at - self.sent[serial] for serial, at in self.acknowledged.items())
        answers = sorted(at - self.sent[serial] for serial, at in self.answered.items())
        return Figures(
            sent=len(self.sent),
            acknowledged=len(acks),
            refused=self.refused,
            answered=len(answers),
            surplus=self.surplus,
            resent=self.resent,
            ack_per_s=self._rate(self.acknowledged),
            answer_per_s=self._rate(self.answered),
            ack_p50_ms=quantile_ms(acks, 0.5),
            ack_p99_ms=quantile_ms(acks, 0.99),
            answer_p50_ms=quantile_ms(answers, 0.5),
            answer_p99_ms=quantile_ms(answers, 0.99),
        )

    def _rate(self, came: Mapping[int, float]) -> float:
        """A second, up to the last that came when all did; up to now otherwise, so that what is missing counts against the peer."""
        if not came:
            return 0.0
        end = max(came.values()) if len(came) == self.load.count else time.perf_counter()
        return len(came) / (end - self.began)


def quantile_ms(seconds: list[float], share: float) -> float | None:
    """Of sorted seconds, in milliseconds."""
    return round(seconds[min(len(seconds) - 1, int(len(seconds) * share))] * 1000, 3) if seconds else None


class Operator:
    """Listens on loopback, and drives one load after another over the lines that are bound."""

    def __init__(self) -> None:
        self.bound = asyncio.Event()
        #: lines that receive
        self.lines: list[Line] = []
        self.run: Run | None = None
        self._server: asyncio.Server | None = None

    async def listen(self) -> int:
        """On a free port, which it gives."""
        self._server = await asyncio.get_running_loop().create_server(lambda: Line(self), "127.0.0.1", 0)
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def drive(self, load: Load, patience_s: float) -> Figures:
        """Send it all, and wait for every acknowledgement and the answers, or as long as patience lasts."""
        self.run = run = Run(load)
        run.began = time.perf_counter()
        pacing = asyncio.create_task(self._pace(run)) if load.rate else None
        for line in self.lines if pacing is None else ():
            line.fill()
        try:
            async with asyncio.timeout(patience_s):
                await run.all_acknowledged.wait()
                if load.answers:
                    await run.all_answered.wait()
        except TimeoutError:
            pass
        finally:
            if pacing is not None:
                pacing.cancel()
            self.run = None
        return run.figures()

    async def _pace(self, run: Run) -> None:
        due = 0
        while True:
            while due < (time.perf_counter() - run.began) * run.load.rate and self.lines:
                self.lines[due % len(self.lines)].send(1)
                due += 1
            await asyncio.sleep(0.001)

    async def close(self) -> None:
        """Hang up."""
        for line in list(self.lines):
            line.hang_up()
        if self._server is not None:
            self._server.close()


class Line(asyncio.Protocol):
    """One session."""

    def __init__(self, operator: Operator) -> None:
        self._operator = operator
        self._buffer = b""
        self._sequence = 0
        #: serial numbers under way, by the sequence number of their PDU
        self._out: dict[int, int] = {}
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """What was not acknowledged goes out again on another line."""
        if self in self._operator.lines:
            self._operator.lines.remove(self)
        if self._operator.run is not None:
            self._operator.run.again += self._out.values()
        self._out = {}

    def hang_up(self) -> None:
        """Without a word."""
        if self._transport is not None:
            self._transport.abort()

    def fill(self) -> None:
        """Send what the window has room for."""
        run = self._operator.run
        if run is not None and not run.load.rate:
            self.send(run.load.window - len(self._out))

    def send(self, most: int) -> None:
        """Send the next messages, in one write."""
        run, now, pdus = self._operator.run, time.perf_counter(), list[bytes]()
        while run is not None and len(pdus) < most and (serial := run.serial()) is not None:
            self._sequence += 1
            self._out[self._sequence] = serial
            run.sent.setdefault(serial, now)
            pdus.append(deliver_sm(self._sequence, serial))
        if pdus and self._transport is not None:
            self._transport.write(b"".join(pdus))

    def data_received(self, data: bytes) -> None:
        """Take each PDU that is complete, answer those that want it, and keep the window full."""
        buffer, at, now, replies = self._buffer + data, 0, time.perf_counter(), []
        while len(buffer) - at >= HEAD.size:
            length, command, status, sequence = HEAD.unpack_from(buffer, at)
            if len(buffer) - at < length:
                break
            if command == DELIVER | RESPONSE:
                self._acknowledged(sequence, status, now)
            elif not command & RESPONSE:
                replies.append(self._reply(command, sequence, buffer[at : at + length], now))
            at += length
        self._buffer = buffer[at:]
        if replies and self._transport is not None:
            self._transport.write(b"".join(replies))
        if self in self._operator.lines:
            self.fill()

    def _acknowledged(self, sequence: int, status: int, now: float) -> None:
        serial, run = self._out.pop(sequence, None), self._operator.run
        if serial is None or run is None:
            return
        if status:
            run.refused += 1
            run.again.append(serial)
        else:
            run.acknowledge(serial, now)

    def _reply(self, command: int, sequence: int, pdu: bytes, now: float) -> bytes:
        body = b""
        if command == SUBMIT:
            serial = handset(pdu)
            if self._operator.run is not None:
                self._operator.run.answer(serial, now)
            body = b"m%08d\0" % serial
        elif command in (RECEIVER, TRANSMITTER, TRANSCEIVER):
            body = b"bench\0"
            if command != TRANSMITTER:
                self._operator.lines.append(self)
                self._operator.bound.set()
        return HEAD.pack(HEAD.size + len(body), command | RESPONSE, 0, sequence) + body
