"""What systemd hears of a gateway, at a socket as systemd's own: that it is up, that it lives, that it stops; and nothing once it hangs."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from gateway.supervisor import tell
from tests.stories.town import town

#: `WatchdogSec` of these tests
PERIOD_S = 1


class Supervisor:
    """Systemd's part: it listens, and kills who has been silent for too long."""

    def __init__(self, address: str) -> None:
        self.address = address
        self._ear = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)
        self._ear.bind(address.replace("@", "\0", 1))

    @property
    def env(self) -> dict[str, str]:
        return {"NOTIFY_SOCKET": self.address, "WATCHDOG_USEC": str(PERIOD_S * 1_000_000)}

    async def hears(self, word: str, *, within_s: float = 60) -> bool:
        """The next words are heard until it is among them."""
        try:
            async with asyncio.timeout(within_s):
                while (await asyncio.get_running_loop().sock_recv(self._ear, 100)).decode() != word:
                    pass
        except TimeoutError:
            return False
        return True

    def heard(self) -> list[str]:
        """What was said and not listened to yet."""
        words = []
        with suppress(BlockingIOError):
            while word := self._ear.recv(100):
                words.append(word.decode())
        return words

    def close(self) -> None:
        self._ear.close()


@pytest.fixture
def supervisor(tmp_path: Path) -> Iterator[Supervisor]:
    found = Supervisor(str(tmp_path / "notify"))
    yield found
    found.close()


async def test_it_says_that_it_is_up_and_lives_and_stops(tmp_path: Path, supervisor: Supervisor) -> None:
    async with town(tmp_path) as place:
        place.gateway.env = supervisor.env
        await place.gateway.start()
        assert await supervisor.hears("READY=1")
        assert await supervisor.hears("WATCHDOG=1")
        assert await supervisor.hears("WATCHDOG=1")
        stopping = asyncio.create_task(place.gateway.stop())
        assert await supervisor.hears("STOPPING=1")
        assert await stopping == 0


async def test_one_that_hangs_is_silent_and_the_next_one_has_all_that_it_said_yes_to(tmp_path: Path, supervisor: Supervisor) -> None:
    async with town(tmp_path) as place:
        place.gateway.env = supervisor.env
        await place.gateway.start()
        sent = [place.say() for _ in range(20)]
        await place.smsc.until(lambda: all(each.acknowledged for each in sent))
        place.gateway.freeze()
        # a process is not stopped before it goes back to its own code; what it says until then is lost in the first period
        await asyncio.sleep(PERIOD_S)
        supervisor.heard()
        assert not await supervisor.hears("WATCHDOG=1", within_s=2 * PERIOD_S)
        # as systemd does: the signal, and a push for one that is stopped
        place.gateway.signal(signal.SIGABRT)
        place.gateway.signal(signal.SIGCONT)
        assert await place.gateway.ended() == -signal.SIGABRT
        assert "uvloop" in place.gateway.said or "asyncio" in place.gateway.said
        assert not place.gateway.leaks()
        await place.gateway.start()
        await place.settled()
        assert place.verdict().clean


def test_an_address_without_a_file_is_called_too_and_one_where_nobody_listens_is_no_trouble(monkeypatch: pytest.MonkeyPatch) -> None:
    there = Supervisor(f"@lapor-test-{os.getpid()}")
    monkeypatch.setenv("NOTIFY_SOCKET", there.address)
    tell("READY=1")
    assert there.heard() == ["READY=1"]
    there.close()
    tell("STOPPING=1")
    monkeypatch.delenv("NOTIFY_SOCKET")
    tell("STOPPING=1")
