"""Three Redis servers and the three sentinels who elect their primary; or one server alone.

In: where each is to run. Out: processes, the URL for the gateway, and who is primary now, asked of a sentinel over its own protocol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from chaos.processes import Process

SERVICE = "lapor"
#: milliseconds until sentinels hold a server for dead, and for which a failover may last
DOWN_MS, FAILOVER_MS = 1500, 6000
_SERVER = """
bind {address} 127.0.0.1
protected-mode no
port {port}
dir {folder}
save ""
appendonly yes
appendfsync always
repl-diskless-sync-delay 0
repl-timeout 10
maxmemory-policy noeviction
{replica}
"""
_SENTINEL = """
bind {address} 127.0.0.1
protected-mode no
port {port}
dir {folder}
sentinel monitor {service} {primary} {primary_port} 2
sentinel down-after-milliseconds {service} {down}
sentinel failover-timeout {service} {failover}
sentinel parallel-syncs {service} 1
"""


class Place(NamedTuple):
    """Where a server and its sentinel run: the words before a command there, the address, two ports."""

    name: str
    prefix: Sequence[str]
    address: str
    port: int
    sentinel: int


class Redis:
    """`servers` and `sentinels`, in the order of their places; a single place has no sentinel."""

    def __init__(self, folder: Path, data: Path, places: Sequence[Place]) -> None:
        """`folder` takes settings and logs, `data` what Redis keeps."""
        self._places = places
        self.servers = [self._server(folder, data, place) for place in places]
        self.sentinels = [self._sentinel(folder, place) for place in places] if len(places) > 1 else []

    @property
    def url(self) -> str:
        """As the settings of the gateway have it."""
        if not self.sentinels:
            return f"redis://{self._places[0].address}:{self._places[0].port}/0"
        return f"redis+sentinel://{','.join(f'{place.address}:{place.sentinel}' for place in self._places)}/{SERVICE}/0"

    @property
    def processes(self) -> list[Process]:
        return [*self.servers, *self.sentinels]

    async def primary(self) -> Process | None:
        """The server that takes writes, as a sentinel says; None when none can say."""
        if not self.sentinels:
            return self.servers[0]
        for place in self._places:
            with suppress(OSError, EOFError, TimeoutError, ValueError):
                said = await asked(place.address, place.sentinel, f"SENTINEL GET-MASTER-ADDR-BY-NAME {SERVICE}", lines=5)
                return next(
                    server
                    for server, each in zip(self.servers, self._places, strict=True)
                    if each.address.encode() in said and str(each.port).encode() in said
                )
        return None

    async def up(self) -> None:
        """Wait until the primary answers, and has its replicas."""
        replicas = len(self._places) - 1
        place = self._places[0]
        async with asyncio.timeout(60):
            while True:
                with suppress(OSError, EOFError, TimeoutError):
                    said = await asked(place.address, place.port, "INFO replication", lines=4)
                    if f"connected_slaves:{replicas}".encode() in said:
                        return
                await asyncio.sleep(0.05)

    def _server(self, folder: Path, data: Path, place: Place) -> Process:
        own = data / place.name
        own.mkdir(parents=True)
        first = self._places[0]
        replica = "" if place is first else f"replicaof {first.address} {first.port}"
        settings = folder / f"{place.name}.conf"
        settings.write_text(_SERVER.format(address=place.address, port=place.port, folder=own, replica=replica), encoding="ascii")
        return Process(f"redis {place.name}", [*place.prefix, "redis-server", str(settings)], folder / f"{place.name}.log", {}, folder)

    def _sentinel(self, folder: Path, place: Place) -> Process:
        first, settings = self._places[0], folder / f"{place.name}-sentinel.conf"
        settings.write_text(
            _SENTINEL.format(
                address=place.address, port=place.sentinel, folder=folder, service=SERVICE, primary=first.address, primary_port=first.port,
                down=DOWN_MS, failover=FAILOVER_MS,
            ),
            encoding="ascii",
        )  # fmt: skip
        command = [*place.prefix, "redis-server", str(settings), "--sentinel"]
        return Process(f"sentinel {place.name}", command, folder / f"{place.name}-sentinel.log", {}, folder)


async def asked(host: str, port: int, command: str, *, lines: int) -> bytes:
    """The first lines of what a server or a sentinel answers. Raises OSError, EOFError or TimeoutError."""
    async with asyncio.timeout(1):
        reader, writer = await asyncio.open_connection(host, port)
        try:
            writer.write(command.encode("ascii") + b"\r\n")
            said = b""
            for _ in range(lines):
                line = await reader.readline()
                if not line:
                    raise EOFError
                said += line
            return said
        finally:
            writer.close()
