"""Kannel as a peer: bearerbox and smsbox of Debian's package, with a configuration of our own.

In: ports and a folder. Out: the commands that run it. What its yes means: the file store writes without a flush, the spool store one
file a message; neither asks the disk.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Literal

import msgspec

BOXES = {"bearerbox": "/usr/sbin/bearerbox", "smsbox": "/usr/sbin/smsbox"}
StoreType = Literal["file", "spool"]


class Ports(msgspec.Struct, frozen=True):
    """All on loopback: where Kannel listens, and the two that it calls."""

    admin: int
    boxes: int
    sendsms: int
    smsc: int
    ledger: int


def found() -> bool:
    """Whether it is installed."""
    return all(Path(box).exists() for box in BOXES.values())


def installed() -> bool:
    """Whether it is there after we tried to get it; says in one line what became of the try."""
    if found():
        return True
    if shutil.which("apt-get") is None or os.geteuid() != 0:
        print("# Kannel is left out: not installed here (on Debian, as root: apt-get install kannel)", file=sys.stderr)
        return False
    print("# installing kannel", file=sys.stderr)
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "kannel"]):
        if subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, check=False).returncode:
            break
    if not found():
        print("# Kannel is left out: apt-get could not install it", file=sys.stderr)
    return found()


def configuration(folder: Path, store: StoreType, ports: Ports) -> Path:
    """Write it into a folder, beside a store that is empty."""
    place = folder / "store"
    if store == "spool":
        place.mkdir()
    groups: list[dict[str, object]] = [
        {
            "group": "core",
            "admin-port": ports.admin,
            "admin-password": "bench",
            "admin-interface": "127.0.0.1",
            "smsbox-port": ports.boxes,
            "smsbox-interface": "127.0.0.1",
            "box-allow-ip": "127.0.0.1",
            "store-type": store,
            "store-location": place,
            "dlr-storage": "internal",
            "log-file": folder / "bearerbox.log",
            "log-level": 3,
        },
        {
            "group": "smsc",
            "smsc": "smpp",
            "smsc-id": "bench",
            "host": "127.0.0.1",
            "port": ports.smsc,
            "transceiver-mode": "true",
            "smsc-username": "bench",
            "smsc-password": "secret",
            "system-type": "",
            "interface-version": 34,
            "max-pending-submits": 100,
            "reconnect-delay": 1,
        },
        {
            "group": "smsbox",
            "bearerbox-host": "127.0.0.1",
            "sendsms-port": ports.sendsms,
            "sendsms-interface": "127.0.0.1",
            "global-sender": 1708,
            "max-pending-requests": 512,
            "log-file": folder / "smsbox.log",
            "log-level": 3,
        },
        {
            "group": "sms-service",
            "keyword": "default",
            "catch-all": "true",
            "max-messages": 1,
            "concatenation": "false",
            "get-url": f"http://127.0.0.1:{ports.ledger}/plain?from=%p&to=%P&id=%I&text=%a",
        },
    ]
    path = folder / "kannel.conf"
    path.write_text("\n\n".join("\n".join(f"{key} = {_quoted(value)}" for key, value in group.items()) for group in groups) + "\n")
    return path


def _quoted(value: object) -> str:
    return str(value) if isinstance(value, int) else f'"{value}"'
