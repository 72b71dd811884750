"""What lies in the console's file and opens a door is sealed, so that a copy of the file alone opens none.

In: the gateway's key, which lies in another file. Out: bytes that nobody reads without it, and that fit nowhere but where they were put.
It keeps nothing; `cipher` says how it is done.
"""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.console.access.cipher import Cipher


class Seal:
    """That of one gateway."""

    def __init__(self, key: bytes) -> None:
        """`key` is that of the references, from which another is made."""
        self._key = key

    @cached_property
    def _cipher(self) -> Cipher:
        # 7 MB that a gateway does without as long as nothing is sealed
        from gateway.console.access.cipher import Cipher

        return Cipher(self._key)

    def close(self, plain: bytes, of: str) -> bytes:
        """`of`: whose it is, and what; put elsewhere it does not open."""
        return self._cipher.close(plain, of)

    def open(self, sealed: bytes, of: str) -> bytes | None:
        """None: it was sealed with another key, or for another place, or is none of ours."""
        return self._cipher.open(sealed, of)
