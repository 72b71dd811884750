"""What X costs, counted per UTC day, and what follows from it.

In: what was read and posted, and the time as an argument. Out: a level, and the note that keeps the day's sum across restarts. Pure.

    below half of the daily cap   ok              as often as the settings say
    from half on                  slow            four times as seldom
    from 80 % on                  mentions_only   no hashtags, no stream, no threads; as seldom
    all of it                     stopped         nothing is read and nobody answered until the next UTC day

Only the look-up of deleted posts goes on when all is spent, and is counted too: X's rule about them has no price.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Final, Literal

Level = Literal["ok", "slow", "mentions_only", "stopped"]

#: sums are kept in whole millionths of a dollar
_MICRO: Final = 1_000_000
SLOW_AT: Final = 0.5
MENTIONS_ONLY_AT: Final = 0.8
#: how much longer the pause between two looks is from `slow` on
SLOWER_BY: Final = 4.0


class Guard:
    """The purse of one day."""

    def __init__(self, cap: float) -> None:
        """`cap` in USD; 0 is none."""
        self._cap = round(cap * _MICRO)
        self._day, self._spent = "", 0
        #: the posts that were paid for today; a restart forgets them, and errs on the dear side
        self._read: set[str] = set()

    @staticmethod
    def note(now: datetime) -> str:
        """The name under which the sum of a day is kept."""
        return f"spent:{now.astimezone(UTC):%Y-%m-%d}"

    def remember(self, now: datetime, kept: str | None) -> None:
        """Go on from what was spent today before a restart."""
        self._turn(now)
        if kept is not None and kept.isascii() and kept.isdecimal():
            self._spent = max(self._spent, int(kept))

    def posted(self, now: datetime, price: float) -> None:
        """An answer, at so many USD."""
        self._turn(now)
        self._spent += round(price * _MICRO)

    def read(self, now: datetime, price: float, ids: Iterable[str]) -> None:
        """Posts, at so many USD each; one that is read again on the same day costs nothing more, as X has it."""
        self._turn(now)
        new = set(ids) - self._read
        self._read |= new
        self._spent += round(price * _MICRO) * len(new)

    def notes(self, now: datetime) -> dict[str, str | None]:
        """What to keep of it, in the same commit as what was paid for; yesterday's sum goes away."""
        self._turn(now)
        return {self.note(now): str(self._spent), self.note(now - timedelta(days=1)): None}

    def spent(self, now: datetime) -> float:
        """USD, today."""
        self._turn(now)
        return self._spent / _MICRO

    def level(self, now: datetime) -> Level:
        """What may still be done today."""
        self._turn(now)
        share = self._spent / self._cap if self._cap else 0.0
        if share >= 1:
            return "stopped"
        if share >= MENTIONS_ONLY_AT:
            return "mentions_only"
        return "slow" if share >= SLOW_AT else "ok"

    @staticmethod
    def rest_of_day(now: datetime) -> float:
        """Seconds until the next UTC day."""
        today = now.astimezone(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
        return (today + timedelta(days=1) - now).total_seconds()

    def _turn(self, now: datetime) -> None:
        """A new day begins with nothing."""
        if self._day != (day := self.note(now)):
            self._day, self._spent = day, 0
            self._read.clear()
