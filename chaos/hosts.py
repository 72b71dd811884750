"""A machine of the run's own: processes, network and mounts that end with it, and a small disk.

In: a command line. Out: the same command in namespaces of its own (unshare), where nothing that is broken is anybody else's, and where
the kernel ends everything when the first process ends. Needs root, or a kernel that gives users namespaces of their own.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_MARK = "CHAOS_APART"
_APART = ["unshare", "--mount", "--net", "--pid", "--fork", "--kill-child", "--mount-proc"]
_AS_ROOT = ["--user", "--map-root-user"]


def go_apart() -> None:
    """Become the same command in namespaces of its own; return where that cannot be, or is so already."""
    if _MARK in os.environ:
        return
    for more in ([], _AS_ROOT):
        command = [*_APART, *more]
        if _runs([*command, "ip", "link", "set", "lo", "up"]):
            os.environ[_MARK] = "1"
            os.execvp(command[0], [*command, sys.executable, "-m", "chaos", *sys.argv[1:]])  # noqa: S606  # our own command once more


def apart() -> bool:
    """Whether this process has a machine of its own; its loopback is up then."""
    return _MARK in os.environ and _runs(["ip", "link", "set", "lo", "up"])


class Disk:
    """A file system of its own, which can be made as small as what lies on it."""

    def __init__(self, place: Path, megabytes: int) -> None:
        self.place, self._megabytes = place, megabytes
        place.mkdir(parents=True)
        self.small = _runs(["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(place)])

    def fill(self) -> bool:
        """No room is left, but for a page or two."""
        used = os.statvfs(self.place)
        kilobytes = (used.f_blocks - used.f_bfree) * used.f_frsize // 1024 + 16
        return self.small and self._sized(f"{kilobytes}k")

    def empty(self) -> None:
        """There is room again."""
        self._sized(f"{self._megabytes}m")

    def _sized(self, size: str) -> bool:
        return _runs(["mount", "-o", f"remount,size={size}", str(self.place)])


def _runs(command: list[str]) -> bool:
    try:
        return subprocess.run(command, capture_output=True, check=False).returncode == 0
    except FileNotFoundError:
        return False
