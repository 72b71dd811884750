"""The way to the ledger: who may go, and who waits while it is away.

In: wishes to go, and how each call ended. Out: how many cases may be tried in one call. What follows from an ending is decided in
`forwarder.breaker`; this file only waits.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress

from forwarder.breaker import Breaker, Ending
from gateway.journal import Journal


class Gate:
    """One for each ledger and process."""

    def __init__(self, name: str, most: int, journal: Journal) -> None:
        """`most` calls at once when all is well; `name` is the ledger's."""
        self._name, self._breaker, self._journal = name, Breaker(most), journal
        self._moved = asyncio.Event()

    @property
    def shut(self) -> bool:
        """True while nobody may go."""
        return not self._breaker.room(_now())

    @property
    def away(self) -> bool:
        """True while the ledger does not answer."""
        return self._breaker.trial

    @property
    def asking(self) -> bool:
        """True while calls only ask whether the ledger answers at all."""
        return self._breaker.asking

    async def entered(self, batch: int) -> int:
        """Wait until one more call may begin; returns how many cases it may take. Whoever entered must leave."""
        while not self._breaker.room(_now()):
            self._moved.clear()
            with suppress(TimeoutError):
                await asyncio.wait_for(self._moved.wait(), self._breaker.away(_now()) or None)
        self._breaker.began()
        return 1 if self.asking else batch

    def left(self, how: Ending) -> None:
        """A call has ended."""
        was = self._breaker.trial
        self._breaker.ended(how, _now())
        if self._breaker.trial != was:
            if was:
                self._journal.state("ledger_back", ledger=self._name)
            else:
                self._journal.trouble("ledger_away", ledger=self._name)
        self._moved.set()


def _now() -> float:
    return asyncio.get_running_loop().time()
