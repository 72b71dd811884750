"""The clerk: reads a case, and writes its answers.

In: a case as the store has it. Out: the message and its record, or why it goes another way. It asks nobody outside and keeps nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Final, Literal, NamedTuple

import msgspec

from channels.base import Channel, Gathering, InboundMessage, Letter, LetterKind, State
from forwarder.letters import letter, may_answer, may_quote, may_tell, quoted
from forwarder.outcome import Park
from forwarder.wording import NAMED, Found, Wordings
from gateway.links import Links
from gateway.marks import Marks
from gateway.store.record import Case
from gateway.work import Bug, once
from normalizer import wish
from normalizer.additions import joined
from normalizer.address import person, reporter
from normalizer.complaint import Complaint
from normalizer.normalize import normalize
from normalizer.reading import read as read_words
from normalizer.rules import Rules


@dataclass(frozen=True, slots=True, kw_only=True)
class Read:
    """A complaint for the ledger."""

    message: InboundMessage
    complaint: Complaint
    #: the reference of the case about which its sender was asked, while that may be answered
    asked: str = ""
    #: where it goes when it adds to no other case: by itself it says too little
    otherwise: Aside | None = None
    #: we sent it ourselves, to see whether the door is open: no ledger hears of it, and nobody is answered
    probe: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Aside:
    """A message that goes to no ledger, or not before somebody has said more."""

    message: InboundMessage
    step: Literal["triage", "declined", "asked"]
    code: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lacking:
    """A message of which something must be fetched first."""

    message: InboundMessage
    channel: Gathering


class Standing(NamedTuple):
    """What is said of a code that somebody asked about."""

    reference: str
    state: State | Found
    #: what the words of the state name (`forwarder.wording.NAMED`)
    name: str = ""


class Change(NamedTuple):
    """What is told of a ledger's event."""

    state: State
    tracking_id: str
    #: of the case's letters about changes
    number: int
    #: the agency, and its own words
    by: str
    note: str
    not_before: datetime
    #: hours of every day in which nobody is told
    quiet: tuple[datetime, datetime] | None


#: the code of a message of ours, and the flag of its record
PROBE: Final = "test"

Reading = Read | Aside | Lacking | Park


