"""The mark of a message that the gateway sends to itself, to see whether a door is open.

In: a channel's name, an instant, a key. Out: a word that stands in such a message; and whether a text has one. Pure. Nobody without the key
can write one; it holds for its channel and for an hour, and is made of capitals and digits, which every alphabet and every mail leaves as
they are.
"""

from __future__ import annotations

import hmac
import re
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Final

from normalizer.reference import ALPHABET

#: what a marked message that came within so long of its mark's time is: ours
HOLDS: Final = timedelta(hours=1)
_BEGINS: Final = "UJI"
#: symbols of five bits: minutes since 1970, and the proof
_TIME, _PROOF = 6, 16
_MARK: Final = re.compile(rf"\b{_BEGINS}([{ALPHABET}]{{{_TIME}}})([{ALPHABET}]{{{_PROOF}}})\b")


class Marks:
    """Those of one gateway."""

    def __init__(self, key: bytes) -> None:
        """`key` is that of the references, from which another is made."""
        self._key = blake2b(b"marks of our own messages", key=key, digest_size=32).digest()

    def made(self, channel: str, at: datetime) -> str:
        """For a message at this instant."""
        time = _written(int(at.timestamp() // 60), _TIME)
        return f"{_BEGINS}{time}{self._proof(channel, time)}"

    def known(self, channel: str, text: str, received_at: datetime) -> bool:
        """It has one that holds."""
        found = _MARK.search(text) if _BEGINS in text else None
        if found is None or not hmac.compare_digest(found[2], self._proof(channel, found[1])):
            return False
        minutes = sum(ALPHABET.index(symbol) << 5 * place for place, symbol in enumerate(reversed(found[1])))
        return abs(received_at - datetime.fromtimestamp(minutes * 60, UTC)) <= HOLDS

    def _proof(self, channel: str, time: str) -> str:
        digest = blake2b(f"{channel}\0{time}".encode(), key=self._key, digest_size=10).digest()
        return _written(int.from_bytes(digest, "big"), _PROOF)


def _written(number: int, symbols: int) -> str:
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(symbols)))
