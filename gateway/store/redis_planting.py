"""Bundles as `lua/take_in.lua` takes them.

In: bundles. Out: what stands for them in a call. It talks to no server.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec

from channels.base import NEWS, Letter
from gateway.store.bundle import Bundle, Row, Value
from gateway.store.redis_kin import LOOKED_FOR, keys
from gateway.store.redis_scripts import Packing
from normalizer.likeness import Likeness

#: a receipt waits for its letter for so long, in seconds
EARLY_S: Final = 86_400
_letter = msgspec.msgpack.Decoder(Letter).decode
_likeness = msgspec.msgpack.Decoder(Likeness).decode


def planted(bundle: Bundle, packing: Packing) -> dict[str, Any]:
    """Everything is a string; bytes lie apart."""
    rows = bundle.rows
    (case,) = rows["cases"]
    ids: dict[Value, list[Value]] = {}
    for row in rows.get("provider_ids", ()):
        ids.setdefault(row["letter_id"], []).append(row["provider_id"])
    told: dict[str, Any] = {
        "id": str(bundle.case_id),
        "fields": _said(case, "id", "raw"),
        "parts": [_part(row, packing) for row in rows.get("parts", ())],
        "files": [
            [row["name"], row["media_type"], len(_bytes(row["content"])), _apart(row["content"], packing)] for row in rows.get("files", ())
        ],
        "letters": [_written(row, ids.get(row["id"], []), packing) for row in rows.get("letters", ())],
        "acts": [text(row[column]) for row in rows.get("acts", ()) for column in ("at", "by", "act", "words")],
        "events": [{"id": text(row["id"]), "fields": _said(row, "id")} for row in rows.get("events", ())],
        "additions": {text(row["by_case"]): _apart(row["addition"], packing) for row in rows.get("additions", ())},
        "enclosed": {text(row["number"]): _said(row) for row in rows.get("enclosed", ())},
        "tries": [_apart(row["try"], packing) for row in rows.get("tries", ())],
    }
    if case["raw"] or not case.get("expected"):
        told["raw"] = _apart(case["raw"], packing)
    for name, place in (("records", "record"), ("polls", "poll")):
        for row in rows.get(name, ()):
            told[place] = _apart(row["record"], packing) if name == "records" else text(row["due"])
    for row in rows.get("likenesses", ()):
        told["likeness"] = _compared(row, packing)
    for name, place in (("hands", "hand"), ("questions", "question")):
        for row in rows.get(name, ()):
            told[place] = _said(row, "case_id")
    return told


def _said(row: Row, *without: str) -> dict[str, str]:
    return {name: text(value) for name, value in row.items() if name not in without}


def text(value: Value) -> str:
    """As Redis has it: numbers with all their digits."""
    if isinstance(value, bytes):
        return value.decode()
    return value if isinstance(value, str) else repr(value)


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise TypeError("expected bytes")
    return value


def _apart(value: Value, packing: Packing) -> int:
    return packing.apart(_bytes(value))


def _part(row: Row, packing: Packing) -> dict[str, Any]:
    return {
        "number": text(row["number"]), "fingerprint": row["fingerprint"], "at": text(row["received_at"]),
        "raw": _apart(row["raw"], packing),
    }  # fmt: skip


def _file(row: Row, packing: Packing) -> list[Any]:
    return [row["name"], row["media_type"], len(_bytes(row["content"])), _apart(row["content"], packing)]


def _written(row: Row, ids: Sequence[Value], packing: Packing) -> dict[str, Any]:
    letter, said = _letter(_bytes(row["body"])), _said(row, "id", "body")
    if letter.not_before is not None and letter.kind in NEWS:
        said["news"] = "1"
    return {"id": text(row["id"]), "fields": said, "body": _apart(row["body"], packing), "ids": list(ids)}


def _compared(row: Row, packing: Packing) -> dict[str, Any]:
    likeness = _bytes(row["likeness"])
    return {
        "id": text(row["id"]), "at": text(row["at"]), "likeness": packing.apart(likeness),
        "keys": packing.apart(keys(_likeness(likeness))), **LOOKED_FOR,
    }  # fmt: skip


def hashed(channel: str, name: str) -> str:
    """Under which key it stands: no address or id stands in a key's name."""
    return hashlib.sha1(f"{channel}\0{name}".encode(), usedforsecurity=False).hexdigest()


def receipts(rows: Sequence[Row]) -> Mapping[str, dict[str, Any]]:
    """Receipts that came before their letter's id was known, by where they stand: one for each spelling, which knows the others."""
    spellings: dict[tuple[Value, Value], list[Value]] = {}
    for row in rows:
        spellings.setdefault((row["channel"], row["first"]), []).append(row["provider_id"])
    return {
        hashed(str(row["channel"]), str(row["provider_id"])): {
            **_said(row, "provider_id"),
            "spellings": msgspec.msgpack.encode(spellings[row["channel"], row["first"]]),
        }
        for row in rows
    }
