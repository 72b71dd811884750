"""Since when a ledger that can be searched may have a complaint of which it gave no clear answer.

In: what became of a call. Out: for how long a look-up that finds nothing proves nothing. Kept in memory: of what was told in an earlier
life only that life's end is known, which is when this one began. It never asks a ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final, NamedTuple

from channels.base import Refused, Unavailable

#: what a ledger says that it took, and gives no number for, is a person's matter after so long; some give numbers once a night
PATIENCE: Final = timedelta(days=3)


class Doubt(NamedTuple):
    """About one reference."""

    since: datetime
    #: the ledger said that it took it
    taken: bool = False
    #: what it said in the place of a number
    token: str = ""


class Doubts:
    """One for each ledger."""

    def __init__(self, listed_after_s: float, now: Callable[[], datetime]) -> None:
        """`listed_after_s`: seconds after which a ledger shows what it took."""
        self._lag, self._now = timedelta(seconds=listed_after_s), now
        self._earlier = Doubt(now())
        self._doubts: dict[str, Doubt] = {}

    def begin(self, reference: str, *, taken: bool = False, token: str = "") -> None:
        """The ledger may have it from now on. What it said that it took counts from when it first said so."""
        before = self._doubts.get(reference)
        if token or before is None or not before.taken:
            self._doubts[reference] = Doubt(self._now(), taken, token)

    def end(self, reference: str) -> None:
        """It is known to have it."""
        self._doubts.pop(reference, None)

    def token(self, reference: str) -> str:
        """What the ledger said in the place of a number; empty when it said nothing, or in an earlier life."""
        return self._doubts.get(reference, self._earlier).token

    def missed(self, reference: str) -> None:
        """A look-up found nothing. Raises Unavailable while that proves nothing, and Refused when it never will."""
        doubt = self._doubts.get(reference, self._earlier)
        left = (PATIENCE if doubt.taken else self._lag) - (self._now() - doubt.since)
        if left > timedelta(0):
            if doubt.taken:
                raise Unavailable("token_pending" if doubt.token else "no_id", unsure=True)
            raise Unavailable("not_listed_yet", retry_after=left.total_seconds(), unsure=True)
        if doubt.taken:
            raise Refused("unknown", "the ledger said that it took it, gave no number, and does not show it")
