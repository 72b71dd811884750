"""How durations spread: how many were within each bound.

In: seconds. Out: counts by bound, and from such counts the time within which a share of them was. Keeps no single duration, so it never
grows.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

#: seconds from the wire to the yes
ACCEPT: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
#: seconds from the message to its number from the ledger
REGISTER: Final = (0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 300.0, 1800.0, 7200.0, 21600.0, 86400.0)


class Spread:
    """Counts since the process began."""

    def __init__(self, bounds: Sequence[float]) -> None:
        """The last count is of those beyond the last bound."""
        self.bounds = bounds
        self.counts, self.seconds = [0] * (len(bounds) + 1), 0.0

    def add(self, seconds: float) -> None:
        """One more."""
        self.counts[bisect_left(self.bounds, seconds)] += 1
        self.seconds += seconds

    def within(self) -> list[tuple[str, int]]:
        """How many took so long or less, as Prometheus counts them."""
        total, found = 0, []
        for bound, n in zip([*map(str, self.bounds), "+Inf"], self.counts, strict=True):
            total += n
            found.append((bound, total))
        return found


def quantile(bounds: Sequence[float], counts: Sequence[int], share: float) -> float | None:
    """Within how many seconds this share of them was; between two bounds as if they lay evenly, beyond the last one that one. None: there
    were none."""
    wanted = share * sum(counts)
    if not wanted:
        return None
    before, low = 0, 0.0
    for bound, n in zip(bounds, counts, strict=False):
        if n and before + n >= wanted:
            return low + (bound - low) * (wanted - before) / n
        before, low = before + n, bound
    return bounds[-1]
