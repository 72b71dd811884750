"""One SMPP 3.4 session, seen from our side (an ESME), without a socket and without a clock.

In: bytes as they came and the time as an argument. Out: typed events, and the bytes to write (`take`). It frames, answers what needs no
thought (enquire_link, unbind, what is no request of ours), counts what nobody waits for, and knows when the other side has fallen
silent. It never reads what a message says: that is asked outside, behind a wall, where a fault of ours cannot end the session.

    opening ─bind()─► binding ─► bound ─unbind(), or theirs─► unbinding ─► closed       (from anywhere: Lost ─► closed)
"""

from __future__ import annotations

from itertools import takewhile
from typing import Literal

import msgspec
from smpplib import consts
from smpplib.command_codes import commands

from channels.sms import pdu
from channels.sms.controls import Credentials, control
from channels.sms.events import Answered, BindRefused, Bound, Delivered, Echoed, End, Event, Lost, Unanswered, Unbound, Unreadable

Role = Literal["transceiver", "transmitter", "receiver"]
State = Literal["opening", "binding", "bound", "unbinding", "closed"]

#: SMPP 3.4 §5.1.4
LAST_SEQUENCE = 0x7FFFFFFF
#: their unbind is answered when all is answered that came before it, or after so long
PART_WITHIN_S = 5.0
#: requests that carry no words of anyone and that an SMSC has no business sending us
WORDLESS = frozenset(
    commands[name] for name in ("query_sm", "cancel_sm", "replace_sm", "bind_transmitter", "bind_receiver", "bind_transceiver")
)
#: requests without an answer (SMPP 3.4 §4.1.7, §4.12); an outbind asks for the bind that is already on its way
UNANSWERABLE = frozenset((commands["alert_notification"], commands["outbind"]))


