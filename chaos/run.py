"""One run: everything is put up, loaded, broken, healed, waited for, taken down and judged.

In: how many messages and faults, a seed, a folder. Out: a verdict, and the book of the run in the folder.
"""

from __future__ import annotations

import asyncio
import math
import random
import time
from collections import deque
from collections.abc import AsyncIterator, Coroutine, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from chaos import faults, mail, site, web
from chaos.book import Book
from chaos.judge import Verdict
from chaos.ledger import Ledger
from chaos.mail import Relay
from chaos.message import Kind, Message, kind_of, message
from chaos.operator import Operator
from chaos.processes import supervise
from chaos.senders import Address, Told, hand_over_all

#: messages that may have a yes and no answer before new ones wait; people who hand mails and forms over at a time
BACKLOG, HANDS = 20_000, 4
#: no answer, yes or registration for so many seconds: what is missing will not come
PATIENCE_S = 240.0
#: … and in the beginning, while the processes start
START_S = 240.0
#: seconds between two lines about how far it is
TELL_S = 10.0


class Plan(NamedTuple):
    """What a run is."""

    messages: int
    faults: int
    seed: int
    folder: Path
    store: site.Kind
    #: on a machine of its own
    apart: bool
    patience_s: float = PATIENCE_S
    kinds: str = ""
    #: nothing more is sent after so many
    minutes: float = math.inf


class Run:
    """One, in one event loop."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._luck = random.Random(plan.seed)
        self.book = Book(plan.folder / "book.tsv", plan.messages)
        #: references that were told to callers of the API, and who they are
        self._asking: deque[tuple[Message, str]] = deque()
        self._operator = Operator(self.book, self._messages("sms"), self._luck, self._ready)
        self._ledger = Ledger(plan.folder / "ledger.db", self.book, plan.seed)
        self._relay = Relay(self.book)
        self._faults: faults.Faults | None = None
        #: doors through which more will come, and when no more will in any case
        self._to_send: set[Kind] = {"sms", "mail", "web"}
        self._ends = time.monotonic() + plan.minutes * 60

    async def go(self) -> Verdict:
        """From the first process to the verdict."""
        plan = self._plan
        peers = site.peers(plan.store, plan.apart)
        here = site.built(plan.store, plan.folder, peers)
        await self._operator.listen(peers.host, peers.smsc)
        await self._ledger.listen(peers.host, peers.ledger)
        await self._relay.listen(peers.host, peers.relay)
        wrong = faults.Peers(self._operator, self._ledger, self._relay)
        self._faults = faults.Faults(self.book, here, wrong, self._luck, count=plan.faults, said=self._said, kinds=plan.kinds)
        await self._served(here, self._faults)
        for each in (self._operator, self._ledger, self._relay):
            each.close()
        self.book.tally["leaks"] += sum(host.leaks() for host in here.hosts)
        if self.book.tally["leaks"]:
            self.book.write("strange", "secrets_in_a_log")
        self.book.close()
        return Verdict(self.book_path, plan.folder / "book.db", seed=plan.seed)

    @property
    def book_path(self) -> Path:
        return self._plan.folder / "book.tsv"

    async def _served(self, here: site.Site, trouble: faults.Faults) -> None:
        if here.redis is not None:
            for process in here.redis.processes:
                process.start()
            await here.redis.up()
        for host in here.hosts:
            for process in host.processes:
                process.start()
        posts, pages = [host.smtp for host in here.hosts], [host.public for host in here.hosts]
        async with beside(
            supervise(here.processes, self.book),
            self._operator.tend(),
            self._told(),
            hand_over_all(self.book, self._messages("mail"), mail.hand_over, doors=posts, hands=HANDS, ready=self._ready),
            hand_over_all(self.book, self._messages("web"), self._hand_in, doors=pages, hands=HANDS, ready=self._ready),
            *(self._look_up(pages) for _ in range(HANDS)),
            trouble.run(),
        ):
            await self._settled(trouble)
        for process in reversed(here.processes):
            if status := await process.stop():
                self.book.write("strange", f"exit_{status}_of_{process.name}")

    def _messages(self, kind: Kind) -> Iterator[Message]:
        for serial in range(self._plan.messages):
            if time.monotonic() > self._ends:
                break
            if kind_of(serial) == kind:
                self.book.write("sent", serial)
                yield message(self._plan.seed, serial)
        self._to_send.discard(kind)

    def _said(self) -> bool:
        """No more will be sent."""
        return not self._to_send

    def _ready(self) -> bool:
        """The next message may be sent."""
        return self.book.backlog < BACKLOG and not (self._faults is not None and self._faults.late)

    async def _hand_in(self, door: Address, complaint: Message) -> Told:
        told = await web.hand_in(door, complaint)
        if told.reference:
            self._asking.append((complaint, told.reference))
        return told

    async def _look_up(self, pages: list[Address]) -> None:
        """Ask what became of what came by the web, once the ledger has it."""
        nth = 0
        while True:
            if self._asking:
                complaint, reference = self._asking.popleft()
                known = False
                if self.book.entered(complaint.serial):
                    with suppress(OSError, EOFError, ValueError):
                        known = await web.look_up(self.book, pages[nth % len(pages)], reference, complaint.sender)
                if not known:
                    nth += 1
                    self._asking.append((complaint, reference))
            await asyncio.sleep(0 if self._asking and known else 0.05)

    async def _settled(self, trouble: faults.Faults) -> None:
        """Until all is healed and everybody has heard, or nothing has come for as long as patience lasts."""
        seen, since = -1, time.monotonic()
        while not (self._said() and self.book.all_said and trouble.over):
            now = sum(self.book.tally[word] for word in ("acknowledged", "registered", "told"))
            if now != seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > (self._plan.patience_s if now else START_S):
                break
            await asyncio.sleep(0.1)

    async def _told(self) -> None:
        """Say how far it is."""
        while True:
            await asyncio.sleep(TELL_S)
            tally = self.book.tally
            self.book.flush()
            print(
                f"{time.strftime('%H:%M:%S')} acknowledged {tally['acknowledged']:,} registered {tally['registered']:,} "
                f"answered {tally['told']:,} of {self.book.count:,}; faults {tally['fault']:,}; binds {tally['binds']:,}",
                flush=True,
            )


@asynccontextmanager
async def beside(*coroutines: Coroutine[None, None, None]) -> AsyncIterator[None]:
    """Run them beside the body, and cancel what is left at its end."""
    async with asyncio.TaskGroup() as group:
        tasks = [group.create_task(coroutine) for coroutine in coroutines]
        yield
        for task in tasks:
            task.cancel()
