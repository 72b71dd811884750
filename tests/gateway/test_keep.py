"""A door that fell over is opened again, and nobody reads in the journal what it fell over."""

from __future__ import annotations

import asyncio
import io

import pytest

from channels.base import Inbox
from channels.email import mailbox
from gateway.journal import Journal, Lines
from gateway.keep import keep
from tests.fakes.inbox import Shelf
from tests.gateway.tiny import SECRET, Tiny


class Door(Tiny):
    """Falls over the first time, and stands then."""

    def __init__(self) -> None:
        super().__init__()
        self.opened = 0
        self.stands = asyncio.Event()
        self.left = False

    async def listen(self, inbox: Inbox) -> None:
        self.opened += 1
        if self.opened == 1:
            raise ValueError(SECRET)
        self.stands.set()
        try:
            await super().listen(inbox)
        finally:
            self.left = True


async def kept() -> tuple[Door, bytes]:
    door, out = Door(), io.BytesIO()
    journal = Journal(Lines(out))
    keeping = asyncio.create_task(keep(door, door, Shelf(), journal))
    await asyncio.wait_for(door.stands.wait(), 60)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    journal.lines.flush()
    return door, out.getvalue()


@pytest.fixture(scope="module")
def fell() -> tuple[Door, bytes]:
    return asyncio.run(kept())


def test_a_door_that_fell_is_opened_again_and_left_when_asked(fell: tuple[Door, bytes]) -> None:
    door, said = fell
    assert (door.opened, door.left) == (2, True)
    assert said.count(b"\n") == 1
    assert b'"door_fell"' in said
    assert b'"tiny"' in said
    assert b"test_keep.py" in said
    assert b"ValueError" in said


def test_the_journal_does_not_say_over_whose_words_a_door_fell(fell: tuple[Door, bytes]) -> None:
    assert SECRET.encode() not in fell[1]


async def test_an_address_that_is_taken_is_called_so() -> None:
    out = io.BytesIO()
    journal = Journal(Lines(out))
    async with await asyncio.start_server(lambda *_: None, "127.0.0.1", 0) as other:
        port = other.sockets[0].getsockname()[1]
        door = mailbox.channel("mail", mailbox.Settings(address="lapor@lapor.example", listen=f"127.0.0.1:{port}"))
        keeping = asyncio.create_task(keep(door, door, Shelf(), journal))
        async with asyncio.timeout(60):
            while not out.getvalue():
                await asyncio.sleep(0.01)
                journal.lines.flush()
        assert b'"why":"EADDRINUSE"' in out.getvalue()
    async with asyncio.timeout(60):
        while not door.port:
            await asyncio.sleep(0.01)
    keeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await keeping
    assert not door.port
