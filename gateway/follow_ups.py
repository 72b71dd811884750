"""What is asked of a citizen, and what he says of a complaint that we have: before anything goes to the ledger.

In: cases that were read and linked. Out: for one that lacks something, the step `asked` with one question; for a message that answers it,
or adds to a case of the same address, a word for that case. Everything else goes to the ledger. In doubt a message is a complaint of its
own; who cannot be answered is asked nothing, and changes nothing.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from channels.base import InboundMessage, Letter
from forwarder.letters import may_answer, may_tell
from gateway.archived import present
from gateway.clerk import Aside, Clerk, Read, Standing
from gateway.progress import about
from gateway.relations import ANSWERED
from gateway.store.base import Store
from gateway.store.record import ADDED, Addition, Case, Claim, Settlement
from normalizer import additions, wish
from normalizer.privacy import restricted
from normalizer.text import scrub


class _Mine(NamedTuple):
    """A case of the one who writes, and what it says."""

    case: Case
    read: Read


class FollowUps:
    """One for the process."""

    def __init__(self, store: Store, clerk: Clerk, wait_s: float) -> None:
        """An answer is waited for so many seconds; 0: nothing is asked."""
        self._store, self._clerk, self._wait_s = store, clerk, wait_s

    def concerns(self, claim: Claim, reading: Read) -> bool:
        """False for most: there is nothing to ask, and nothing to which they could belong."""
        complaint = reading.complaint
        return bool(complaint.ask or complaint.related or reading.asked or claim.case.code in ADDED)

    async def apart(self, claim: Claim, reading: Read) -> tuple[Settlement, Aside] | None:
        """What becomes of one that does not go to the ledger now. Raises Unavailable."""
        case, message = claim.case, reading.message
        # What the ledger has stays there, and what a person calls a complaint is one. The files of a message stay with it.
        if case.registration or case.admitted or not may_answer(message):
            return None
        if case.code in ADDED:
            return await self._changed(claim, message)
        if not message.attachments and (reading.asked or reading.complaint.related) and (found := await self._added(claim, reading)):
            return found
        return self._asked(claim, reading)

    def _asked(self, claim: Claim, reading: Read) -> tuple[Settlement, Aside] | None:
        message, complaint, case = reading.message, reading.complaint, claim.case
        if not complaint.ask or not self._wait_s or case.asked or message.one_answer or reading.otherwise:
            return None
        if "emergency" in complaint.flags or not may_tell(message, complaint):
            return None
        due = datetime.now(UTC) + timedelta(seconds=self._wait_s)
        settlement = Settlement(
            claim=claim,
            step="asked",
            due=due,
            unsure=case.unsure,
            code=complaint.ask,
            letters=self._clerk.question(reading),
            asks=message.sender,
        )
        return settlement, Aside(message=message, step="asked", code=complaint.ask)

    async def _added(self, claim: Claim, reading: Read) -> tuple[Settlement, Aside] | None:
        message, target = reading.message, await self._named(reading)
        if target is None and reading.asked:
            target = await self._mine(reading.asked, message)
            if target is None or not additions.answers(_new(message), reading.complaint, target.read.complaint):
                return None
            # a place alone does not say what happened
            if reading.otherwise and target.read.complaint.ask != "place":
                return None
        if target is None or target.case.case_id == claim.case.case_id:
            return None
        answer = target.case.step == "asked"
        addition = _addition("answer" if answer else "follow_up", claim, message)
        settlement = Settlement(
            claim=claim, step="declined", code=addition.kind, words=target.case.reference, adds=(target.case.case_id, addition),
            # who answers a question hears next that the complaint is registered
            letters=() if answer else self._confirmed(claim.case, message, target),
        )  # fmt: skip
        return settlement, Aside(message=message, step="declined", code=addition.kind)

    async def _changed(self, claim: Claim, message: InboundMessage) -> tuple[Settlement, Aside]:
        """It was joined to a case before, and its author has edited it."""
        case, target = claim.case, await self._mine(claim.case.words, message)
        adds = (target.case.case_id, _addition("answer" if case.code == "answer" else "follow_up", claim, message)) if target else None
        settlement = Settlement(claim=claim, step="declined", code=case.code, words=case.words, adds=adds)
        return settlement, Aside(message=message, step="declined", code=case.code)

    def _confirmed(self, case: Case, message: InboundMessage, target: _Mine) -> tuple[Letter, ...]:
        if message.public and restricted(target.read.complaint):
            return ()
        return self._clerk.reply(case, message, "added", Standing(target.case.reference, "received"))

    async def _named(self, reading: Read) -> _Mine | None:
        """The case to which it says that it belongs, if it came from the same address: by answering a letter of ours, by TAMBAH and a code,
        or by quoting one code of ours and telling of nothing else."""
        links, message = reading.complaint.related, reading.message
        answered = [link.id for link in links if link.evidence == ANSWERED]
        quoted = [link.id for link in links if link.kind == "follow_up" and link.evidence != ANSWERED]
        text, subject = scrub(message.text), scrub(message.subject)
        adds = quoted and (wish.addition(text).body or wish.addition(subject).body)
        for reference in (*answered, *(quoted[:1] if adds else ())):
            if target := await self._mine(reference, message):
                return target
        if answered or adds or len(quoted) != 1 or quoted[0].isdigit():
            return None
        target = await self._mine(quoted[0], message)
        return None if target is None or additions.new_matter(reading.complaint, target.read.complaint) else target

    async def _mine(self, reference: str, message: InboundMessage) -> _Mine | None:
        """A case of the one who writes that has not been declined."""
        life = await about(self._store, reference)
        if life is None or life.case.step == "declined":
            return None
        life = await present(self._store, life)
        read = await self._clerk.said(life.case)
        if read is None or (read.message.channel, read.message.sender) != (message.channel, message.sender):
            return None
        return _Mine(life.case, read)


def _addition(kind: additions.Kind, claim: Claim, message: InboundMessage) -> Addition:
    return Addition(kind=kind, reference=claim.case.reference, at=message.received_at, text=_new(message))


def _new(message: InboundMessage) -> str:
    """What it says itself, without what it quotes."""
    return message.extras.get(wish.NEW_TEXT) or message.text
