"""How fast one bot may send: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this.

In: the time as an argument, and what Telegram made of what was sent. Out: seconds to wait. It never sleeps and reads no clock.
"""

from __future__ import annotations

import math

#: messages a second: Telegram allows about 30, and one to the same chat
OVERALL, PER_CHAT = 25.0, 1.0
#: chats to be remembered before those that may be written to again are forgotten
_MANY = 1000


class Pace:
    """When the next message may go."""

    def __init__(self) -> None:
        self.overall = OVERALL
        self._next = 0.0
        self._chats: dict[str, float] = {}

    def turn(self, chat: str, now: float, patience_s: float = math.inf) -> float:
        """Take the next turn, and say in how many seconds it is. One that is later than `patience_s` is not taken: whoever goes away
        and comes back would push everybody's turn, his own too, out of reach for ever."""
        at = max(now, self._next, self._chats.get(chat, 0.0))
        if at - now > patience_s:
            return at - now
        # A chat that was written to just now waits for itself alone: nobody else's turn is put off by it.
        self._next = max(now, self._next) + 1.0 / self.overall
        if len(self._chats) >= _MANY:
            self._chats = {known: due for known, due in self._chats.items() if due > now}
        self._chats[chat] = at + 1.0 / PER_CHAT
        return at - now

    def hold(self, seconds: float, now: float) -> None:
        """Telegram asked for silence; it does not say whether from all or from one, so nobody is written to."""
        self._next = max(self._next, now + seconds)
