"""Ports for servers that have to know theirs before they start.

Out: a port below those that the system hands out by itself, so that no connection takes it between the question and the server's
start. Each of several test processes side by side has its own stretch.
"""

from __future__ import annotations

import itertools
import os
import socket

FIRST, STRETCH = 12_000, 2_000
_worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
_next = itertools.cycle(range(FIRST + _worker * STRETCH, FIRST + (_worker + 1) * STRETCH))


def free_port() -> int:
    """A port at which nobody listens, and that nobody else is given soon."""
    for port in _next:
        with socket.socket() as trying:
            trying.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trying.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError
