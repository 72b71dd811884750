"""The archive of this machine: cases that are over, in files that are written once.

In: bundles. Out: where each lies, and the bundles again. A file has its name when it is whole and on disk; it is written again only to take
out what its author took back.

A place is the file's name and where the bundle's frame begins. It stays a hint: in a file that was written again a bundle is looked for.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from gateway import sheaf
from gateway.store.bundle import Bundle, digest, unpacked

#: below the data directory
FOLDER: Final = "archive"
SUFFIX: Final = ".lapor"
#: behind the name of a file that is not whole yet
PART: Final = ".part"
#: octets of a digest, which stands before each bundle
DIGEST: Final = 16


_read_whose = msgspec.msgpack.Decoder(tuple[int, msgspec.Raw]).decode


class Archive:
    """A folder of this machine."""

    def __init__(self, folder: Path) -> None:
        """It is made when something is kept."""
        self.folder = folder

    @property
    def machine(self) -> str:
        """What this archive is called among those of several machines. Raises OSError."""
        name = self.folder / "name"
        if not name.exists():
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            _written(name, (secrets.token_hex(8).encode(),))
        return name.read_text(encoding="ascii")

    @contextmanager
    def _alone(self) -> Iterator[None]:
        """No other process writes a file again meanwhile."""
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
        finally:
            os.close(folder)

    def keep(self, bundles: Sequence[Bundle]) -> list[str]:
        """The place of each, when all are on disk. Raises OSError."""
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        name = f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}{SUFFIX}"
        _tidy(self.folder)
        return [f"{name}:{at}" for at in _sheaf(self.folder / name, [_body(each) for each in bundles])]

    def find(self, place: str, case_id: int) -> Bundle | None:
        """What lies there; None when it is not in this archive, or no longer. Raises OSError."""
        name, _, at = place.rpartition(":")
        path = self.folder / Path(name).name
        if not path.exists():
            return None
        with _mapped(path) as octets:
            body = sheaf.body_at(octets, int(at))
            if body is None or _whose(body) != case_id:
                body = next((each for each in _bodies(octets) if _whose(each) == case_id), None)
            return None if body is None else _bundle(body)

    def erase(self, case_ids: Collection[int]) -> None:
        """Take all out that lies here of these cases. Raises OSError."""
        with self._alone():
            self._erase(case_ids)

    def _erase(self, case_ids: Collection[int]) -> None:
        _tidy(self.folder)
        for path in sorted(self.folder.glob(f"*{SUFFIX}")):
            with _mapped(path) as octets:
                found = list(sheaf.read(octets))
                gaps = [octets[each.at : each.until] for each in found if isinstance(each, sheaf.Gap)]
            bodies = [each.body for each in found if isinstance(each, sheaf.Record)]
            kept = [body for body in bodies if _whose(body) not in case_ids]
            if len(kept) == len(bodies):
                continue
            if gaps:
                # whatever it says, it is not for us to throw away
                _written(path.with_suffix(".damaged"), gaps)
            _sheaf(path, kept)


def _body(bundle: Bundle) -> bytes:
    packed = bundle.packed()
    return digest(packed) + packed


def _bundle(body: bytes) -> Bundle | None:
    """None for what is no bundle, or not the one that was kept."""
    said, packed = body[:DIGEST], body[DIGEST:]
    return unpacked(packed) if said == digest(packed) else None


def _whose(body: bytes) -> int:
    """The case of a bundle, without reading the rest of it."""
    return _read_whose(body[DIGEST:])[0]


def _bodies(octets: sheaf.Octets) -> Iterator[bytes]:
    return (record.body for record in sheaf.read(octets) if isinstance(record, sheaf.Record))


def _sheaf(path: Path, bodies: Sequence[bytes]) -> list[int]:
    """Write a file; where each body's frame begins."""
    writing = sheaf.Sheaf(secrets.token_bytes(sheaf.NONCE))
    frames = [writing.record(body) for body in bodies]
    places, at = [], sheaf.HEAD_SIZE
    for frame in frames:
        places.append(at)
        at += len(frame)
    _written(path, (writing.head(), *frames, writing.end()))
    return places


def _written(path: Path, pieces: Sequence[bytes]) -> None:
    """Whole and on disk, or not there under its name."""
    part = path.with_name(f"{path.name}{PART}")
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as out:
            fcntl.flock(out, fcntl.LOCK_SH)
            out.writelines(pieces)
            out.flush()
            os.fsync(out.fileno())
        part.rename(path)
    except OSError:
        # what room there is on a full disk is for others
        with suppress(OSError):
            part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def _tidy(folder: Path) -> None:
    """What one who was killed has left half written goes: it may hold what its author takes back. Who lives has a lock on it."""
    for half in folder.glob(f"*{SUFFIX}{PART}"):
        with suppress(FileNotFoundError, BlockingIOError), half.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            half.unlink()


@contextmanager
def _mapped(path: Path) -> Iterator[sheaf.Octets]:
    if not path.stat().st_size:
        # a disk that was mended may leave one, and nothing of it can be mapped
        yield b""
        return
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as octets:
        yield octets
