"""Rows of the tables, read as records; the same for every store.

In: rows by the names of their columns, in the types that `tables` gives them; a column that has its default, or NULL, may be missing. Out:
cases, and what belongs to them. It asks no store for anything.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from channels.base import Arrival, Enclosure, Letter, Part
from forwarder.ledger import Registration
from gateway.store.happenings import Act, Event
from gateway.store.record import Addition, Case, FileState, LetterState
from gateway.store.tables import instant
from normalizer.reference import write

Row = Mapping[str, Any]

letter = msgspec.msgpack.Decoder(Letter).decode
_addition = msgspec.msgpack.Decoder(Addition).decode


def case(row: Row, raw: bytes, *, parts: Sequence[Row] = (), files: Sequence[Enclosure] = (), additions: Sequence[bytes] = ()) -> Case:
    """A case, with what came, the rows of its parts and its additions, in order."""
    due, facts = row.get("due"), row.get("facts")
    arrival = Arrival(channel=row["channel"], source_id=row["source_id"], raw=raw, received_at=instant(row["received_at"]))
    return Case(
        case_id=str(row["id"]), reference=write(row["reference"]), step=row["step"], arrival=arrival,
        parts=tuple([_part(row, each) for each in parts]) if parts else (), attempts=row.get("attempts", 0),
        unsure=bool(row.get("unsure")), code=row.get("code", ""), words=row.get("words", ""), registration=_registration(row),
        edited=row.get("edited"), facts=None if facts is None else msgspec.json.decode(facts), files=tuple(files),
        admitted=bool(row.get("admitted")), asked=bool(row.get("asked")),
        additions=tuple(map(_addition, additions)) if additions else (), due=None if due is None else instant(due),
        ledger=row.get("ledger", ""), archived=row.get("archived", ""),
    )  # fmt: skip


def _registration(row: Row) -> Registration | None:
    if row.get("tracking_id") is None:
        return None
    return Registration(tracking_id=row["tracking_id"], registered_at=instant(row["registered_at"]), url=row.get("url") or "")


def _part(of: Row, row: Row) -> Part:
    at = instant(row["received_at"])
    return Part(
        channel=of["channel"], group=of["source_id"], index=row["number"], count=of.get("expected", 0), raw=row["raw"],
        fingerprint=row["fingerprint"], received_at=at, wait_until=at, same_since=at,
    )  # fmt: skip


def letter_state(row: Row) -> LetterState:
    """A letter, and where it stands."""
    at = row.get("answered_at")
    return LetterState(
        letter=letter(row["body"]), step=row["step"], attempts=row.get("attempts", 0), created_at=instant(row["created_at"]),
        code=row.get("code", ""), words=row.get("words", ""), receipt=row.get("receipt", ""),
        said=row.get("said", ""), answered_at=None if at is None else instant(at),
    )  # fmt: skip


def file_state(row: Row) -> FileState:
    """A file on its way to the ledger."""
    return FileState(
        number=row["number"], step=row.get("step", "send"), attempts=row.get("attempts", 0), code=row.get("code", ""),
        words=row.get("words", ""),
    )  # fmt: skip


def act(row: Row) -> Act:
    """What somebody did to a case."""
    return Act(at=instant(row["at"]), by=row["by"], act=row["act"], words=row["words"])


def event(row: Row) -> Event:
    """What a ledger said of a case."""
    return Event(
        event_id=row["id"], ledger=row["ledger"], tracking_id=row["tracking_id"], at=instant(row["at"]), heard_at=instant(row["heard_at"]),
        by=row["by"], status=row["status"], state=row["state"], note=row["note"], letter=row.get("letter"),
    )  # fmt: skip
