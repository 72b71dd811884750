"""Whether a ledger is asked now, and by how many at once.

In: when calls begin and how they end. Out: how many more may begin. Pure: times are those of one steady clock, in seconds. It never
holds a call up itself and never calls.

A ledger that fails several times in a row is left alone, and asked with a single complaint now and then whether it is back: an outage of
days then costs no case an attempt, and the oldest is still the first when it ends. A ledger that is slow to answer or says "not now"
gets fewer at once, and one more after each answer; one that says so to a single call again and again is away too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Literal

from forwarder.outcome import Outcome, Park, Retry

#: calls in a row that failed, after which the ledger is away
IN_A_ROW: Final = 5
#: seconds after which it is asked again: first, and doubled each time up to the longest
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0

#: how a call ended: answered (also by a refusal), put off by a ledger that is busy, or not answered; or nothing was asked after all
Ending = Literal["answered", "busy", "failed", "unasked"]
_BUSY: Final = frozenset({"http_425", "http_429", "http_503"})
#: codes of a ledger that did not even look at what it was told, whatever that was
_UNREAD: Final = _BUSY | {"unreachable", "certificate", "no_token"}
#: attempts after which a complaint loses its place all the same: it may be the reason
_PATIENCE: Final = 20


def ending(outcomes: Sequence[Outcome]) -> Ending:
    """How a call ended for the ledger: one answer among many shows that it is there."""
    if len(outcomes) == 0:
        return "unasked"
    failed = [outcome for outcome in outcomes if isinstance(outcome, Retry) or (isinstance(outcome, Park) and outcome.unanswered)]
    if len(failed) < len(outcomes):
        return "answered"
    codes = {outcome.code for outcome in failed}
    return "busy" if codes <= _BUSY else "failed"


def keeps_its_place(outcome: Retry, attempts: int) -> bool:
    """Whether a complaint that only asked if the ledger is there stays the first: else an outage would send those to the end that have
    waited longest, one after the other."""
    return outcome.code in _UNREAD and attempts <= _PATIENCE


class Breaker:
    """One for each ledger."""

    def __init__(self, most: int) -> None:
        """`most` calls at once, when all is well."""
        self._most, self._width, self._busy = most, float(most), 0
        self._failed = 0
        #: it has answered since we began
        self._met = False
        #: when the ledger may be asked again; None while it answers
        self._until: float | None = None
        self._pause, self._trying = FIRST_PAUSE, False

    def away(self, now: float) -> float:
        """Seconds for which the ledger is left alone; 0 when it may be asked, if only by one."""
        return max(self._until - now, 0.0) if self._until is not None else 0.0

    @property
    def trial(self) -> bool:
        """True when the next call asks whether the ledger is back."""
        return self._until is not None

    @property
    def asking(self) -> bool:
        """True when the next call had better risk one complaint: the ledger is away, or has not answered yet."""
        return self.trial or not self._met

    def room(self, now: float) -> int:
        """How many calls may begin now."""
        if self._until is not None:
            return 0 if self._trying or now < self._until else 1
        return max(int(self._width) - self._busy, 0)

    def began(self) -> None:
        """A call begins."""
        self._busy += 1
        self._trying = self._until is not None

    def ended(self, how: Ending, now: float) -> None:
        """A call that `began` has ended."""
        self._busy -= 1
        trial, self._trying = self._trying, False
        if how == "unasked":
            return
        if how == "answered":
            # back after an outage, the ledger is not overrun: one more for each answer
            self._width = 1.0 if trial else min(self._width + 1.0, self._most)
            self._failed, self._until, self._pause, self._met = 0, None, FIRST_PAUSE, True
            return
        self._failed += how == "failed" or self._width <= 1.0
        self._width = max(self._width / 2, 1.0)
        if trial:
            self._pause = min(self._pause * 2, LONGEST_PAUSE)
        if trial or self._failed >= IN_A_ROW:
            self._until = now + self._pause
