"""The files in quarantine, for those who look after them: what of each could be read, and what could not.

In: a data directory. Out: a record of each file. Blocks. It opens no message and changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from gateway import sheaf
from gateway.sheaf import Gap, Record
from gateway.spool import file
from gateway.spool.file import QUARANTINE
from gateway.spool.record import read

#: files that are read for one answer
MOST: Final = 50


class Torn(msgspec.Struct, frozen=True, kw_only=True):
    """A file in quarantine."""

    name: str
    since: datetime
    size: int
    #: by channel, what could be read; the store has it, but for what it refused
    readable: Mapping[str, int]
    #: records that are whole, and that nobody can make sense of
    senseless: int
    #: octets that are no record, and records that should be there and are not
    unreadable: int
    missing: int


def torn(data_dir: Path) -> Sequence[Torn]:
    """The oldest first. Raises OSError."""
    found = []
    for path in file.waiting(data_dir / QUARANTINE)[:MOST]:
        try:
            found.append(_torn(path))
        except FileNotFoundError:
            # somebody has just dealt with it
            continue
    return found


def _torn(path: Path) -> Torn:
    octets, at = path.read_bytes(), path.stat().st_mtime
    readable: Counter[str] = Counter()
    senseless = unreadable = missing = 0
    for each in sheaf.read(octets):
        if isinstance(each, Record):
            spooled = read(each.body)
            readable.update([spooled.what.channel] if spooled else [])
            senseless += spooled is None
        elif isinstance(each, Gap):
            unreadable += each.until - each.at
        else:
            missing = each.missing
    return Torn(
        name=path.name, since=datetime.fromtimestamp(at, UTC), size=len(octets), readable=readable, senseless=senseless,
        unreadable=unreadable, missing=missing,
    )  # fmt: skip
