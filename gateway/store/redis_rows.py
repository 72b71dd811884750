"""Cases and letters, as the scripts of the Redis store answer them, and instants as they stand there.

In: answers of `whole` in `lua/prelude.lua`. Out: records. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from channels.base import Arrival, Enclosure, Letter, Part
from forwarder.ledger import Registration
from gateway.store.record import Addition, Case, Claim, LetterClaim
from gateway.store.tables import instant
from normalizer.reference import write

letter = msgspec.msgpack.Decoder(Letter).decode
_addition = msgspec.msgpack.Decoder(Addition).decode


def seconds(at: datetime) -> str:
    """An instant as it stands in the store: a Lua number made into a string would lose its microseconds."""
    return repr(at.timestamp())


def fields(flat: Sequence[bytes]) -> dict[str, bytes]:
    """A hash, as Redis answers it."""
    return {name.decode(): value for name, value in zip(flat[::2], flat[1::2], strict=True)}


def case(answer: Sequence[Any]) -> Case:
    """A case, whole."""
    flat, raw, parts, files, additions = answer
    of = fields(flat)
    arrival = Arrival(channel=text(of, "channel"), source_id=text(of, "source_id"), raw=raw, received_at=instant(float(of["received_at"])))
    return Case(
        case_id=text(of, "id"), reference=write(int(of["reference"])), step=text(of, "step"),  # type: ignore[arg-type]  # a step of ours
        arrival=arrival, parts=_parts(of, parts) if parts else (), attempts=int(of.get("attempts", 0)), unsure=of.get("unsure") == b"1",
        code=text(of, "code"), words=text(of, "words"), registration=_registration(of),
        edited=text(of, "edited") if "edited" in of else None, due=instant(float(of["due"])) if "due" in of else None,
        facts=msgspec.json.decode(of["facts"]) if "facts" in of else None, files=tuple(map(_file, files)),
        admitted=of.get("admitted") == b"1", ledger=text(of, "ledger"), asked=of.get("asked") == b"1",
        additions=_additions(additions) if additions else (), archived=text(of, "archived"),
    )  # fmt: skip


def claim(answer: Sequence[Any]) -> Claim:
    """A case in the hands of one worker."""
    return Claim(case=case(answer), token=int(fields(answer[0])["token"]))


def letter_claim(answer: Sequence[Any]) -> LetterClaim:
    """A letter in the hands of one worker."""
    letter_id, body, token, attempts, created_at = answer
    return LetterClaim(
        letter_id=int(letter_id), letter=letter(body), token=int(token), attempts=int(attempts), created_at=instant(float(created_at))
    )


def text(of: dict[str, bytes], name: str) -> str:
    """A field; absent is empty."""
    return of.get(name, b"").decode()


def _registration(of: dict[str, bytes]) -> Registration | None:
    if "tracking_id" not in of:
        return None
    at = instant(float(of["registered_at"]))
    return Registration(tracking_id=text(of, "tracking_id"), registered_at=at, url=text(of, "url"))


def _parts(of: dict[str, bytes], flat: Sequence[bytes]) -> tuple[Part, ...]:
    found = fields(flat)
    numbers = sorted(int(name.partition(":")[0]) for name in found if name.endswith(":raw"))
    return tuple(_part(of, number, found) for number in numbers)


def _part(of: dict[str, bytes], number: int, found: dict[str, bytes]) -> Part:
    at = instant(float(found[f"{number}:received_at"]))
    return Part(
        channel=text(of, "channel"), group=text(of, "source_id"), index=number, count=int(of.get("expected", 0)),
        raw=found[f"{number}:raw"], fingerprint=text(found, f"{number}:fingerprint"), received_at=at, wait_until=at, same_since=at,
    )  # fmt: skip


def _file(row: Sequence[bytes]) -> Enclosure:
    name, media_type, size = row
    return Enclosure(name=name.decode(), media_type=media_type.decode(), size=int(size))


def _additions(flat: Sequence[bytes]) -> tuple[Addition, ...]:
    found = fields(flat)
    return tuple(_addition(found[by_case]) for by_case in sorted(found, key=int))