class Session:
    """The state of one session. `role` is what we bind as; the two timers are seconds."""

    def __init__(self, role: Role, *, enquire_link_s: float = 30.0, response_timeout_s: float = 30.0) -> None:
        self.role = role
        self.state: State = "opening"
        #: deliver_sm and data_sm that wait for `answer`
        self.unanswered = 0
        #: answers to nothing that we asked, or to what we no longer wait for
        self.strays = 0
        self._enquire_link_s, self._response_timeout_s = enquire_link_s, response_timeout_s
        self._rest = b""
        self._out: list[bytes] = []
        self._sequence = 0
        self._heard = 0.0
        #: when each submit_sm was asked, oldest first
        self._submits: dict[int, float] = {}
        #: the same for bind, enquire_link and unbind
        self._controls: dict[int, float] = {}
        #: their unbind: its sequence number, and when it came
        self._farewell: tuple[int, float] | None = None

    @property
    def asking(self) -> int:
        """How many submit_sm wait for their answer."""
        return len(self._submits)

    @property
    def sends(self) -> bool:
        """True when a submit_sm may be sent now."""
        return self.state == "bound" and self.role != "receiver"

    def take(self) -> bytes:
        """What is to be written, once."""
        out, self._out = self._out, []
        return b"".join(out)

    def bind(self, credentials: Credentials, now: float) -> None:
        """Ask to be bound; the connection was opened just now."""
        self.state, self._heard = "binding", now
        self._ask(f"bind_{self.role}", now, msgspec.structs.asdict(credentials))

    def submit(self, raw: bytes, now: float) -> int:
        """Send a whole submit_sm, whatever its sequence number; returns the one under which it will be answered."""
        sequence = self._next()
        self._submits[sequence] = now
        self._out.append(raw[:12] + sequence.to_bytes(4, "big") + raw[16:])
        return sequence

    def enquire(self, now: float) -> int:
        """Ask whether somebody is there; returns the number under which it will be answered."""
        return self._ask("enquire_link", now)

    def answer(self, command: int, sequence: int, status: int) -> None:
        """Answer a deliver_sm or data_sm. After the end this does nothing: the SMSC delivers again what it saw unanswered."""
        self.unanswered -= 1
        if self.state != "closed":
            self._out.append(pdu.deliver_answer(command, sequence, status))

    def unbind(self, now: float) -> None:
        """Ask to part. Deliveries that come from now on stay unanswered, so that the next bind gets them again, and at once."""
        self.state = "unbinding"
        self._ask("unbind", now)

    def receive(self, data: bytes, now: float) -> list[Event]:
        """Take bytes as they came."""
        if self.state == "closed":
            return []
        self._heard = now
        events: list[Event] = []
        buffer = self._rest + data if self._rest else data
        lost = False
        try:
            frames, self._rest = pdu.split(buffer)
        except pdu.FramingLost as found:
            frames, lost = list(found.whole), True
            self._rest = buffer[sum(map(len, frames)) :]
        for raw in frames:
            event = self._hear(pdu.header(raw), raw, now)
            if event is not None:
                events.append(event)
            if isinstance(event, End):
                # What is behind it is left, as if it had come later: nobody waits for it any more.
                return events
        if lost:
            events += self._lose_framing()
        return events

    def tick(self, now: float) -> list[Event]:
        """Look at the timers. To be called a few times within the shorter of the two."""
        if self.state in {"opening", "closed"}:
            return []
        patience = self._response_timeout_s
        oldest = min(next(iter(self._submits.values()), now), *self._controls.values(), now)
        if now - max(oldest, self._heard) >= patience:
            return [self._end(Lost("silent"))]
        if self.state == "binding" and now - oldest >= patience:
            return [self._end(Lost("bind_unanswered"))]
        # The other side was heard, so an enquire_link without its own answer has done its work all the same.
        self._controls = {sequence: at for sequence, at in self._controls.items() if now - at < patience}
        if now - self._heard >= self._enquire_link_s and not self._controls:
            self._ask("enquire_link", now)
        return [*self._expired(now - patience), *self.part(now)]

    def drop(self) -> None:
        """The connection is gone."""
        self.state = "closed"

    def resume(self, now: float) -> None:
        """We did not listen for a while, on purpose: the silence was ours."""
        self._heard = now

    def part(self, now: float) -> list[Event]:
        """Answer their unbind when nothing is left open on either side, or when that takes too long."""
        if self._farewell is None or self.state == "closed":
            return []
        sequence, came = self._farewell
        if (self.unanswered or self._submits) and now - came < PART_WITHIN_S:
            return []
        self._say("unbind_resp", sequence)
        return [self._end(Unbound(asked=True))]

    def _hear(self, header: pdu.Header, raw: bytes, now: float) -> Event | None:
        command = header.command
        if command in (pdu.DELIVER_SM, pdu.DATA_SM):
            return self._delivery(header, raw)
        if command == pdu.SUBMIT_SM_RESP:
            return self._submit_answer(header, raw)
        if command & pdu.RESPONSE:
            return self._control_answer(header)
        if command == commands["enquire_link"]:
            self._say("enquire_link_resp", header.sequence)
        elif command == commands["unbind"]:
            self.state, self._farewell = "unbinding", (header.sequence, now)
            parted = self.part(now)
            return parted[0] if parted else None
        elif command not in UNANSWERABLE:
            self._say("generic_nack", header.sequence, consts.SMPP_ESME_RINVCMDID)
            return None if command in WORDLESS else Unreadable(raw, consts.SMPP_ESME_RINVCMDID, header.sequence)
        return None

    def _delivery(self, header: pdu.Header, raw: bytes) -> Event | None:
        """A citizen's message outranks the order of PDUs: taken while we bind and over a transmitter too, refused before, left after."""
        if self.state in {"bound", "binding"}:
            self.unanswered += 1
            return Delivered(header.command, header.sequence, raw)
        if self.state == "opening":
            self._out.append(pdu.deliver_answer(header.command, header.sequence, consts.SMPP_ESME_RINVBNDSTS))
        return None

    def _submit_answer(self, header: pdu.Header, raw: bytes) -> Event | None:
        if self._submits.pop(header.sequence, None) is None:
            self.strays += 1
            return None
        message_id = ""
        if header.status == consts.SMPP_ESME_ROK:
            try:
                message_id = pdu.read_answer(raw).message_id
            except pdu.Malformed:
                # The header said yes. Without an id only the delivery receipt is lost, and the citizen has the letter.
                self.strays += 1
        return Answered(header.sequence, header.status, message_id)

    def _control_answer(self, header: pdu.Header) -> Event | None:
        """Answers other than submit_sm_resp. An answer is never answered, or two peers could nack each other for ever."""
        sequence, status = header.sequence, header.status
        if header.command == pdu.GENERIC_NACK and self._submits.pop(sequence, None) is not None:
            return Answered(sequence, status or consts.SMPP_ESME_RUNKNOWNERR, "")
        if self.state == "binding" and header.command in (commands[f"bind_{self.role}_resp"], pdu.GENERIC_NACK):
            self._controls.clear()
            if header.command == pdu.GENERIC_NACK or status != consts.SMPP_ESME_ROK:
                return self._end(BindRefused(status or consts.SMPP_ESME_RBINDFAIL))
            self.state = "bound"
            return Bound()
        if self._controls.pop(sequence, None) is None:
            self.strays += 1
        elif header.command == commands["unbind_resp"]:
            return self._end(Unbound(asked=False))
        elif header.command == commands["enquire_link_resp"]:
            return Echoed(sequence)
        return None

    def _lose_framing(self) -> list[Event]:
        kept, self._rest = self._rest[: pdu.MAX_LENGTH], b""
        self._say("generic_nack", 0, consts.SMPP_ESME_RINVCMDLEN)
        return [Unreadable(kept, consts.SMPP_ESME_RINVCMDLEN, 0), self._end(Lost("framing"))]

    def _expired(self, before: float) -> list[Event]:
        expired = [sequence for sequence, _ in takewhile(lambda asked: asked[1] <= before, self._submits.items())]
        for sequence in expired:
            del self._submits[sequence]
        return [Unanswered(sequence) for sequence in expired]

    def _end(self, event: Event) -> Event:
        self.state = "closed"
        return event

    def _next(self) -> int:
        """The next number that no submit_sm still waits under."""
        while True:
            self._sequence = self._sequence % LAST_SEQUENCE + 1
            if self._sequence not in self._submits:
                return self._sequence

    def _ask(self, name: str, now: float, fields: dict[str, str] | None = None) -> int:
        sequence = self._next()
        self._controls[sequence] = now
        self._say(name, sequence, fields=fields)
        return sequence

    def _say(self, name: str, sequence: int, status: int = consts.SMPP_ESME_ROK, *, fields: dict[str, str] | None = None) -> None:
        self._out.append(control(name, sequence, status, fields))
