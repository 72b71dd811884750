"""`python -m bench.smtp`: how many mails a second the SMTP door takes, beside Postfix, both fed by Postfix's own smtp-source.

In: a few words on the command line. Out: Markdown on standard output; `python -m bench` prints the same table below its own. Postfix is
a private instance on a port of its own whose mail goes nowhere; its yes means a queue file that was flushed, as ours means a commit.
It writes below `var/` (Postfix: below the machine's temporary folder, whose path must be open to its own user), and leaves nothing.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from bench import machine, peers, table

#: mails of a turn by their size, the sessions that send them, turns
LOADS, SESSIONS, ROUNDS, WARM = {2048: 3000, 51200: 2000}, 10, 3, 200
POSTFIX, WAYS = "Postfix", {"gateway": ("",), "gateway, split": ("doors", "workers"), "gateway, workers resting": ("doors",)}
#: what is not done in that row is done later; it shows what the door itself takes, and counts for no target
RESTING = "gateway, workers resting"
TITLE = "smtp"
#: how many times as fast as Postfix the better of our two ways shall be
WANTED = {2048: 1.5, 51200: 1.0}
START_S = 20.0
#: how long to wait, once a peer is warm, for it and for everybody else to leave the machine alone, in seconds
QUIET_S = 15.0
NEEDED = ("smtp-source", "postfix")

MAILBOX = """[channels.surat]
kind = "email.mailbox"
address = "lapor@bench.test"
listen = "127.0.0.1:{smtp}"
"""

MAIN = """compatibility_level = 3.6
queue_directory = {folder}/spool
data_directory = {folder}/data
maillog_file = {folder}/maillog
maillog_file_prefixes = {folder}
mail_owner = postfix
setgid_group = postdrop
myhostname = bench.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
relay_domains = bench.test
transport_maps = static:discard:
alias_maps =
local_recipient_maps =
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_recipient_restrictions =
smtpd_client_connection_count_limit = 0
smtpd_peername_lookup = no
smtp_dns_support_level = disabled
default_process_limit = 100
in_flow_delay = 0
"""
#: what the way of a mail needs, outside of any chroot: service, type, private, wake-up, processes, command
SERVICES = (
    "127.0.0.1:{port} inet n - 100 smtpd", "pickup unix n 60 1 pickup", "cleanup unix n - 0 cleanup", "qmgr unix n 300 1 qmgr",
    "rewrite unix - - - trivial-rewrite", "bounce unix - - 0 bounce", "defer unix - - 0 bounce", "trace unix - - 0 bounce",
    "flush unix n 1000? 0 flush", "proxymap unix - - - proxymap", "discard unix - - - discard", "error unix - - - error",
    "retry unix - - - error", "anvil unix - - 1 anvil", "postlog unix-dgram n - 1 postlogd",
)  # fmt: skip


class Turn(msgspec.Struct, frozen=True, kw_only=True):
    """One peer under one load once."""

    peer: str
    size: int
    per_s: float
    #: of all its processes, for each mail
    cpu_ms: float


def missing() -> str:
    """What is not installed that is needed, in one word; empty when all is here."""
    path = f"{os.environ.get('PATH', '')}:/usr/sbin"
    return next((name for name in NEEDED if shutil.which(name, path=path) is None), "" if os.geteuid() == 0 else "root")


def found(name: str) -> str:
    """Where a program lies."""
    return shutil.which(name, path=f"{os.environ.get('PATH', '')}:/usr/sbin") or name


def send(port: int, size: int, count: int) -> float:
    """Seconds for so many mails. Raises CalledProcessError when one was not taken."""
    began = time.perf_counter()
    argv = [found("smtp-source"), "-s", str(SESSIONS), "-m", str(count), "-l", str(size)]
    subprocess.run([*argv, "-f", "warga@bench.test", "-t", "lapor@bench.test", f"127.0.0.1:{port}"], check=True)
    return time.perf_counter() - began


def turn(name: str, size: int, count: int, folder: Path) -> Turn:
    """Start a peer, warm it up, measure, stop it."""
    with TemporaryDirectory(dir=None if name == POSTFIX else folder, prefix="smtp-") as place:
        peer = Postfix(Path(place)) if name == POSTFIX else Gateway(Path(place), WAYS[name])
        try:
            send(peer.port, size, WARM)
            asyncio.run(machine.quiet(QUIET_S))
            cpu_s = peer.cpu_s()
            seconds = send(peer.port, size, count)
            cpu_s = peer.cpu_s() - cpu_s
        finally:
            peer.stop()
    return Turn(peer=name, size=size, per_s=count / seconds, cpu_ms=cpu_s / count * 1000)


class Gateway:
    """One or two processes, beside a ledger of their own."""

    def __init__(self, folder: Path, roles: Sequence[str]) -> None:
        self._processes: list[peers.Process] = []
        self.port, operators, settings = peers.free_port(), peers.free_port(), folder / "gateway.toml"
        try:
            ledger = peers.Ledger(folder)
            self._processes.append(ledger.process)
            places = {"public": peers.free_port(), "operators": operators, "ledger": ledger.port, "smtp": self.port}
            settings.write_text((peers.HOUSE + MAILBOX).format(folder=folder, **places))
            for role in roles:
                argv = [sys.executable, "-m", "gateway", "run", "--config", str(settings), *(["--only", role] if role else [])]
                self._processes.append(peers.Process(argv, folder / f"gateway-{role or 'all'}.out", {}))
                self._processes[1].wait_for(self.port)
                self._processes[-1].wait_started()
        except BaseException:
            self.stop()
            raise

    def cpu_s(self) -> float:
        """Without the ledger's."""
        return sum(machine.cpu_s(process.pid) for process in self._processes[1:])

    def stop(self) -> None:
        """The last first."""
        while self._processes:
            self._processes.pop().stop()


