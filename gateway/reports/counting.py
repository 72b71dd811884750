"""What came in a period, counted.

In: entries of a store, one after the other. Out: a `Report`. It keeps nothing of an entry but counts. Pure.

A report is a message that its sender meant for an authority. What only asks us something, answers a question of ours, adds to another
message or was written by a machine is none: it was declined by a rule. Who tests (the flag `test`) is counted apart, and nowhere else.
"""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec

from gateway.reports import discretion
from gateway.reports.figures import DISPOSITIONS, Disposition, Moment, Report, Split, Wait
from gateway.reports.gist import Gist, gist
from gateway.reports.period import Period, start
from gateway.store.chronicle import Entry, Sent
from gateway.store.record import DEFAULT, WITHDRAWN, Step
from gateway.timeline import turns

#: words of a ledger for a complaint that was put away, which is one way of being closed
_PUT_AWAY: Final = ("diarsip", "terarsip", "arsip", "archived")
STATES: Final = (
    "registered", "verified", "forwarded", "moved", "in_progress", "needs_reply", "answered", "closed", "archived", "rejected",
)  # fmt: skip
ANSWERED: Final = frozenset({"answered", "closed", "archived"})
FLAGS: Final = ("emergency", "whistleblowing", "needs_clarification", "incomplete_sms", "abusive")
_WAITING: Final[Mapping[Step, Disposition]] = {"worklist": "worklist", "triage": "triage", "parked": "parked"}
_NOTHING: Final = Gist()


class Scope(NamedTuple):
    """What is counted."""

    period: Period
    zone: ZoneInfo
    #: of which region alone, as the ministry writes it; empty: of all
    region: str
    #: a topic by the name that is shown; None: it is in no list, and may be anybody's words
    topic: Callable[[str], str | None]


