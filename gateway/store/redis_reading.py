"""Rows of the tables, out of what the scripts of the Redis store answer.

In: answers of `gathered` in `lua/bundles.lua`, hashes. Out: bundles and rows. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.store import bundle, redis_planting, redis_rows
from gateway.store.bundle import Bundle, Row
from gateway.store.redis_rows import fields, numbered, typed


def bundle_of(answer: Sequence[Any]) -> Bundle:
    """What `gathered` says, as rows of the tables."""
    case_id = int(answer[0])
    of, raw, parts, files, record, letters, acts, likeness, hand, events, poll, question, additions, enclosed, tries = answer[1:]
    own = {"case_id": case_id}
    rows: dict[str, list[dict[str, Any]]] = {
        "cases": [{**typed("cases", of), "id": case_id, "raw": raw}],
        "parts": [{**own, **each} for each in numbered("parts", parts)],
        "files": [{**own, **each} for each in numbered("files", files)],
        "records": [] if record is None else [{**own, "record": record}],
        "letters": [{**typed("letters", flat), "id": int(id_), "body": body} for id_, flat, body in letters],
        "provider_ids": [each for id_, flat, _ in letters for each in _provided(int(id_), fields(flat))],
        "acts": [{**own, **each} for each in redis_rows.acts(acts)],
        "likenesses": [{**own, **typed("likenesses", likeness)}] if likeness else [],
        "hands": [{**own, **typed("hands", hand)}] if hand else [],
        "events": [{**typed("events", flat), "id": int(id_)} for id_, flat in events],
        "polls": [] if poll is None else [{**own, "due": float(poll)}],
        "questions": [{**own, **typed("questions", question)}] if question else [],
        "additions": [{**own, "by_case": int(by), "addition": value} for by, value in fields(additions).items()],
        "enclosed": [{**typed("enclosed", flat), **own, "number": int(number)} for number, flat in enclosed],
        "tries": [{**own, "try": each} for each in tries],
    }
    return bundle.bundle(case_id, rows)


def archived(answer: Sequence[Any]) -> str:
    """The place in an archive where the rest of a case lies; empty when it is here."""
    return fields(answer[1]).get("archived", b"").decode()


def joined(there: Bundle, here: Bundle) -> Bundle:
    """What lies in an archive, and what has happened to its stub; see `lua/stubs.lua`."""
    rows: dict[str, Sequence[Row]] = {**there.rows}
    for name in ("acts", "polls"):
        rows[name] = here.rows.get(name, ())
    # of those that were there the stub has not all
    events = {row["id"]: row for row in (*here.rows.get("events", ()), *there.rows.get("events", ()))}
    ((kept,), (stub,)) = there.rows["cases"], here.rows["cases"]
    parts = {row["number"]: row for row in (*here.rows.get("parts", ()), *there.rows.get("parts", ()))}
    added = {row["by_case"]: row for row in (*there.rows.get("additions", ()), *here.rows.get("additions", ()))}
    rows["parts"], rows["additions"], rows["events"] = list(parts.values()), list(added.values()), list(events.values())
    rows["cases"] = [{**kept, **stub, "raw": kept["raw"], "come": len(parts), "added": len(added)}]
    return bundle.bundle(here.case_id, rows)


def _provided(letter_id: int, letter: Mapping[str, bytes]) -> list[dict[str, Any]]:
    ids = msgspec.msgpack.decode(letter["ids"], type=list[str]) if "ids" in letter else []
    return [{"letter_id": letter_id, "channel": letter["channel"].decode(), "provider_id": each} for each in dict.fromkeys(ids)]


def early(place: str, receipt: Mapping[bytes, bytes]) -> list[Row]:
    """A receipt under one spelling of its id; the others are other keys."""
    row = typed("early_receipts", [each for item in receipt.items() for each in item])
    ids = msgspec.msgpack.decode(receipt[b"spellings"], type=list[str])
    channel = row["channel"]
    return [{**row, "provider_id": each} for each in dict.fromkeys(ids) if place == redis_planting.hashed(channel, each)]
