"""One attempt to tell a ledger about some complaints.

In: what the store says about each. Out: one `Outcome` for each, in order. It never loops, never waits for a next attempt and
never raises because of the ledger; a bug of ours does raise, so that the caller's guard can park what it met.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import msgspec

from channels.base import Refused, Unavailable
from forwarder.ledger import AnyAnswer, Ledger, Registration
from forwarder.outcome import Outcome, judge
from normalizer.complaint import Complaint, Reporter
from normalizer.privacy import nameless

#: look-ups and single calls in flight, for one batch
ASIDE = 16
#: from this attempt on a doubtful record goes alone, so that one on which the ledger chokes does not hold up its neighbours
ALONE_FROM = 3
_NOBODY = Reporter(kind="none", address="")


class Submission(msgspec.Struct, frozen=True, kw_only=True):
    """A complaint on its way, as the store knows it."""

    complaint: Complaint
    #: this attempt is the attempts-th
    attempts: int
    #: an earlier attempt may have reached the ledger: it timed out, or we were killed in it; False once a person has said "send"
    unsure: bool = False
    #: the ledger has it already, and this amends it
    registration: Registration | None = None


async def forward(ledger: Ledger, submissions: Sequence[Submission], random: Callable[[], float]) -> list[Outcome]:
    """Register, look up or amend each; `random` draws from [0, 1) for the spread of the delays."""
    repeatable = ledger.finds or ledger.idempotent
    answers = await _answers(ledger, [_unnamed(submission) for submission in submissions])
    return [
        judge(answer, attempts=submission.attempts, jitter=random(), repeatable=repeatable)
        for submission, answer in zip(submissions, answers, strict=True)
    ]


def _unnamed(submission: Submission) -> Submission:
    """Who asked for no name is nobody to any ledger: a form does not even ask who it was, and answers go through us.

    Nor does the provider's id go along: Telegram's begins with the sender's own number there, X's leads to the post, and an SMS's is a
    hash of its words and of a telephone number, of which there are few enough to try them all.
    """
    complaint = submission.complaint
    if not nameless(complaint):
        return submission
    nobody = msgspec.structs.replace(complaint, reporter=_NOBODY, source_id=complaint.reference)
    return msgspec.structs.replace(submission, complaint=nobody)


async def _answers(ledger: Ledger, submissions: Sequence[Submission]) -> Sequence[AnyAnswer]:
    """The ledger's answers in order. A fresh record goes straight into the batch; only the others cost a look first."""
    if not any(s.unsure or s.registration for s in submissions):
        return await ledger.register([s.complaint for s in submissions])
    settled = await _each([_before_batch(ledger, s) for s in submissions])
    batch = [place for place, answer in enumerate(settled) if answer is None]
    answers = await ledger.register([submissions[place].complaint for place in batch]) if batch else ()
    together = dict(zip(batch, answers, strict=True))
    return [together[place] if answer is None else answer for place, answer in enumerate(settled)]


async def _before_batch(ledger: Ledger, submission: Submission) -> AnyAnswer | None:
    """The answer for one that needs no batch; None when it is to be registered with the others."""
    if submission.registration is not None:
        return await _amend(ledger, submission.complaint, submission.registration)
    if not submission.unsure:
        return None
    if not ledger.finds:
        return None if ledger.idempotent else Unavailable("no_answer", unsure=True)
    answer = await _find(ledger, submission.complaint)
    if answer is None and submission.attempts >= ALONE_FROM:
        (answer,) = await ledger.register([submission.complaint])
    return answer


async def _amend(ledger: Ledger, complaint: Complaint, registration: Registration) -> AnyAnswer:
    try:
        return await ledger.amend(complaint) or registration
    except (Refused, Unavailable) as failure:
        return failure


async def _find(ledger: Ledger, complaint: Complaint) -> AnyAnswer | None:
    """None when the ledger does not have it. A look-up that fails leaves the doubt as it was."""
    try:
        return await ledger.find(complaint.reference, complaint.received_at)
    except Unavailable as failure:
        return Unavailable(failure.code, retry_after=failure.retry_after, unsure=True, said=failure.said)
    except Refused as failure:
        return failure


async def _each(calls: Sequence[Awaitable[AnyAnswer | None]]) -> list[AnyAnswer | None]:
    gate = asyncio.Semaphore(ASIDE)

    async def one(call: Awaitable[AnyAnswer | None]) -> AnyAnswer | None:
        async with gate:
            return await call

    return await asyncio.gather(*map(one, calls))
