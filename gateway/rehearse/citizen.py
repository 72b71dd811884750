"""`gateway rehearse sms`: a citizen's SMS through a simulated operator, to a gateway that runs or to a private one.

In: an address, a number, a text. Out: the answers. When nothing listens at the address, a whole gateway is started in a temporary
folder for this one message, so that the first complaint can be seen going through before anything is set up.
"""

from __future__ import annotations

import asyncio
import io
import socket
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from config.settings import Settings, load
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse import NoRehearsal
from gateway.rehearse.handset import play
from gateway.rehearse.serve import address

#: every private gateway: nobody is there to answer a question
PRIVATE = """
[gateway]
data_dir = "{folder}"
[store]
url = "sqlite:///{folder}/gateway.db"
[http]
operators = "127.0.0.1:0"
[answers]
ask_wait_s = 0
"""
#: with an operator of its own, as in config/gateway.demo.toml
OPERATOR = """
[rehearsal]
listen = "127.0.0.1:{port}"
[channels.rehearsal]
kind = "sms.esme"
host = "127.0.0.1"
port = {port}
system_id = "gateway"
password = "latihan"
"""


async def play_citizen(smsc: str, number: str, text: str, *, wait_s: float, say: Callable[[str], None]) -> list[str]:
    """Send, and return the answers that came within `wait_s` seconds; `say` hears what goes on. Raises NoRehearsal."""
    host, port = address(smsc)
    say(f"{number} -> 1708: {text}")
    if await _listens(host, port):
        return await play(host, port, number, text, wait_s=wait_s)
    say(f"(nothing listens at {smsc}: a private gateway answers, and is gone afterwards; `make run` starts one that stays)")
    with tempfile.TemporaryDirectory() as folder:
        settings = private(Path(folder), OPERATOR, port=_free_port())
        async with running(settings, Journal(Lines(io.BytesIO()))) as gateway:
            try:
                return await play("127.0.0.1", gateway.rehearsal or 0, number, text, wait_s=wait_s)
            except NoRehearsal as error:  # what leaves a gateway leaves it in groups, one for each of its rooms
                trouble = error
        raise trouble


async def _listens(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def _free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
    return port


def private(folder: Path, door: str, **values: object) -> Settings:
    """Settings, as written here and for a door, of a gateway that lives in a folder for one message; the environment has no say in them."""
    file = folder / "gateway.toml"
    file.write_text((PRIVATE + door).format(folder=folder, **values), encoding="utf-8")
    return load(file, {})
