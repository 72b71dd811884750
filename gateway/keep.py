"""Keeps a door open.

In: a listener and its inbox. Out: nothing; it works until it is cancelled. A door reconnects by itself, and one that fell over by a
fault of ours is opened again: one door's fault must not close the others. One that a single process at a time may keep is open while
the right to do so is ours (`tenure`), and any while an officer wants it so (`latch`).
"""

from __future__ import annotations

import asyncio
import errno
import random
from collections.abc import Coroutine

from channels.base import Channel, Inbox, Listener, Single
from gateway.journal import Journal, whereabouts
from gateway.latch import Latch
from gateway.tenure import Tenure

#: a door that fell over is opened again after so many seconds, and at most so many
FIRST_PAUSE_S, LONGEST_PAUSE_S = 1.0, 60.0


async def keep(
    door: Listener, channel: Channel, inbox: Inbox, journal: Journal, *, tenure: Tenure | None = None, latch: Latch | None = None
) -> None:
    """Listen for ever. `tenure`: for a door that is `Single`."""
    latch = latch or Latch()
    pause_s = FIRST_PAUSE_S
    while True:
        wish = await latch.free()
        began = asyncio.get_running_loop().time()
        try:
            listen = _alone(door, tenure, journal) if tenure is not None and isinstance(door, Single) else door.listen(inbox)
            if await _until(latch.turned(wish), listen):
                pause_s = FIRST_PAUSE_S
                continue
        except Exception as fault:  # the guard `keep` of design §2: one door's fault must not close the others
            journal.trouble("door_fell", channel=channel.name, why=_why(fault), words=whereabouts())
        if asyncio.get_running_loop().time() - began > LONGEST_PAUSE_S:
            pause_s = FIRST_PAUSE_S
        await asyncio.sleep(pause_s * (0.5 + random.random()))
        pause_s = min(pause_s * 2, LONGEST_PAUSE_S)


async def _until(turned: Coroutine[None, None, None], listen: Coroutine[None, None, None]) -> bool:
    """True when an officer wanted the door to be left, and it was; False when it closed by itself."""
    turning, listening = asyncio.create_task(turned), asyncio.create_task(listen)
    try:
        await asyncio.wait((turning, listening), return_when=asyncio.FIRST_COMPLETED)
    finally:
        wanted = not listening.done()
        await _cancelled(listening, turning)
    if not listening.cancelled():
        listening.result()
    return wanted


async def _alone(door: Single, tenure: Tenure, journal: Journal) -> None:
    """Open it each time the right is ours, and close it when it is lost; until the door closes by itself.

    A bind of a process that starts while no store can say whose it is takes in what the operator brings, and sends nothing, until one can.
    """
    lost = True
    while lost:
        fence = await tenure.ask()
        if fence is None and (tenure.told or door.single == "poll"):
            journal.state("lease_waits", channel=tenure.name)
            fence = await tenure.taken()
        journal.state("lease_taken" if fence else "lease_unknown", channel=tenure.name)
        listening = asyncio.create_task(door.listen(tenure.inbox(fence)))
        ends = [asyncio.create_task(tenure.lost(fence))]
        if door.single == "poll":
            ends.append(asyncio.create_task(tenure.doubtful()))
        try:
            await asyncio.wait((listening, *ends), return_when=asyncio.FIRST_COMPLETED)
        finally:
            lost = not listening.done()
            # as long as the right is ours it is had for longer meanwhile, so that the door may be left politely
            await _cancelled(listening)
            await _cancelled(*ends)
            await tenure.give_back()
        for task in (listening, *ends):
            if not task.cancelled():
                task.result()
        if lost and fence:
            journal.trouble("lease_lost", channel=tenure.name)


async def _cancelled(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.wait(tasks)


def _why(fault: Exception) -> str:
    """The system's word where it has one (EADDRINUSE: somebody else listens there), else what kind of fault it is."""
    number = fault.errno if isinstance(fault, OSError) else None
    return errno.errorcode.get(number or 0, type(fault).__name__)
