"""Little pictures of numbers over time, as the paths of an SVG.

In: numbers, one for each step. Out: the `d` of a path in a box of so many steps by HEIGHT. Knows no colour; the style has them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

#: of the box
HEIGHT: Final = 40


def bars(numbers: Sequence[float | None], top: float) -> str:
    """A stroke for each number that is more than nothing, up from the ground."""
    return "".join(f"M{place}.5 {HEIGHT}V{_y(number, top)}" for place, number in enumerate(numbers) if number)


def band(low: Sequence[float], high: Sequence[float], top: float, *, every: int = 1) -> str:
    """The area between two lines; each of their points stands in the middle of `every` steps."""
    ahead = [f"{place * every + every / 2:g} {_y(number, top)}" for place, number in enumerate(high)]
    back = [f"{place * every + every / 2:g} {_y(number, top)}" for place, number in enumerate(low)]
    return f"M{'L'.join([*ahead, *reversed(back)])}Z" if ahead else ""


def top(*rows: Sequence[float | None]) -> float:
    """What the height of the box stands for: the greatest number, and at least one."""
    return max((number for row in rows for number in row if number), default=1.0)


def _y(number: float, top: float) -> str:
    y = f"{HEIGHT - HEIGHT * min(number / top, 1.0):.1f}"
    return y.removesuffix(".0")
