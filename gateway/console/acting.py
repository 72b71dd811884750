"""What officers do to cases that wait for a person, one or many: sent on, dropped, taken back; each act audited, and said what came of it.

In: codes from a form, a reason. Out: the codes that it was done to, and a sentence for each that somebody else was quicker with.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Final, Literal, NamedTuple

from gateway.archived import present
from gateway.clerk import Clerk
from gateway.console import previews
from gateway.console.audit import Act, Audit
from gateway.console.page import Visit
from gateway.console.roles import may
from gateway.few import Few
from gateway.store.base import Store
from gateway.store.record import Life, Step
from normalizer.reference import BadReference, read

#: seconds in which what was sent on can be taken back, before a ledger hears of it
GRACE_S: Final = 20
#: sentences about cases with which somebody else was quicker
MOST_SAID: Final = 3

#: why a case is in triage; others are parked
JUDGED: Final = frozenset({"hashtag_only", "no_words", "spam_suspect"})

Verb = Literal["retry", "drop", "undo"]


class Deed(NamedTuple):
    """`step`: where the officer saw the case; an `undo` brings it back to where it came from."""

    verb: Verb
    step: Step
    words: str = ""


class Came(NamedTuple):
    """What came of it."""

    done: Sequence[str]
    refused: Sequence[str]

    def said(self, sentence: str, more: str) -> str:
        """`sentence` with the number that was done, and the first of the others; `more` tells how many there are besides."""
        rest = len(self.refused) - MOST_SAID
        said = [sentence.format(n=len(self.done), s=GRACE_S)] if self.done else []
        return " ".join([*said, *self.refused[:MOST_SAID], *([more.format(n=rest)] if rest > 0 else [])])


class Acting:
    """One for the console."""

    def __init__(self, store: Store, clerk: Clerk, book: Audit) -> None:
        """`book`: where it is written down."""
        self._store, self._book, self.few = store, book, Few(clerk)

    async def each(self, visit: Visit, codes: Sequence[str], deed: Deed) -> Came:
        """One after the other. Raises Unavailable; what was done until then is done."""
        done, refused = [], []
        for code in codes:
            life = await self.life(code)
            why = await self.do(visit, life, deed) if life else previews.became(visit, None, code)
            if life is None or why:
                refused.append(why)
            else:
                done.append(life.case.reference)
        return Came(done, refused)

    async def do(self, visit: Visit, life: Life, deed: Deed) -> str:
        """Empty, or why not: one sentence. Raises Unavailable."""
        case, by = life.case, visit.operator.name
        if not may(visit.operator.role, "supervisor") and await asyncio.to_thread(self.few.life, life):
            return str(visit.words.desks.only_supervisor.format(code=case.reference))
        if deed.verb == "retry":
            ok = await self._store.retry(case.case_id, by, deed.words, seen=deed.step, after_s=GRACE_S)
        elif deed.verb == "drop":
            ok = await self._store.drop(case.case_id, by, deed.words, seen=deed.step)
        else:
            ok = await self._store.reopen(case.case_id, by, "triage" if case.code in JUDGED else "parked")
        if not ok:
            return previews.became(visit, await self._store.life(case.reference), case.reference)
        await self._book.write(Act(by=by, act=f"{deed.step}.{deed.verb}", on=case.reference))
        return ""

    async def life(self, code: str) -> Life | None:
        """By our code alone; what lies in an archive is brought back. Raises Unavailable."""
        try:
            found = await self._store.life(read(code))
        except BadReference:
            return None
        return await present(self._store, found) if found else None
