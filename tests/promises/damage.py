"""Damage: octets and calls that are not what they should be, for the promises of channels.

In: what is whole, and luck. Out: the same with one to three faults. The same luck gives the same damage.
"""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import msgspec

from channels.base import Request

JUNK: tuple[object, ...] = (
    None, True, 0, -1, 7, 2**63, 10**40, 1e308, -0.5, "", "x", "\0", "\ud800", "🙏" * 300, "9" * 5000, "2026-99-99", [], {}, [[]], [None],
    {"": None}, {"id": {}}, [{"id": 1}], "1" * 30,
)  # fmt: skip


def damaged(raw: bytes, dice: random.Random) -> bytes:
    """One to three faults in some octets; in JSON, mostly of the kind that leaves it JSON."""
    if raw[:1] in b"{[" and raw and dice.random() < 0.7:
        try:
            document = json.loads(raw)
        except (ValueError, RecursionError):
            document = None
        if isinstance(document, dict | list):
            for _ in range(dice.randint(1, 3)):
                _bend(document, dice)
            return json.dumps(document).encode()
    octets = bytearray(raw)
    for _ in range(dice.randint(1, 3)):
        at, length = dice.randrange(len(octets) + 1), dice.randint(1, 30)
        match dice.randrange(5):
            case 0:
                del octets[at:]
            case 1:
                del octets[at : at + length]
            case 2:
                octets[at:at] = dice.randbytes(length)
            case 3:
                octets[at : at + 1] = bytes((dice.choice((0x00, 0x0A, 0x0D, 0x22, 0x3A, 0x3D, 0x7F, 0x80, 0xC3, 0xFF)),))
            case _:
                octets[at:at] = octets[dice.randrange(len(octets) + 1) :][:length]
    return bytes(octets)


def _bend(document: Any, dice: random.Random) -> None:
    """One value somewhere becomes another, or goes."""
    places = list(_places(document))
    if not places:
        return
    holder, key = dice.choice(places)
    if dice.random() < 0.2:
        del holder[key]
    else:
        holder[key] = copy.deepcopy(dice.choice(JUNK))


def _places(document: Any) -> Iterator[tuple[Any, Any]]:
    items = document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    for key, value in list(items):
        yield document, key
        yield from _places(value)


def damaged_call(call: Request, dice: random.Random) -> Request:
    """A call of which something is not as it should be."""
    change: dict[str, Any] = {}
    match dice.randrange(6):
        case 0:
            change["method"] = dice.choice(("GET", "POST", "PUT", "HEAD", "", "\0"))
        case 1:
            change["path"] = call.path + dice.choice(("/", "/dlr", "/dlr/dlr", "x", "/..", "\0", "/\udcff"))
        case 2 if call.query:
            name = dice.choice(sorted(call.query))
            change["query"] = {**call.query, name: dice.choice(("", "\0", "\udcff", "9" * 400, "-1", "(1/3) ", "zz", "5,6", "00" * 300))}
        case 3 if call.query:
            gone = dice.choice(sorted(call.query))
            change["query"] = {name: value for name, value in call.query.items() if name != gone}
        case 4 if call.headers:
            name = dice.choice(sorted(call.headers))
            change["headers"] = {**call.headers, name: dice.choice(("", "\0", "\udcff", "text/plain; charset=\udcff", "application/json"))}
        case _:
            change["body"] = damaged(call.body, dice)
    return msgspec.structs.replace(call, **change)
