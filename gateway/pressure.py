"""When the doors need the machine more than the workers do.

In: each message as it comes to a door of this process. Out: whether the workers had better wait. It holds nobody up itself, and looks
at nothing but how much comes.

What is on disk can wait; what is not may be lost by others. But a flood that lasts is no burst: then answers must go out too.
"""

from __future__ import annotations

#: messages that wait for their yes; beyond these the doors need the machine more than the workers do
CROWD = 7
#: how long that is remembered, in seconds
A_MOMENT_S = 0.2
#: A message with more bytes than any SMS (a mail, a form) costs a door some ten times what an SMS does, and whoever reads it as well.
LARGE = 1024
#: so many of these within a second are a downpour; how long it is remembered, and how often other processes hear of it, in seconds
POURING, SECOND_S, POURED_S, TELL_S = 10, 1.0, 1.0, 0.1
#: for so many seconds of a downpour the workers wait; the next one counts when it has been dry for a while
BURST_S, DRY_S = 20.0, 5.0

_NEVER = float("-inf")


class Pressure:
    """On the doors of this process. Times are those of one steady clock, in seconds."""

    def __init__(self) -> None:
        """Nothing has come."""
        self._crowded_at = self._counted_at = self._poured_at = self._began = self._told_at = _NEVER
        self._large = 0

    def came(self, size: int, waiting: int, now: float) -> bool:
        """A message of so many bytes, when so many wait for their yes. True: other processes ought to hear that it pours."""
        if waiting > CROWD:
            self._crowded_at = now
        return size > LARGE and self._pours(now)

    def crowded(self, now: float) -> bool:
        """A moment ago more waited for their yes than a flush or two should leave waiting."""
        return now - self._crowded_at < A_MOMENT_S

    def pouring(self, now: float) -> bool:
        """It pours, and not for long yet."""
        return now - self._poured_at < POURED_S and now - self._began < BURST_S

    def _pours(self, now: float) -> bool:
        if now - self._counted_at > SECOND_S:
            self._counted_at, self._large = now, 0
        self._large += 1
        if self._large < POURING:
            return False
        if now - self._poured_at > DRY_S:
            self._began = now
        self._poured_at = now
        if now - self._told_at < TELL_S or not self.pouring(now):
            return False
        self._told_at = now
        return True
