"""The words of reports, and how numbers, days and spans of time are written in each language.

In: `words.toml`, a language. Out: texts. A key that is not there is a fault of ours and raises KeyError.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from importlib import resources
from typing import Final, Literal

Language = Literal["id", "en"]
LANGUAGES: Final = ("id", "en")


class Wording:
    """Of one language."""

    def __init__(self, language: Language) -> None:
        """The words that come with the gateway."""
        self.language = language
        self._words = _words()
        self._months, self._short = self("months").split(), self("short_months").split()

    def __call__(self, key: str, **values: object) -> str:
        """A text, filled."""
        return self._words[key][self.language].format(**values)

    def number(self, n: int) -> str:
        """1.234 in Indonesian, 1,234 in English."""
        return f"{n:,}".replace(",", "." if self.language == "id" else ",")

    def share(self, part: float) -> str:
        """Of one: 12,5%."""
        written = f"{100 * part:.1f}%"
        return written.replace(".", ",") if self.language == "id" else written

    def day(self, day: date) -> str:
        """1 November 2026."""
        return f"{day.day} {self._months[day.month - 1]} {day.year}"

    def short_day(self, day: date) -> str:
        """1 Nov."""
        return f"{day.day} {self._short[day.month - 1]}"

    def month(self, day: date, *, short: bool = False) -> str:
        """November 2026, or Nov 26."""
        return f"{self._short[day.month - 1]} {day:%y}" if short else f"{self._months[day.month - 1]} {day.year}"

    def moment(self, at: datetime) -> str:
        """1 November 2026 14.05."""
        return f"{self.day(at.date())}, {at:%H.%M}" if self.language == "id" else f"{self.day(at.date())}, {at:%H:%M}"

    def span(self, seconds: float) -> str:
        """In the two largest units that say something."""
        if seconds < 60:
            return self("seconds", n=self._decimal(seconds))
        minutes = round(seconds / 60)
        if minutes < 60:
            return self("minutes", n=minutes)
        hours, minutes = divmod(minutes, 60)
        if hours < 48:
            return self("hours", n=hours) + (f" {self('minutes', n=minutes)}" if minutes and hours < 10 else "")
        days, hours = divmod(hours, 24)
        return self("days", n=self.number(days)) + (f" {self('hours', n=hours)}" if hours and days < 10 else "")

    def _decimal(self, seconds: float) -> str:
        written = f"{seconds:.1f}" if seconds < 10 else f"{seconds:.0f}"
        return written.replace(".", ",") if self.language == "id" else written


@cache
def _words() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((resources.files("gateway.reports") / "words.toml").read_text("utf-8"))
