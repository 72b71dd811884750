"""What is broken, when, and for how long.

In: the hosts, the peers, and a count of faults for a run. Out: faults, spread evenly over the messages, several at a time; each is healed
by whoever began it. The seed decides which; how they meet is the machine's own luck.
"""

from __future__ import annotations

import asyncio
import random
import signal
from collections.abc import Awaitable, Callable
from typing import NamedTuple

from chaos.book import Book
from chaos.fault import Fault
from chaos.gateways import Host
from chaos.ledger import TROUBLES, Ledger
from chaos.mail import Relay
from chaos.operator import Operator
from chaos.processes import Process
from chaos.redis_faults import RedisFaults
from chaos.site import Site

#: faults at a time
AT_ONCE = 6
#: a run waits with new messages when so many faults are due and not begun
LATE = 3
#: by how many seconds a clock is wrong at most: operators redeliver within ten minutes, and more would make their messages new ones. A
#: short run has less, because what was put off by a clock that was ahead waits for so long
WRONG_S, MESSAGES_A_SECOND = 120, 50
LOOK_S = 0.02


class Peers(NamedTuple):
    """The gateway's, which go wrong as they are told."""

    operator: Operator
    ledger: Ledger
    relay: Relay


class Faults:
    """`count` of them over all messages of the book."""

    def __init__(
        self, book: Book, site: Site, peers: Peers, luck: random.Random, *, count: int, said: Callable[[], bool], kinds: str
    ) -> None:
        """`said`: whether no more messages will come; `kinds`: a part of the names of those that are wanted."""
        self._said = said
        self._book, self._site, self._peers, self._luck, self._count = book, site, peers, luck, count
        self._begun = 0
        #: all that was to be broken was, and is whole again
        self.over = False
        known = [*self._of_processes(), *self._of_peers(), *self._of_machines(), *RedisFaults(site, luck).faults()]
        self._faults = [fault for fault in known if kinds in fault.name]

    @property
    def late(self) -> bool:
        """More are due than were begun."""
        return self._due() - self._begun > LATE

    def _due(self) -> int:
        return min(self._count, 1 + self._book.tally["acknowledged"] * self._count // self._book.count)

    async def run(self) -> None:
        """Until the last is healed."""
        free = asyncio.Semaphore(AT_ONCE)
        async with asyncio.TaskGroup() as group:
            while self._begun < self._count and not self._said():
                if self._begun >= self._due():
                    await asyncio.sleep(LOOK_S)
                    continue
                await free.acquire()
                fault = await self._drawn()
                self._begun += 1
                group.create_task(self._broken(fault, free))
        self.over = True

    async def _drawn(self) -> Fault:
        """One whose thing is whole now; it is the caller's to break."""
        while not (faults := [fault for fault in self._faults if not fault.lock.locked()]):
            await asyncio.sleep(LOOK_S)
        fault = self._luck.choices(faults, [fault.weight for fault in faults])[0]
        await fault.lock.acquire()
        return fault

    async def _broken(self, fault: Fault, free: asyncio.Semaphore) -> None:
        try:
            self._book.write("fault", fault.name)
            await fault.breaks()
            self._book.write("healed", fault.name)
        finally:
            fault.lock.release()
            free.release()

    def _while(self, shortest_s: float, longest_s: float) -> Awaitable[None]:
        return asyncio.sleep(self._luck.uniform(shortest_s, longest_s))

    def _of_processes(self) -> list[Fault]:
        faults = []
        for host in self._site.hosts:
            for process in host.processes:
                faults += [
                    Fault(f"kill -9 {process.name}", 3, process.lock, lambda it=process: self._kill(it)),  # type: ignore[misc]  # a default binds it
                    Fault(f"stop and wake {process.name}", 8, process.lock, lambda it=process: self._stop(it)),  # type: ignore[misc]  # as above
                    Fault(f"restart {process.name}", 1, process.lock, lambda it=process: self._restart(it)),  # type: ignore[misc]  # as above
                ]
        return faults

    async def _kill(self, process: Process) -> None:
        """It is started again by its supervisor. Mostly it may come up again before it is broken again, else nothing would ever be done."""
        process.kill()
        if self._luck.random() < 0.8:
            await process.up()
        else:
            await self._while(0.5, 4)

    async def _stop(self, process: Process) -> None:
        """Mostly for a moment, now and then for longer than a lease."""
        process.signal(signal.SIGSTOP)
        await (self._while(8, 14) if self._luck.random() < 0.1 else self._while(0.1, 2))
        process.signal(signal.SIGCONT)

    async def _restart(self, process: Process) -> None:
        status = await process.stop()
        if status:
            self._book.write("strange", f"exit_{status}_of_{process.name}")
        await process.up()

    def _of_peers(self) -> list[Fault]:
        """The ledger, the operator, the relay."""
        return [
            Fault("ledger goes wrong", 24, asyncio.Lock(), self._ledger_wrong),
            Fault("ledger hangs up", 8, asyncio.Lock(), self._ledger_hangs_up),
            Fault("operator hangs up", 8, asyncio.Lock(), self._operator_hangs_up),
            Fault("relay is busy", 4, asyncio.Lock(), self._relay_busy),
        ]

    async def _ledger_wrong(self) -> None:
        trouble = self._luck.choice(TROUBLES)
        self._peers.ledger.trouble = trouble
        await self._while(0.1, 2)
        self._peers.ledger.trouble = ""

    async def _ledger_hangs_up(self) -> None:
        self._peers.ledger.hang_up()

    async def _operator_hangs_up(self) -> None:
        self._peers.operator.hang_up()
        await self._while(0, 1)

    async def _relay_busy(self) -> None:
        self._peers.relay.busy = True
        await self._while(0.2, 2)
        self._peers.relay.busy = False

    def _of_machines(self) -> list[Fault]:
        """Disks and clocks."""
        faults = []
        for host in self._site.hosts:
            if host.clock.environment:
                faults.append(Fault(f"clock of {host.name} jumps", 6, asyncio.Lock(), lambda it=host: self._jump(it)))  # type: ignore[misc]  # as above
        if self._site.disk.small:
            faults.append(Fault("disk is full", 6, asyncio.Lock(), self._full))
        return faults

    async def _jump(self, host: Host) -> None:
        """Forth or back, and right again after a while."""
        most = min(WRONG_S, self._book.count // MESSAGES_A_SECOND)
        host.clock.set(self._luck.randint(-most, most))
        await self._while(1, 5)
        host.clock.set(0)

    async def _full(self) -> None:
        self._site.disk.fill()
        await self._while(0.5, 2)
        self._site.disk.empty()
