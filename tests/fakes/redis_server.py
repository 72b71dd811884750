"""Real Redis servers for the tests: a plain one, a primary with its replica and a Sentinel, a Cluster of three.

In: a folder. Out: their ports. Each server lives in the folder, and dies with the process that started it, however that ends.
"""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.fakes.ports import free_port

#: everything on disk before the answer, and no second file beside that
DURABLE = ("--save", "", "--appendonly", "yes", "--appendfsync", "always", "--repl-diskless-sync-delay", "0")
START_S = 20.0


def missing() -> str:
    """Why there can be no server here; empty when there can."""
    return "" if shutil.which("redis-server") else "there is no redis-server here"


class Server:
    """One redis-server."""

    def __init__(self, folder: Path, *options: str, port: int = 0) -> None:
        self.folder, self.options, self.port = folder, options, port or free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._was_up = False

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}"

    def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        while not self._started():
            # other tests of this machine look for ports too; one that was used before must be the same
            assert not self._was_up, (self.folder / "redis.log").read_text()
            self.port = free_port()
        self._was_up = True

    def _started(self) -> bool:
        where = ("--port", str(self.port), "--bind", "127.0.0.1", "--dir", str(self.folder), "--logfile", "redis.log")
        # the server dies with us, also when we are killed
        command = ("setpriv", "--pdeathsig", "KILL", "redis-server", *self.options, *where)
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        end = time.monotonic() + START_S
        while not self.answers():
            if self._process.poll() is not None:
                log = (self.folder / "redis.log").read_text()
                assert "Address already in use" in log, log
                return False
            assert time.monotonic() < end
            time.sleep(0.01)
        return True

    def answers(self) -> bool:
        """It, and not somebody else's server that took the port meanwhile."""
        try:
            with self.client() as client:
                return self._process is not None and client.info("server")["process_id"] == self._process.pid
        except RedisError:
            return False

    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=5)

    def send(self, signal: int) -> None:
        assert self._process is not None
        self._process.send_signal(signal)

    def kill(self) -> None:
        """As a power cut would, but for what the disk was not asked to keep."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@contextmanager
def server(folder: Path, *options: str) -> Iterator[Server]:
    """A plain one, durable unless `options` say otherwise."""
    running = Server(folder, *(options or DURABLE))
    running.start()
    try:
        yield running
    finally:
        running.kill()


@contextmanager
def watched(folder: Path) -> Iterator[tuple[Server, Server, str]]:
    """A primary, its replica, and the URL at the Sentinel that watches them."""
    primary, replica, sentinel = (Server(folder / name) for name in ("primary", "replica", "sentinel"))
    try:
        primary.options = DURABLE
        primary.start()
        replica.options = (*DURABLE, "--replicaof", f"127.0.0.1 {primary.port}")
        replica.start()
        sentinel.folder.mkdir(parents=True)
        settings = sentinel.folder / "sentinel.conf"
        settings.write_text(
            f"sentinel monitor lapor 127.0.0.1 {primary.port} 1\n"
            "sentinel down-after-milliseconds lapor 500\nsentinel failover-timeout lapor 2000\n"
        )
        sentinel.options = (str(settings), "--sentinel")
        sentinel.start()
        until(lambda: _follows(replica, primary))
        yield primary, replica, f"redis+sentinel://127.0.0.1:{sentinel.port}/lapor"
    finally:
        for each in (primary, replica, sentinel):
            each.kill()


@contextmanager
def cluster(folder: Path) -> Iterator[tuple[list[Server], str]]:
    """Three primaries that share the slots; no replicas."""
    timeout = ("--cluster-node-timeout", "2000")
    servers = [Server(folder / str(n), *DURABLE, "--cluster-enabled", "yes", *timeout) for n in range(3)]
    for each in servers:
        # a node's bus listens 10,000 above its port, or where it is told
        each.options = (*each.options, "--cluster-port", str(free_port()))
    try:
        for each in servers:
            each.start()
        hosts = [f"127.0.0.1:{each.port}" for each in servers]
        subprocess.run(["redis-cli", "--cluster", "create", *hosts, "--cluster-yes"], check=True, stdout=subprocess.DEVNULL)
        until(lambda: all(_whole(each) for each in servers))
        yield servers, f"redis+cluster://{','.join(hosts)}"
    finally:
        for each in servers:
            each.kill()


def _follows(replica: Server, primary: Server) -> bool:
    """It has what the primary has, and the primary waits for it."""
    with replica.client() as there, primary.client() as here:
        return bool(there.info("replication")["master_link_status"] == "up" and here.wait(1, 1) == 1)


def _whole(node: Server) -> bool:
    with node.client() as client:
        told = client.execute_command("CLUSTER INFO")
        return bool(told["cluster_state"] == "ok" and told["cluster_known_nodes"] == "3")


def role(server: Server) -> str:
    """master or slave."""
    with server.client() as client:
        return str(client.info("replication")["role"])


def until(so: Callable[[], bool]) -> None:
    """Wait until it is so."""
    end = time.monotonic() + START_S
    while not so():
        assert time.monotonic() < end
        time.sleep(0.02)