class Clerk:
    """One for the process; it has the rules, the words and the channels' readers."""

    def __init__(
        self, channels: Mapping[str, Channel], rules: Rules, wordings: Wordings, links: Links | None = None, marks: Marks | None = None
    ) -> None:
        """`channels` by name; `links`: where a ledger may fetch files; `marks`: by which messages of our own are known."""
        self._channels, self._rules, self._wordings, self._links, self._marks = channels, rules, wordings, links, marks
        # asked once: to ask a protocol costs as much as to read an SMS
        self._gathering = {name: channel for name, channel in channels.items() if isinstance(channel, Gathering)}

    def read(self, case: Case) -> Reading:
        """What is to be done with it."""
        channel = self._channels.get(case.arrival.channel)
        if channel is None:
            return Park(code="no_channel", words=f"[channels.{case.arrival.channel}] is not in the settings any more")
        message = self._message(channel, case)
        if isinstance(message, Park):
            return message
        if self._marks is not None and self._marks.known(message.channel, message.text, message.received_at):
            return self._probe(message, case)
        # Once a person has said that it is a complaint, it is one.
        if message.question is not None and message.goes_to != "triage" and not case.admitted:
            return _asking(message)
        otherwise = None
        if message.goes_to != "submit" and not case.admitted:
            otherwise = Aside(message=message, step=message.goes_to, code=message.why)
            if message.goes_to != "triage" or wish.NEW_TEXT not in message.extras:
                return otherwise
        gathering = self._gathering.get(case.arrival.channel)
        if gathering is not None and case.facts is None and gathering.lacks(message):
            return Lacking(message=message, channel=gathering)
        message = self._completed(message, case)
        if isinstance(message, Park):
            return message
        # A form asks for a complaint and answers on its own pages; and what the ledger has already, no edit makes a question of.
        if not (case.admitted or case.registration or case.files) and not self._rules.channels.get(message.channel, "").startswith("web."):
            talk = self._talk(message)
            if talk is not None:
                return talk
        message = _whole(message, case)
        complaint = once(lambda: normalize(message, case_id=case.case_id, reference=case.reference, rules=self._rules))
        if isinstance(complaint, Bug):
            return Park(code="bug", words=complaint.words)
        # An advertisement is never refused, but a person says first that it goes on; what the ledger has already, it keeps.
        if "spam_suspect" in complaint.flags and not (case.admitted or case.registration):
            return Aside(message=message, step="triage", code="spam_suspect")
        return Read(message=message, complaint=self._links.in_record(complaint) if self._links else complaint, otherwise=otherwise)

    def _probe(self, message: InboundMessage, case: Case) -> Read:
        """Read like any other, but for what it would set going."""
        message = msgspec.structs.replace(message, flags=(*message.flags, PROBE), question=None, reply_to={})
        return Read(
            message=message, complaint=normalize(message, case_id=case.case_id, reference=case.reference, rules=self._rules), probe=True
        )

    def _talk(self, message: InboundMessage) -> Aside | None:
        """What is no complaint but asks us something, or says what we say: that is a machine, and gets no answer."""
        asked = wish.question(message)
        if asked is not None:
            return _asking(msgspec.structs.replace(message, question=asked))
        if not message.attachments and self._wordings.ours(message.extras.get(wish.NEW_TEXT) or message.text):
            return Aside(message=message, step="declined", code="own_words")
        return None

    def _message(self, channel: Channel, case: Case) -> InboundMessage | Park:
        message = once(lambda: channel.decode(case.arrival, case.parts))
        if not isinstance(message, Bug):
            return message if case.edited is None else msgspec.structs.replace(message, text=case.edited)
        if not isinstance(message.error, ValueError):
            return Park(code="bug", words=message.words)
        if case.edited is None:
            return Park(code="unreadable", words=str(message.error))
        arrival = case.arrival
        return InboundMessage(
            channel=arrival.channel, source_id=arrival.source_id, sender="", text=case.edited, received_at=arrival.received_at
        )

    def _completed(self, message: InboundMessage, case: Case) -> InboundMessage | Park:
        """With what was gathered about it."""
        gathering = self._gathering.get(case.arrival.channel)
        if gathering is None:
            return message
        completed = once(partial(gathering.complete, message, case.facts or {}))
        return Park(code="bug", words=completed.words) if isinstance(completed, Bug) else completed

    def news(self, kind: LetterKind, case: Case, complaint: Complaint, *, nth: int = 0, **values: str) -> tuple[Letter, ...]:
        """A letter about a complaint whose record is on file; none when the message cannot be read any more."""
        channel = self._channels.get(case.arrival.channel)
        message = self._message(channel, case) if channel else None
        if isinstance(message, InboundMessage):
            message = self._completed(message, case)
        if not isinstance(message, InboundMessage):
            return ()
        return self.letter(kind, Read(message=message, complaint=complaint), nth=nth, **values)

    def letter(self, kind: LetterKind, reading: Read, *, nth: int = 0, **values: str) -> tuple[Letter, ...]:
        """The answer, if there may be one; see `forwarder.letters.letter`."""
        message, complaint = reading.message, reading.complaint
        if not may_tell(message, complaint):
            return ()
        urgent = "emergency" in complaint.flags
        text = self._wordings.fill(kind, complaint.language.value, urgent=urgent, reference=complaint.reference, **values)
        return (letter(complaint.case_id, kind, text, message=message, person=person(complaint.reporter), nth=nth),)

    async def said(self, case: Case) -> Read | None:
        """What a case says, whatever has become of it; None when it cannot be read any more. A mail may take a second."""
        told = msgspec.structs.replace(case, admitted=True, facts=case.facts or {})
        reading = await asyncio.to_thread(self.read, told)
        return reading if isinstance(reading, Read) else None

    def question(self, reading: Read) -> tuple[Letter, ...]:
        """Asks for what the complaint lacks."""
        language, ask = reading.complaint.language.value, reading.complaint.ask
        return self.letter("ask", reading, question=self._wordings.question(ask, language)) if ask else ()

    def change(self, reading: Read, change: Change) -> Letter | None:
        """News of a registered complaint, if its sender may be told. Where one answer is all that is allowed, it was the registration."""
        message, complaint = reading.message, reading.complaint
        if message.one_answer or not may_tell(message, complaint):
            return None
        language = complaint.language.value
        named = {NAMED[change.state]: change.tracking_id} if change.state in NAMED else {}
        state = self._wordings.state(change.state, language, **named)
        text = self._wordings.fill("change", language, urgent=False, reference=complaint.reference, state=state)
        if change.note and may_quote(message, complaint, self._rules.channels.get(message.channel, "")):
            text += quoted(change.by, change.note)
        written = letter(complaint.case_id, "change", text, message=message, person=person(complaint.reporter), nth=change.number)
        return msgspec.structs.replace(written, not_before=change.not_before, quiet=change.quiet)

    def receipt(self, case: Case) -> tuple[Letter, ...] | None:
        """What tells its sender that a case waits; nothing when there is no way back, or it has been registered before (an amendment).

        None: it is not known yet whether the sender may be answered.
        """
        reading = self.read(case)
        if isinstance(reading, Lacking):
            return None
        return self.letter("receipt", reading) if isinstance(reading, Read) and not case.registration else ()

    def reply(self, case: Case, message: InboundMessage, kind: LetterKind, about: Standing | None = None) -> tuple[Letter, ...]:
        """The answer to a question, if there may be one."""
        if not may_answer(message):
            return ()
        language, words = self._rules.languages.of(read_words(message.text)).value, {}
        if about is not None:
            named = {NAMED[about.state]: about.name} if about.state in NAMED else {}
            words = {"reference": about.reference, "state": self._wordings.state(about.state, language, **named)}
        if message.question is not None and message.question.kind == "private":
            text = self._wordings.elsewhere(language)
        else:
            text = self._wordings.fill(kind, language, urgent=False, **words)
        who = reporter(message, self._rules.channels.get(message.channel, ""))
        return (letter(case.case_id, kind, text, message=message, person=person(who)),)


def _whole(message: InboundMessage, case: Case) -> InboundMessage:
    """With what its sender said of it later, and the files that were fetched."""
    if case.additions:
        text = joined(message.text, [(addition.kind, addition.text) for addition in case.additions])
        message = msgspec.structs.replace(message, text=text)
    if case.files:
        message = msgspec.structs.replace(message, attachments=(*message.attachments, *case.files))
    return message


def _asking(message: InboundMessage) -> Aside:
    code = "withdrawal" if message.question is not None and message.question.kind == "withdraw" else "question"
    return Aside(message=message, step="declined", code=code)
