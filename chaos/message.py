"""What citizens say: the n-th message of a run, the same whenever it is asked for.

In: the run's seed and a serial number. Out: through which door it comes, from whom, and its words, which hold a token that nobody else
has. Nobody of these people exists; all handsets are of one block that is never called.
"""

from __future__ import annotations

import re
import zlib
from typing import Literal, NamedTuple

Kind = Literal["sms", "mail", "web"]

#: as in the words: six letters for the serial number, four that only this run's seed can make
TOKEN = re.compile(r"\bzq([a-z]{6})([a-z]{4})\b")
#: what must never stand in a log of the gateway
SECRET = re.compile(rb"\bzq[a-z]{10}\b|62812\d{8}|0812-?0000|warga\d+@", re.IGNORECASE)
#: characters of one short message that is a part of a longer one (3GPP TS 23.038)
PART = 153
HANDSETS = 10_000
_STORIES = (
    "lampu jalan mati di depan pasar", "jalan berlubang di depan sekolah", "sampah menumpuk di tepi sungai",
    "air ledeng tidak mengalir sejak kemarin", "jembatan bambu rusak setelah hujan", "selokan mampet dan air meluap ke jalan",
)  # fmt: skip
_MORE = "sudah dua minggu tidak ada petugas yang datang, warga berharap segera diperbaiki, "


class Message(NamedTuple):
    """`parts` is the number of short messages that it takes."""

    serial: int
    kind: Kind
    sender: str
    text: str
    parts: int


def kind_of(serial: int) -> Kind:
    """Of a hundred, six come by mail and six by the web."""
    share = serial % 100
    return "mail" if share < 6 else "web" if share < 12 else "sms"


def message(seed: int, serial: int) -> Message:
    """Of a hundred, four are long."""
    kind = kind_of(serial)
    text = f"{_STORIES[serial % len(_STORIES)]}, catatan {token(seed, serial)}"
    if 12 <= serial % 100 < 16:
        text = f"{text}; {_MORE * (3 + serial % 3)}tanda {token(seed, serial)}"
    sender = f"62812{serial % HANDSETS:08d}" if kind == "sms" else f"warga{serial}@warga.example"
    return Message(serial, kind, sender, text, 1 if len(text) <= 160 else -(-len(text) // PART))


def token(seed: int, serial: int) -> str:
    """A word that no other message has."""
    return f"zq{_letters(serial, 6)}{_letters(zlib.crc32(b'%d %d' % (seed, serial)), 4)}"


def serial_of(seed: int, text: str) -> int | None:
    """Which message a text is; None when it is none of this run's."""
    found = TOKEN.search(text)
    if found is None:
        return None
    serial = 0
    for letter in found[1]:
        serial = serial * 26 + ord(letter) - ord("a")
    return serial if found[0] == token(seed, serial) else None


def _letters(number: int, width: int) -> str:
    word = ""
    for _ in range(width):
        number, rest = divmod(number, 26)
        word = chr(ord("a") + rest) + word
    return word
