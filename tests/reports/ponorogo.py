"""A year of a regency, invented after the one that was presented for 2022: 52 reports through three doors, three of them on an abuse of
office, fifty forwarded, two put away.

In: nothing, or changes. Out: entries as a store tells of them, and a report of them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from forwarder.states import States
from gateway.reports.counting import Counting, Scope
from gateway.reports.figures import Report
from gateway.reports.period import Period
from gateway.store.chronicle import Entry, Sent
from gateway.store.happenings import Event

ZONE = ZoneInfo("Asia/Jakarta")
YEAR = Period(date(2022, 1, 1), date(2022, 12, 31))
MADE = datetime(2023, 8, 24, 2, 0, tzinfo=UTC)
TOPICS = ("KESEHATAN", "PEKERJAAN UMUM DAN PENATAAN RUANG", "SOSIAL DAN KESEJAHTERAAN", "KETENTERAMAN DAN KETERTIBAN UMUM")
DISTRICTS = ("35.02.17", "35.02.16", "35.02.18")
NAMES = {"35.02": "Kabupaten Ponorogo", "35.02.17": "Ponorogo", "35.02.16": "Babadan", "35.02.18": "Jenangan"}


def said(value: object, provenance: str = "derived") -> dict[str, object]:
    return {"value": value, "provenance": provenance, "rule": "r", "confidence": 0.7}


def record(**changes: Any) -> bytes:
    """A canonical record as it lies in a store, as far as it matters here."""
    plain: dict[str, Any] = {
        "schema": "complaint/1", "text": "jangan dibaca", "privacy": "terbuka", "flags": [],
        "reporter": {"kind": "phone", "address": "+62"},
        "classification": said("pengaduan", "given"), "oversight": said("tidak_berkadar"), "category": said("KESEHATAN"),
        "location": said({"text": "", "candidates": [], "code": "35.02.17.1001", "details": []}, "given"),
    }  # fmt: skip
    return json.dumps(plain | changes).encode()


def entry(number: int = 1, **changes: Any) -> Entry:
    came = changes.pop("received_at", datetime(2022, 3, 1, 3, 0, tzinfo=UTC))
    plain = Entry(
        case_id=number, reference="7K3Q-9FXM-2CH4", channel="web", received_at=came, step="done", tracking_id=str(5_400_000 + number),
        registered_at=came + timedelta(minutes=2), record=record(), letters=(Sent("sent", "delivered"),),
    )  # fmt: skip
    made = msgspec.structs.replace(plain, **changes)
    told = tuple(msgspec.structs.replace(each, tracking_id=made.tracking_id) for each in made.events)
    return msgspec.structs.replace(made, events=told)


def event(status: str, at: datetime, number: int = 1) -> Event:
    """Of whichever entry has it."""
    return Event(
        event_id=number, ledger="ledger", tracking_id="", at=at, heard_at=at, by="", status=status, state=States({}).of(status), note=""
    )  # fmt: skip


def year() -> list[Entry]:
    """See above."""
    found = []
    for number in range(52):
        came = datetime(2022, 1, 3, 2, 0, tzinfo=UTC) + timedelta(days=7 * number, minutes=31 * number)
        channel = "web" if number < 46 else "android" if number < 51 else "sms"
        topic, district = TOPICS[number % 4], DISTRICTS[0 if number < 21 else 1 + number % 2]
        body = record(
            category=said(topic, "given" if number % 3 else "derived"),
            oversight=said("berkadar" if number in {7, 19, 40} else "tidak_berkadar"),
            location=said({"code": f"{district}.2001"}, "given" if number % 4 else "derived") if number < 47 else said(None),
            classification=said("pengaduan" if number % 5 else "aspirasi", "given"),
            privacy="anonim" if number % 9 == 0 else "terbuka",
        )
        status = "Diarsipkan" if number in {11, 33} else "Selesai"
        found.append(
            entry(number + 1, received_at=came, channel=channel, record=body, events=(event(status, came + timedelta(days=4)),),
                  registered_at=came + timedelta(minutes=1 + number))
        )  # fmt: skip
    return found


def counted(entries: Iterable[Entry], period: Period = YEAR, region: str = "") -> Report:
    counting = Counting(Scope(period, ZONE, region, lambda name: name.capitalize() if name in TOPICS else None))
    counting.add(entries)
    return counting.report("Dinas Kominfo Kabupaten Contoh", MADE)
