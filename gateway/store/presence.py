"""The processes that share one store: who lives, who died, who has left work for the others, and whose doors need the machine.

In: the store's path. Out: the owners of leases whose process is gone, a nudge when another process has left work, and its wish to be
left alone for a moment. Reads no case.

Each process holds a lock on a small file beside the store. A lock that can be taken belongs to a process that died: its leases are
ended at once, so that nobody waits for them to run out after a kill. A nudge is an empty datagram to the others: what it says stands
in the store, and a nudge that is lost costs no more than the next look (`batch.GLANCE_S`). A datagram with a sign in it is the wish.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import socket
from contextlib import suppress
from pathlib import Path

from gateway.store.record import StoreFault

_LEFT, _PRESSED = b"", b"!"


class Presence:
    """Our mark beside the store's file, and an ear for the others."""

    def __init__(self, path: Path) -> None:
        """`path` is the store's file. Raises StoreFault."""
        self.path = path
        self.owner = secrets.randbits(31) or 1
        self.others: list[int] = []
        self._mark = self._name(self.owner)
        unlocked = self._mark.with_suffix(".new")
        self.ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        try:
            self.ear.bind(_address(self.owner))
            self._lock = os.open(unlocked, os.O_CREAT | os.O_RDWR, 0o600)
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Only now under its name: a mark without its lock would look like one of the dead.
            unlocked.rename(self._mark)
        except OSError as error:
            self.ear.close()
            raise StoreFault(f"{self._mark}: cannot be locked ({error})") from error

    def _name(self, owner: int) -> Path:
        return self.path.with_name(f"{self.path.name}.{owner}.alive")

    def look(self) -> list[int]:
        """Learn who else is here; returns the owners whose process is gone."""
        marks = [mark.name.split(".")[-2] for mark in self.path.parent.glob(f"{self.path.name}.*.alive")]
        owners = {int(number) for number in marks if number.isdigit()} - {self.owner}
        dead = [owner for owner in owners if _unlocked(self._name(owner))]
        self.others = [owner for owner in owners if owner not in dead]
        return dead

    def bury(self, owner: int) -> None:
        """Forget a dead owner, once its leases are ended."""
        self._name(owner).unlink(missing_ok=True)

    def nudge(self) -> None:
        """Tell the others that there is work. One that is busy or gone does not hear it."""
        self._tell(_LEFT)

    def press(self) -> None:
        """Ask the others to leave us the machine for a moment."""
        self._tell(_PRESSED)

    def _tell(self, word: bytes) -> None:
        for owner in self.others:
            with suppress(OSError):
                self.ear.sendto(word, _address(owner))

    def hear(self) -> bool:
        """Take what has come; True when somebody wants the machine."""
        pressed = False
        with suppress(OSError):
            while True:
                pressed |= self.ear.recv(1) == _PRESSED
        return pressed

    def close(self) -> None:
        """Take our mark away."""
        self._mark.unlink(missing_ok=True)
        self.ear.close()
        os.close(self._lock)


def _address(owner: int) -> str:
    """In Linux's abstract namespace: no file to leave behind, and no folder whose name may be too long for a socket."""
    return f"\0lapor-gateway-{owner}"


def _unlocked(mark: Path) -> bool:
    try:
        handle = os.open(mark, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    finally:
        os.close(handle)
    return True
