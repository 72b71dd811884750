"""What everything behind the web door works with.

In: the host that opened it, and the settings. Out: one record for pages, API and Open311. It holds nothing about a citizen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from typing import Final

from channels.base import Host
from channels.web.allowance import Limiter
from channels.web.categories import Categories
from channels.web.regions import Regions
from channels.web.settings import Settings
from channels.web.uploads import Limits

#: where the day begins first: what is today in Jayapura is no future in Jakarta
EASTERN: Final = timezone(timedelta(hours=9), "WIT")


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One for the process. `clock` gives aware UTC; `counts` are the events of the channel, for the metrics."""

    name: str
    host: Host
    settings: Settings
    limiter: Limiter
    uploads: Limits
    regions: Regions
    categories: Categories
    clock: Callable[[], datetime]
    counts: Counter[str]

    def today(self) -> date:
        """The latest day that it is anywhere in the country."""
        return self.clock().astimezone(EASTERN).date()
