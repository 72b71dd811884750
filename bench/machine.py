"""What the machine is and what it is busy with.

In: /proc. Out: processor time and memory of processes and of the whole machine. It is for Linux, and changes nothing.
"""

from __future__ import annotations

import asyncio
import os
import platform
import time
from pathlib import Path

import apsw
import msgspec

TICK_HZ = os.sysconf("SC_CLK_TCK")
#: the machine counts as quiet when, over this many seconds, others use less than this many cores
LOOK_S, QUIET_CORES = 0.5, 0.3
#: a run beside which others used more cores than this says little
FOREIGN_CORES = 0.5


class Reading(msgspec.Struct, frozen=True):
    """Clocks at one instant, in seconds: the wall's, the machine's busy time over all cores, and the busy time of what is ours."""

    wall_s: float
    busy_s: float
    own_s: float

    def foreign_cores(self, earlier: Reading) -> float:
        """How many cores others used since then."""
        wall = max(self.wall_s - earlier.wall_s, 1e-9)
        return max((self.busy_s - earlier.busy_s) - (self.own_s - earlier.own_s), 0.0) / wall


def reading(own_s: float) -> Reading:
    """Now; `own_s` is what our processes have used so far."""
    return Reading(time.perf_counter(), busy_s(), own_s)


def busy_s() -> float:
    """User, nice, system, interrupts (proc(5), /proc/stat), and what the hypervisor took, of all cores since the start."""
    user, nice, system, _, _, irq, softirq, steal = (int(word) for word in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9])
    return (user + nice + system + irq + softirq + steal) / TICK_HZ


def cpu_s(pid: int) -> float:
    """User and system time of a process and of the children that it has reaped; 0 when there is no such process."""
    try:
        words = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return sum(int(word) for word in words[11:15]) / TICK_HZ


def memory_mb(pid: int, field: str = "VmRSS") -> float:
    """Resident memory, or its peak with "VmHWM", in MiB; 0 when there is no such process."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0.0
    return sum(int(line.split()[1]) for line in lines if line.startswith(f"{field}:")) / 1024


async def quiet(patience_s: float) -> None:
    """Wait until nobody else uses the machine, but no longer than patience lasts."""
    end = time.perf_counter() + patience_s
    while time.perf_counter() < end:
        before = reading(time.process_time())
        await asyncio.sleep(LOOK_S)
        if reading(time.process_time()).foreign_cores(before) < QUIET_CORES:
            return


def described() -> str:
    """One line for the head of a table."""
    model = next(
        (line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), ""
    )
    memory = int(Path("/proc/meminfo").read_text().split()[1]) / 2**20
    return (
        f"{os.cpu_count()} cores ({model or platform.machine()}), {memory:.1f} GiB, Linux {platform.release()}, "
        f"Python {platform.python_version()}, SQLite {apsw.sqlite_lib_version()}"
    )
