"""Which days are holidays in Indonesia.

In: the file that comes with the gateway. Out: the kind of each day that is one. A year that the file does not know has none.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Literal

Kind = Literal["holiday", "lebaran", "nyepi"]
Calendar = Mapping[date, Kind]


def load() -> Calendar:
    """The days that the ministers decreed. The weekend in the middle of the leave of Idul Fitri is in no decree, and as quiet."""
    years = tomllib.loads(files("gateway.console").joinpath("data/holidays.toml").read_text(encoding="utf-8"))
    calendar: dict[date, Kind] = {
        date.fromisoformat(f"{year}-{day}"): entry[0] for year, days in years.items() for day, entry in days.items()
    }
    for year in years:
        feast = [day for day, kind in calendar.items() if kind == "lebaran" and day.year == int(year)]
        for n in range((max(feast) - min(feast)).days if feast else 0):
            calendar[min(feast) + timedelta(n)] = "lebaran"
    return calendar
