"""Little pictures of numbers over time, as the paths of an SVG.

In: numbers, one for each step. Out: the `d` of a path in a box of so many steps by HEIGHT. Knows no colour; the style has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

#: of the box
HEIGHT: Final = 40


def bars(numbers: Sequence[float | None], top: float) -> str:
    """A stroke for each number that is more than nothing, up from the ground."""
    return "".join(f"M{place}.5 {HEIGHT}V{_y(number, top)}" for place, number in enumerate(numbers) if number)


def band(low: Sequence[float | None], high: Sequence[float | None], top: float) -> str:
    """The area between two lines, where both are known."""
    found = []
    steps = [(place, a, b) for place, (a, b) in enumerate(zip(low, high, strict=True)) if a is not None and b is not None]
    for (place, a, b), (after, c, d) in pairwise(steps):
        if after == place + 1:
            found.append(f"M{place}.5 {_y(b, top)}L{after}.5 {_y(d, top)}V{_y(c, top)}L{place}.5 {_y(a, top)}Z")
    return "".join(found)


def top(*rows: Sequence[float | None]) -> float:
    """What the height of the box stands for: the greatest number, and at least one."""
    return max((number for row in rows for number in row if number), default=1.0)


def _y(number: float, top: float) -> str:
    y = f"{HEIGHT - HEIGHT * min(number / top, 1.0):.1f}"
    return y.removesuffix(".0")
