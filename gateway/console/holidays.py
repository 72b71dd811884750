"""Which days are holidays in Indonesia, and in which people fast.

In: the file that comes with the gateway. Out: a `Calendar`. A year that the file does not know has no such days.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Iterator, Mapping
from datetime import date, timedelta
from importlib.resources import files
from typing import Literal, NamedTuple

Kind = Literal["holiday", "lebaran", "nyepi"]


class Calendar(NamedTuple):
    """Days that are not like others."""

    holidays: Mapping[date, Kind]
    #: Ramadan
    fasting: Collection[date]


def load() -> Calendar:
    """The days that the ministers decreed. The weekend in the middle of the leave of Idul Fitri is in no decree, and as quiet."""
    tables = tomllib.loads(files("gateway.console").joinpath("data/holidays.toml").read_text(encoding="utf-8"))
    fasting = {day for first, last in tables.pop("ramadan").values() for day in _days(first, last)}
    holidays: dict[date, Kind] = {}
    for year, days in tables.items():
        holidays |= {date.fromisoformat(f"{year}-{day}"): kind for day, (kind, _name) in days.items()}
        feast = sorted(f"{year}-{day}" for day, (kind, _name) in days.items() if kind == "lebaran")
        holidays |= dict.fromkeys(_days(feast[0], feast[-1]), "lebaran")
    return Calendar(holidays, fasting)


def _days(first: str, last: str) -> Iterator[date]:
    begins = date.fromisoformat(first)
    for n in range((date.fromisoformat(last) - begins).days + 1):
        yield begins + timedelta(n)
