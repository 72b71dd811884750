"""How often a peer makes the disk flush, and what becomes of it when every flush takes longer.

In: `slowflush.c` beside this file, and a C compiler. Out: the environment for a process whose flushes are counted and delayed.
Without a compiler there is neither, and whoever asks is told so; nothing is guessed.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

SOURCE = Path(__file__).with_name("slowflush.c")


class Flushes:
    """The flushes of one run of one peer."""

    def __init__(self, library: Path, counts: Path, delay_ms: float = 0.0) -> None:
        """`counts` is made, and belongs to this run alone."""
        counts.write_bytes(bytes(8))
        self._counts = counts
        self.environment = {
            "LD_PRELOAD": str(library),
            "BENCH_FLUSH_FILE": str(counts),
            "BENCH_FLUSH_DELAY_US": str(round(delay_ms * 1000)),
        }

    def count(self) -> int:
        """Since the run began, of all its processes."""
        return int.from_bytes(self._counts.read_bytes(), sys.byteorder)


def compiled(folder: Path) -> Path | None:
    """The library that counts and delays, built in a folder; None when this machine cannot build it."""
    library = folder / "slowflush.so"
    command = ["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(SOURCE), "-ldl"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return None
    if done.returncode:
        print(f"# {SOURCE.name} does not compile here: {done.stderr.strip()}", file=sys.stderr)
    return library if done.returncode == 0 else None
