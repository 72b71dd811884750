"""A request found by our code in a server's list of requests: GeoReport v2 has no other look-up for it.

In: a way to ask for the requests of a span of time. Out: the one with our code in its description, or None. It says that there is none only
where the list cannot hide one: not behind a span of more than 90 days, not on a second page, not without its description.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final

from channels.base import Refused
from forwarder.open311_answers import Row, identity, requested_at

Ask = Callable[[datetime, datetime], Awaitable[Sequence[Row]]]

#: a server may refuse, or cut, what spans more (GET Service Requests, start_date)
LONGEST: Final = timedelta(days=90)
#: a span of this length that is still too full cannot be searched
SHORTEST: Final = timedelta(minutes=1)
#: questions in one search: two months of a city with a thousand requests a day
MOST: Final = 200


async def searched(ask: Ask, reference: str, span: tuple[datetime, datetime], most: int) -> Row | None:
    """The newest first. `most`: requests that a server lists at most in one answer, as it says.

    Many say one number and mean another, so an answer of any length may be cut: what it shows is believed to be all when the rest of the
    span, before and behind it, has nothing that it does not show. Raises Refused("cannot_look_up") when the list cannot tell.
    """
    # `whole`: an answer of so many is known not to be cut
    spans, asked, whole, hides = _pieces(*span), 0, 0, False
    while spans:
        begin, end = spans.pop()
        found, asked = await ask(begin, end), asked + 1
        if row := _with(reference, found):
            return row
        hides = hides or _hides(found)
        if whole < len(found) < most:
            for start, stop in _aside(begin, end, found):
                beside, asked = await ask(start, stop), asked + 1
                if row := _with(reference, beside):
                    return row
                if _marks(beside) - _marks(found):
                    most = len(found)
            whole = len(found) if most > len(found) else whole
        if len(found) >= most:
            if end - begin < SHORTEST or asked > MOST:
                raise Refused("cannot_look_up", "the ledger lists too many requests to find one; look for the code by hand")
            middle = begin + (end - begin) / 2
            spans += [(begin, middle), (middle, end)]
    if hides:
        raise Refused("cannot_look_up", "the ledger lists requests without their descriptions or dates; look for the code by hand")
    return None


def _pieces(begin: datetime, end: datetime) -> list[tuple[datetime, datetime]]:
    edges = [begin]
    while end - edges[-1] > LONGEST:
        edges.append(edges[-1] + LONGEST)
    return list(pairwise([*edges, end]))


def _with(reference: str, found: Sequence[Row]) -> Row | None:
    return next((row for row in found if reference in str(row.get("description") or "")), None)


def _hides(found: Sequence[Row]) -> bool:
    """True where one of them may be it and does not show it, or not where it stands in the list."""
    return any(not row.get("description") or requested_at(row) is None for row in found)


def _marks(found: Sequence[Row]) -> set[tuple[str, datetime | None, str]]:
    """By which requests are told apart, also those that have no id yet."""
    return {(identity(row), requested_at(row), str(row.get("description"))) for row in found}


def _aside(begin: datetime, end: datetime, found: Sequence[Row]) -> list[tuple[datetime, datetime]]:
    """What of a span lies before the first and behind the last that was found."""
    dates = [at for row in found if (at := requested_at(row))] or [begin, end]
    return [(start, stop) for start, stop in ((begin, min(dates)), (max(dates), end)) if start < stop]
