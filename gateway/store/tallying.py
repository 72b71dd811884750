"""The counts of a store as one record. In: counts by channel and word, as every store keeps them. Out: a tally, or what is wrong in them.
It touches no disk."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple, cast

from gateway.store.ages import Pile
from gateway.store.record import STEPS, LetterStep, Step, Tally


class Ages(NamedTuple):
    """What a tally says of time."""

    oldest: Mapping[Step, datetime]
    waiting: Mapping[str, datetime]
    piles: Mapping[str, Pile]
    copied_s: float | None


def tallied(counted: Iterable[tuple[str, str, int]], ages: Ages) -> Tally:
    """`counted`: of each channel and word, how many; in the order of both."""
    received: dict[str, int] = {}
    standing: dict[str, dict[Step, int]] = {}
    waiting: dict[str, dict[LetterStep, int]] = {}
    for channel, word, n in counted:
        if word == "received":
            received[channel] = n
        elif word in STEPS:
            standing.setdefault(channel, {})[word] = n
        elif word.startswith("letter "):
            waiting.setdefault(channel, {})[cast("LetterStep", word.removeprefix("letter "))] = n
    return Tally(received=received, cases=standing, letters=waiting, **ages._asdict())


def differences(counted: Mapping[tuple[str, str], int], told: Mapping[tuple[str, str], int]) -> list[str]:
    """What the counts (`told`) say otherwise than the cases themselves, by channel and word: a sentence each."""
    return [
        f"{channel}: the counts say {told.get((channel, word), 0)} {word}, the cases say {counted.get((channel, word), 0)}"
        for channel, word in sorted({*counted, *told})
        if (word in STEPS or word == "received") and counted.get((channel, word), 0) != told.get((channel, word), 0)
    ]
