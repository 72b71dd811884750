"""`gateway rehearse x`: a citizen's post at a simulated X, and what a gateway of its own makes of it.

In: a handle, a text. Out: the answers. The gateway and its X live in this process and a temporary folder for this one post, so that the
account can be seen at work before there are keys. A post that does not mention the account goes to a person, as X's rules want it.
"""

from __future__ import annotations

import asyncio
import io
import re
import tempfile
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import msgspec

from gateway import desk
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse import BadUsage, NoRehearsal
from gateway.rehearse.citizen import private
from gateway.rehearse.x_api import FakeX
from gateway.store.record import Case, Step

#: who the gateway is at the simulated X
ACCOUNT: Final = "lapor1708"
LOOK_S: Final = 0.1
#: where a post stands that gets no answer
ENDS: Final[tuple[Step, ...]] = ("triage", "declined", "parked")
DOOR: Final = """
[channels.x]
kind = "social.x"
account = "{account}"
bearer_token = "latihan"
consumer_key = "latihan"
consumer_secret = "latihan"
access_token = "latihan"
access_secret = "latihan"
api_url = "{url}"
poll_s = 0.2
"""


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """What became of a post: the answers to it, or the step at which it waits or ended without one."""

    answers: list[str]
    step: str = ""


async def play_x(handle: str, text: str, *, wait_s: float, say: Callable[[str], None]) -> Played:
    """Post, and wait at most so many seconds for an answer, or until it is clear that there will be none. Raises NoRehearsal."""
    if not re.fullmatch(r"@?\w{1,15}", handle, re.ASCII):
        raise BadUsage(f"{handle!r} is not a handle like @warga")
    fake = FakeX(ACCOUNT)
    url = await fake.start()
    try:
        with tempfile.TemporaryDirectory() as folder:
            settings = private(Path(folder), DOOR, account=ACCOUNT, url=url)
            say(f"(a private gateway listens at a simulated X as @{ACCOUNT}, and is gone afterwards)")
            async with running(settings, Journal(Lines(io.BytesIO()))):
                await _listening(fake)
                fake.world.write(handle, text)
                say(f"@{handle.removeprefix('@')}: {text}")
                return await _outcome(fake, partial(desk.waiting, settings), wait_s)
    finally:
        await fake.stop()


async def _listening(fake: FakeX) -> None:
    """A gateway takes what is written after its first look."""
    looks = (f"GET /2/users/{fake.world.account.id}/mentions", "GET /2/tweets/search/recent")
    try:
        async with asyncio.timeout(10):
            while not all(fake.requests[look] for look in looks):  # noqa: ASYNC110 - the simulated X has no event to wait for
                await asyncio.sleep(LOOK_S)
    except TimeoutError as error:
        raise NoRehearsal("the private gateway does not look at its simulated X") from error


async def _outcome(fake: FakeX, waiting: Callable[[Step, int], Awaitable[Sequence[Case]]], wait_s: float) -> Played:
    """An answer, or a step at which there is none to come."""
    deadline = asyncio.get_running_loop().time() + wait_s
    while not fake.answers and asyncio.get_running_loop().time() < deadline:
        await asyncio.sleep(LOOK_S)
        for step in ENDS:
            if cases := await waiting(step, 1):
                return Played(answers=[], step=f"{step}: {cases[0].code}, {cases[0].reference}")
    return Played(answers=[answer["text"] for answer in fake.answers])
