"""The worklist: a ledger that nobody can call, because people copy each complaint into it by hand (LAPOR!'s own admin pages).

In: canonical records. Out: `Handed` for each, and the sheet from which an officer copies. Pure: who has what in hand, and which number it
got, is the store's to know. It never sends anything anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from channels.base import Refused
from forwarder.ledger import Handed, Registration, lapor_number
from forwarder.relay import WIB, relay
from normalizer.complaint import Complaint
from normalizer.privacy import nameless

#: characters of the secret that opens the worklist to programs
SHORTEST_TOKEN = 16


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "worklist"."""

    #: what programs show at the operators' address; without it nothing of the worklist is served there
    token: str = ""
    #: … and what those show who may copy what is confidential, too
    supervisor_token: str = ""
    #: complaints in one attempt
    batch: Annotated[int, Meta(ge=1, le=1000)] = 100
    #: attempts at once
    concurrency: Annotated[int, Meta(ge=1, le=64)] = 2

    def __post_init__(self) -> None:
        """Raises ValueError; never shows a token."""
        for name, token in (("token", self.token), ("supervisor_token", self.supervisor_token)):
            if token and (len(token) < SHORTEST_TOKEN or not token.isascii() or not token.isprintable()):
                raise ValueError(f"{name}: {SHORTEST_TOKEN} printable characters of ASCII at least")
        if self.token and self.token == self.supervisor_token:
            raise ValueError("supervisor_token: another one than token")

    def __repr__(self) -> str:
        """Without the tokens: settings end up in tracebacks."""
        return f"Settings(batch={self.batch}, concurrency={self.concurrency})"


def ledger(name: str, settings: Settings, data_dir: Path, now: Callable[[], datetime]) -> WorklistLedger:
    """Nothing to open."""
    return WorklistLedger(name, settings.token, settings.supervisor_token)


class WorklistLedger:
    """A `Ledger` that takes everything at once and numbers nothing. To hand over twice is harmless: it is the same sheet."""

    finds = False
    idempotent = True

    def __init__(self, name: str, token: str = "", supervisor_token: str = "") -> None:
        """The tokens: see `Settings`."""
        self.name, self.token, self.supervisor_token = name, token, supervisor_token

    async def register(self, complaints: Sequence[Complaint]) -> Sequence[Handed]:
        """To those who copy."""
        return [Handed()] * len(complaints)

    async def find(self, reference: str, since: datetime) -> Registration | None:
        """Raises Refused: people are not asked."""
        raise Refused("no_look_up")

    async def amend(self, complaint: Complaint) -> Handed:
        """To those who copy, once more."""
        return Handed()

    async def probe(self) -> None:
        """There is always somewhere to put a sheet."""

    async def close(self) -> None:
        """Nothing is open."""


class Enclosed(msgspec.Struct, frozen=True, kw_only=True):
    """A file to be attached in the form, and where the officer gets it, if it has an address."""

    name: str
    url: str


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """What an officer fills into the ledger's form: its fields, and the block for its text."""

    title: str
    #: who sent it; empty for somebody who asked for anonymity
    sender: str
    name: str
    #: what to tick
    anonymous: bool
    confidential: bool
    #: the number in the ledger to which this is to be added; empty for a complaint that has none
    supplement_to: str
    files: tuple[Enclosed, ...]
    block: str


def sheet(complaint: Complaint, supplement_to: str = "") -> Sheet:
    """A supplement says so in its first line, and then everything anew: what changed may stand anywhere.

    The block names files without their addresses: what is pasted is often shown to everybody, and whoever has an address has the file.
    """
    bare = tuple(msgspec.structs.replace(note, url="") for note in complaint.attachments)
    named = not nameless(complaint)
    heading = f"Tambahan untuk laporan #{supplement_to}\n\n" if supplement_to else ""
    return Sheet(
        title=complaint.title.value or "",
        sender=complaint.reporter.address if named else "",
        name=complaint.reporter.name if named else "",
        anonymous=not named,
        confidential=complaint.privacy == "rahasia",
        supplement_to=supplement_to,
        files=tuple(Enclosed(name=note.name, url=note.url) for note in complaint.attachments),
        block=heading + relay(msgspec.structs.replace(complaint, attachments=bare), WIB),
    )


def number(pasted: str) -> str:
    """The tracking id that somebody pasted. Raises ValueError with a sentence for him."""
    found = lapor_number(pasted)
    if not found:
        raise ValueError("a tracking id has 5 to 12 digits, with or without # before them")
    return found
