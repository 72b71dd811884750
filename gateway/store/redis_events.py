"""What ledgers say became of cases, and whom they are asked about, in the Redis store.

In: what was told, decisions, how ledgers are asked. Out: what stands for it in a call of `lua/events.lua`. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from gateway.store import codes
from gateway.store.events import ENROLLED
from gateway.store.happenings import Decision, Told
from gateway.store.redis_packing import given, letter
from gateway.store.redis_rows import seconds
from gateway.store.redis_scripts import Packing


def told(by: Told) -> dict[str, str]:
    """What `tell` reads of each."""
    happening = by.happening
    return {
        "reference": str(codes.reference(happening.reference) or 0), "ledger": by.ledger, "tracking_id": happening.tracking_id,
        "at": seconds(happening.at), "status": happening.status, "heard_at": seconds(by.heard_at), "by": happening.by, "state": by.state,
        "note": happening.note,
    }  # fmt: skip


def decided(decision: Decision, most_letters: int, packing: Packing) -> dict[str, Any]:
    """What `decide` reads."""
    what: dict[str, Any] = {
        "verb": "decide", "case": decision.case_id, "events": list(map(str, decision.events)), "number": str(decision.number),
        "letters": [letter(each, packing) for each in decision.letters], "most": most_letters,
    }  # fmt: skip
    if decision.instead is not None:
        what["instead"] = letter(decision.instead, packing)
    if decision.registration is not None:
        what["proof"] = given(decision.registration)
    if decision.record is not None:
        what["record"] = packing.apart(decision.record)
    return what


def asking(every_s: Mapping[str, float], for_s: float, limit: int) -> dict[str, Any]:
    """What `to_ask` reads."""
    return {"every_s": every_s, "soonest_s": min(every_s.values()), "for_s": for_s, "limit": limit, "enrolled": ENROLLED}
