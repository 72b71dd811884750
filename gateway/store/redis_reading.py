"""Rows of the tables, out of what the scripts of the Redis store answer.

In: answers of `gathered` in `lua/bundles.lua`, hashes. Out: bundles and rows. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from gateway.store import bundle, redis_planting
from gateway.store.bundle import Bundle, Row
from gateway.store.redis_rows import fields


def bundle_of(answer: Sequence[Any]) -> Bundle:
    """What `gathered` says, as rows of the tables."""
    case_id = int(answer[0])
    of, raw, parts, files, record, letters, acts, likeness, hand, events, poll, question, additions, enclosed = answer[1:]
    own = {"case_id": case_id}
    rows: dict[str, list[dict[str, Any]]] = {
        "cases": [{**_row("cases", of), "id": case_id, "raw": raw}],
        "parts": [{**own, **each} for each in _numbered("parts", parts)],
        "files": [{**own, **each} for each in _numbered("files", files)],
        "records": [] if record is None else [{**own, "record": record}],
        "letters": [{**_row("letters", flat), "id": int(id_), "body": body} for id_, flat, body in letters],
        "provider_ids": [each for id_, flat, _ in letters for each in _provided(int(id_), fields(flat))],
        "acts": [{**own, **_act(acts[at : at + 4])} for at in range(0, len(acts), 4)],
        "likenesses": [{**own, **_row("likenesses", likeness)}] if likeness else [],
        "hands": [{**own, **_row("hands", hand)}] if hand else [],
        "events": [{**_row("events", flat), "id": int(id_)} for id_, flat in events],
        "polls": [] if poll is None else [{**own, "due": float(poll)}],
        "questions": [{**own, **_row("questions", question)}] if question else [],
        "additions": [{**own, "by_case": int(by), "addition": value} for by, value in fields(additions).items()],
        "enclosed": [{**_row("enclosed", flat), **own, "number": int(number)} for number, flat in enclosed],
    }
    return bundle.bundle(case_id, rows)


def archived(answer: Sequence[Any]) -> str:
    """The place in an archive where the rest of a case lies; empty when it is here."""
    return fields(answer[1]).get("archived", b"").decode()


def joined(there: Bundle, here: Bundle) -> Bundle:
    """What lies in an archive, and what has happened to its stub; see `lua/stubs.lua`."""
    rows: dict[str, Sequence[Row]] = {**there.rows}
    for name in ("acts", "events", "polls"):
        rows[name] = here.rows.get(name, ())
    ((kept,), (stub,)) = there.rows["cases"], here.rows["cases"]
    parts = {row["number"]: row for row in (*here.rows.get("parts", ()), *there.rows.get("parts", ()))}
    added = {row["by_case"]: row for row in (*there.rows.get("additions", ()), *here.rows.get("additions", ()))}
    rows["parts"], rows["additions"] = list(parts.values()), list(added.values())
    rows["cases"] = [{**kept, **stub, "raw": kept["raw"], "come": len(parts), "added": len(added)}]
    return bundle.bundle(here.case_id, rows)


def _row(name: str, flat: Sequence[bytes]) -> dict[str, Any]:
    return _typed(name, fields(flat))


def _typed(name: str, written: Mapping[str, bytes]) -> dict[str, Any]:
    columns = bundle.layout()[name].columns
    return {key: _value(columns[key].kind, value) for key, value in written.items() if key in columns}


def _value(kind: type, written: bytes) -> Any:
    if kind is str:
        return written.decode()
    return written if kind is bytes else kind(written)


def _numbered(name: str, flat: Sequence[bytes]) -> list[dict[str, Any]]:
    """Rows that share a hash: `<number>:<column>`."""
    rows: dict[int, dict[str, bytes]] = {}
    for key, value in fields(flat).items():
        number, _, column = key.partition(":")
        rows.setdefault(int(number), {})[column] = value
    return [{**_typed(name, row), "number": number} for number, row in rows.items()]


def _provided(letter_id: int, letter: Mapping[str, bytes]) -> list[dict[str, Any]]:
    ids = msgspec.msgpack.decode(letter["ids"], type=list[str]) if "ids" in letter else []
    return [{"letter_id": letter_id, "channel": letter["channel"].decode(), "provider_id": each} for each in dict.fromkeys(ids)]


def _act(flat: Sequence[bytes]) -> dict[str, Any]:
    return _typed("acts", dict(zip(("at", "by", "act", "words"), flat, strict=True)))


def early(place: str, receipt: Mapping[bytes, bytes]) -> list[Row]:
    """A receipt under one spelling of its id; the others are other keys."""
    of = {name.decode(): value for name, value in receipt.items()}
    ids = msgspec.msgpack.decode(of["spellings"], type=list[str])
    channel = of["channel"].decode()
    return [
        {**_typed("early_receipts", of), "provider_id": each}
        for each in dict.fromkeys(ids)
        if place == redis_planting.hashed(channel, each)
    ]
