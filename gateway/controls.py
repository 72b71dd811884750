"""What officers want of channels, and what citizens are told on the web: pinned on the store's board, and heard by every process.

In: a channel's name, an act, who does it. Out: what is wanted now. It stands until somebody wants something else, also over a restart; and
it opens and closes nothing (see `steering`).
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final, Literal, NamedTuple, Protocol

import msgspec

from channels.base import Unavailable
from gateway.store.board import Board, Pinned
from gateway.store.fencing import Fence

BOARD: Final = "controls"
#: who changes what is wanted has the right to; for how long at most, how long another waits for it, and how often it asks, in seconds
LEASE: Final = "controls"
LEASE_S: Final = 5.0
PATIENCE_S: Final = 8.0
ASK_S: Final = 0.05

#: paused: nothing comes in and no letter goes out. draining: nothing comes in, letters go out
Mode = Literal["open", "paused", "draining"]
Act = Literal["pause", "resume", "drain", "rebind", "rate"]

_CHANNEL: Final = "channel/"
_NOTICE: Final = "notice"
#: characters: a notice is a sentence or two
MOST_WORDS: Final = 500


class Wish(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Of one channel."""

    mode: Mode = "open"
    #: letters a second; None: as the settings say
    rate: float | None = None
    #: how often it was closed and opened again by an officer
    rebinds: int = 0
    by: str = ""
    #: since when it is in this mode
    since: datetime | None = None


class Notice(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What stands on the form and the tracking page, in Indonesian, and in English where somebody wrote that too."""

    id: str
    en: str = ""
    until: datetime
    by: str = ""
    since: datetime | None = None


class Store(Board, Protocol):
    """What is asked of a store."""

    async def lease(self, name: str, holder: str, for_s: float) -> int | None: ...
    async def unlease(self, fence: Fence) -> None: ...


class Wanted(NamedTuple):
    """All that is wanted now."""

    channels: Mapping[str, Wish] = {}
    notice: Notice | None = None

    def of(self, channel: str) -> Wish:
        """Nobody said anything: it is open."""
        return self.channels.get(channel, OPEN)


OPEN: Final = Wish()
NOTHING: Final = Wanted()


def read(notes: Mapping[str, Pinned]) -> Wanted:
    """A note that cannot be read is of a newer version, which stops at the same; it is passed over."""
    channels: dict[str, Wish] = {}
    notice = None
    for name, note in notes.items():
        try:
            if name.startswith(_CHANNEL):
                channels[name.removeprefix(_CHANNEL)] = msgspec.json.decode(note.value, type=Wish)
            elif name == _NOTICE:
                notice = msgspec.json.decode(note.value, type=Notice)
        except msgspec.DecodeError:
            continue
    return Wanted(channels, notice)


async def wanted(board: Board) -> Wanted:
    """Raises Unavailable."""
    return read(await board.pinned(BOARD))


async def want(store: Store, channel: str, act: Act, *, by: str, rate: float | None = None) -> Wish:
    """What is wanted of it from now on. `rate`: of this act, None for as the settings say. Raises Unavailable."""
    async with _alone(store):
        before = (await wanted(store)).of(channel)
        after = _ACTS[act](msgspec.structs.replace(before, by=by), rate)
        if after.mode != before.mode:
            after = msgspec.structs.replace(after, since=datetime.now(UTC))
        await store.pin(BOARD, _CHANNEL + channel, msgspec.json.encode(after), None)
    return after


@asynccontextmanager
async def _alone(store: Store) -> AsyncIterator[None]:
    """One at a time, whichever process he is at: who has read before another wrote would write over what that one was told is done. Raises
    Unavailable."""
    who, until = secrets.token_hex(8), asyncio.get_running_loop().time() + PATIENCE_S
    while (token := await store.lease(LEASE, who, LEASE_S)) is None:
        if asyncio.get_running_loop().time() > until:
            raise Unavailable("others_at_it")
        await asyncio.sleep(ASK_S)
    try:
        yield
    finally:
        with suppress(Unavailable):  # it ends by itself; what was wanted is written
            await store.unlease(Fence(LEASE, token))


_ACTS: Final[Mapping[Act, Callable[[Wish, float | None], Wish]]] = {
    "pause": lambda wish, _: msgspec.structs.replace(wish, mode="paused"),
    "resume": lambda wish, _: msgspec.structs.replace(wish, mode="open"),
    "drain": lambda wish, _: msgspec.structs.replace(wish, mode="draining"),
    "rebind": lambda wish, _: msgspec.structs.replace(wish, rebinds=wish.rebinds + 1),
    "rate": lambda wish, rate: msgspec.structs.replace(wish, rate=rate),
}


async def announce(board: Board, notice: Notice) -> None:
    """Until it ends, or another takes its place. Raises Unavailable."""
    left_s = max((notice.until - datetime.now(UTC)).total_seconds(), 0.0)
    await board.pin(BOARD, _NOTICE, msgspec.json.encode(notice), left_s)


async def be_silent(board: Board) -> None:
    """There is no notice any more. Raises Unavailable."""
    await board.unpin(BOARD, _NOTICE)
