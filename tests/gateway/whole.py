"""A whole gateway's settings on a folder of a test's own, and a store with something in it.

In: a folder, and what is to be different. Out: a settings file. Ports are 0 or free ones; numbers are nobody's.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

from config.settings import Settings, load
from tests.gateway.tiny import desk

PLAIN = """
[gateway]
data_dir = "{folder}"
{gateway}
[store]
url = "sqlite:///{folder}/gateway.db"
[http]
operators = "127.0.0.1:{operators}"
{more}
"""

ESME = """
[channels.telkomsel]
kind = "sms.esme"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "latihan"
"""


def written(folder: Path, more: str = "", *, gateway: str = "", operators: int = 0) -> Path:
    """A settings file."""
    folder.mkdir(exist_ok=True)
    file = folder / "gateway.toml"
    file.write_text(PLAIN.format(folder=folder, gateway=gateway, more=more, operators=operators), encoding="utf-8")
    return file


def settings(folder: Path, more: str = "", *, operators: int = 0) -> Settings:
    return load(written(folder, more, operators=operators), {})


class Filled(NamedTuple):
    """The references of a store's cases, by where they stand."""

    done: str
    parked: str
    waiting: str
    tracking_id: str


SENDER = "+6281200000001"
#: what the parked one says: no sender, so nobody can read it
UNREADABLE = b"tanpa pengirim"


def filled(folder: Path) -> Filled:
    """A store with a case that is done, one that is parked and one that waits; and its settings file."""
    folder.mkdir(exist_ok=True)

    async def fill() -> Filled:
        async with desk(folder) as here:
            done = (await here.put(f"{SENDER}|jalan rusak")).reference
            parked = (await here.put(UNREADABLE)).reference
            await here.submit()
            await here.send()
            waiting = (await here.put(f"{SENDER}|air mati")).reference
            registration = (await here.life(done)).case.registration
            assert registration is not None
            return Filled(done, parked, waiting, registration.tracking_id)

    return asyncio.run(fill())


def minutes_since(at: str) -> float:
    return (datetime.now(UTC) - datetime.fromisoformat(at)).total_seconds() / 60
