"""The Redis store's rarer half: what people ask and do, what waits for them, and what ledgers say.

In: acts and questions. Out: answers, when Redis has what was done. Each is one transition of its own; what comes and goes by the thousand
is in `redis`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from channels.base import Attachment
from gateway.store import codes, redis_events, redis_life, redis_rows, redis_worklist
from gateway.store.happenings import Decision, Heard, Told
from gateway.store.queued import Queued
from gateway.store.record import (
    ALONE,
    WITHDRAWN,
    Case,
    Copied,
    Copying,
    FileClaim,
    FileSettlement,
    Hand,
    Life,
    Step,
    Withdrawal,
)
from gateway.store.redis_rows import fields, seconds
from gateway.store.redis_scripts import Packing
from gateway.store.stray import GONE, NO_LEDGER
from gateway.store.tallying import differences
from gateway.store.worklist import SET_ASIDE
from gateway.store.writer import Writer
from normalizer.reference import write


class RedisDesk(Queued):
    """See `gateway.store.base.Store`."""

    def __init__(self, writer: Writer, most_letters: int, owner: str) -> None:
        """`owner` of the leases of this process."""
        super().__init__(writer, most_letters)
        self._owner = owner

    async def _ask(self, script: str, what: Any, packing: Packing | None = None) -> Any:
        """One transition, with the next pipeline; its answer as Redis gives it. `packing` has the bytes that `what` names."""
        return await self._writer.add("acts", (packing or Packing()).call(script, what))

    async def _did(self, script: str, verb: str, **what: Any) -> Any:
        """One of the transitions in a script."""
        return await self._ask(script, {"verb": verb, **what})

    # --- who looks and mends ---

    async def life(self, code: str) -> Life | None:
        """See `Store.life`."""
        found = await self._did("look", "life", reference=str(codes.reference(code) or 0), quoted=codes.quoted(code))
        return redis_life.life(found) if found else None

    async def files(self, case_id: str) -> Sequence[Attachment]:
        """See `Store.files`."""
        return redis_life.attachments(await self._did("look", "files", case=case_id))

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """See `Store.listing`."""
        return list(map(redis_rows.case, await self._did("look", "listing", step=step, limit=limit)))

    async def addressed(self, channel: str, to: str, limit: int) -> Sequence[str]:
        """See `Store.addressed`."""
        return [write(int(each)) for each in await self._did("look", "addressed", channel=channel, to=to, limit=limit)]

    async def recount(self) -> list[str]:
        """Where the running counts and the cases themselves differ; reads every case at once."""
        counted, told, wrong = await self._did("look", "recount")
        return differences(redis_rows.counts(counted), redis_rows.counts(told)) + [each.decode() for each in wrong]

    async def retry(self, case_id: str, by: str, words: str, *, seen: Step | None = None, after_s: float = 0.0) -> bool:
        """See `Store.retry`."""
        return bool(await self._did("desk", "retry", case=case_id, by=by, words=words, seen=seen or "", after_s=after_s))

    async def drop(self, case_id: str, by: str, words: str, *, seen: Step | None = None) -> bool:
        """See `Store.drop`."""
        return bool(await self._did("desk", "drop", case=case_id, by=by, words=words, seen=seen or ""))

    async def edit(self, case_id: str, by: str, text: str | None) -> bool:
        """See `Store.edit`."""
        return bool(await self._did("desk", "edit", case=case_id, by=by, text=text))

    async def withdraw(self, case_id: str) -> Withdrawal:
        """See `Store.withdraw`."""
        word: Withdrawal = (await self._did("desk", "withdraw", case=case_id, code=WITHDRAWN)).decode()
        return word

    async def stray(self, known: Sequence[str], limit: int) -> Mapping[str, int]:
        """See `Store.stray`."""
        parked = await self._did("desk", "stray", known=dict.fromkeys(known, True), limit=limit, code=NO_LEDGER, words=GONE)
        return {ledger: int(n) for ledger, n in fields(parked).items()}

    # --- who copies by hand ---

    async def take(self, by: str, lease_s: float, *, ledgers: Sequence[str] = ALONE, besides: Collection[str] = ()) -> Life | None:
        """See `Store.take`."""
        found = await self._did("worklist", "take", by=by, lease_s=lease_s, ledgers=list(ledgers), besides=dict.fromkeys(besides, True))
        return redis_life.life(found) if found else None

    async def hands(self, limit: int, *, ledgers: Sequence[str] = ALONE) -> Sequence[Hand]:
        """See `Store.hands`."""
        return list(map(redis_worklist.hand, await self._did("worklist", "hands", limit=limit, ledgers=list(ledgers))))

    async def put_back(self, case_id: str, by: str) -> bool:
        """See `Store.put_back`."""
        return bool(await self._did("worklist", "put_back", case=case_id, by=by))

    async def set_aside(self, case_id: str, by: str, words: str) -> bool:
        """See `Store.set_aside`."""
        return bool(await self._did("worklist", "set_aside", case=case_id, by=by, code=SET_ASIDE, words=words))

    async def register(self, copied: Copied) -> Copying:
        """See `Store.register`."""
        packing = Packing()
        word: Copying = (await self._ask("worklist", redis_worklist.copied(copied, self._most_letters, packing), packing)).decode()
        return word

    async def undo(self, case_id: str, by: str) -> bool:
        """See `Store.undo`."""
        return bool(await self._did("worklist", "undo", case=case_id, by=by))

    # --- files on their way to a ledger ---

    async def claim_files(self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE) -> Sequence[FileClaim]:
        """See `Store.claim_files`."""
        what = {"limit": limit, "lease_s": lease_s, "ledgers": list(ledgers), "owner": self._owner}
        return list(map(redis_life.file_claim, await self._ask("claim_files", what)))

    async def settle_file(self, settlement: FileSettlement) -> bool:
        """See `Store.settle_file`."""
        packing = Packing()
        return bool(await self._ask("settle_file", redis_life.file_settled(settlement, packing), packing))

    # --- what ledgers say ---

    async def tell(self, told: Sequence[Told]) -> Sequence[Heard]:
        """See `Store.tell`."""
        return [each.decode() for each in await self._did("events", "tell", told=list(map(redis_events.told, told)))]

    async def undecided(self, limit: int) -> Sequence[Life]:
        """See `Store.undecided`."""
        return list(map(redis_life.life, await self._did("events", "undecided", limit=limit)))

    async def decide(self, decision: Decision) -> bool:
        """See `Store.decide`."""
        packing = Packing()
        return bool(await self._ask("events", redis_events.decided(decision, self._most_letters, packing), packing))

    async def to_ask(self, every_s: Mapping[str, float], for_s: float, limit: int) -> Sequence[Life]:
        """See `Store.to_ask`."""
        return list(map(redis_life.life, await self._did("events", "to_ask", **redis_events.asking(every_s, for_s, limit))))

    async def put_off(self, case_ids: Sequence[str], until: datetime) -> None:
        """See `Store.put_off`."""
        await self._did("events", "put_off", cases=list(case_ids), till=seconds(until))
