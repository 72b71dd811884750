"""Counting: what was said, what should have been said, and the two shares that come of it.

In: single answers. Out: sums. Pure; it knows no field of the record.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass


@dataclass(slots=True)
class Tally:
    """`right` of `said` answers were right; `found` of `wanted` ones were given."""

    said: int = 0
    right: int = 0
    wanted: int = 0
    found: int = 0

    @property
    def precision(self) -> float | None:
        """None when nothing was said."""
        return self.right / self.said if self.said else None

    @property
    def recall(self) -> float | None:
        """None when nothing was wanted."""
        return self.found / self.wanted if self.wanted else None

    def count(self, accepted: Collection[object], seen: object) -> bool:
        """One answer, None for silence; any of `accepted` is right, silence too where None is among them. False: a miss or a mistake."""
        wanted, right = None not in accepted, seen in accepted
        self.wanted += wanted
        self.found += wanted and right
        self.said += seen is not None
        self.right += seen is not None and right
        return right

    def add(self, *, said: int = 0, right: int = 0, wanted: int = 0, found: int = 0) -> None:
        """Several at once."""
        self.said += said
        self.right += right
        self.wanted += wanted
        self.found += found
