"""`gateway run`: start, wait for a signal, drain.

In: settings, SIGTERM and SIGINT. Out: nothing but words to a supervisor; it returns when everything that was promised is on disk. The
first signal drains, the second ends the process where it stands, which the store is built to bear.
"""

from __future__ import annotations

import asyncio
import ctypes
import faulthandler
import gc
import os
import resource
import shutil
import signal
import sys
from pathlib import Path

from config.settings import Settings
from gateway.app import Running, running
from gateway.faults import CannotStart
from gateway.journal import opened
from gateway.outfit import Role
from gateway.supervisor import beat, tell

#: A drain takes at most 7 s for the doors (5 s for what is under way, 2 s to unbind), three calls to the ledger (30 s each by default)
#: for the workers, and a flush. What takes longer hangs, and a supervisor should not have to wait for it.
DRAIN_S = 110.0
#: One wish to stop may come twice: to the whole process group, and again from a make or a shell that passes on its own.
ECHO_S = 1.0
#: how many files, connections among them, are wanted open at once: the 1,024 that shells allow are soon taken by callers
FILES = 65_536
#: when what is put off until after the start, the console's first pages, is made by, in seconds
SETTLED_S = 10.0
#: where `rehearse sms` looks for the simulated operator when it is not told
DEMO_PORT = 2775


async def run_until_stopped(settings: Settings, only: Role | None, config: str) -> None:
    """Raises SettingsError or CannotStart when it cannot start, and whatever killed a part of it while it ran."""
    try:
        await _run(settings, only, config)
    except CannotStart as fault:
        if not _room(settings.gateway.data_dir):
            # SQLite speaks of an I/O error then
            raise CannotStart(f"{fault}; the disk of [gateway] data_dir is full") from fault
        raise


async def _run(settings: Settings, only: Role | None, config: str) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    since = 0.0

    def asked() -> None:
        nonlocal since
        if not stop.is_set():
            since = loop.time()
            stop.set()
            loop.call_later(DRAIN_S, os._exit, 1)
        elif loop.time() - since > ECHO_S:
            os._exit(1)

    for each in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(each, asked)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (FILES if most == resource.RLIM_INFINITY else min(FILES, most), most))
    # the memory of a process that falls is what citizens wrote and who they are: it becomes no file, in a container either
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    journal = opened()
    # a loop that hangs is ended by SIGABRT: then the lines of code where each thread stood are on standard error, and nothing else of them
    faulthandler.enable(2)
    beat(loop)
    async with running(settings, journal, only) as gateway:
        # What is here by now stays: the collector need not look at it again, and a message makes no cycles that could not wait.
        gc.freeze()
        gc.enable()
        gc.set_threshold(20_000, 20, 20)
        _give_back()
        loop.call_later(SETTLED_S, _give_back)
        tell("READY=1")
        if gateway.rehearsal is not None:
            _greet(gateway, config)
        await stop.wait()
        tell("STOPPING=1")
    journal.state("stopped")
    journal.lines.flush()


def _room(folder: Path) -> bool:
    """Whether its disk has any, as far as can be seen."""
    there = next((each for each in (folder, *folder.parents) if each.exists()), folder)
    return shutil.disk_usage(there).free > 0


def _give_back() -> None:
    """What was read to make the lists of regions and rules of it leaves 5 MB free, which glibc would keep from the machine for ever; and
    the templates of the console's first pages leave 2."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


def _greet(gateway: Running, config: str) -> None:
    python = os.path.relpath(sys.executable)
    smsc = "" if gateway.rehearsal == DEMO_PORT else f"--smsc 127.0.0.1:{gateway.rehearsal} "
    settings = f" --config {config}" if config else ""
    add = f"{python} -m gateway operators add NAME --role admin{settings}"
    lines = [
        f'Send a first SMS, from another terminal:  {python} -m gateway rehearse sms {smsc}--from +6281200000001 "#Lapor1708 jalan rusak"',
        f"See where it went:                        {python} -m gateway status{settings}",
        f"Health and numbers:                       http://127.0.0.1:{gateway.operators}/readyz and /metrics",
        f"The officers' room:                       http://127.0.0.1:{gateway.operators}/ for accounts that this makes: {add}",
    ]
    if gateway.public is not None:
        lines.insert(1, f"File a complaint in a browser:            http://127.0.0.1:{gateway.public}/")
    print("\n".join(lines), flush=True)  # for a newcomer, before any log
