"""Hosts with cables between them: a network namespace each, two switches, and cables that can be pulled.

In: names and numbers of hosts. Out: namespaces on the switch `outside`, where the operator, the ledger and citizens are, and on the switch
`inside`, where Redis is. All of it is in the run's own namespaces, and goes with them.
"""

from __future__ import annotations

import subprocess
from typing import Literal

Side = Literal["outside", "inside"]
SIDES: tuple[Side, ...] = ("outside", "inside")
_NET = {"outside": "10.77.1", "inside": "10.77.2"}


class Network:
    """The switches; a host for each `host`."""

    def __init__(self) -> None:
        for side in SIDES:
            _ip("link", "add", side, "type", "bridge")
            _ip("link", "set", side, "up")
            # the run itself has a cable to both: to play the peers, and to ask the sentinels
            _ip("addr", "add", f"{address(1, side)}/24", "dev", side)
        self._holders: list[subprocess.Popen[bytes]] = []

    def host(self, name: str, number: int, *sides: Side) -> list[str]:
        """The words that go before a command that is to run there; its addresses are `address(number, side)`."""
        # the namespace is there when its holder has said so
        holder = subprocess.Popen(["unshare", "--net", "sh", "-c", "echo; exec sleep infinity"], stdout=subprocess.PIPE)
        assert holder.stdout is not None
        holder.stdout.readline()
        self._holders.append(holder)
        inside = ["nsenter", f"--net=/proc/{holder.pid}/ns/net"]
        _run(*inside, "ip", "link", "set", "lo", "up")
        for side in sides:
            cable = f"{name}-{side}"
            _ip("link", "add", cable, "type", "veth", "peer", "name", side, "netns", str(holder.pid))
            _ip("link", "set", cable, "master", side, "up")
            _run(*inside, "ip", "addr", "add", f"{address(number, side)}/24", "dev", side)
            _run(*inside, "ip", "link", "set", side, "up")
        return inside

    def cut(self, name: str, side: Side) -> None:
        """Pull the cable: what is sent is lost, and nobody is told."""
        _ip("link", "set", f"{name}-{side}", "down")

    def mend(self, name: str, side: Side) -> None:
        """Put it back."""
        _ip("link", "set", f"{name}-{side}", "up")

    def close(self) -> None:
        """The hosts go; what runs there must have ended."""
        for holder in self._holders:
            holder.kill()
            holder.wait()


def address(number: int, side: Side) -> str:
    """Of a host; the run's own is number 1."""
    return f"{_NET[side]}.{number}"


def _ip(*words: str) -> None:
    _run("ip", *words)


def _run(*command: str) -> None:
    subprocess.run(command, check=True, capture_output=True)
