"""What stands in a spool file.

In: what a door brought, with the reference that it was told. Out: the body of a record, and it again. The key of the references is no
part of it.
"""

from __future__ import annotations

from typing import TypeAlias

import msgspec

from channels.base import Arrival, Part, Receipt


class Message(msgspec.Struct, frozen=True, kw_only=True, tag="arrival"):
    """An arrival, and the number behind the reference that was told for it."""

    what: Arrival
    told: int


class Piece(msgspec.Struct, frozen=True, kw_only=True, tag="part"):
    """A part of a long message; all of one message were told the same."""

    what: Part
    told: int


class Notice(msgspec.Struct, frozen=True, kw_only=True, tag="receipt"):
    """What an operator said of a letter."""

    what: Receipt


Spooled: TypeAlias = Message | Piece | Notice

_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Message | Piece | Notice).decode


def written(spooled: Spooled) -> bytes:
    """As the body of a record."""
    if isinstance(spooled, Message) and spooled.what.files:
        spooled = msgspec.structs.replace(spooled, what=_writable(spooled.what))
    return _encode(spooled)


def read(body: bytes) -> Spooled | None:
    """None for what a newer version, or nobody, has written."""
    try:
        found: Spooled = _decode(body)
    except msgspec.DecodeError:
        return None
    return found


def _writable(arrival: Arrival) -> Arrival:
    """Names that senders gave to files may hold half characters, which the store does not write down either."""
    files = tuple(msgspec.structs.replace(each, name=_whole(each.name), media_type=_whole(each.media_type)) for each in arrival.files)
    return msgspec.structs.replace(arrival, files=files)


def _whole(text: str) -> str:
    return text.encode("utf-8", "replace").decode()
