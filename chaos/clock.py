"""Wall clocks that jump, for the processes of one host.

In: seconds. Out: an environment for its processes, whose wall clocks are wrong by so much at once; their steady clocks are right. Needs a
C compiler; without one no clock jumps.
"""

from __future__ import annotations

import mmap
import subprocess
from pathlib import Path

_SOURCE = Path(__file__).with_name("clock.c")


class Clock:
    """`environment` is empty where clocks cannot jump."""

    def __init__(self, folder: Path, name: str) -> None:
        library, offset = folder / "clock.so", folder / f"{name}.clock"
        offset.write_bytes(bytes(8))
        with offset.open("r+b") as file:
            self._shown = mmap.mmap(file.fileno(), 8)
        self.environment: dict[str, str] = {}
        if library.exists() or _compiled(library):
            self.environment = {"LD_PRELOAD": str(library), "CHAOS_CLOCK": str(offset)}

    def set(self, seconds: int) -> None:
        """From now on the wall clock is wrong by so many seconds."""
        self._shown[:] = seconds.to_bytes(8, "little", signed=True)


def _compiled(library: Path) -> bool:
    try:
        done = subprocess.run(["cc", "-shared", "-fPIC", "-O2", "-o", library, _SOURCE, "-ldl"], capture_output=True, check=False)
    except FileNotFoundError:
        return False
    return done.returncode == 0
