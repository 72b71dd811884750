"""How fast one bind may send, and how long a lost link waits before it is dialled again.

In: the time as an argument, and what the other side made of what was sent. Out: seconds to wait. It never sleeps and reads no clock.
"""

from __future__ import annotations

import random

#: what may go at once after a pause: an event loop wakes too coarsely to send one by one at thousands a second
BURST_S = 0.02
#: a window full of "throttled" is one complaint, not a hundred
SLOW_AT_MOST_EVERY_S = 1.0
#: each second without a complaint lets a slowed bind try so much more
RECOVER_BY = 1.1
#: messages a second below which no bind is pressed
FLOOR = 1.0

FIRST_DELAY_S = (0.1, 1.0)
CAP_S = 30.0
#: a bind that lived so long was a good one: its loss is not one more in a row of failures
HELD_S = 10.0


class Pace:
    """The schedule of one bind: its rate halves when the other side complains and comes back by a tenth a second."""

    def __init__(self, limit: float = 0.0) -> None:
        """`limit`: messages a second that the operator allows; 0 when none was named."""
        self._limit = limit
        #: messages a second in force; 0 is no limit
        self.rate = limit
        self._due = 0.0
        self._slowed_at = self._raised_at = float("-inf")
        self._second, self._count, self._seen = 0.0, 0, 0.0
        self._too_much = 0.0

    def limit(self, per_s: float) -> None:
        """Another limit, from now on; what the other side complained of before is forgotten."""
        self._limit = self.rate = per_s
        self._due, self._too_much = 0.0, 0.0

    def wait(self, now: float) -> float:
        """Seconds until the next message may go; 0 or less when it may go now."""
        return self._due - BURST_S - now if self.rate else 0.0

    def spend(self, now: float) -> None:
        """One message has gone."""
        self._count += 1
        if now - self._second >= 1.0:
            self._observe(now)
        if not self.rate:
            return
        if self.rate != self._limit:
            self._recover(now)
        if self.rate:
            self._due = max(self._due, now) + 1.0 / self.rate

    def complain(self, now: float) -> None:
        """The other side said that it was too fast: half of what it was, but once for all that was under way."""
        if now - self._slowed_at < SLOW_AT_MOST_EVERY_S:
            return
        self._slowed_at = self._raised_at = now
        if not self.rate:
            # No limit was agreed, so the speed that was too much is the one that was seen.
            self._observe(now)
            self._too_much = max(self._seen, FLOOR)
        self.rate = max((self.rate or self._too_much) / 2, FLOOR)
        self._due = now + 1.0 / self.rate

    def _observe(self, now: float) -> None:
        """Close the count of about a second; a long gap says nothing about speed, and a very short one too little to divide by."""
        span = now - self._second
        self._seen = self._count / span if 0.1 < span <= 2.0 else float(self._count)
        self._second, self._count = now, 0

    def _recover(self, now: float) -> None:
        """A tenth more for each second since the last raise. Without an agreed limit, twice what was too much ends the restraint."""
        seconds = int(now - self._raised_at)
        if not seconds:
            return
        self._raised_at = now
        ceiling = self._limit or 2 * self._too_much
        # The exponent is bounded because a night without traffic would overflow a float.
        self.rate = min(self.rate * RECOVER_BY ** min(seconds, 300), ceiling)
        if not self._limit and self.rate == ceiling:
            self.rate = 0.0


class BackOff:
    """Delays between attempts to get a link: the first drawn between 0.1 and 1 s, then about doubling, never above 30 s."""

    def __init__(self) -> None:
        self._last = 0.0

    def after(self, held: float) -> float:
        """Seconds to wait after a link that was bound for `held` seconds (0: never)."""
        if held >= HELD_S:
            self._last = 0.0
        # Drawn, so that the gateways of a country do not knock in step at an SMSC that has just come back.
        self._last = min(self._last * random.uniform(1.5, 2.5), CAP_S) if self._last else random.uniform(*FIRST_DELAY_S)
        return self._last

    def after_refusal(self) -> float:
        """Seconds to wait after a bind that was refused by name: it will be refused again until a person acts."""
        self._last = CAP_S
        return random.uniform(CAP_S / 2, CAP_S)
