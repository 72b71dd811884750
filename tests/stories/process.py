"""A gateway as its users have it: a process of its own, a settings file, signals, commands beside it.

In: a folder, an operator's port or tables of other doors, a ledger's address. Out: a process to start, kill and question, and what it
wrote on standard error. It imports nothing of the gateway.
"""

from __future__ import annotations

import asyncio
import copy
import json
import os
import re
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any, NamedTuple

import aiohttp

from tests.fakes.ports import free_port

TOP = Path(__file__).parents[2]
#: a loaded machine with two cores needs its time to start an interpreter
START_S = 120.0
STOP_S = 30.0

SETTINGS = """
[gateway]
data_dir = "{data}"
receipt_after_s = {receipt_after_s}
[store]
url = "{store}"
[http]
operators = "127.0.0.1:{operators}"
public = "127.0.0.1:{public}"
[ledger]
{ledger}
[answers]
per_sender_hour = 100000
ask_wait_s = {ask_wait_s}
wordings = "{wordings}"
{tables}
"""

OPERATOR = """
[channels.operator]
kind = "sms.esme"
host = "127.0.0.1"
port = {smsc}
system_id = "gateway"
password = "latihan"
{channel}
"""

#: what must never stand in a log: a phone number, and the word that is in every text the stories send
SECRET = re.compile(r"62812\d{6,}|0812\d{6,}|tandaku", re.IGNORECASE)


class Finished(NamedTuple):
    """A command that has ended."""

    status: int
    out: str
    said: str

    @property
    def lines(self) -> list[str]:
        """What it said on standard error, line by line."""
        return self.said.splitlines()

    @property
    def json(self) -> Any:
        """Its standard output as one document."""
        return json.loads(self.out)


