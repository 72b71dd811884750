"""A store with a life behind it: everything that is ever done to one, in any order; and what can be seen of it from outside.

In: an open store, names of acts. Out: nothing but what it did; `seen` gives all that anybody can ask of it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from channels.base import Attachment, Gathered
from forwarder.ledger import Happening
from gateway.store.happenings import Decision, Told
from gateway.store.kinship import Search
from gateway.store.record import (
    DEFAULT,
    OPEN_STEPS,
    STOPPED,
    Addition,
    Claim,
    Copied,
    FileSettlement,
    LetterSettlement,
    Life,
    Move,
    Settlement,
    Step,
)
from gateway.store.trying import LEDGER, Try
from normalizer.likeness import Likeness
from tests.promises.stores import (
    LONG_S,
    REGISTERED,
    Counted,
    again,
    arrival,
    done,
    letter,
    now,
    numbers,
    part,
    receipt,
    sent,
)

CITIZEN = "6281200000001"
#: more than lies in a case's own row
LARGE = 5_000


class Lived:
    """Acts by their names; each does what it can, and nothing where there is nothing to do it to."""

    def __init__(self, store: Counted) -> None:
        self.store = store
        self.names = 0
        #: references in the order in which they came
        self.came: list[str] = []

    async def live(self, acts: Sequence[str]) -> None:
        for act in acts:
            await ACTS[act](self)

    async def _put(self, **changed: Any) -> None:
        self.names += 1
        came = msgspec.structs.replace(arrival(self.names), **changed)
        self.came.append((await self.store.put(came, numbers(self.names))).reference)

    async def put(self) -> None:
        await self._put()

    async def put_large(self) -> None:
        await self._put(raw=bytes(range(256)) * (LARGE // 256))

    async def put_files(self) -> None:
        file = Attachment(name="foto jalan.jpg", media_type="image/jpeg", content=b"\xff\xd8\x00" * 700)
        await self._put(files=(file, msgspec.structs.replace(file, name="dua", content=b"")))

    async def hold(self) -> None:
        self.names += 1
        held = await self.store.hold(part(1, 2, group=f"g{self.names // 4}"), numbers(("g", self.names)))
        self.came.append(held.reference)

    async def hold_rest(self) -> None:
        self.names += 1
        await self.store.hold(part(2, 2, group=f"g{self.names // 4}"), numbers(("g", self.names)))

    async def _claim(self) -> Claim | None:
        waiting = self.store.claim(1, LONG_S)
        await self._looked()
        return None if waiting.cancel() else waiting.result()[0]

    async def _looked(self) -> None:
        """Whoever waits for work has it, if there is any: what is asked later is answered later, and no clock decides."""
        for _ in range(2):
            await self.store.leases()

    async def claim(self) -> None:
        await self._claim()

    async def _settle(self, settlement: Callable[[Claim], Settlement]) -> None:
        if claim := await self._claim():
            await self.store.settle(settlement(claim))

    async def done(self) -> None:
        def settlement(claim: Claim) -> Settlement:
            files = tuple(range(1, 1 + len(claim.case.files)))
            written = letter(f"{claim.case.case_id}:registered", claim.case.case_id)
            return msgspec.structs.replace(done(claim, written), record=b'{"title": "x"}', files=files)

        await self._settle(settlement)

    async def again(self) -> None:
        def settlement(claim: Claim) -> Settlement:
            tried = Try(of=LEDGER, nth=claim.case.attempts, at=now(-2), took_s=1.5, step="submit", code="http_503")
            return msgspec.structs.replace(again(claim, now(-1), unsure=True), tried=tried)

        await self._settle(settlement)

    async def later(self) -> None:
        await self._settle(lambda claim: again(claim, now(600)))

    async def gather(self) -> None:
        found = Gathered(facts={"a": "b"}, files=(Attachment(name="c", media_type="d", content=b"e" * LARGE),))
        await self._settle(lambda claim: msgspec.structs.replace(again(claim, now(-1)), gathered=found))

    async def _to(self, step: Step) -> None:
        await self._settle(lambda claim: Settlement(claim=claim, step=step, code="why", words="kata", record=b"{}"))

    async def park(self) -> None:
        await self._to("parked")

    async def triage(self) -> None:
        await self._to("triage")

    async def decline(self) -> None:
        await self._to("declined")

    async def copy(self) -> None:
        await self._to("worklist")

    async def ask(self) -> None:
        def settlement(claim: Claim) -> Settlement:
            asked = msgspec.structs.replace(letter(f"{claim.case.case_id}:ask", claim.case.case_id), kind="ask")
            return Settlement(claim=claim, step="asked", due=now(600), code="place", letters=(asked,), asks=f"{CITIZEN}{self.names}")

        await self._settle(settlement)

    async def add(self) -> None:
        def settlement(claim: Claim) -> Settlement:
            added = Addition(kind="follow_up", reference=claim.case.reference, at=now(), text="di Jalan Mawar")
            return Settlement(claim=claim, step="declined", code="follow_up", words=self.came[0], adds=("1", added))

        await self._settle(settlement)

    async def write(self) -> None:
        await self._sent(lambda claim: sent(claim, f"p{claim.letter_id}", f"q{claim.letter_id}"))

    async def lose(self) -> None:
        await self._sent(lambda claim: LetterSettlement(claim=claim, step="parked", code="http_400"))

    async def put_off_letter(self) -> None:
        await self._sent(lambda claim: LetterSettlement(claim=claim, step="send", due=now(-1), code="http_503"))

    async def _sent(self, settlement: Callable[[Any], LetterSettlement]) -> None:
        waiting = self.store.claim_letters("telkomsel", 1, LONG_S)
        await self._looked()
        for claim in () if waiting.cancel() else waiting.result():
            await self.store.settle_letter(settlement(claim))

    async def receipt(self) -> None:
        await self.store.note(receipt("p1"))
        await self.store.note(receipt("p99", "q99"))

    async def note(self) -> None:
        self.names += 1
        await self.store.advance(Move(channel="x", notes={"since_id": str(self.names), f"{STOPPED}{self.names}": "1"}))

    async def pin(self) -> None:
        self.names += 1
        await self.store.pin("controls", f"n{self.names % 2}", b"\x00 bytes \xff", None)
        await self.store.pin("controls", "until", str(self.names).encode(), LONG_S)

    async def kin(self) -> None:
        searches = []
        for reference in self.came:
            case = (await life(self.store, reference)).case
            near = (int(case.case_id) % 3, 2**62 + int(case.case_id))
            alike = Likeness(same=2**63 - 1, text=7, near=near)
            searches.append(Search(case_id=case.case_id, channel="telkomsel", received_at=case.arrival.received_at, likeness=alike))
        await self.store.kin(searches)

    async def tell(self) -> None:
        told = []
        for n, reference in enumerate(self.came[:3]):
            at = REGISTERED.registered_at + timedelta(seconds=self.names)
            number = str(int(REGISTERED.tracking_id) + n)
            happening = Happening(tracking_id=number, reference=reference, at=at, status="Proses", by="Dinas PU", note="Kami cek.")
            told.append(Told(ledger=DEFAULT, happening=happening, state="forwarded", heard_at=now()))
        await self.store.tell(told)

    async def decide(self) -> None:
        for each in await self.store.undecided(1):
            events = tuple(event.event_id for event in each.events if event.letter is None)
            await self.store.decide(Decision(case_id=each.case.case_id, events=events))

    async def poll(self) -> None:
        for each in await self.store.to_ask({DEFAULT: 0.0}, 10 * 365 * 86_400.0, 2):
            await self.store.put_off([each.case.case_id], now(60))

    async def take(self) -> None:
        await self.store.take("rini", LONG_S)

    async def register(self) -> None:
        if taken := await self.store.take("rini", LONG_S):
            number = msgspec.structs.replace(REGISTERED, tracking_id=f"90000{taken.case.case_id}")
            await self.store.register(Copied(case_id=taken.case.case_id, by="rini", registration=number))

    async def edit(self) -> None:
        for case in await self.store.listing("parked", 1):
            await self.store.edit(case.case_id, "rini", "lampu mati \N{SMILING FACE WITH SMILING EYES}")

    async def retry(self) -> None:
        for case in await self.store.listing("parked", 1):
            await self.store.retry(case.case_id, "rini", "lagi")

    async def drop(self) -> None:
        for case in await self.store.listing("triage", 1):
            await self.store.drop(case.case_id, "rini", "iklan")

    async def forget(self) -> None:
        await self.store.forget("telkomsel", f"id-{self.names}", "deleted", waiting=True)

    async def withdraw(self) -> None:
        await self.store.withdraw("2") if len(self.came) > 1 else None

    async def file(self) -> None:
        for claim in await self.store.claim_files(1, LONG_S):
            await self.store.settle_file(FileSettlement(claim=claim, step="sent", code="", words="ok"))

    async def comfort(self) -> None:
        waiting = await self.store.unanswered(now(60), 2)
        await self.store.comfort(waiting, [letter(f"{case.case_id}:receipt", case.case_id) for case in waiting])


Act = Callable[[Lived], Awaitable[None]]
ACTS: dict[str, Act] = {name: act for name, act in vars(Lived).items() if not name.startswith("_") and name not in {"live"}}
#: a life in which every act finds something to do
FULL = (
    *("put_files", "done", "write", "tell", "decide", "file", "put_large", "withdraw", "put", "done", "lose", "put", "park", "edit"),
    *(
        "put",
        "park",
        "retry",
        "again",
        "later",
        "put",
        "triage",
        "drop",
        "put",
        "decline",
        "put",
        "copy",
        "register",
        "put",
        "copy",
        "take",
    ),
    *(
        "hold",
        "put",
        "ask",
        "write",
        "put_large",
        "gather",
        "kin",
        "note",
        "note",
        "pin",
        "receipt",
        "put_off_letter",
        "comfort",
        "put",
        "add",
    ),
    *("tell", "poll", "hold", "hold_rest", "put_files", "done", "put", "forget", "comfort", "put", "claim"),
)


async def life(store: Counted, reference: str) -> Life:
    found = await store.life(reference)
    assert found is not None
    return found


async def seen(store: Counted, came: Sequence[str]) -> dict[str, Any]:
    """All that can be asked without changing anything."""
    lives = [await life(store, reference) for reference in came]
    numbers_ = [each.case.registration.tracking_id for each in lives if each.case.registration]
    return {
        "lives": lives,
        "files": [await store.files(each.case.case_id) for each in lives],
        "numbers": [await store.life(number) for number in numbers_],
        "listings": [[case.case_id for case in await store.listing(step, 99)] for step in (*OPEN_STEPS, "declined")],
        "tally": await store.tally(),
        "hands": await store.hands(99),
        "undecided": [each.case.case_id for each in await store.undecided(99)],
        "notes": [await store.recalled("x", "", 99), await store.recall("x", "since_id")],
        "board": await store.pinned("controls"),
        "latest": await store.latest("telkomsel"),
        "unanswered": [case.case_id for case in await store.unanswered(now(60), 99)],
        "addressed": await store.addressed("telkomsel", CITIZEN, 99),
        "recount": await store.recount(),
    }


async def next_of(store: Counted) -> dict[str, Any]:
    """What whoever works on it gets next: of everything the first few, and which kin the next one meets."""
    # with something that is due for certain there is nothing to wait for
    new = await store.put(arrival("new", at=REGISTERED.registered_at), numbers("new"))
    await store.comfort((), [letter("new", new.case_id, to="6281200000099")])
    claims = await store.claim(99, LONG_S)
    letters = await store.claim_letters("telkomsel", 99, LONG_S)
    files = await store.claim_files(9, LONG_S)
    look = Search(
        case_id="9999", channel="telkomsel", received_at=now(), likeness=Likeness(text=7, near=(1, 2)), answers=("q1",), sender=CITIZEN
    )
    (found,) = await store.kin([look])
    redelivered = await store.put(arrival(1), numbers("other"))
    return {
        "claims": [(msgspec.structs.replace(claim.case, due=None), claim.token) for claim in claims],
        "letters": [msgspec.structs.replace(claim, created_at=REGISTERED.registered_at) for claim in letters],
        "files": [(claim.case.case_id, claim.number, claim.token, claim.attempts) for claim in files],
        "kin": found,
        "asked": [each.case.case_id for each in await store.to_ask({DEFAULT: 0.0}, 10 * 365 * 86_400.0, 9)],
        "redelivered": redelivered,
    }
