"""What cases have in common, as the Redis store asks and answers it.

In: searches. Out: what stands for them in a call of `kin`, and what its answer says. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from gateway.store import codes
from gateway.store.kinship import KINDS, NEWEST, Found, Search, by_kind
from gateway.store.redis_rows import fields, seconds
from gateway.store.redis_scripts import Packing
from gateway.store.tables import instant
from normalizer.likeness import Kin, Likeness
from normalizer.reference import write

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Likeness).decode
_WINDOWS_S: Final = tuple(kind.window_s for kind in KINDS)

#: for how long each kind of key is kept, and a likeness, in seconds; and how many cases are looked at under a key
LOOKED_FOR: Final = {"windows": _WINDOWS_S, "longest": max(_WINDOWS_S), "newest": NEWEST}


def asking(searches: Sequence[Search], _salts: Sequence[int], packing: Packing) -> dict[str, Any]:
    """What `kin` reads."""
    return {"searches": [_search(search, packing) for search in searches], **LOOKED_FOR}


def _search(search: Search, packing: Packing) -> dict[str, Any]:
    quoted = [(said, read) for said in search.quotes if (read := codes.quoted(said)) is not None]
    return {
        "case": search.case_id,
        "channel": search.channel,
        "at": seconds(search.received_at),
        "likeness": packing.apart(_encode(search.likeness)),
        "keys": packing.apart(keys(search.likeness)),
        "answers": search.answers,
        "quotes": [{"said": said, "number": read.number, "ledger": read.ledger} for said, read in quoted],
        "sender": search.sender,
    }


def keys(likeness: Likeness) -> bytes:
    """One behind the other: the kind in a digit, and 64 bits."""
    return b"".join(b"%d" % kind + key.to_bytes(8) for kind, found in enumerate(by_kind(likeness)) for key in found)


def found(answers: Sequence[Any]) -> list[Found]:
    """Whom each met."""
    return [_found(*answer) for answer in answers]


def _found(kin: Sequence[Any], references: Sequence[bytes], asked: bytes | None) -> Found:
    return Found(
        kin=tuple(Kin(reference=write(int(of)), received_at=instant(float(at)), likeness=_decode(likeness)) for of, at, likeness in kin),
        references={name: write(int(of)) for name, of in fields(references).items()},
        asked=write(int(asked)) if asked else "",
    )
