"""What becomes of a message that asks us something: STATUS, BANTUAN, BATAL, BERHENTI, MULAI.

In: a case whose message asks, and the store. Out: the letters that answer it, and a word for operators. It says nothing of a case but where
it stands; what changes something is done only for somebody who can be answered, and to a case only for the address that it came from.
"""

from __future__ import annotations

from typing import NamedTuple

from channels.base import InboundMessage, Letter, LetterKind
from forwarder.letters import may_answer
from forwarder.wording import Found
from gateway.archived import present
from gateway.clerk import Clerk, Standing
from gateway.progress import about, numbered, progress
from gateway.store.base import Store
from gateway.store.record import STOPPED, Case, Life, Move
from normalizer.privacy import restricted
from normalizer.reference import BadReference, nearest, read

#: a code is compared with those of so many letters to the one who mistyped it
LETTERS = 50


class Answer(NamedTuple):
    """To a question."""

    letters: tuple[Letter, ...] = ()
    #: for operators
    words: str = ""
    #: the case that it is about is being tried just now: ask again
    busy: bool = False


class Inquiries:
    """One for the process."""

    def __init__(self, store: Store, clerk: Clerk) -> None:
        """They ask the one, and have the other write."""
        self._store, self._clerk = store, clerk

    async def answer(self, case: Case, message: InboundMessage) -> Answer:
        """Raises Unavailable."""
        question = message.question
        if question is None or not may_answer(message):
            return Answer()
        if question.kind == "stop":
            return await self._stop(case, message)
        if question.kind == "start":
            await self._note(message, None)
            return Answer(self._clerk.reply(case, message, "resumed"))
        if question.kind in {"help", "private"}:
            return Answer(self._clerk.reply(case, message, "help"))
        life = await about(self._store, question.code)
        if life is None:
            return await self._unknown(case, message)
        return await (self._withdraw if question.kind == "withdraw" else self._status)(case, message, life)

    async def _stop(self, case: Case, message: InboundMessage) -> Answer:
        """Confirmed once. The note says by whom, so that an attempt after a kill confirms what the first one did."""
        before = await self._store.recall(message.channel, STOPPED + message.sender)
        if before is None:
            await self._note(message, case.case_id)
        return Answer(self._clerk.reply(case, message, "stopped") if before in {None, case.case_id} else ())

    async def _note(self, message: InboundMessage, value: str | None) -> None:
        await self._store.advance(Move(channel=message.channel, notes={STOPPED + message.sender: value}))

    async def _status(self, case: Case, message: InboundMessage, life: Life) -> Answer:
        if message.public:
            life = await present(self._store, life)
            said = await self._clerk.said(life.case)
            if said is None or restricted(said.complaint):
                return Answer()
        found, code = progress(life), _code(message)
        # Who asks by the ledger's number, which can be guessed, is answered by it: our code opens more doors.
        standing = Standing(code[:14] if numbered(code) else found.reference, found.state, found.tracking_id)
        return Answer(self._clerk.reply(case, message, "status", standing))

    async def _withdraw(self, case: Case, message: InboundMessage, life: Life) -> Answer:
        """Who says so must hold our code, and be who sent it: a sender can be forged, and the ledger's number can be guessed."""
        life = await present(self._store, life)
        code, said = _code(message), await self._clerk.said(life.case)
        theirs = said is not None and (said.message.channel, said.message.sender) == (message.channel, message.sender)
        if not theirs or numbered(code):
            return Answer(self._clerk.reply(case, message, "withdrawn", Standing(code[:14], "not_yours")))
        done = await self._store.withdraw(life.case.case_id)
        if done == "busy":
            return Answer(busy=True)
        letters = self._clerk.reply(case, message, "withdrawn", Standing(life.case.reference, done))
        return Answer(letters, words=f"{life.case.reference}: {done}")

    async def _unknown(self, case: Case, message: InboundMessage) -> Answer:
        """A code that nobody has may have been written down wrongly."""
        kind: LetterKind = "withdrawn" if message.question and message.question.kind == "withdraw" else "status"
        code, like = _code(message), None
        state: Found = "mistyped" if _wrong(code) else "unknown"
        # Where everybody reads along nobody's code is told.
        if state == "mistyped" and not message.public:
            like = nearest(code, await self._store.addressed(message.channel, message.sender, LETTERS))
        standing = Standing(code[:14], "nearest", like) if like else Standing(code[:14], state)
        return Answer(self._clerk.reply(case, message, kind, standing))


def _code(message: InboundMessage) -> str:
    return message.question.code.strip() if message.question else ""


def _wrong(code: str) -> bool:
    """No code of ours can be so."""
    try:
        read(code)
    except BadReference:
        return not numbered(code)
    return False