class Counting:
    """One for a report."""

    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self._grain = scope.period.grain
        self._plain: Counter[str] = Counter()
        self._of: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self._split: defaultdict[str, defaultdict[str, list[int]]] = defaultdict(lambda: defaultdict(lambda: [0, 0, 0]))
        self._waits: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))

    def add(self, entries: Iterable[Entry]) -> None:
        """Those of the period alone; each once."""
        for entry in entries:
            self._count(entry)

    def _count(self, entry: Entry) -> None:
        read = gist(entry.record)
        known = read or _NOTHING
        if "test" in known.flags:
            self._plain["tests"] += 1
            return
        became = disposition(entry)
        if became is None:
            self._plain["others"] += not self._scope.region
            return
        code = (known.location.value.code if known.location.value else None) or ""
        if self._scope.region and not f"{code}.".startswith(f"{self._scope.region}."):
            self._plain["placeless"] += not code
            return
        self._plain["received"] += 1
        self._plain["unread"] += read is None
        self._of["channels"][entry.channel] += 1
        self._of["dispositions"][became] += 1
        self._of["privacy"][known.privacy if read else ""] += 1
        for flag in known.flags:
            self._of["flags"][flag] += 1
        for letter in entry.letters:
            self._of["letters"][_letter(letter)] += 1
        self._place(code, known)
        self._add("classifications", known.classification.value or "", known.classification.provenance)
        self._add("oversights", known.oversight.value or "", known.oversight.provenance)
        topic = known.category.value and (self._scope.topic(known.category.value) or "+")
        self._add("topics", topic or "", known.category.provenance)
        self._moment(entry, self._ledger(entry))

    def _place(self, code: str, known: Gist) -> None:
        """A code may end anywhere between a province and a village."""
        levels, who = code.split("."), known.location.provenance
        self._add("regencies", ".".join(levels[:2]) if len(levels) > 1 else "", who)
        self._add("districts", ".".join(levels[:3]) if len(levels) > 2 else "", who)

    def _add(self, name: str, value: str, provenance: str) -> None:
        self._split[name][value][2 if not value else 0 if provenance == "given" else 1] += 1

    def _ledger(self, entry: Entry) -> str:
        """Counts what the ledger made of it, and says its last word."""
        if entry.registered_at is None:
            return ""
        self._of["ledgers"][entry.ledger or DEFAULT] += 1
        waited = max((entry.registered_at - entry.received_at).total_seconds(), 0.0)
        self._waits[""].append(waited)
        self._waits[entry.channel].append(waited)
        state = standing(entry, entry.registered_at)
        self._of["states"][state] += 1
        return state

    def _moment(self, entry: Entry, state: str) -> None:
        day = start(entry.received_at.astimezone(self._scope.zone).date(), self._grain).isoformat()
        self._of["came"][day] += 1
        self._of["went"][day] += bool(state)
        self._of["done"][day] += state in ANSWERED

    def report(self, office: str, made_at: datetime) -> Report:
        """So far."""
        of, period, plain = self._of, self._scope.period, self._plain
        report = Report(
            office=office, first=period.first, last=period.last, timezone=self._scope.zone.key, made_at=made_at, region=self._scope.region,
            received=plain["received"], others=plain["others"], tests=plain["tests"], unread=plain["unread"], placeless=plain["placeless"],
            channels=_sorted(of["channels"]), dispositions={name: of["dispositions"][name] for name in DISPOSITIONS},
            ledgers=_sorted(of["ledgers"]), states={name: n for name in STATES if (n := of["states"][name])},
            waits={name: wait(found) for name, found in sorted(self._waits.items())},
            letters={name: of["letters"][name] for name in ("delivered", "sent", "failed", "unsent", "muted", "waiting")},
            grain=self._grain, moments=tuple(self._told(day.isoformat()) for day in period.starts()),
        )  # fmt: skip
        return report if report.few else msgspec.structs.replace(report, **self._about())

    def _about(self) -> dict[str, Any]:
        """What the reports are about, and what their senders want."""
        of, split = self._of, {name: _splits(found) for name, found in self._split.items()}
        return {
            "classifications": split.get("classifications", {}), "oversights": discretion.oversight(split.get("oversights", {})),
            "topics": split.get("topics", {}), "regencies": split.get("regencies", {}), "districts": split.get("districts", {}),
            "privacy": discretion.privacy({name: n for name in ("terbuka", "anonim", "rahasia", "") if (n := of["privacy"][name])}),
            "flags": discretion.flags({name: of["flags"][name] for name in FLAGS}),
        }  # fmt: skip

    def _told(self, day: str) -> Moment:
        of = self._of
        found = {"received": of["came"][day], "forwarded": of["went"][day], "answered": of["done"][day]}
        return msgspec.convert({"start": day, **found}, Moment)


def disposition(entry: Entry) -> Disposition | None:
    """What became of a report; None: it is none."""
    if entry.registered_at is not None:
        return "forwarded"
    if "forget" in entry.acts:
        return "taken_back"
    if entry.step != "declined":
        return _WAITING.get(entry.step, "waiting")
    if entry.code == WITHDRAWN:
        return "withdrawn"
    return "declined" if "drop" in entry.acts else None


def standing(entry: Entry, registered_at: datetime) -> str:
    """Where it stands by its ledger's last word."""
    told = turns(entry.events, entry.tracking_id, registered_at)
    if not told:
        return "registered"
    last = told[-1]
    return "archived" if last.state == "closed" and last.event.status.casefold().lstrip().startswith(_PUT_AWAY) else last.state


def wait(found: array[float]) -> Wait:
    """By the nearest rank: each figure is a wait that was."""
    ordered = sorted(found)
    p50, p90, p95 = (ordered[max(-(-len(ordered) * share // 100), 1) - 1] for share in (50, 90, 95))
    return Wait(count=len(ordered), p50=p50, p90=p90, p95=p95)


def _letter(letter: Sent) -> str:
    """What became of it, in one word."""
    if letter.step == "sent":
        return "delivered" if letter.receipt == "delivered" else "sent"
    return {"send": "waiting", "parked": "unsent"}.get(letter.step, letter.step)


def _sorted(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _splits(found: Mapping[str, list[int]]) -> dict[str, Split]:
    """The largest first; what nobody knows, last."""
    split = {value: Split(given=given, derived=derived, unknown=unknown) for value, (given, derived, unknown) in found.items()}
    return dict(sorted(split.items(), key=lambda item: (item[0] == "", -item[1].total, item[0])))
