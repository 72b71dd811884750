"""The cases of a period, as the Redis store has them.

In: a period; answers of `lua/records.lua`. Out: what that script reads, and pages. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from gateway.store import reading
from gateway.store.chronicle import PASSED, SLACK, Entry, Page, Sent
from gateway.store.redis_rows import seconds, typed
from gateway.store.tables import instant
from normalizer.reference import write


def asked(since: datetime, until: datetime, after: int, limit: int) -> dict[str, Any]:
    """What the script reads."""
    period = {"since": seconds(since), "until": seconds(until), "from": seconds(since - SLACK), "to": seconds(until + SLACK)}
    return {**period, "after": after, "limit": limit, "look": limit * PASSED}


def page(answer: Sequence[Any]) -> Page:
    """What it found."""
    after, found = answer
    return Page([_entry(*each) for each in found], None if after is None else int(after))


def _entry(id_: bytes, flat: Sequence[bytes], record: bytes | None, *of: Sequence[Any]) -> Entry:
    row, (letters, events, acts) = typed("cases", flat), of
    at = row.get("registered_at")
    return Entry(
        case_id=int(id_), reference=write(row["reference"]), channel=row["channel"], received_at=instant(row["received_at"]),
        step=row["step"], code=row.get("code", ""), ledger=row.get("ledger", ""), tracking_id=row.get("tracking_id", ""),
        registered_at=None if at is None else instant(at), record=record,
        letters=tuple(Sent(step.decode(), receipt.decode()) for step, receipt in letters),
        events=tuple(reading.event({**typed("events", each), "id": int(number), "by": "", "note": ""}) for number, each in events),
        acts=tuple(act.decode() for act in acts), archived=row.get("archived", ""),
    )  # fmt: skip
