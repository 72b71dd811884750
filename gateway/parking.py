"""What is written down of a case at which a person must look.

In: a claim, and why. Out: a settlement with the step `parked`. It decides nothing but whether the ledger may have the case.
"""

from __future__ import annotations

from typing import TypeVar

import msgspec

from channels.base import Letter, Unavailable
from forwarder.outcome import Park
from gateway.store.record import Claim, NumberTaken, Settlement
from gateway.work import Bug

A = TypeVar("A")


def unwritten(bug: Bug) -> Park:
    """Why it is parked that its settlement could not be written."""
    if isinstance(bug.error, NumberTaken):
        return Park(code="duplicate_id", words=f"the ledger gave it the number that {bug.error.other} has; look there for this one's code")
    return Park(code="bug", words=bug.words)


def parked(claim: Claim, park: Park, letters: tuple[Letter, ...] = ()) -> Settlement:
    """Parked by what the ledger answered, or by a fault of ours after it was told; `letters` say that it is safe."""
    # unknown, not to be told or looked up, a number of another's, a fault of ours in the middle of a call: the ledger may have it
    unsure = park.code in {"unknown", "cannot_look_up", "strange_id", "duplicate_id", "bug"}
    return Settlement(claim=claim, step="parked", code=park.code, words=park.words, unsure=unsure, letters=letters)


def untold(claim: Claim, park: Park) -> Settlement:
    """Parked before any ledger heard of it in this attempt."""
    return msgspec.structs.replace(parked(claim, park), unsure=claim.case.unsure)


def or_parked(claim: Claim, found: A | Bug) -> A | tuple[Settlement, Park]:
    """A fault of ours parks what it met. Raises Unavailable, where the store could not be asked."""
    if not isinstance(found, Bug):
        return found
    if isinstance(found.error, Unavailable):
        raise found.error
    park = Park(code="bug", words=found.words)
    return untold(claim, park), park
