"""Keeps a door open.

In: a listener and its inbox. Out: nothing; it works until it is cancelled. A door reconnects by itself, and one that fell over by a
fault of ours is opened again: one door's fault must not close the others.
"""

from __future__ import annotations

import asyncio
import errno
import random

from channels.base import Channel, Inbox, Listener
from gateway.journal import Journal, whereabouts

#: a door that fell over is opened again after so many seconds, and at most so many
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0


async def keep(door: Listener, channel: Channel, inbox: Inbox, journal: Journal) -> None:
    """Listen for ever. A door reconnects by itself; one that fell over by a fault of ours is opened again."""
    pause_s = FIRST_PAUSE_S
    while True:
        began = asyncio.get_running_loop().time()
        try:
            await door.listen(inbox)
        except Exception as fault:  # the guard `keep` of design §2: one door's fault must not close the others
            journal.trouble("door_fell", channel=channel.name, why=_why(fault), words=whereabouts())
        if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s * (0.5 + random.random()))
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


def _why(fault: Exception) -> str:
    """The system's word where it has one (EADDRINUSE: somebody else listens there), else what kind of fault it is."""
    number = fault.errno if isinstance(fault, OSError) else None
    return errno.errorcode.get(number or 0, type(fault).__name__)
