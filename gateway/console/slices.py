"""What happened to one subject within one span of time, as it is kept for years: small, and two that follow each other add up.

In: counts as they stand, and as they stood before. Out: slices, and what is read from them. Pure: no clock, no disk.

A subject is a channel, our own tries of its door, a bind, a ledger, or all together: `channel:web`, `probe:web`, `bind:sms transceiver 1`,
`ledger:http`, `all`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import zip_longest
from typing import Final

import msgspec

from gateway.spread import ACCEPT, REGISTER, quantile
from gateway.store.ages import WAITING
from gateway.store.record import LetterStep, Tally

ALL: Final = "all"
#: of a letter that has left
SENT: Final[LetterStep] = "sent"


class Slice(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """Counts add up; of what stands, the worst moment is kept. An array on the disk: new fields go to the end."""

    #: messages that came; of a ledger and of a probe: tries
    came: int = 0
    #: answers that left; of a ledger: numbers that it gave; of a probe: tries that went well
    went: int = 0
    #: at the worst moment: how many waited, and for how many seconds the oldest of them
    waiting: int = 0
    oldest_s: float = 0.0
    #: for how many seconds it was not up
    down_s: float = 0.0
    #: from the wire to the yes, or to the answer of a probe, by `spread.ACCEPT`
    accepting: Sequence[int] = ()
    #: from the message to its number, or to the record of a probe, by `spread.REGISTER`
    registering: Sequence[int] = ()
    #: for how many seconds nothing could come because somebody had closed it, or nobody counted what came
    closed_s: float = 0.0

    def then(self, later: Slice) -> Slice:
        """Both together."""
        return Slice(
            came=self.came + later.came,
            went=self.went + later.went,
            waiting=max(self.waiting, later.waiting),
            oldest_s=max(self.oldest_s, later.oldest_s),
            down_s=self.down_s + later.down_s,
            accepting=added((self.accepting, later.accepting)),
            registering=added((self.registering, later.registering)),
            closed_s=self.closed_s + later.closed_s,
        )

    def accept_s(self, share: float) -> float | None:
        """Within how many seconds this share of messages had its yes."""
        return quantile(ACCEPT, self.accepting, share)

    def register_s(self, share: float) -> float | None:
        """Within how many seconds this share of cases had its number."""
        return quantile(REGISTER, self.registering, share)


def added(counts: Iterable[Sequence[int]]) -> list[int]:
    """Bound by bound; an empty one counts nothing."""
    return [sum(each) for each in zip_longest(*counts, fillvalue=0)]


def less(now: Sequence[int], before: Sequence[int]) -> list[int]:
    """What came since; a process that began again counts from nothing."""
    if sum(now) < sum(before):
        return list(now)
    return [max(a - b, 0) for a, b in zip_longest(now, before, fillvalue=0)]


class Counted(msgspec.Struct, frozen=True, kw_only=True):
    """Counts that only grow, of one who counts: the store, or a process."""

    #: by subject
    came: Mapping[str, int] = {}
    went: Mapping[str, int] = {}
    accepting: Mapping[str, Sequence[int]] = {}
    registering: Mapping[str, Sequence[int]] = {}

    def since(self, before: Counted) -> Mapping[str, Slice]:
        """What was counted since, by subject."""
        subjects = {*self.came, *self.went, *self.accepting, *self.registering}
        return {
            subject: Slice(
                came=less((self.came.get(subject, 0),), (before.came.get(subject, 0),))[0],
                went=less((self.went.get(subject, 0),), (before.went.get(subject, 0),))[0],
                accepting=less(self.accepting.get(subject, ()), before.accepting.get(subject, ())),
                registering=less(self.registering.get(subject, ()), before.registering.get(subject, ())),
            )
            for subject in subjects
        }


def of_store(tally: Tally) -> Counted:
    """By channel: what came, and the answers that left."""
    sent = {name: steps.get(SENT, 0) for name, steps in tally.letters.items()}
    return Counted(
        came={f"channel:{name}": n for name, n in tally.received.items()} | {ALL: sum(tally.received.values())},
        went={f"channel:{name}": n for name, n in sent.items()} | {ALL: sum(sent.values())},
    )


def waiting(tally: Tally) -> dict[str, int]:
    """By subject: how many wait."""
    each = {f"channel:{name}": sum(steps.get(step, 0) for step in WAITING) for name, steps in tally.cases.items()}
    return each | {ALL: sum(each.values())}
