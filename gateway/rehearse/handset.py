"""A citizen's phone at the rehearsal SMSC: in comes what the citizen types, out come the answers that arrived in time.

It splits a long text as a phone does, shows an answer in parts once it is whole, and never waits longer than it is told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from contextlib import suppress
from typing import TypeVar

from smpplib import consts

from channels.sms import alphabet, controls, events, pdu, segments, session, statuses
from gateway.rehearse import BadUsage, NoRehearsal
from gateway.rehearse.smsc import HANDSET
from gateway.rehearse.wire import dialled

#: the SMSC is on the same machine, or near: what it takes to connect, to bind, to take a message
PROMPT_S = 5.0

#: the citizens' number, as everywhere in the rehearsal
SHORT_CODE = "1708"

T = TypeVar("T")


async def play(host: str, port: int, number: str, text: str, *, wait_s: float, answers: int = 1) -> list[str]:
    """Send the text from this number, and return what comes back: up to so many answers, none when `wait_s` passed without one.

    Raises NoRehearsal when the number or the text is none, nothing listens, or it refuses.
    """
    phone = dialled(number.replace(" ", "").replace("-", ""))
    if not (phone.isascii() and phone.isdigit() and 8 <= len(phone) <= 15):
        raise BadUsage("--from takes a telephone number such as +6281200000001")
    if not text:
        raise BadUsage("there is no text to send")
    reader, writer = await _dial(host, port)
    line = Line(reader, writer, phone)
    try:
        await _promptly(line.bind())
        await _promptly(line.speak(text))
        return await hear(line, wait_s=wait_s, answers=answers)
    finally:
        writer.close()


class Line:
    """One phone's session with the SMSC."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, phone: str) -> None:
        self._reader, self._writer, self._phone = reader, writer, phone
        self._session = session.Session("transceiver")
        self._events: list[events.Event] = []
        #: parts of answers by reference and count, then by index
        self._parts: dict[tuple[int, int], dict[int, bytes]] = {}
        #: whole answers that nobody asked for yet
        self._heard: list[str] = []

    async def bind(self) -> None:
        """Come on the air. Raises NoRehearsal when the SMSC will not have a handset."""
        self._session.bind(controls.Credentials(system_id=HANDSET, password=""), _now())
        event = await self._event()
        while not isinstance(event, events.Bound):
            if isinstance(event, events.BindRefused):
                raise NoRehearsal(f"it refuses a handset ({statuses.words(event.status)}); is that a rehearsal SMSC?")
            event = await self._event()

    async def speak(self, text: str) -> None:
        """Send a text, in parts when it is long, and wait until each is taken."""
        try:
            pieces = segments.split_text(text, random.randrange(256), default=alphabet.GSM7)
        except ValueError as too_long:
            raise NoRehearsal(str(too_long)) from too_long
        waiting = {self._submit(pdu.ShortMessage(
            command=pdu.SUBMIT_SM, source_ton=consts.SMPP_TON_INTL, source_npi=consts.SMPP_NPI_ISDN, source=self._phone,
            destination_npi=consts.SMPP_NPI_ISDN, destination=SHORT_CODE, esm_class=esm_class, data_coding=coding, body=body,
        )) for body, esm_class, coding in pieces}  # fmt: skip
        while waiting:
            event = await self._event()
            if isinstance(event, events.Answered):
                if event.status != consts.SMPP_ESME_ROK:
                    raise NoRehearsal(f"the SMSC refuses the message: {statuses.words(event.status)}")
                waiting.discard(event.sequence)
            elif isinstance(event, events.Delivered):
                self._take(event)  # a quick gateway answers the first part's sender before the last part's resp is read

    async def answer(self) -> str:
        """The next whole answer, however long it takes."""
        while not self._heard:
            event = await self._event()
            if isinstance(event, events.Delivered):
                self._take(event)
        return self._heard.pop(0)

    def _submit(self, message: pdu.ShortMessage) -> int:
        return self._session.submit(pdu.write_message(message), _now())

    def _take(self, event: events.Delivered) -> None:
        """Acknowledge one message, and put it with the parts that it belongs to."""
        try:
            message = pdu.read_message(event.raw)
        except pdu.Malformed as fault:
            self._session.answer(event.command, event.sequence, fault.status)
            return
        self._session.answer(event.command, event.sequence, consts.SMPP_ESME_ROK)
        place, body, _ = segments.concat(message)
        if place is None:
            self._hear_out([body], message.data_coding)
            return
        parts = self._parts.setdefault((place.reference, place.count), {})
        parts[place.index] = body
        if len(parts) == place.count:
            del self._parts[place.reference, place.count]
            self._hear_out([parts[index] for index in sorted(parts)], message.data_coding)

    def _hear_out(self, bodies: list[bytes], coding: int) -> None:
        self._heard.append(alphabet.decode(b"".join(bodies), coding, default=alphabet.GSM7).text)

    async def _event(self) -> events.Event:
        """What comes next; everything that is to be said is said before waiting."""
        while not self._events:
            self._writer.write(self._session.take())
            try:
                data = await self._reader.read(65536)
            except ConnectionError:
                data = b""
            if not data:
                raise NoRehearsal("the SMSC closed the connection")
            self._events += self._session.receive(data, _now())
            self._writer.write(self._session.take())
        return self._events.pop(0)


async def hear(line: Line, *, wait_s: float, answers: int) -> list[str]:
    """Listen for so many answers, or so long."""
    heard: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(wait_s):
            while len(heard) < answers:
                heard.append(await line.answer())
    return heard


async def _dial(host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    try:
        return await _promptly(asyncio.open_connection(host, port))
    except OSError as why:
        raise NoRehearsal(f"nothing answers at {host}:{port}; start it with `make run` or `python -m gateway rehearse smsc`") from why


async def _promptly(work: Awaitable[T]) -> T:
    """Wait as long as a machine near by may take."""
    try:
        async with asyncio.timeout(PROMPT_S):
            return await work
    except TimeoutError as late:
        raise NoRehearsal(f"the SMSC said nothing for {PROMPT_S:.0f} seconds") from late


def _now() -> float:
    return asyncio.get_running_loop().time()
