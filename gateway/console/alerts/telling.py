"""What a recipient reads: the news of several alerts in one message, or as a document for a program.

In: alerts, the console's words. Out: a subject, a text, JSON. Nothing of a citizen is in an alert, so nothing of one is in here. Pure.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, tzinfo
from typing import Any, NamedTuple

import msgspec

from gateway.console.alerts.book import Alert, News
from gateway.console.words import say


class Message(NamedTuple):
    """For people, and for programs."""

    subject: str
    text: str
    document: bytes


class Voice(NamedTuple):
    """How the gateway speaks to recipients: the words of one language, the office's name and its time zone."""

    words: Any
    office: str
    zone: tzinfo

    def sentence(self, alert: Alert) -> str:
        """What is wrong."""
        return say(getattr(self.words, alert.kind), on=alert.on, n=alert.figure)

    def todo(self, alert: Alert) -> str:
        """What to do about it."""
        return say(getattr(self.words, f"{alert.kind}_do"), on=alert.on, n=alert.figure)

    def time(self, at: float | None) -> str:
        """By the office's clock; "" for none."""
        return datetime.fromtimestamp(at, self.zone).strftime("%d-%m-%Y %H.%M %Z") if at is not None else ""

    def message(self, news: Sequence[tuple[News, Alert]]) -> Message:
        """All of it as one."""
        words = self.words
        form = words.subject_many if len(news) > 1 else words.subject_open if news[0][0] == "opened" else words.subject_over
        subject = say(form, n=len(news), sentence=self.sentence(news[0][1]))
        parts = [self._part(what, alert) for what, alert in news]
        if open_ := [str(alert.id) for what, alert in news if what == "opened"]:
            parts.append(say(words.end, office=self.office, numbers=", ".join(open_)))
        return Message(subject, "\n\n".join(parts) + "\n", self._document(news))

    def _part(self, what: News, alert: Alert) -> str:
        weight = self.words.urgent.upper() if alert.urgent else self.words.soon.upper()
        form = self.words.news_opened if what == "opened" else self.words.news_closed
        times = {"since": self.time(alert.since), "closed": self.time(alert.closed)}
        return say(form, weight=weight, sentence=self.sentence(alert), todo=self.todo(alert), **times)

    def _document(self, news: Sequence[tuple[News, Alert]]) -> bytes:
        told = [
            {
                "news": what, "id": alert.id, "key": alert.key, "kind": alert.kind, "on": alert.on, "figure": alert.figure,
                "urgent": alert.urgent, "since": self._at(alert.since), "opened": self._at(alert.opened), "closed": self._at(alert.closed),
                "sentence": self.sentence(alert), "todo": self.todo(alert),
            }
            for what, alert in news
        ]  # fmt: skip
        return msgspec.json.encode({"schema": "alerts/1", "gateway": self.office, "alerts": told})

    def _at(self, at: float | None) -> datetime | None:
        return datetime.fromtimestamp(at, self.zone) if at is not None else None
