"""What systemd is told of us (sd_notify(3)): that we are up, that our loop goes round, that we stop.

In: the variables that it sets for a unit of `Type=notify`. Out: datagrams to it; nothing where nobody asked for them. A process that was
stopped, or whose loop hangs, says nothing any more, and is killed and started again: it may hold the store's file for everybody.
"""

from __future__ import annotations

import asyncio
import os
import socket
from contextlib import suppress
from typing import Literal


def tell(word: Literal["READY=1", "STOPPING=1", "WATCHDOG=1"]) -> None:
    """One word. A supervisor that does not listen is no reason to end."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    # "@" stands for the zero octet of Linux's abstract namespace
    path = f"\0{address[1:]}" if address.startswith("@") else address
    with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK) as out:
        out.sendto(word.encode(), path)


def beat(loop: asyncio.AbstractEventLoop) -> None:
    """Say that the loop goes round, now and three times in each `WatchdogSec`, until it is closed."""
    period_us = int(os.environ.get("WATCHDOG_USEC", "0"))
    if not period_us or int(os.environ.get("WATCHDOG_PID", os.getpid())) != os.getpid():
        return
    tell("WATCHDOG=1")
    loop.call_later(period_us / 3e6, beat, loop)
