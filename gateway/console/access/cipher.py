"""With what is sealed: AES-256-GCM (NIST SP 800-38D) under a key of its own (HKDF, RFC 5869).

In: the gateway's key. Out: bytes that nobody reads without it, and that fit nowhere but where they were put. It keeps nothing. The
library is large, so this module is loaded when the first thing is sealed or opened.
"""

from __future__ import annotations

import secrets
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

#: of the nonce, which is new for each; a random one is good for 2^32 of them
_NONCE: Final = 12


class Cipher:
    """See `Seal`."""

    def __init__(self, key: bytes) -> None:
        """`key` is that of the references, from which another is made."""
        self._cipher = AESGCM(HKDF(SHA256(), 32, None, b"what the console keeps sealed").derive(key))

    def close(self, plain: bytes, of: str) -> bytes:
        """`of`: whose it is, and what; put elsewhere it does not open."""
        nonce = secrets.token_bytes(_NONCE)
        return nonce + self._cipher.encrypt(nonce, plain, of.encode())

    def open(self, sealed: bytes, of: str) -> bytes | None:
        """None: it was sealed with another key, or for another place, or is none of ours."""
        try:
            return self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], of.encode())
        except (InvalidTag, ValueError):
            return None
