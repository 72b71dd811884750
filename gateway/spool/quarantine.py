"""What is done about the files in quarantine: tried again, put away, brought back.

In: a data directory, names of files. Out: the same files in another of its folders, whole and as they are. What is put away stays for
KEPT days, so that a wrong press costs nothing. Blocks. It reads no message, and lets nothing go that another process has in hand.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

import msgspec

from gateway.spool import file
from gateway.spool.file import QUARANTINE, SPOOL, Left

#: in the quarantine: what somebody has put away
DROPPED: Final = "dropped"
#: for so long it can be brought back
KEPT: Final = timedelta(days=30)
#: when a file was put away stands before its name
_NAMED: Final = re.compile(r"(\d{10})-(.+)")


class NotThere(Exception):
    """No such file, or somebody has it in hand: nothing was done."""


class Dropped(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was put away."""

    #: as it was called in quarantine
    name: str
    at: datetime
    #: from then on it is gone
    until: datetime
    size: int


def again(data_dir: Path, name: str) -> None:
    """To what waits for the store: every whole record is brought home once more, and what the store has it has once. What still cannot be
    read brings the file back here. Raises NotThere or OSError."""
    _moved(data_dir / QUARANTINE, name, data_dir / SPOOL / name)


def drop(data_dir: Path, name: str, now: datetime) -> None:
    """Put it away. Raises NotThere or OSError."""
    _moved(data_dir / QUARANTINE, name, data_dir / QUARANTINE / DROPPED / _stamped(now, name))


def recover(data_dir: Path, name: str) -> None:
    """Into quarantine again, by the name that it had there. Raises NotThere or OSError."""
    away = {each.name: _stamped(each.at, each.name) for each in dropped(data_dir)}
    _moved(data_dir / QUARANTINE / DROPPED, away.get(name, ""), data_dir / QUARANTINE / name)


def content(data_dir: Path, name: str) -> bytes:
    """All of it, with whatever citizens wrote. Raises NotThere or OSError."""
    try:
        return _found(data_dir / QUARANTINE, name).read_bytes()
    except FileNotFoundError as error:
        raise NotThere from error


def dropped(data_dir: Path) -> Sequence[Dropped]:
    """What was put away, the newest first. Raises OSError."""
    found = []
    for path in file.waiting(data_dir / QUARANTINE / DROPPED):
        if named := _NAMED.fullmatch(path.name):
            at = datetime.fromtimestamp(int(named[1]), UTC)
            found.append(Dropped(name=named[2], at=at, until=at + KEPT, size=path.stat().st_size))
    return found[::-1]


def forget(data_dir: Path, now: datetime) -> None:
    """What was put away long enough ago. Raises OSError."""
    for each in dropped(data_dir):
        if each.until <= now:
            (data_dir / QUARANTINE / DROPPED / _stamped(each.at, each.name)).unlink(missing_ok=True)


def _stamped(at: datetime, name: str) -> str:
    """The whole second that has begun: what was put away was not put away later than it was."""
    return f"{int(at.timestamp()):010d}-{name}"


def _found(folder: Path, name: str) -> Path:
    """A name is one of those that are there, and leads nowhere else."""
    for path in file.waiting(folder):
        if path.name == name:
            return path
    raise NotThere


def _moved(folder: Path, name: str, to: Path) -> None:
    left = Left.taken(_found(folder, name))
    if left is None:
        raise NotThere
    try:
        if to.exists():
            raise NotThere
        left.move(to.parent, to.name)
        file.flush_folder(folder)
    finally:
        left.close()
