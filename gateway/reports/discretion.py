"""Which counts are not shown, because one or two persons would be known by them.

In: counts. Out: the same, of which small ones are joined with their neighbours or left open. A total beside them would give a count away
that is only left out; so it is joined. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from gateway.reports.figures import FEWEST, Split

N = TypeVar("N", int, Split)

#: what betrays somebody: a sender who wants to stay unknown, a tale of an abuse of office, one from inside
RAHASIA, BERKADAR, WHISTLEBLOWING = "rahasia", "berkadar", "whistleblowing"
#: with what it is joined, one after the other, until they are enough
_PRIVACY: Final = ("anonim", "terbuka", "")
_OVERSIGHT: Final = ("", "tidak_berkadar")


def privacy(counts: Mapping[str, int]) -> dict[str, int]:
    """Senders whose report is secret are never told of alone when they are few."""
    return _joined(dict(counts), RAHASIA, _PRIVACY)


def oversight(counts: Mapping[str, Split]) -> dict[str, Split]:
    """The same for reports on an abuse of office."""
    return _joined(dict(counts), BERKADAR, _OVERSIGHT)


def flags(counts: Mapping[str, int]) -> dict[str, int | None]:
    """None: a few."""
    return {name: None if name == WHISTLEBLOWING and 0 < n < FEWEST else n for name, n in counts.items()}


def _joined(counts: dict[str, N], few: str, others: Sequence[str]) -> dict[str, N]:
    if few not in counts or not 0 < _n(counts[few]) < FEWEST:
        return counts
    names, together = [few], counts.pop(few)
    for other in others:
        if _n(together) >= FEWEST:
            break
        if other in counts:
            names.append(other)
            together += counts.pop(other)
    return {"+".join(names): together, **counts}


def _n(count: Any) -> int:
    return count.total if isinstance(count, Split) else int(count)
