"""The gateway under test: its settings, and its processes on each host.

In: where its peers are. Out: settings files and processes, started by the command line that operators use. It knows of the gateway what
README and gateway.example.toml say.
"""

from __future__ import annotations

import socket
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from chaos.clock import Clock
from chaos.mail import ADDRESS
from chaos.operator import SHORT_CODE, SYSTEM_ID
from chaos.processes import Process
from chaos.senders import Address

TOP = Path(__file__).parents[1]
SETTINGS = """
[gateway]
data_dir = "{data}"
secret_file = "{secret}"
receipt_after_s = 60
[store]
{store}
[http]
operators = "{host}:{operators}"
public = "{host}:{public}"
[ledger]
kind = "http"
url = "http://{peers}:{ledger}"
timeout_s = 3
[answers]
per_sender_hour = 1000000
ask_wait_s = 0
[channels.operator]
kind = "sms.esme"
host = "{peers}"
port = {smsc}
system_id = "{system_id}"
password = "latihan"
short_code = "{short_code}"
response_timeout_s = 5
sessions = 2
[channels.mail]
kind = "email.mailbox"
address = "{address}"
listen = "{host}:{smtp}"
smtp_url = "smtp://{peers}:{relay}"
trusted_relays = ["127.0.0.0/8", "{peers}/32"]
[channels.web]
kind = "web.site"
submissions_per_hour = 0
lookups_per_minute = 0
"""


class Peers(NamedTuple):
    """Where the operator, the ledger and the relay are."""

    host: str
    smsc: int
    ledger: int
    relay: int


class Place(NamedTuple):
    """Where a host is: the words before a command there, its address, and how many processes it has of each role."""

    name: str
    data: Path
    prefix: Sequence[str] = ()
    address: str = "127.0.0.1"
    doors: int = 1
    workers: int = 1


class Host:
    """One machine with doors and workers of the gateway."""

    def __init__(self, folder: Path, place: Place, peers: Peers, store: str) -> None:
        """`folder` takes the settings, the key of all hosts, and what the processes write; `store` is what stands in that table."""
        self.name, self.clock = place.name, Clock(folder, place.name)
        # where a host has a network of its own nobody has its ports
        public, smtp, operators = (8080, 2525, 8081) if place.prefix else (free_port(), free_port(), free_port())
        self.public, self.smtp = Address(place.address, public), Address(place.address, smtp)
        config = folder / f"{place.name}.toml"
        config.write_text(
            SETTINGS.format(
                data=place.data, secret=folder / "secret", store=store, host=place.address, operators=operators, public=public, smtp=smtp,
                peers=peers.host, smsc=peers.smsc, ledger=peers.ledger, relay=peers.relay, system_id=SYSTEM_ID,
                short_code=SHORT_CODE.decode(), address=ADDRESS,
            ),
            encoding="utf-8",
        )  # fmt: skip
        command = [*place.prefix, sys.executable, "-m", "gateway", "run", "--config", str(config), "--only"]
        roles = [("doors", nth) for nth in range(place.doors)] + [("workers", nth) for nth in range(place.workers)]
        self.processes = [
            Process(
                f"{role} {place.name}{nth or ''}", [*command, role], folder / f"{role}-{place.name}{nth}.log", self.clock.environment, TOP
            )
            for role, nth in roles
        ]

    def leaks(self) -> int:
        """How often a secret stands in what its processes wrote."""
        return sum(process.leaks() for process in self.processes)


def free_port(host: str = "127.0.0.1") -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
