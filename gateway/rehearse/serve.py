"""`gateway rehearse smsc`: a rehearsal SMSC on its own, until it is cancelled; it tells now and then what it has seen.

It never ends by itself, and prints nothing: `say` is given each line.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from gateway.rehearse import BadUsage, NoRehearsal
from gateway.rehearse.smsc import Smsc


async def serve(
    listen: str, misbehaviours: Iterable[str] = (), *, say: Callable[[str], None], password: str = "", tell_s: float = 1.0
) -> None:
    """Listen at `host:port` until cancelled, and every `tell_s` say what is new.

    Raises NoRehearsal for a bad address, a port in use, an unknown misbehaviour.
    """
    host, port = address(listen)
    try:
        smsc = Smsc(misbehaviours, password=password)
    except ValueError as wrong:
        raise BadUsage(str(wrong)) from wrong
    try:
        port = await smsc.start(host, port)
    except OSError as why:
        raise NoRehearsal(f"cannot listen at {listen}: {why.strerror or why}") from why
    try:
        say(f"rehearsal SMSC listening at {host}:{port}")
        told = summary(smsc)
        while True:
            await asyncio.sleep(tell_s)
            if (now := summary(smsc)) != told:
                say(now)
                told = now
    finally:
        await smsc.stop()


def summary(smsc: Smsc) -> str:
    """One line: what was counted, and how many messages still wait for a gateway."""
    return " · ".join([*(f"{what} {count}" for what, count in smsc.counts.items()), f"waiting {len(smsc.spool)}"])


def address(listen: str) -> tuple[str, int]:
    """`127.0.0.1:2775` or `[::1]:2775`. Raises NoRehearsal."""
    host, _, port = listen.rpartition(":")
    if not host or not port.isascii() or not port.isdigit() or int(port) > 65535:
        raise BadUsage(f"{listen!r} is not an address like 127.0.0.1:2775")
    return host.strip("[]"), int(port)
