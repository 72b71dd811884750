"""What is measured, as processes with ports and folders of their own. It ends what it started, and nothing else.

In: where the simulated operator listens. Out: a peer that has bound there, beside a ledger of its own; its processor time, memory and
flushes.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from http.client import HTTPConnection
from pathlib import Path
from typing import Literal

import msgspec

from bench import kannel
from bench.flush import Flushes
from bench.ledger import Counts
from bench.machine import cpu_s, memory_mb

TOP = Path(__file__).parents[1]
START_S, STOP_S = 60.0, 20.0
#: our ways to run, and the processes of each
GATEWAY = {"gateway": ("",), "gateway, split": ("doors", "workers"), "gateway, helped": ("", "workers")}
KANNEL: dict[str, kannel.StoreType] = {"Kannel, file": "file", "Kannel, spool": "spool"}

#: of every gateway that is measured on SQLite; its channels follow
HOUSE = """[gateway]
name = "bench"
data_dir = "{folder}/var"

[http]
public = "127.0.0.1:{public}"
operators = "127.0.0.1:{operators}"

[store]
url = "sqlite:///{folder}/var/gateway.db"

[ledger]
kind = "http"
url = "http://127.0.0.1:{ledger}"

[answers]
ask_wait_s = 0

"""
BIND = """[channels.bench]
kind = "sms.esme"
host = "127.0.0.1"
port = {smsc}
system_id = "bench"
password = "secret"
"""


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Process:
    """A command that runs until it is stopped."""

    def __init__(self, argv: Sequence[str], log: Path, environment: dict[str, str]) -> None:
        self._argv, self._log = argv, log
        with log.open("ab") as file:
            self._popen = subprocess.Popen(argv, stdout=file, stderr=file, cwd=TOP, env=os.environ | environment, start_new_session=True)
        self.pid = self._popen.pid

    def wait_for(self, port: int) -> None:
        """Until it listens there. Raises RuntimeError when it ends before, or takes too long."""
        self._wait(lambda: _listens(port), f"does not listen on port {port}")

    def wait_started(self) -> None:
        """Until a gateway says in its journal that it has started; one of workers listens nowhere. Raises RuntimeError, as above."""
        self._wait(lambda: b'"started"' in self._log.read_bytes(), "does not start")

    def _wait(self, ready: Callable[[], bool], trouble: str) -> None:
        end = time.monotonic() + START_S
        while time.monotonic() < end and self._popen.poll() is None:
            if ready():
                return
            time.sleep(0.02)
        raise RuntimeError(f"{self._argv} {trouble}")

    def stop(self) -> None:
        """Ask it to end, and end it when it does not."""
        if self._popen.poll() is None:
            self._popen.terminate()
            try:
                self._popen.wait(STOP_S)
            except subprocess.TimeoutExpired:
                os.killpg(self.pid, signal.SIGKILL)
                self._popen.wait()


class Ledger:
    """`bench.ledger` on a port of its own."""

    def __init__(self, folder: Path, delay_ms: float = 0.0) -> None:
        self.port = free_port()
        argv = [sys.executable, "-m", "bench.ledger", "--port", str(self.port), "--delay-ms", str(delay_ms)]
        self.process = Process(argv, folder / "ledger.out", {})
        self.process.wait_for(self.port)

    def counts(self) -> Counts:
        """What it has registered."""
        return msgspec.json.decode(self._asked("GET", "/counts"), type=Counts)

    def order(self) -> list[int]:
        """The serial numbers of the messages, as they came."""
        return msgspec.json.decode(self._asked("GET", "/order"), type=list[int])

    def go(self, where: Literal["away", "back"]) -> None:
        """Answer nothing but 503 from now on, or everything again."""
        self._asked("POST", f"/{where}")

    def _asked(self, method: str, path: str) -> bytes:
        connection = HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path)
            return connection.getresponse().read()
        finally:
            connection.close()


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a peer runs: an empty folder, the operator's and the ledger's ports, and what counts its flushes."""

    folder: Path
    smsc: int
    ledger: int
    flushes: Flushes | None = None
    #: more tables of a gateway's settings
    tables: str = ""

    @property
    def environment(self) -> dict[str, str]:
        """For each process of the peer."""
        return self.flushes.environment if self.flushes is not None else {}


class Peer:
    """The processes of a peer, each of which a peer starts when the one before it is ready."""

    def __init__(self) -> None:
        self.processes: list[Process] = []
        #: of a gateway: where its console is
        self.operators = ""

    def cpu_s(self) -> float:
        """Of all its processes since they began."""
        return sum(cpu_s(process.pid) for process in self.processes)

    def memory_mb(self, field: str = "VmRSS") -> float:
        """Of all its processes, with what they share counted for each."""
        return sum(memory_mb(process.pid, field) for process in self.processes)

    def stop(self) -> None:
        """The last first."""
        while self.processes:
            self.processes.pop().stop()


def start(name: str, place: Place) -> Peer:
    """A peer by its name in the table; blocks until its processes run."""
    peer = Peer()
    try:
        if name in KANNEL:
            _start_kannel(peer, KANNEL[name], place)
        else:
            _start_gateway(peer, place, GATEWAY[name])
    except BaseException:
        peer.stop()
        raise
    return peer


def _start_gateway(peer: Peer, place: Place, roles: Sequence[str]) -> None:
    operators = free_port()
    settings = place.folder / "gateway.toml"
    plain = (HOUSE + BIND).format(folder=place.folder, public=free_port(), operators=operators, ledger=place.ledger, smsc=place.smsc)
    settings.write_text(plain + place.tables)
    peer.operators = f"http://127.0.0.1:{operators}"
    for role in roles:
        argv = [sys.executable, "-m", "gateway", "run", "--config", str(settings), *(["--only", role] if role else [])]
        peer.processes.append(Process(argv, place.folder / f"gateway-{role or 'all'}.out", place.environment))
        # the first one makes the store and its key; mere workers listen nowhere
        peer.processes[0].wait_for(operators)


def _start_kannel(peer: Peer, store: kannel.StoreType, place: Place) -> None:
    ports = kannel.Ports(free_port(), free_port(), free_port(), place.smsc, place.ledger)
    settings = kannel.configuration(place.folder, store, ports)
    for box, port in (("bearerbox", ports.boxes), ("smsbox", ports.sendsms)):
        process = Process([kannel.BOXES[box], "-v", "4", str(settings)], place.folder / f"{box}.out", place.environment)
        peer.processes.append(process)
        process.wait_for(port)
