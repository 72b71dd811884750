"""The key from which the reference numbers are derived.

In: settings. Out: the key, from its file; made when there is none and the store is this machine's own. It never shows it.
"""

from __future__ import annotations

import os
import secrets
from contextlib import suppress
from pathlib import Path

from config.settings import Settings, SettingsError
from gateway.faults import CannotStart

#: what each machine would make for itself is not the others'
SHARED = "whatever shares one Redis has the same key: make it once (openssl rand -hex 32), and bring it to every machine"


def secret_key(settings: Settings) -> bytes:
    """The key of the reference numbers, made when there is none. Raises CannotStart, or SettingsError for a file that is no key."""
    path = settings.gateway.secret_path
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            if not settings.store.url.startswith("sqlite:"):
                raise CannotStart(f"[gateway] secret_file: {path} is missing; {SHARED}")
            _make_key(path)
        _tidy(path)
        key = bytes.fromhex(path.read_text(encoding="ascii").strip())
    except OSError as error:
        raise CannotStart(f"[gateway] secret_file: {path}: {error.strerror}") from error
    except ValueError as error:
        raise SettingsError("gateway", "secret_file", f"{path} does not hold a key (64 hexadecimal digits)") from error
    if len(key) < 16:
        raise SettingsError("gateway", "secret_file", f"{path} does not hold a key (64 hexadecimal digits)")
    return key


def _make_key(path: Path) -> None:
    """Whole or not at all under its name: of two processes that start together, both get the first one's."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}.new")  # in a container every process has the same number
    handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_hex(32) + "\n")
            file.flush()
            os.fsync(handle)
        with suppress(FileExistsError, FileNotFoundError):  # or the other has tidied up already
            os.link(fresh, path)
    finally:
        fresh.unlink(missing_ok=True)


def _tidy(path: Path) -> None:
    """What one that was killed while it made the key has left; now that there is a key, nobody needs it."""
    for left in path.parent.glob(f"{path.name}.*.new"):
        with suppress(OSError):
            left.unlink()
