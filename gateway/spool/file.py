"""The files of the spool: one that is being written, and those that wait to be brought home.

In: bodies of records. Out: yes after the fsync, and the bodies again. Blocks, so it runs in a thread. It does not know what a record means.

Whoever writes a file or brings it home holds a lock on it, which the system lets go when he dies: so any number of processes share a
folder, nobody touches what another one has in hand, and what a dead one left is taken up by the next who looks.
"""

from __future__ import annotations

import copy
import errno
import fcntl
import os
import secrets
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Self

from gateway.sheaf import NONCE, Gap, Record, Sheaf, read

SUFFIX = ".spool"
#: in the data directory: what waits, and what somebody must look at
SPOOL, QUARANTINE = "spool", "quarantine"
#: errors of a disk that has no room, or may not give us more
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class Writing:
    """A file that grows."""

    def __init__(self, folder: Path) -> None:
        """Begin it. Its name says when, for the order, and differs from every other on any machine. Raises OSError."""
        self.path = folder / f"{time.time_ns():020d}-{secrets.token_hex(8)}{SUFFIX}"
        # Only locked under its name: one that nobody holds looks like what the dead have left.
        unlocked = self.path.with_suffix(".new")
        self.handle = os.open(unlocked, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self._sheaf, self.size = Sheaf(os.urandom(NONCE)), 0
        try:
            fcntl.flock(self.handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            self._append(self._sheaf.head())
            unlocked.rename(self.path)
            flush_folder(folder)
        except OSError:
            os.close(self.handle)
            with suppress(OSError):
                unlocked.unlink(missing_ok=True)
            raise

    def append(self, bodies: Sequence[bytes]) -> None:
        """All of them, on the disk. Raises OSError: then it has to be `cut`, or not used any more."""
        sheaf = copy.copy(self._sheaf)
        self._append(b"".join(map(sheaf.record, bodies)))
        self._sheaf = sheaf

    def end(self) -> None:
        """Say that this is all. Raises OSError."""
        self._append(self._sheaf.end())

    def cut(self) -> None:
        """Take away what was written in vain. Raises OSError."""
        os.ftruncate(self.handle, self.size)

    def _append(self, octets: bytes) -> None:
        view = memoryview(octets)
        while view:
            view = view[os.write(self.handle, view) :]
        os.fsync(self.handle)
        self.size += len(octets)


class Left:
    """A file that nobody writes any more, in our hands."""

    def __init__(self, path: Path, handle: int) -> None:
        """`handle` has the lock."""
        self.path, self._handle = path, handle
        #: up to here it was counted as brought home
        self.home = 0
        #: octets that are no record, records that END counts and nobody finds, and whether there was an END; known when all was read
        self.unreadable, self.missing, self.ended = 0, 0, False

    @classmethod
    def taken(cls, path: Path) -> Self | None:
        """None when somebody has it, or it is gone."""
        try:
            handle = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except FileNotFoundError:
            return None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            gone = os.fstat(handle).st_nlink == 0 or not path.exists()
        except BlockingIOError:
            gone = True
        if gone:
            os.close(handle)
            return None
        return cls(path, handle)

    def records(self) -> Iterator[Record]:
        """All of them, in order. Raises OSError."""
        self.unreadable, self.missing, self.ended = 0, 0, False
        for found in read(self._octets()):
            if isinstance(found, Record):
                yield found
            elif isinstance(found, Gap):
                self.unreadable += found.until - found.at
            else:
                self.missing, self.ended = found.missing, True

    @property
    def torn(self) -> bool:
        """Something in it was never read. Known when all else was."""
        return bool(self.unreadable or self.missing)

    def _octets(self) -> bytes:
        """Read, not mapped: a sector that cannot be read is an error here, and would be our death there. Raises OSError."""
        os.lseek(self._handle, 0, os.SEEK_SET)
        chunks = iter(lambda: os.read(self._handle, 2**20), b"")
        return b"".join(chunks)

    def remove(self) -> None:
        """All of it is elsewhere, on a disk; again, too, when the store went away before it was told. Raises OSError."""
        self.path.unlink(missing_ok=True)
        flush_folder(self.path.parent)

    def move(self, folder: Path, name: str = "") -> None:
        """Into another folder of the same disk, whole and as it is. Raises OSError."""
        folder.mkdir(mode=0o700, exist_ok=True)
        self.path = self.path.rename(folder / (name or self.path.name))
        flush_folder(folder)

    def close(self) -> None:
        """Leave it to others."""
        os.close(self._handle)


def waiting(folder: Path) -> list[Path]:
    """The files of a folder, the oldest first; none where there is no folder."""
    return sorted(folder.glob(f"*{SUFFIX}"))


def flush_folder(folder: Path) -> None:
    """A name is on the disk when its folder is. Raises OSError."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def word(error: Exception) -> str:
    """What a door hears of it."""
    return "disk_full" if isinstance(error, OSError) and error.errno in _FULL else "spool_failed"
