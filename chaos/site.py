"""What a run stands on: hosts of the gateway, and the store that they share.

In: which store, a folder, where the peers are. Out: hosts, and what can be broken beside them. With SQLite there is one host with two
processes for the doors; with Redis there are two hosts, and three for Redis, each on a network of its own where the kernel allows it.
"""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Literal, NamedTuple

from chaos import gateways, redis
from chaos.gateways import Host, Peers, free_port
from chaos.hosts import Disk
from chaos.network import Network, address
from chaos.processes import Process

Kind = Literal["sqlite", "redis"]
#: of the small disk, in megabytes: a million messages have room on it
DISK = 8_000
LOCAL = "127.0.0.1"
#: that must have a commit: all there are, because sentinels may promote any of them (RELIABILITY.md)
REPLICAS = 2


class Site(NamedTuple):
    """`network` is None where all hosts are one, `redis` where the store is SQLite."""

    hosts: list[Host]
    disk: Disk
    redis: redis.Redis | None = None
    network: Network | None = None

    @property
    def processes(self) -> list[Process]:
        """Redis first."""
        return [*(self.redis.processes if self.redis else ()), *(process for host in self.hosts for process in host.processes)]


def peers(kind: Kind, apart: bool) -> Peers:
    """Where the operator, the ledger and the relay listen."""
    return (
        Peers(LOCAL, free_port(), free_port(), free_port())
        if kind == "sqlite" or not apart
        else Peers(address(1, "outside"), 2775, 8443, 25)
    )


def built(kind: Kind, folder: Path, where: Peers) -> Site:
    """Nothing is started yet; on a network of its own when the peers are on one."""
    disk = Disk(folder / "disk", DISK)
    key = folder / "secret"  # whatever shares a store has the same
    key.touch(0o600)
    key.write_text(secrets.token_hex(32), encoding="ascii")
    if kind == "sqlite":
        data = disk.place / "var"
        return Site([Host(folder, gateways.Place("a", data, doors=2), where, f'url = "sqlite:///{data}/gateway.db"')], disk)
    network = None if where.host == LOCAL else Network()
    servers = [_server(network, f"r{nth}", 20 + nth) for nth in (1, 2, 3)]
    shared = redis.Redis(folder, folder / "redis", servers)
    places = [_host(network, disk, name, number) for name, number in (("a", 11), ("b", 12))]
    return Site([Host(folder, place, where, f'url = "{shared.url}"\nreplicas = {REPLICAS}') for place in places], disk, shared, network)


def _server(network: Network | None, name: str, number: int) -> redis.Place:
    if network is None:
        return redis.Place(name, (), LOCAL, free_port(), free_port())
    return redis.Place(name, network.host(name, number, "inside"), address(number, "inside"), 6379, 26379)


def _host(network: Network | None, disk: Disk, name: str, number: int) -> gateways.Place:
    data = disk.place / name
    if network is None:
        return gateways.Place(name, data)
    return gateways.Place(name, data, network.host(name, number, "outside", "inside"), address(number, "outside"))
