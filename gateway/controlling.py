"""What officers do to channels, and to the notice, at a terminal or in the console.

In: a channel's name, an act, who does it. Out: what is wanted now, pinned on the store's board and written into the audit; or why it cannot
be, as a word (`NotWanted`). It opens and closes nothing itself: whoever keeps the door does (`steering`).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Literal

import msgspec

from channels.base import Channel, Listener, Paced
from gateway import controls, findings
from gateway.console.audit import Act as Done
from gateway.console.audit import Audit
from gateway.controls import Act, Mode, Notice, Wish
from gateway.findings import Finding
from gateway.store.base import Store

Why = Literal["unknown", "no_link", "no_rate", "out_of_bounds", "past", "empty", "long"]


class NotWanted(Exception):
    """It cannot be done so; `why` is a word, and nothing was changed."""

    def __init__(self, why: Why, channel: str = "", rates: tuple[float, float] = (0.0, 0.0)) -> None:
        """`rates`: between which it must be."""
        super().__init__(why)
        self.why, self.channel, self.rates = why, channel, rates


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A channel, and what is wanted of it."""

    name: str
    wish: Wish
    #: that wait to be sent
    letters: int
    #: letters a second that may be asked of it; None: it has no rate
    rates: tuple[float, float] | None
    #: it has a link or an address that can be closed and opened again
    binds: bool
    #: how it was when it was last tried, where it is
    probe: Finding | None = None

    @property
    def mode(self) -> Mode | Literal["drained"]:
        """drained: it takes nothing in, and nothing waits in it."""
        return "drained" if self.wish.mode == "draining" and not self.letters else self.wish.mode


class Controlling:
    """The desk."""

    def __init__(self, store: Store, channels: Mapping[str, Channel], audit: Audit) -> None:
        """`channels`: those that are enabled."""
        self._store, self._channels, self._audit = store, channels, audit

    async def standing(self) -> list[Standing]:
        """Every channel. Raises Unavailable."""
        wanted, letters = await controls.wanted(self._store), (await self._store.tally()).letters
        probes = {name: findings.read(note.value) for name, note in (await self._store.pinned(findings.BOARD)).items()}
        return [
            Standing(
                name=name, wish=wanted.of(name), letters=letters.get(name, {}).get("send", 0),
                rates=channel.rates if isinstance(channel, Paced) else None, binds=isinstance(channel, Listener),
                probe=probes.get(name),
            )
            for name, channel in self._channels.items()
        ]  # fmt: skip

    async def act(self, name: str, act: Act, *, by: str, rate: float | None = None) -> Wish:
        """`rate`: None for as the settings say. Raises NotWanted or Unavailable."""
        self._admit(name, act, rate)
        wish = await controls.want(self._store, name, act, by=by, rate=rate)
        await self._audit.write(Done(by=by, act=f"channel.{act}", on=name, words="" if rate is None else f"{rate:g}"))
        return wish

    async def notice(self) -> Notice | None:
        """The one that stands now. Raises Unavailable."""
        return (await controls.wanted(self._store)).notice

    async def announce(self, words: str, english: str, *, until: datetime, by: str) -> Notice:
        """In the place of another. Raises NotWanted or Unavailable."""
        notice = Notice(id=words.strip(), en=english.strip(), until=until.astimezone(UTC), by=by, since=datetime.now(UTC))
        if notice.until <= datetime.now(UTC):
            raise NotWanted("past")
        if not notice.id:
            raise NotWanted("empty")
        if max(len(notice.id), len(notice.en)) > controls.MOST_WORDS:
            raise NotWanted("long")
        await controls.announce(self._store, notice)
        await self._audit.write(Done(by=by, act="notice.set", words=f"{notice.until:%Y-%m-%d %H:%M} UTC"))
        return notice

    async def be_silent(self, by: str) -> None:
        """There is no notice any more. Raises Unavailable."""
        await controls.be_silent(self._store)
        await self._audit.write(Done(by=by, act="notice.clear"))

    def _admit(self, name: str, act: Act, rate: float | None) -> None:
        channel = self._channels.get(name)
        if channel is None:
            raise NotWanted("unknown", name)
        if act == "rebind" and not isinstance(channel, Listener):
            raise NotWanted("no_link", name)
        if act == "rate":
            if not isinstance(channel, Paced):
                raise NotWanted("no_rate", name)
            least, most = channel.rates
            if rate is not None and not least <= rate <= most:
                raise NotWanted("out_of_bounds", name, channel.rates)
