"""The connection to the primary, made anew by itself when it is lost.

In: calls of scripts. Out: their answers, once they are on disk, and on as many replicas as are to have them. It knows nothing of what
the scripts do. While there is no connection, each call fails at once: whoever waits at a door is told to come again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any, Final

from redis.asyncio import Redis
from redis.exceptions import (
    AskError,
    AuthenticationError,
    AuthorizationError,
    ClusterDownError,
    MasterDownError,
    MovedError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
    TryAgainError,
)
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

from channels.base import Unavailable
from gateway.store.record import StoreFault
from gateway.store.redis_address import Address
from gateway.store.redis_checks import WAITS_FOR_DISKS, Version, fit
from gateway.store.redis_scripts import SLOT, Call, script

#: between two attempts to reach it, at first and at most, in seconds
SOON_S, LATER_S = 0.05, 1.0
#: for so long replicas are waited for, in milliseconds
REPLICAS_MS = 1000
#: where processes tell each other for which queues they have left work
LEFT: Final = "{lapor}:left"
#: how often an ear finds out that its connection is gone, in seconds
EAR_S = 1.0
#: what may come of talking to a server that is going or coming, also words of it that are cut off
_NOT_NOW: Final = (RedisError, OSError, EOFError, ValueError, LookupError)
#: nobody is there, or he is not ready yet …
_NOBODY: Final = (RedisConnectionError, RedisTimeoutError, ClusterDownError, OSError)
#: … and somebody is there who does not know us
_NOT_YOU: Final = (AuthenticationError, AuthorizationError)
#: a server that answers so is not, or not any more, the one that takes our writes
_ELSEWHERE: Final = (AskError, ClusterDownError, MasterDownError, MovedError, ReadOnlyError, TryAgainError)


def waiting(version: Version, replicas: int, *, accept_loss: bool) -> tuple[str | int, ...]:
    """The command that waits until so many replicas have all that this connection has seen done, on disk where the server can tell."""
    if version >= WAITS_FOR_DISKS and not accept_loss:
        # none of the server's own: it answers nothing before its own disk has it
        return ("WAITAOF", 0, replicas, REPLICAS_MS)
    return ("WAIT", replicas, REPLICAS_MS)


def replicated(answer: Any) -> int:
    """How many replicas have it."""
    if isinstance(answer, ResponseError):
        return 0
    return int(answer[1] if isinstance(answer, list) else answer)


class Link:
    """One for a store."""

    def __init__(self, address: Address, *, replicas: int, accept_loss: bool) -> None:
        """`replicas` that must have a commit; nothing is opened before `open`."""
        self._address, self._replicas, self._accept_loss = address, replicas, accept_loss
        self._client: Redis | None = None
        self._version: Version = ()
        self._gone = asyncio.Event()
        #: it was there once, and found fit
        self._met = False
        #: what whoever waits is told while there is no connection
        self._why = "store_unreachable"
        #: the scripts that the server has, as far as this connection knows
        self._known: set[str] = set()

    @property
    def up(self) -> bool:
        """There is a connection, as far as we know."""
        return self._client is not None

    async def open(self, *, patient: bool) -> None:
        """Connect for the first time. Raises StoreFault; but for a server that is not there, if `patient`: then `keep` finds it later."""
        try:
            await self._connect()
        except (RedisError, OSError) as error:
            if not patient or not isinstance(error, _NOBODY) or isinstance(error, _NOT_YOU):
                raise StoreFault(f"{self._address}: cannot be reached ({type(error).__name__}: {error})") from error
            self._gone.set()

    async def _connect(self) -> None:
        host, port = await self._address.primary()
        client = self._address.client(host, port)
        try:
            self._version = await fit(client, f"{self._address}", accept_loss=self._accept_loss)
            if not self._met:
                await self._enough(client)
        except BaseException:
            await client.aclose()
            raise
        self._client, self._known, self._met, self._why = client, set(), True, "store_unreachable"

    async def _enough(self, client: Redis) -> None:
        """A yes waits for each replica that may take over. Raises StoreFault."""
        found = int((await client.info("replication"))["connected_slaves"])
        if self._address.several and not self._accept_loss and found > self._replicas:
            raise StoreFault(
                f"{self._address}: has {found} replicas, each of which may take over, and a yes would wait for {self._replicas}; "
                f"set store.replicas = {found}, or store.accept_loss = true where losing cases is acceptable"
            )

    async def keep(self) -> None:
        """Connect again whenever the connection is lost; until cancelled."""
        while True:
            await self._gone.wait()
            self._gone.clear()
            pause = SOON_S
            while self._client is None:
                try:
                    await self._connect()
                except (StoreFault, *_NOT_YOU):
                    self._why = "store_unfit"
                except _NOT_NOW:
                    self._why = "store_unreachable"
                else:
                    break
                await asyncio.sleep(pause)
                pause = min(pause * 2, LATER_S)

    async def run(self, calls: Sequence[Call], left: str = "", by: str = "") -> list[Any]:
        """The answers; an exception in the place of one that the script has refused. Raises Unavailable when it is not known what became of
        them, or too few replicas have it: it may all have happened. What is `left` for other processes is told to them."""
        client = self._client
        if client is None or not calls:
            raise Unavailable(self._why)
        try:
            # before the first call, not after it: what comes in one order must be done in that order
            await self._teach(client, {each.script for each in calls} - self._known)
            answers = await self._sent(client, calls, (LEFT, f"{by}\n{left}") if left else None)
            unknown = [i for i, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
            if unknown:
                # somebody had it forget its scripts
                await self._teach(client, {calls[i].script for i in unknown})
                for i, answer in zip(unknown, await self._sent(client, [calls[i] for i in unknown]), strict=True):
                    answers[i] = answer
        except _NOT_NOW as error:
            await self._lose(client)
            raise Unavailable(self._why) from error
        if any(isinstance(answer, _ELSEWHERE) for answer in answers):
            await self._lose(client)
            raise Unavailable(self._why)
        return answers

    async def _teach(self, client: Redis, names: set[str]) -> None:
        for name in names:
            await client.script_load(script(name).text)
        self._known |= names

    async def _sent(self, client: Redis, calls: Sequence[Call], saying: tuple[str, str] | None = None) -> list[Any]:
        pipeline = client.pipeline(transaction=False)
        for name, args in calls:
            pipeline.execute_command("EVALSHA", script(name).digest, 1, SLOT, *args)
        if saying:
            pipeline.execute_command("PUBLISH", *saying)
        if self._replicas:
            pipeline.execute_command(*waiting(self._version, self._replicas, accept_loss=self._accept_loss))
        answers = list(await pipeline.execute(raise_on_error=False))
        if self._replicas and replicated(answers[-1]) < self._replicas:
            raise Unavailable("store_not_replicated")
        return answers[: len(calls)]

    async def _lose(self, client: Redis) -> None:
        if self._client is client:
            self._client = None
            self._gone.set()
        with suppress(RedisError, OSError):
            await client.aclose()

    async def hear(self, heard: Callable[[str, str], None]) -> None:
        """What other processes leave, and who they are; until cancelled. What is not heard is found by the next look."""
        while True:
            client = self._client
            with suppress(*_NOT_NOW):
                if client is not None:
                    async with client.pubsub(ignore_subscribe_messages=True) as ear:
                        await ear.subscribe(LEFT)
                        while client is self._client:
                            message = await ear.get_message(timeout=EAR_S)
                            if message is not None:
                                by, _, left = message["data"].decode().partition("\n")
                                heard(by, left)
            await asyncio.sleep(LATER_S)

    async def close(self) -> None:
        """For good."""
        if self._client is not None:
            await self._client.aclose()
            self._client = None