class GatewayProcess:
    """`python -m gateway run`, as often as it is killed."""

    def __init__(
        self, folder: Path, *, ledger: str, smsc: int = 0, channel: str = "", tables: str = "", data: Path | None = None,
        receipt_after_s: float = 60, public: int = 0, ask_wait_s: float = 0, wordings: Path | str = "", store: str = "",
    ):  # fmt: skip
        """`ledger` and `channel` are lines of TOML for the tables of the ledger and of the operator at the port `smsc`, `tables` are whole
        tables beside them; `data` is the data directory when it is not in `folder`, `public` the port of the public address,
        `store` the URL of one that is no file there."""
        self.data = data or folder / "var"
        self.operators, self.public = free_port(), public or free_port()
        self.config = folder / "gateway.toml"
        if smsc:
            tables = OPERATOR.format(smsc=smsc, channel=channel) + tables
        self.config.write_text(
            SETTINGS.format(
                data=self.data, ledger=ledger, tables=tables, operators=self.operators, public=self.public,
                receipt_after_s=receipt_after_s, ask_wait_s=ask_wait_s, wordings=wordings, store=store or f"sqlite:///{self.store}",
            ),
            encoding="utf-8",
        )  # fmt: skip
        self._stderr = folder / "stderr.log"
        #: further words of `gateway run`, and variables
        self.words: tuple[str, ...] = ()
        self.env: dict[str, str] = {}
        self._running: subprocess.Popen[bytes] | None = None

    def beside(self, *words: str, own_address: bool = False) -> GatewayProcess:
        """Another process on the same settings, not started yet; `own_address`: but for the operators' address."""
        other = copy.copy(self)
        other.words, other._running = words, None
        if own_address:
            other.operators = free_port()
            other.env = {"LAPOR__HTTP__OPERATORS": f"127.0.0.1:{other.operators}"}
        return other

    @property
    def store(self) -> Path:
        return self.data / "gateway.db"

    @property
    def wal(self) -> Path:
        return self.data / "gateway.db-wal"

    @property
    def said(self) -> str:
        """Standard error of every run so far."""
        return self._stderr.read_text(encoding="utf-8") if self._stderr.exists() else ""

    @property
    def pid(self) -> int:
        assert self._running
        return self._running.pid

    @property
    def alive(self) -> bool:
        return self._running is not None and self._running.poll() is None

    def spawn(self) -> None:
        """Start it and wait for nothing."""
        assert not self.alive
        with self._stderr.open("ab") as said:
            self._running = subprocess.Popen(
                [sys.executable, "-m", "gateway", "run", "--config", str(self.config), *self.words],
                cwd=TOP, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said, env=os.environ | self.env,
            )  # fmt: skip

    async def start(self) -> None:
        """Start it, and wait until it is ready and the link to its operator, if it has one, is up."""
        self.spawn()
        try:
            async with asyncio.timeout(START_S):
                while not await self._up():
                    assert self.alive, self.said
                    # every question takes from the processor that is needed to start
                    await asyncio.sleep(0.05)
        except TimeoutError:
            raise AssertionError(f"not up within {START_S:.0f} s\n{self.said[-3000:]}") from None

    async def _up(self) -> bool:
        try:
            state = json.loads(await self.get("/readyz"))
        except aiohttp.ClientError:
            return False
        operator = state["channels"].get("operator", {"up": True})
        return bool(state["ready"]) and bool(operator["up"])

    async def get(self, path: str) -> str:
        """A page of the operators' address."""
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.operators}{path}") as answer:
            return await answer.text()

    async def metric(self, sample: str) -> float:
        """The value of one line of /metrics; 0 when it is not there."""
        for line in (await self.get("/metrics")).splitlines():
            if line.startswith(f"{sample} "):
                return float(line.rpartition(" ")[2])
        return 0.0

    def signal(self, number: signal.Signals) -> None:
        assert self._running
        self._running.send_signal(number)

    def freeze(self) -> None:
        """It does nothing more, and does not know it."""
        self.signal(signal.SIGSTOP)

    def freeze_between(self) -> None:
        """Like `freeze`, but between two transactions on the file that it shares: in the middle of one it would hold the file."""
        self.freeze()
        while self._holds():
            self.signal(signal.SIGCONT)
            time.sleep(0.01)
            self.freeze()

    def _holds(self) -> bool:
        """Nobody can write now. Others may be writing too, but not for so long."""
        with closing(sqlite3.connect(self.store, timeout=2, isolation_level=None)) as db:
            try:
                db.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError:
                return True
            db.execute("ROLLBACK")
        return False

    def limit(self, what: int, soft: int) -> int:
        """Set a limit of the running process; what it was before."""
        assert self._running
        was, hard = resource.prlimit(self._running.pid, what)
        resource.prlimit(self._running.pid, what, (soft, hard))
        return was

    def kill(self) -> None:
        """As the kernel does when memory runs out: at once, and without a word."""
        if self._running:
            self._running.kill()
            self._running.wait()

    async def stop(self) -> int:
        """Ask it to stop; the exit status."""
        self.signal(signal.SIGTERM)
        return await self.ended()

    async def ended(self) -> int:
        """Wait until it has gone; the exit status."""
        assert self._running
        return await asyncio.to_thread(self._running.wait, STOP_S)

    async def command(self, *words: str) -> Finished:
        """Another command with the same settings, beside it."""
        return await command(*words, "--config", str(self.config))

    def rows(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """What the store's file says, read with another library than the store's."""
        with closing(sqlite3.connect(f"file:{self.store}?mode=ro", uri=True, timeout=60)) as db:
            return list(db.execute(sql, values))

    def hurry(self) -> None:
        """What waits for its next try is due now: the witness has no ten minutes. Nothing may be running."""
        assert not self.alive
        with closing(sqlite3.connect(self.store, timeout=60)) as db:
            for table in ("cases", "letters"):
                db.execute(f"UPDATE {table} SET due=min(due, unixepoch()) WHERE due IS NOT NULL")
            db.commit()

    async def until_rows(self, sql: str, n: int) -> None:
        """Look at the store's file, with hardly a pause, until a query gives at least so many rows."""
        async with asyncio.timeout(60):
            while len(self.rows(sql)) < n:
                await asyncio.sleep(0.002)

    def leaks(self) -> list[str]:
        """What stands on standard error and must not."""
        return SECRET.findall(self.said)


async def command(*words: str, env: dict[str, str] | None = None) -> Finished:
    """`python -m gateway …` to its end."""
    done = await asyncio.to_thread(
        subprocess.run, [sys.executable, "-m", "gateway", *words],
        cwd=TOP, capture_output=True, text=True, timeout=60, check=False, stdin=subprocess.DEVNULL, env=os.environ | (env or {}),
    )  # fmt: skip
    return Finished(done.returncode, done.stdout, done.stderr)
