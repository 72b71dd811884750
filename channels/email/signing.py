"""DKIM signatures of our own (RFC 6376).

In: a key, and a mail on its way out. Out: the mail with its signature above it. It keeps nothing else.
"""

from __future__ import annotations

import dkim  # type: ignore[import-untyped]  # ships no types
from dkim.crypto import UnparsableKeyError, parse_pem_private_key  # type: ignore[import-untyped]  # ships no types

from channels.email.settings import Settings

#: what a DKIM signature of ours covers; From once more than it is there, so that none can be added (RFC 6376 §8.15)
SIGNED = (
    "From", "From", "To", "Subject", "Date", "Message-ID", "In-Reply-To", "References", "Auto-Submitted", "Content-Language",
    "MIME-Version", "Content-Type",
)  # fmt: skip


class Signer:
    """For one mailbox."""

    def __init__(self, settings: Settings) -> None:
        """The key is tried. Raises ValueError."""
        self._key = settings.dkim_key.encode("ascii", "replace")
        self._selector, self._domain = settings.dkim_selector.encode(), (settings.dkim_domain or settings.domain).encode()
        try:
            parse_pem_private_key(self._key)
        except (UnparsableKeyError, ValueError, LookupError, TypeError):
            raise ValueError("dkim_key: expected an RSA key as PEM, as `openssl genrsa 2048` writes it") from None

    def signed(self, content: bytes) -> bytes:
        """It takes some milliseconds."""
        there = {line.partition(b":")[0].decode() for line in content.partition(b"\r\n\r\n")[0].split(b"\r\n")}
        names = [name for name in SIGNED if name in there]
        how = (b"relaxed", b"relaxed")
        signature: bytes = dkim.sign(content, self._selector, self._domain, self._key, canonicalize=how, include_headers=names)
        return signature + content
