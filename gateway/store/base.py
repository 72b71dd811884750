"""What every store promises.

In: arrivals, parts, settlements, receipts and the acts of operators. Out: yes after the commit, and claims. A store never calls a
channel, a ledger or the normalizer.

The promises (`tests/promises/test_store.py` holds each store to them):
a `put` is on disk when its future is done, and says `duplicate` for what it has; a claim counts the attempt and sets the lease before
anybody tries; settling with a stale token changes nothing; settling a case and queueing its letters is one transaction; delays,
leases and attempts survive a restart; what is due first is claimed first; a note moves with the messages that it covers; whatever an
operator does is written down; what one process at a time may do has one holder, and nothing is done for one who has lost it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from channels.base import Accepted, Arrival, Attachment, Letter, Part, Receipt
from gateway.store.board import Board
from gateway.store.chronicle import Chronicle
from gateway.store.fencing import Fence, Held
from gateway.store.happenings import Decision, Heard, Told
from gateway.store.jobs import Astray
from gateway.store.kinship import Found, Search
from gateway.store.lists import Lists
from gateway.store.record import (
    ALONE,
    Case,
    Claim,
    Copied,
    Copying,
    FileClaim,
    FileSettlement,
    Hand,
    LetterClaim,
    LetterSettlement,
    Life,
    Move,
    Numbers,
    Settlement,
    Step,
    Tally,
    Withdrawal,
)


class Store(Board, Chronicle, Lists, Protocol):
    """A durable queue of cases and letters. The futures fail with `channels.base.Unavailable` when nothing was written."""

    def otherwise(self, astray: Astray) -> None:
        """Whom to ask before an arrival, a part or a receipt is refused: he may answer in the store's stead."""
        ...

    def put(self, arrival: Arrival, numbers: Numbers) -> asyncio.Future[Accepted]:
        """Keep an arrival, unless it is here."""
        ...

    def hold(self, part: Part, numbers: Numbers) -> asyncio.Future[Accepted]:
        """Keep a part; the first one of a message begins its case."""
        ...

    def advance(self, move: Move) -> asyncio.Future[Sequence[Accepted]]:
        """Keep arrivals and parts and set the notes that cover them, or nothing of it. LeaseLost when its fence is not the last one."""
        ...

    async def recall(self, channel: str, name: str) -> str | None:
        """A channel's note."""
        ...

    async def recalled(self, channel: str, prefix: str, limit: int) -> Mapping[str, str]:
        """A channel's notes whose names begin so, in the order of their names."""
        ...

    def forget(self, channel: str, source_id: str, why: str, *, waiting: bool) -> asyncio.Future[bool]:
        """Take out what a message said, and write down that this was done; False: not here, claimed just now, or waiting when it may
        not be."""
        ...

    async def latest(self, channel: str) -> datetime | None:
        """When the newest arrival of a channel came."""
        ...

    def claim(
        self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE, sorting: bool = False
    ) -> asyncio.Future[Sequence[Claim]]:
        """Wait for cases of these ledgers that are due, and take at least one and at most `limit`, those due first first.

        `sorting`: only to find out which ledger they belong to; no ledger hears of them, so a kill leaves none of them unsure.
        """
        ...

    def settle(self, settlement: Settlement) -> asyncio.Future[bool]:
        """False, and nothing changed, when the claim is no longer ours. NumberTaken, and nothing changed, when another case has its new
        number from the same ledger."""
        ...

    def kin(self, searches: Sequence[Search]) -> asyncio.Future[Sequence[Found]]:
        """Write the likenesses down and find whom each knows: of those written down before it, the newest few under each key.

        Asked again, a case meets the same; a likeness that changed takes the place of the old one. What came 90 days before need not
        be found, and `forget` takes it out.
        """
        ...

    def claim_letters(
        self, channel: str, limit: int, lease_s: float, *, fence: Fence | None = None
    ) -> asyncio.Future[Sequence[LetterClaim]]:
        """Wait for letters of a channel that are due, as `claim` does for cases. LeaseLost, also to one who waits, when the fence is not
        the last one."""
        ...

    def settle_letter(self, settlement: LetterSettlement) -> asyncio.Future[bool]: ...

    async def claim_files(self, limit: int, lease_s: float, *, ledgers: Sequence[str] = ALONE) -> Sequence[FileClaim]:
        """Take files that are due at these ledgers, at most `limit`, those due first first; none, when none is."""
        ...

    async def settle_file(self, settlement: FileSettlement) -> bool:
        """False, and nothing changed, when the claim is no longer ours."""
        ...

    def note(self, receipt: Receipt) -> asyncio.Future[bool]:
        """True when the receipt met a letter; else it is kept until a letter knows its id."""
        ...

    def release(self, claims: Sequence[Claim] | Sequence[LetterClaim]) -> None:
        """Give back claims that were not tried: as if they had not been made."""
        ...

    @property
    def pressed(self) -> bool:
        """Another process has asked for the machine a moment ago."""
        ...

    def press(self) -> None:
        """Ask the workers of other processes to leave us the machine for a moment. One that does not hear it works on."""
        ...

    async def lease(self, name: str, holder: str, for_s: float) -> int | None:
        """Take what one holder at a time may have, or have it for longer; the token, which is greater for each new holder. None: another
        has it."""
        ...

    async def unlease(self, fence: Fence) -> None:
        """Give it back, if it is ours."""
        ...

    async def leases(self) -> Sequence[Held]:
        """Those that somebody has now, by name."""
        ...

    async def unanswered(self, before: datetime, limit: int) -> Sequence[Case]:
        """Cases of step `submit` that came before an instant and whose senders have not heard of them, oldest first."""
        ...

    async def comfort(self, cases: Sequence[Case], letters: Sequence[Letter]) -> None:
        """Queue letters to senders of these cases, none of which is `unanswered` from then on; a key that is here is left alone."""
        ...

    async def tally(self) -> Tally: ...

    async def life(self, code: str) -> Life | None:
        """By reference, in any spelling, or by a ledger's tracking id; `ledger:number` where several gave the same."""
        ...

    async def files(self, case_id: str) -> Sequence[Attachment]:
        """The files of a case, whole."""
        ...

    async def listing(self, step: Step, limit: int) -> Sequence[Case]:
        """Cases of a step, the oldest first; of the declined, the newest."""
        ...

    async def retry(self, case_id: str, by: str, words: str, *, seen: Step | None = None, after_s: float = 0.0) -> bool:
        """Send a parked, triaged or declined case to the ledger, whatever its channel thinks of it. False when it is none of these, or not
        where it was `seen`. `after_s`: so many seconds are left to take it back."""
        ...

    async def drop(self, case_id: str, by: str, words: str, *, seen: Step | None = None) -> bool:
        """Decline a parked or triaged case, with the reason. False when it is in neither, or not where it was `seen`."""
        ...

    async def edit(self, case_id: str, by: str, text: str | None) -> bool:
        """Put a readable text in the place of what a parked or triaged case says; the bytes that came stay, and None brings back what they
        say."""
        ...

    async def stray(self, known: Sequence[str], limit: int) -> Mapping[str, int]:
        """Park cases that wait for a ledger which is none of these, at most `limit` of each; how many, by ledger. What somebody has in
        hand stays."""
        ...

    async def withdraw(self, case_id: str) -> Withdrawal:
        """Its sender wants it back: decline it, if no ledger can have it. Written down in any case but `busy`; once, however often it is
        said."""
        ...

    async def take(self, by: str, lease_s: float, *, ledgers: Sequence[str] = ALONE, besides: Collection[str] = ()) -> Life | None:
        """The case of these ledgers' worklist that this officer has in hand, else the oldest that nobody has, but for those `besides`; his
        for so long. None: no such case."""
        ...

    async def hands(self, limit: int, *, ledgers: Sequence[str] = ALONE) -> Sequence[Hand]:
        """The cases of these ledgers' worklist, the oldest first, with whoever has them in hand."""
        ...

    async def put_back(self, case_id: str, by: str) -> bool:
        """Out of whosever hand. False when nobody has it."""
        ...

    async def set_aside(self, case_id: str, by: str, words: str) -> bool:
        """Park a case of the worklist, with the reason, whoever has it in hand. False when it is not there."""
        ...

    async def register(self, copied: Copied) -> Copying:
        """Write down the number of what was copied by hand, with its letters; nothing is written but for `done`, and `more` with a number
        that is new."""
        ...

    async def undo(self, case_id: str, by: str) -> bool:
        """Back to the worklist, without the number that was given last, or for the supplement to be copied again. False when nobody gave it
        a number by hand."""
        ...

    async def addressed(self, channel: str, to: str, limit: int) -> Sequence[str]:
        """The references of the cases of which an address has had its last `limit` letters."""
        ...

    async def tell(self, told: Sequence[Told]) -> Sequence[Heard]:
        """Keep what a ledger says became of cases; the same (case, ledger, time and word) is kept once."""
        ...

    async def undecided(self, limit: int) -> Sequence[Life]:
        """Cases of which a ledger said something and nobody has decided what their senders hear, those heard of first first."""
        ...

    async def decide(self, decision: Decision) -> bool:
        """Write it down and queue its letters; False, and nothing changed, when it rests on what is not so any more."""
        ...

    async def to_ask(self, every_s: Mapping[str, float], for_s: float, limit: int) -> Sequence[Life]:
        """Registered cases about which their ledger is to be asked now: each once in so many seconds, by ledger, until it is closed or
        so many have gone by."""
        ...

    async def put_off(self, case_ids: Sequence[str], until: datetime) -> None:
        """Cases of `to_ask` that could not be asked about: again then, not when they are due next."""
        ...

    async def ended(self) -> None:
        """Done when it is closed. Raises what ended it before that, a fault of ours: whoever waits for it is told `Unavailable` then, and
        nothing is written any more."""
        ...

    async def close(self) -> None: ...
