"""The embedded store's lists for those who work them off; see `lists`.

In: acts and questions. Out: answers, when the file has what was done.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import apsw

from gateway.store import lost, paging
from gateway.store.desk import Deed
from gateway.store.jobs import Counts
from gateway.store.lists import LostPage, Page, Reasons
from gateway.store.record import Step
from gateway.store.sqlite_desk import SqliteDesk


class SqliteLists(SqliteDesk):
    """See `gateway.store.lists.Lists`."""

    async def page(self, step: Step, limit: int, *, after: str = "", code: str = "", channel: str = "") -> Page:
        """See `Lists.page`."""
        return await self._act(lambda db, _: paging.page(db, step, limit, after, paging.Wanted(code, channel)))

    async def reasons(self, step: Step, *, after: str = "") -> Reasons:
        """See `Lists.reasons`."""
        return await self._act(lambda db, _: paging.reasons(db, step, after))

    async def reopen(self, case_id: str, by: str, step: Step) -> bool:
        """See `Lists.reopen`."""
        deed = Deed(case_id=int(case_id), at=datetime.now(UTC), by=by, act="undo", words="")
        return await self._act(lambda db, counts: paging.reopen(db, deed, step, counts))

    async def lost(self, limit: int, *, after: str = "", channel: str = "") -> LostPage:
        """See `Lists.lost`."""
        return await self._act(lambda db, _: lost.page(db, limit, after, channel))

    async def lettered(self, letter_id: str) -> str:
        """See `Lists.lettered`."""
        return await self._act(lambda db, _: lost.of(db, int(letter_id)))

    async def resend(self, letter_id: str, by: str, words: str) -> bool:
        """See `Lists.resend`."""
        return await self._letter(lost.resend, letter_id, _on_letter(by, "letter retry", words))

    async def discard(self, letter_id: str, by: str, words: str) -> bool:
        """See `Lists.discard`."""
        return await self._letter(lost.discard, letter_id, _on_letter(by, "letter drop", words))

    async def recover(self, letter_id: str, by: str) -> bool:
        """See `Lists.recover`."""
        return await self._letter(lost.recover, letter_id, _on_letter(by, "letter undo", ""))

    async def _letter(self, act: Callable[[apsw.Connection, int, Deed, Counts], bool], letter_id: str, deed: Deed) -> bool:
        return await self._act(lambda db, counts: act(db, int(letter_id), deed, counts))


def _on_letter(by: str, act: str, words: str) -> Deed:
    """Whose case it is, the letter knows."""
    return Deed(case_id=0, at=datetime.now(UTC), by=by, act=act, words=words)
