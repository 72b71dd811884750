"""A street with one door of the gateway, and citizens before it who send until they hear yes, as that door's protocol has them do.

In: a `Door` (one file for each kind: door_mail.py …) and a number of complaints. Out: a `Verdict`, from what the senders were told, what
the ledger was told and what was heard back. The witness shares no code with the gateway.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from typing import Literal, Protocol

import msgspec

from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.stories.deaf import Deaf
from tests.stories.process import GatewayProcess
from tests.stories.senders import Said
from tests.stories.town import MARK

#: the name of the table [channels.door], whatever its kind
NAME = "door"
_TOLD = re.compile(rf"{MARK} nomor (\d+):")


class Door(Protocol):
    """One kind of door: its table, its fakes, its senders, and where its answers arrive."""

    @property
    def kind(self) -> str: ...

    @property
    def full(self) -> set[str]:
        """What a sender is told when the disk is full; empty where only a cursor stands still."""
        ...

    @property
    def letters(self) -> Literal["many", "one", "none"]:
        """How many answers may come to one complaint; none where one has to look."""
        ...

    @property
    def comes(self) -> bool:
        """The gateway comes to it by itself, and need not be called first."""
        ...

    @property
    def secrets(self) -> tuple[str, ...]:
        """What must stand in no log."""
        ...

    def table(self) -> str:
        """TOML of [channels.door] and what else must stand in the settings."""
        ...

    async def open(self, stack: AsyncExitStack, public: int) -> None:
        """Start the fakes. `public`: the port of the gateway's public address."""
        ...

    def say(self, said: Said) -> None:
        """It is on its way, and is sent again until it is taken."""
        ...

    def taken(self, said: Said) -> bool:
        """True when yes was said to it."""
        ...

    def reached(self) -> int:
        """How often the gateway was heard of; grows when it is there."""
        ...

    async def heard(self, said: Said) -> list[str]:
        """The answers to it."""
        ...


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What became of what was sent. `strange`: records that nobody sent; `bare`: without their files; `again`: answers beyond the first."""

    sent: int
    acknowledged: int
    registered: int
    twice: int
    unanswered: int
    lost: int
    strange: int
    bare: int
    again: int

    @property
    def clean(self) -> bool:
        """Everything is where it belongs; somebody may have heard the same words twice."""
        wrong = self.twice or self.unanswered or self.lost or self.strange or self.bare
        return self.acknowledged == self.registered == self.sent and not wrong


class Street:
    """A door, a ledger, a gateway."""

    def __init__(self, door: Door, ledger: FakeLedger, gateway: GatewayProcess, open_ledger: Callable[[], Awaitable[object]]) -> None:
        self.door, self.ledger, self.gateway, self.open_ledger = door, ledger, gateway, open_ledger
        self.sent: list[Said] = []

    def say(self) -> Said:
        """A citizen says what nobody else says."""
        nth = len(self.sent)
        said = Said(nth=nth, sender=f"warga{nth}", text=f"{MARK} nomor {nth}: lampu jalan mati di depan pasar")
        self.sent.append(said)
        self.door.say(said)
        return said

    async def start(self) -> None:
        """Start the gateway, and wait until its door has been reached."""
        before = self.door.reached()
        await self.gateway.start()
        await self.until(lambda: self.door.reached() > before or not (self.door.comes or self.left()))

    def left(self) -> list[Said]:
        """What nobody has said yes to."""
        return [said for said in self.sent if not self.door.taken(said)]

    async def until(self, claim: Callable[[], object], within_s: float = 60.0) -> None:
        """Wait until the claim holds."""
        try:
            async with asyncio.timeout(within_s):
                while not claim():
                    await asyncio.sleep(0.01)
        except TimeoutError:
            raise AssertionError(f"{[said.told[-3:] for said in self.sent[-5:]]}\n{self.gateway.said[-3000:]}") from None

    async def reachable(self, port: int) -> None:
        """Wait until somebody listens at a port of the gateway's."""
        async with asyncio.timeout(60):
            while True:
                with suppress(OSError):
                    _, writer = await asyncio.open_connection("127.0.0.1", port)
                    writer.close()
                    return
                await asyncio.sleep(0.01)

    def references(self) -> dict[int, list[str]]:
        """By the number of the complaint: the references under which the ledger has it; -1 for what nobody sent."""
        found: dict[int, list[str]] = {}
        for reference, record in self.ledger.records.items():
            told = _TOLD.findall(record["text"])
            found.setdefault(int(told[0]) if len(set(told)) == 1 else -1, []).append(reference)
        return found

    async def answered(self, said: Said, found: Sequence[str]) -> list[str]:
        """The answers that name the references of what was said, and the ledger's numbers."""
        numbers = [self.ledger.registrations[reference]["tracking_id"] for reference in found]
        # whoever may be answered once may have heard only that it is safe
        must = [*found] if self.door.letters == "one" else [*found, *numbers]
        return [words for words in await self.door.heard(said) if all(word in words for word in must)]

    async def verdict(self) -> Verdict:
        """What the senders and the ledger say together."""
        found, counts = self.references(), Counter[str]()
        for said in self.sent:
            mine = found.pop(said.nth, [])
            answers = await self.answered(said, mine) if mine else []
            await asyncio.sleep(0)  # the ledger lives in this loop too, and must answer in time
            taken = self.door.taken(said)
            counts["acknowledged"] += taken
            counts["registered"] += bool(mine)
            counts["twice"] += len(mine) > 1
            counts["lost"] += taken and not mine
            counts["unanswered"] += not answers
            counts["bare"] += any(len(self._files(reference)) < said.files for reference in mine)
            counts["again"] += max(len(answers) - 1, 0)
        names = ("acknowledged", "registered", "twice", "unanswered", "lost", "bare", "again")
        return Verdict(sent=len(self.sent), strange=sum(map(len, found.values())), **{name: counts[name] for name in names})

    def _files(self, reference: str) -> list[int]:
        """Those that lie beside the complaint, and not only in its record."""
        return [number for of, number in self.ledger.files if of == reference]

    async def settled(self, within_s: float = 60.0) -> Verdict:
        """Wait until all that was sent is acknowledged, registered and answered; what is missing after so long is told."""
        verdict = await self.verdict()
        with suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                while not verdict.clean:
                    await asyncio.sleep(0.03 + len(self.sent) / 2000)
                    if len(self.ledger.records) >= len(self.sent):
                        verdict = await self.verdict()
        verdict = await self.verdict()
        assert verdict.clean, f"{verdict}\n{self.ledger.calls[-9:]}\n{self.gateway.said[-3000:]}"
        return verdict

    async def conserved(self, *names: str) -> None:
        """received = forwarded + waiting + triage + parked + declined: by the store's own rows, and by what `status` and /metrics say.

        The ledger may have one whose answer was lost, and whose next try is due in minutes.
        """
        names = names or (NAME,)
        rows = {(name, step): n for name, step, n in self.gateway.rows("SELECT channel, step, count(*) FROM cases GROUP BY 1, 2")}
        assert {step for _, step in rows} <= {"done", "submit"}, rows
        assert sum(rows.values()) == len(self.sent), rows
        status = (await self.gateway.command("status", "--json")).json["tally"]
        assert {*status["received"]} == {name for name, _ in rows} <= {*names}
        for name, received in status["received"].items():
            assert received == sum(status["cases"][name].values()) == sum(n for (of, _), n in rows.items() if of == name)
            assert await self.gateway.metric(f'lapor_conservation_difference{{channel="{name}"}}') == 0


@asynccontextmanager
async def street(
    folder: Path,
    door: Door,
    *,
    data: Path | None = None,
    ledger: str = "timeout_s = 5",
    ledger_open: bool = True,
    receipt_after_s: float = 60,
    wire: Deaf | None = None,
) -> AsyncIterator[Street]:
    """A street whose gateway is not started yet. At the end it is killed, and what it wrote is searched for what it must never write.

    `wire`: whoever calls the public address calls through it.
    """
    async with AsyncExitStack() as stack:
        public = free_port()
        await door.open(stack, wire.port if wire else public)
        if wire:
            wire.target = public
        book = FakeLedger(port=free_port())
        if ledger_open:
            await stack.enter_async_context(book)
        gateway = GatewayProcess(
            folder, ledger=f'kind = "http"\nurl = "{book.url}"\n{ledger}', tables=door.table(), data=data, public=public,
            receipt_after_s=receipt_after_s,
        )  # fmt: skip
        try:
            yield Street(door, book, gateway, lambda: stack.enter_async_context(book))
        finally:
            gateway.kill()
        assert gateway.leaks() == []
        assert not re.search("|".join([r"warga\d", *map(re.escape, door.secrets)]), gateway.said)
