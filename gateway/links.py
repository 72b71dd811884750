"""Addresses under which a ledger gets a citizen's file for itself.

In: a key, where the gateway stands, a case and the number of a file. Out: an address that nobody can guess and that ends by itself, and
whether one that somebody asks for is such. It opens no file.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Final

import msgspec

from normalizer.complaint import Complaint

#: an agency takes its time, but not for ever: what a citizen sent does not lie open behind an old mail
LASTS: Final = timedelta(days=180)
#: below the public address
PATH: Final = "/berkas"


class Links:
    """One for the process."""

    def __init__(self, base_url: str, key: bytes) -> None:
        """`base_url` without a slash at its end; without any there are no links."""
        self.base_url = base_url
        self._key = hashlib.blake2b(key, person=b"files", digest_size=32).digest()

    def in_record(self, complaint: Complaint) -> Complaint:
        """The record with an address for each file that we have."""
        if not self.base_url or not complaint.attachments:
            return complaint
        until = int((complaint.received_at + LASTS).timestamp())
        noted = [
            msgspec.structs.replace(note, url=self._url(complaint.reference, number, until)) if note.size else note
            for number, note in enumerate(complaint.attachments, 1)
        ]
        return msgspec.structs.replace(complaint, attachments=tuple(noted))

    def opens(self, which: tuple[str, int, int], seal: str, now: datetime) -> bool:
        """True for an address of ours that has not ended. `which`: reference, number, and the second in which it ends."""
        return hmac.compare_digest(seal.encode(), self._seal(*which).encode()) and now.timestamp() < which[2]

    def _url(self, reference: str, number: int, until: int) -> str:
        return f"{self.base_url}{PATH}/{reference}/{number}/{until}/{self._seal(reference, number, until)}"

    def _seal(self, reference: str, number: int, until: int) -> str:
        """128 bits."""
        digest = hashlib.blake2b(f"{reference} {number} {until}".encode(), key=self._key, digest_size=16).digest()
        return base64.b32encode(digest).decode().rstrip("=")
