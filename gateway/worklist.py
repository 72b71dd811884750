"""The desk of those who copy complaints into a ledger by hand: what they get, what they give back, and what is refused.

In: an officer's name, a code, a number as it was pasted. Out: sheets, sentences for the officer, and by way of the store the letters to
the citizen. It sends nothing and counts nothing; who may sit at it is for those who open it to say (`worklist_api`, `worklist_commands`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

import msgspec

from channels.base import Letter, LetterKind
from forwarder import worklist
from forwarder.ledger import Registration
from forwarder.worklist import Sheet
from gateway.archived import present
from gateway.clerk import Clerk
from gateway.few import Few
from gateway.store.base import Store
from gateway.store.record import ALONE, DEFAULT, Copied, Copying, Hand, Life, Step
from normalizer.complaint import decode
from normalizer.reference import BadReference, read

#: seconds for which nobody else gets what an officer has in hand
LEASE_S: Final = 1800.0
#: cases of the list that are looked at before one is taken for whoever is no supervisor
LOOK: Final = 200
#: characters of an officer's name
LONGEST_NAME: Final = 40

Why = Literal["unknown", "invalid", "conflict", "forbidden"]


class NotDone(Exception):
    """Why it cannot be done: one sentence for the officer, and the same as a word with its values, for who says it in another language."""

    def __init__(self, why: Why, words: str, key: str, **values: str) -> None:
        """`unknown`: no such case. `invalid`: what was given is not what it should be. `conflict`: it does not fit with what is there.
        `forbidden`: it is for a supervisor."""
        super().__init__(words)
        self.why, self.words, self.key, self.values = why, words, key, values


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """A case in an officer's hand. It names a person: it is for this officer, and `acts` says that he had it."""

    code: str
    #: into which it is copied
    ledger: str
    channel: str
    received_at: datetime
    #: until then nobody else gets it
    until: datetime
    sheet: Sheet


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """A case in the list: nothing of what it says."""

    code: str
    ledger: str
    channel: str
    received_at: datetime
    #: its number, when only a supplement is to be copied
    tracking_id: str
    by: str
    since: datetime | None
    until: datetime | None


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a case stands after an act."""

    code: str
    step: Step
    tracking_id: str = ""


class Worklist:
    """One for each ledger that is copied into by hand."""

    def __init__(self, store: Store, clerk: Clerk, ledgers: Sequence[str] = ALONE, *, besides: Few | None = None) -> None:
        """`ledgers`: what its queue is called. `besides`: those that it neither shows nor acts on."""
        self._store, self._clerk, self._ledgers, self._besides = store, clerk, ledgers, besides
        self._few = besides or Few(clerk)

    def without_few(self) -> Worklist:
        """The same desk for whoever is no supervisor."""
        return Worklist(self._store, self._clerk, self._ledgers, besides=self._few)

    async def next(self, by: str) -> Work | None:
        """What this officer has in hand, else the oldest that nobody has; None when there is none. Raises NotDone or Unavailable."""
        besides = set[str]()
        if self._besides:
            hands = await self.cases(LOOK)
            besides = await asyncio.to_thread(lambda: {hand.case.case_id for hand in hands if self._few.case(hand.case)})
        while True:
            life = await self._store.take(_officer(by), LEASE_S, ledgers=self._ledgers, besides=besides)
            if life is None or life.record is None:
                return None
            if not await self._closed(life):
                break
            # behind those that were looked at
            await self._store.put_back(life.case.case_id, by)
            besides.add(life.case.case_id)
        case, complaint = life.case, decode(life.record)
        return Work(
            code=case.reference, channel=case.arrival.channel, received_at=case.arrival.received_at,
            until=datetime.now(UTC) + timedelta(seconds=LEASE_S), ledger=case.ledger or DEFAULT,
            sheet=worklist.sheet(complaint, _number(life)),
        )  # fmt: skip

    async def cases(self, limit: int) -> Sequence[Hand]:
        """As `waiting`, with what each says."""
        return await self._store.hands(limit, ledgers=self._ledgers)

    async def waiting(self, limit: int) -> Sequence[Waiting]:
        """The oldest first. Raises Unavailable."""
        return [_line(hand) for hand in await self.cases(limit)]

    async def done(self, code: str, by: str, pasted: str = "") -> Standing:
        """It stands in the ledger under the number that was pasted; without one, under the number that it has. Raises NotDone or
        Unavailable."""
        by, life = _officer(by), await self._life(code)
        registration = None
        if pasted.strip():
            try:
                registration = Registration(tracking_id=worklist.number(pasted), registered_at=datetime.now(UTC))
            except ValueError as error:
                raise NotDone("invalid", f"{error}", "bad_number") from error
        letters = await asyncio.to_thread(self._letters, life, registration.tracking_id) if registration else ()
        came = await self._store.register(Copied(case_id=life.case.case_id, by=by, registration=registration, letters=letters))
        if came not in {"done", "again", "more"} or (came == "more" and registration is None):
            raise await self._refusal(came, life, registration)
        number = registration.tracking_id if registration else _number(life)
        return Standing(code=life.case.reference, step="worklist" if came == "more" else "done", tracking_id=number)

    async def undo(self, code: str, by: str) -> Standing:
        """Back to the worklist. The citizen hears nothing until there is another number. Raises NotDone or Unavailable."""
        by, life = _officer(by), await self._life(code)
        if not await self._store.undo(life.case.case_id, by):
            code = life.case.reference
            raise NotDone("conflict", f"{code}: nothing was done by hand that could be taken back", "nothing_to_undo", code=code)
        after = await self._life(code)
        return Standing(code=life.case.reference, step=after.case.step, tracking_id=_number(after))

    async def put_back(self, code: str, by: str) -> Standing:
        """Out of whosever hand. Raises NotDone or Unavailable."""
        by, life = _officer(by), await self._life(code)
        if not await self._store.put_back(life.case.case_id, by):
            code = life.case.reference
            raise NotDone("conflict", f"{code} is in nobody's hand", "in_no_hand", code=code)
        return Standing(code=life.case.reference, step=life.case.step, tracking_id=_number(life))

    async def set_aside(self, code: str, by: str, reason: str) -> Standing:
        """It is not to be copied before somebody has looked: a test, a threat, the same once more. Raises NotDone or Unavailable."""
        by, life = _officer(by), await self._life(code)
        if not reason.strip():
            raise NotDone("invalid", "say why it is set aside", "no_reason")
        if not await self._store.set_aside(life.case.case_id, by, reason.strip()):
            raise await self._refusal("elsewhere", life, None)
        return Standing(code=life.case.reference, step="parked", tracking_id=_number(life))

    async def _life(self, code: str) -> Life:
        """By our code alone: a number in its place would be another case's, or a slip."""
        try:
            life = await self._store.life(read(code))
        except BadReference as error:
            slip = "; its check symbol does not agree, so a symbol is mistyped" if error.kind == "check" else ""
            code = code[:LONGEST_NAME]
            raise NotDone("unknown", f"{code} is no code of ours{slip}", "no_code", code=code) from error
        if life is None or life.case.ledger not in self._ledgers:
            raise NotDone("unknown", f"no case here has the code {read(code)}", "no_case", code=read(code))
        life = await present(self._store, life)
        if await self._closed(life):
            code = life.case.reference
            raise NotDone("forbidden", f"{code} is for a supervisor", "supervisor", code=code)
        return life

    async def _closed(self, life: Life) -> bool:
        return self._besides is not None and await asyncio.to_thread(self._besides.life, life)

    def _letters(self, life: Life, number: str) -> tuple[Letter, ...]:
        """What its sender is told: nothing that he knows, and a second number only as what it is."""
        given = [act.words for act in life.acts if act.act in {"done", "correct"}]
        if life.record is None or (given and given[-1].endswith(f"#{number}")):
            return ()
        kind: LetterKind = "corrected" if given else "registered"
        return self._clerk.news(kind, life.case, decode(life.record), nth=len(given), tracking_id=number)

    async def _refusal(self, came: Copying, life: Life, registration: Registration | None) -> NotDone:
        values = {
            "code": life.case.reference,
            "number": registration.tracking_id if registration else _number(life),
            "step": life.case.step,
        }
        if came == "taken":
            other = await self._store.life(f"{life.case.ledger or DEFAULT}:{values['number']}")
            values["other"] = other.case.reference if other else "another case"
        elif came == "theirs":
            givers = [act.by for act in life.acts if act.act in {"done", "correct"}]
            values |= {"number": _number(life), "by": givers[-1] if givers else "its ledger"}
        elif came not in _REFUSALS:
            came = "elsewhere"
        return NotDone("conflict", _REFUSALS[came].format_map(values), came, **values)


_REFUSALS: Final[dict[Copying, str]] = {
    "numberless": "{code} has no number yet: give the one that the ledger shows",
    "more": "{code}: more has come since it was shown; ask for the next one and copy it whole",
    "taken": "{code}: #{number} is the number of {other}; correct that one first",
    "theirs": "{code} has #{number} from {by}, who may correct it; or undo that first",
    "elsewhere": "{code} is not in the worklist ({step})",
}


def _officer(name: str) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable():
        raise NotDone("invalid", f"say who you are: a name of 1 to {LONGEST_NAME} printable characters", "officer")
    return name


def _number(life: Life) -> str:
    return life.case.registration.tracking_id if life.case.registration else ""


def _line(hand: Hand) -> Waiting:
    case = hand.case
    return Waiting(
        code=case.reference, ledger=case.ledger or DEFAULT, channel=case.arrival.channel, received_at=case.arrival.received_at,
        tracking_id=case.registration.tracking_id if case.registration else "", by=hand.by, since=hand.since, until=hand.until,
    )  # fmt: skip
