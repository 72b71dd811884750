"""What follows from an attempt: done, handed over, again later, or a person must look. The one place where this is decided.

In: the answer of a ledger or the failure of a letter, how often it was tried, and a random number. Out: an `Outcome`. Pure: it
never reads a clock, never draws a number and never tries anything itself.
"""

from __future__ import annotations

import msgspec

from channels.base import Refused, Unavailable
from forwarder.ledger import AnyAnswer, Handed, Registration

#: seconds; a ledger or an operator that is away is asked at least this often
LONGEST_DELAY = 600.0
#: seconds; a Retry-After beyond it is more likely a mistake than a wish
LONGEST_RETRY_AFTER = 3600.0
#: seconds; an answer that could not be sent for so long is no longer worth sending unseen
LETTER_LIFETIME = 3 * 24 * 3600.0


class Done(msgspec.Struct, frozen=True, kw_only=True):
    """The ledger has it."""

    registration: Registration


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """Again, when `delay_s` seconds have gone by. `unsure`: the ledger may have it already, so look before sending again."""

    delay_s: float
    code: str
    unsure: bool = False
    #: what the other side answered, as it came
    said: str = ""


class Park(msgspec.Struct, frozen=True, kw_only=True):
    """A person must look; `words` are for the operator's eyes only."""

    code: str
    words: str = ""
    #: what the other side answered, as it came
    said: str = ""
    #: the ledger did not answer, and may not be asked again; else it judged this one complaint
    unanswered: bool = False


Outcome = Done | Handed | Retry | Park


def judge(answer: AnyAnswer, *, attempts: int, jitter: float, repeatable: bool = True) -> Outcome:
    """What an answer of a ledger means for the case.

    `attempts` counts this one too; `jitter` is in [0, 1). `repeatable`: the ledger finds references, or takes one twice harmlessly;
    without either, an attempt that may have been committed is never sent again blindly.
    """
    if isinstance(answer, Registration):
        return Done(registration=answer)
    if isinstance(answer, Handed):
        return answer
    if isinstance(answer, Refused):
        return Park(code=answer.code, words=answer.words, said=answer.said)
    if answer.unsure and not repeatable:
        words = f"the ledger may or may not have it ({answer.code}), and cannot be asked"
        return Park(code="unknown", words=words, said=answer.said, unanswered=True)
    return _again(answer, attempts, jitter)


def judge_letter(failure: Refused | Unavailable, *, attempts: int, age_s: float, jitter: float) -> Retry | Park:
    """What a failure to send means for a letter that has waited `age_s` seconds.

    An unsure attempt is repeated: a citizen who hears twice is better off than one who never hears.
    """
    if isinstance(failure, Refused):
        return Park(code=failure.code, words=failure.words, said=failure.said)
    if age_s > LETTER_LIFETIME:
        return Park(code="expired", words=f"not sent within three days ({failure.code})", said=failure.said)
    return _again(failure, attempts, jitter)


def _again(failure: Unavailable, attempts: int, jitter: float) -> Retry:
    """Back off, or wait as long as the other side asked; spread, so that not all come back in one instant."""
    if failure.retry_after is None:
        # the exponent is bounded too: 2.0 ** 2000 overflows
        delay = min(LONGEST_DELAY, 2.0 ** min(max(attempts, 1), 16)) * (1 + jitter) / 2
    else:
        delay = min(max(failure.retry_after, 1.0), LONGEST_RETRY_AFTER) + jitter
    return Retry(delay_s=delay, code=failure.code, unsure=failure.unsure, said=failure.said)
