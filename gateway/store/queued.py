"""The half of a store that is nothing but jobs for its writer: what comes and goes by the thousand.

In: arrivals, parts, settlements, receipts, those who wait. Out: futures. What a job does, the engine of each store knows.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from channels.base import Accepted, Arrival, Part, Receipt
from gateway.store import arrivals, parts
from gateway.store.fencing import Fence
from gateway.store.jobs import Astray, NewMove, Queue, Want
from gateway.store.kinship import Found, Search
from gateway.store.record import ALONE, Claim, LetterClaim, LetterSettlement, Move, Numbers, Settlement
from gateway.store.writer import Writer


class Queued:
    """See `gateway.store.base.Store`."""

    def __init__(self, writer: Writer, most_letters: int) -> None:
        """`most_letters` that one person may have within an hour."""
        self._writer, self._most_letters = writer, most_letters

    def otherwise(self, astray: Astray) -> None:
        """See `Store.otherwise`."""
        self._writer.astray = astray

    # --- what comes in ---

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.put`."""
        return self._writer.add("puts", arrivals.New(arrival, arrivals.identity(arrival.channel, arrival.source_id), numbers))

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        """See `Store.hold`."""
        return self._writer.add("parts", parts.NewPart(part, arrivals.identity(part.channel, part.group), numbers))

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        """See `Store.settle`."""
        return self._writer.add("settled", settlement)

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]:
        """See `Store.settle_letter`."""
        return self._writer.add("sent", settlement)

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """See `Store.note`."""
        return self._writer.add("receipts", receipt)

    def advance(self, move: Move) -> asyncio.Future[Sequence[Accepted]]:
        """See `Store.advance`."""
        news = [arrivals.New(arrival, arrivals.identity(arrival.channel, arrival.source_id), numbers) for arrival, numbers in move.arrivals]
        come = [parts.NewPart(part, arrivals.identity(part.channel, part.group), numbers) for part, numbers in move.parts]
        return self._writer.add("moves", NewMove(move.channel, move.notes, news, come, move.fence))

    # --- what goes out ---

    def claim(
        self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE, sorting: bool = False
    ) -> asyncio.Future[Sequence[Claim]]:
        """See `Store.claim`. One at a time for the same ledgers."""
        return self._writer.want(Want(tuple(Queue("cases", ledger) for ledger in ledgers), limit, lease_s, sorting))

    def kin(self, searches: Sequence[Search]) -> asyncio.Future[Sequence[Found]]:
        """See `Store.kin`."""
        return self._writer.add("kin", searches)

    def claim_letters(
        self, channel: str, limit: int, lease_s: float, *, fence: Fence | None = None
    ) -> asyncio.Future[Sequence[LetterClaim]]:
        """See `Store.claim_letters`. One at a time for each channel."""
        return self._writer.want(Want((Queue("letters", channel),), limit, lease_s, fence=fence))

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """See `Store.release`."""
        self._writer.release(claims)

    @property
    def pressed(self) -> bool:
        """See `Store.pressed`."""
        return self._writer.pressed

    def press(self) -> None:
        """See `Store.press`."""
        self._writer.press()

    async def ended(self) -> None:
        """See `Store.ended`."""
        await asyncio.shield(self._writer.writing)

    async def close(self) -> None:
        """See `Store.close`."""
        self._writer.close()
