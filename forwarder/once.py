"""Complaints told to a ledger that takes one in a call.

In: complaints, and how to tell one. Out: an answer for each, in order. It never tells one twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from forwarder.ledger import Answer
from normalizer.complaint import Complaint


async def each_once(complaints: Sequence[Complaint], register: Callable[[Complaint], Awaitable[Answer]]) -> list[Answer]:
    """One call for each complaint, all at once; a reference that stands here twice is told once. The answers are in order."""
    calls = {complaint.reference: complaint for complaint in reversed(complaints)}
    answers = await asyncio.gather(*map(register, calls.values()))
    by_reference = dict(zip(calls, answers, strict=True))
    return [by_reference[complaint.reference] for complaint in complaints]