class Postfix:
    """A private instance, whose mail is thrown away once it is in its queue."""

    def __init__(self, folder: Path) -> None:
        folder.chmod(0o755)  # its processes run under another name
        self.port, self._folder, self._conf = peers.free_port(), folder, folder / "conf"
        for name in ("conf", "spool", "data"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        (self._conf / "main.cf").write_text(MAIN.format(folder=folder))
        fields = (service.format(port=self.port).split() for service in SERVICES)
        lines = (f"{name} {kind} {private} - n {wake} {most} {command}" for name, kind, private, wake, most, command in fields)
        (self._conf / "master.cf").write_text("\n".join(lines) + "\n")
        self._call("start")
        end = time.monotonic() + START_S
        while not self._listens():
            if time.monotonic() > end:
                self.stop()
                raise RuntimeError("Postfix does not listen")
            time.sleep(0.05)

    def _call(self, word: str) -> None:
        subprocess.run([found("postfix"), "-c", str(self._conf), word], check=False, capture_output=True)

    def _listens(self) -> bool:
        try:
            socket.create_connection(("127.0.0.1", self.port), 1).close()
        except OSError:
            return False
        return True

    def cpu_s(self) -> float:
        """Of the master, of its children, and of those that have ended and that it has reaped."""
        master = (self._folder / "spool/pid/master.pid").read_text().strip()
        children = Path(f"/proc/{master}/task/{master}/children").read_text().split()
        return sum(machine.cpu_s(int(pid)) for pid in (master, *children))

    def stop(self) -> None:
        """Ask it to end, and wait until it has."""
        self._call("stop")
        end = time.monotonic() + START_S
        while self._listens() and time.monotonic() < end:
            time.sleep(0.05)


def turns(rounds: int, share: float, folder: Path) -> list[Turn]:
    """A B C A B C … for each size; the medians of each. `share` of the usual number of mails."""
    seen: list[Turn] = []
    for size, count in LOADS.items():
        rows = [[turn(name, size, max(int(count * share), SESSIONS), folder) for name in (POSTFIX, *WAYS)] for _ in range(rounds)]
        seen += [_median([row[place] for row in rows]) for place in range(len(rows[0]))]
    return seen


def _median(seen: Sequence[Turn]) -> Turn:
    per_s, cpu_ms = (statistics.median(getattr(one, field) for one in seen) for field in ("per_s", "cpu_ms"))
    return Turn(peer=seen[0].peer, size=seen[0].size, per_s=per_s, cpu_ms=cpu_ms)


def results(seen: Sequence[Turn]) -> str:
    """A row for each peer and size, and the targets."""
    rival = {one.size: one.per_s for one in seen if one.peer == POSTFIX}
    rows = [
        [f"{one.size:,} bytes", one.peer, f"{one.per_s:,.0f}", f"{one.per_s / rival[one.size]:.2f} ×", f"{one.cpu_ms:.2f}"] for one in seen
    ]
    best = {size: max(one.per_s for one in seen if one.size == size and one.peer not in {POSTFIX, RESTING}) for size in rival}
    wanted = [
        table.Target(
            what=f"mails of {size:,} bytes over {SESSIONS} sessions, to Postfix", wanted=WANTED[size], seen=best[size] / rival[size]
        )
        for size in rival
    ]
    return f"{table.markdown(('mails', 'peer', 'accepted/s', 'to Postfix', 'CPU ms each'), rows)}\n\n{table.promises(wanted)}"


def told(rounds: int, share: float, folder: Path) -> str:
    """The tables, or why there are none."""
    if lacking := missing():
        return f"SMTP beside Postfix is left out: {lacking} is not here (on Debian, as root: apt-get install postfix)"
    return results(turns(rounds, share, folder))


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(prog="python -m bench.smtp", description="The SMTP door's rate, beside Postfix's.")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--share", type=float, default=1.0, help="of the usual number of mails (default: 1)")
    parser.add_argument("--folder", type=Path, default=Path("var"), help="on the disk that is measured (default: var)")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    print(f"{machine.described()}\n\n{told(given.rounds, given.share, given.folder.resolve())}")


if __name__ == "__main__":
    main()
