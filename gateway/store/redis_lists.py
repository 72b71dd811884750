"""The Redis store's lists for those who work them off; see `lists`.

In: acts and questions. Out: answers, when Redis has what was done.
"""

from __future__ import annotations

from gateway.store import reading, redis_rows
from gateway.store.lists import LOOK, Lost, LostPage, Page, Reasons
from gateway.store.record import DISCARDED, Step
from gateway.store.redis_desk import RedisDesk
from gateway.store.redis_rows import typed
from normalizer.reference import write


class RedisLists(RedisDesk):
    """See `gateway.store.lists.Lists`."""

    async def page(self, step: Step, limit: int, *, after: str = "", code: str = "", channel: str = "") -> Page:
        """See `Lists.page`."""
        what = {"step": step, "after": after, "look": LOOK, "limit": limit, "code": code, "channel": channel}
        found, after_ = await self._did("lists", "page", **what)
        return Page(cases=list(map(redis_rows.case, found)), after=after_.decode())

    async def reasons(self, step: Step, *, after: str = "") -> Reasons:
        """See `Lists.reasons`."""
        counts, after_ = await self._did("lists", "reasons", step=step, after=after, look=LOOK)
        return Reasons(counts=redis_rows.counts(counts), after=after_.decode())

    async def reopen(self, case_id: str, by: str, step: Step) -> bool:
        """See `Lists.reopen`."""
        return bool(await self._did("lists", "reopen", case=case_id, by=by, step=step))

    async def lost(self, limit: int, *, after: str = "", channel: str = "") -> LostPage:
        """See `Lists.lost`."""
        while await self._did("lost", "sort", look=LOOK):
            pass
        found, after_ = await self._did("lost", "page", after=after, look=LOOK, limit=limit, channel=channel)
        return LostPage(letters=[_lost(*each) for each in found], after=after_.decode())

    async def lettered(self, letter_id: str) -> str:
        """See `Lists.lettered`."""
        reference = await self._did("lost", "of", letter=letter_id)
        return write(int(reference)) if reference else ""

    async def resend(self, letter_id: str, by: str, words: str) -> bool:
        """See `Lists.resend`."""
        return bool(await self._did("lost", "resend", letter=letter_id, by=by, act="letter retry", words=words, code=DISCARDED))

    async def discard(self, letter_id: str, by: str, words: str) -> bool:
        """See `Lists.discard`."""
        return bool(await self._did("lost", "discard", letter=letter_id, by=by, act="letter drop", words=words, code=DISCARDED))

    async def recover(self, letter_id: str, by: str) -> bool:
        """See `Lists.recover`."""
        return bool(await self._did("lost", "recover", letter=letter_id, by=by, act="letter undo", words="", code=DISCARDED))


def _lost(letter_id: bytes, row: list[bytes], body: bytes, reference: bytes, step: bytes) -> Lost:
    standing: Step = step.decode()  # type: ignore[assignment]  # the script answers with a step
    state = reading.letter_state({**typed("letters", row), "body": body})
    return Lost(letter_id=letter_id.decode(), reference=write(int(reference)), standing=standing, state=state)
