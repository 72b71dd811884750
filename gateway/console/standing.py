"""How each door, ledger, the store and the spool stand: the judgement behind every tile.

In: a sight, and which channels and ledgers the settings have. Out: tiles: a state, since when, and a code for why, which the words of
`overview` turn into a sentence and what to do. Pure.

up: all of it works. degraded: some of it does. down: nothing of it does. silent: whoever would tell us is not heard any more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from urllib.parse import quote

import msgspec

from gateway.console.lookout import Sight
from gateway.console.pulse import Door, Link, Pulse, Way
from gateway.store.record import STEPS

Condition = Literal["up", "degraded", "down", "silent", "paused"]
#: the worst first
ORDER: Final[tuple[Condition, ...]] = ("down", "silent", "degraded", "paused", "up")

#: why a link does not work, by the first part of its channel's kind, then the channel's word
_LINKS: Final[Mapping[str, Mapping[str, str]]] = {
    "sms": {"lost": "bind_lost", "refused": "bind_refused"},
    "social.telegram": {
        "lost": "provider_away",
        "conflict": "telegram_conflict",
        "refused": "token_refused",
        "other_bot": "telegram_other_bot",
        "store": "store_refuses",
    },
    "social.x": {"keys_refused": "token_refused", "stopped": "x_spent", "trouble": "provider_away", "gap": "x_gap"},
}
#: why a channel cannot send while it has no link that says why
_DOORS: Final[Mapping[str, str]] = {"email.mailbox": "relay_away"}


class Bind(msgspec.Struct, frozen=True, kw_only=True):
    """One link of a channel."""

    #: as in the history
    subject: str
    name: str
    condition: Condition
    since: datetime | None
    why: str = ""
    #: in the provider's or the network's own words
    detail: str = ""
    last: datetime | None = None


class Tile(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that an officer watches."""

    #: as in the history
    subject: str
    name: str
    #: of a channel or a ledger, its kind
    kind: str = ""
    condition: Condition
    since: datetime | None = None
    why: str = ""
    detail: str = ""
    binds: Sequence[Bind] = ()
    last: datetime | None = None

    @property
    def page(self) -> str:
        """Where more is told of it."""
        sort, _, name = self.subject.partition(":")
        return f"/{sort}/{quote(name)}" if sort in {"channel", "bind", "ledger"} else "/store"


class Conservation(msgspec.Struct, frozen=True, kw_only=True):
    """Where everything is that ever came: nothing may be missing."""

    received: int
    forwarded: int
    waiting: int
    triage: int
    parked: int
    declined: int

    @property
    def difference(self) -> int:
        """0, or something is wrong."""
        return self.received - self.forwarded - self.waiting - self.triage - self.parked - self.declined


def conservation(sight: Sight) -> Conservation | None:
    """None while no store has ever answered."""
    if sight.tally is None:
        return None
    cases = {step: sum(steps.get(step, 0) for steps in sight.tally.cases.values()) for step in STEPS}
    return Conservation(
        received=sum(sight.tally.received.values()),
        forwarded=cases["done"],
        waiting=cases["held"] + cases["asked"] + cases["submit"] + cases["worklist"],
        triage=cases["triage"],
        parked=cases["parked"],
        declined=cases["declined"],
    )


def channel(sight: Sight, name: str, kind: str) -> Tile:
    """A door, over all processes that keep it."""
    doors = [(each.doors[name], each.host) for each in sight.alive if name in each.doors]
    wish = sight.wanted.of(name)
    seen = [door.last for heard in sight.processes.values() if (door := heard.pulse.doors.get(name))]
    last = max(filter(None, [*seen, sight.latest.get(name)]), default=None)
    told = Tile(subject=f"channel:{name}", name=name, kind=kind, condition="up", last=last)
    if wish.mode != "open":
        return _so(told, condition="paused", why=wish.mode, since=wish.since, detail=wish.by)
    if not doors:
        return _unheard(told, sight, [name in heard.pulse.doors for heard in sight.processes.values()])
    # of a door that one process at a time keeps, the others have nothing to tell
    kept = [each for each in doors if each[0].held is not False] or [each for each in doors if any(link.up for link in each[0].links)]
    if not kept:
        return _so(told, condition="down", why="nobody_holds", since=max(door.since for door, _ in doors))
    binds = [_bind(told, link, host if len(kept) > 1 else "") for door, host in kept for link in door.links]
    return _judged(msgspec.structs.replace(told, binds=binds), [door for door, _ in kept], kind)


def _judged(told: Tile, doors: Sequence[Door], kind: str) -> Tile:
    broken = [bind for bind in told.binds if bind.condition != "up"]
    closed = [door for door in doors if not door.up]
    if not broken and not closed:
        return _so(told, since=max([door.since for door in doors] + [bind.since for bind in told.binds if bind.since]))
    # what can still be used, of the links if there are some
    working = len(broken) < len(told.binds) if told.binds else len(closed) < len(doors)
    reason = broken[0] if broken else None
    why = reason.why if reason else _DOORS.get(kind, "cannot_send")
    since = min([bind.since for bind in broken if bind.since] or [door.since for door in closed])
    detail = reason.detail if reason else ""
    return _so(told, condition="degraded" if working else "down", why=why, since=since, detail=detail)


def binds(told: Tile) -> list[Tile]:
    """A tile for each link of a channel that has several; of one that has a single one, its own tells all."""
    return [
        Tile(subject=bind.subject, name=f"{told.name} {bind.name}", kind=told.kind, condition=bind.condition, since=bind.since,
             why=bind.why, detail=bind.detail, last=bind.last)
        for bind in told.binds if len(told.binds) > 1
    ]  # fmt: skip


def _bind(told: Tile, link: Link, host: str) -> Bind:
    of = Bind(
        subject=f"bind:{told.name} {link.name}", name=" ".join(filter(None, (link.name, host))), condition="up", since=link.since,
        last=link.last,
    )  # fmt: skip
    if link.up:
        return of
    reasons = next((reasons for prefix, reasons in _LINKS.items() if told.kind.startswith(prefix)), {})
    return msgspec.structs.replace(of, condition="down", why=reasons.get(link.word, "connecting"), detail=link.why)


def ledger(sight: Sight, name: str, kind: str) -> Tile:
    """A ledger, as those find it who tell it."""
    ways = [each.ledgers[name] for each in sight.alive if name in each.ledgers]
    told = Tile(subject=f"ledger:{name}", name=name, kind=kind, condition="up")
    if not ways:
        return _unheard(told, sight, [name in heard.pulse.ledgers for heard in sight.processes.values()])
    away = [way for way in ways if not way.up]
    failing = [way for way in ways if way.up and way.failing]
    if away:
        return _so(told, condition="down" if len(away) == len(ways) else "degraded", why="ledger_away", since=_first(away))
    if failing:
        return _so(told, condition="degraded", why="ledger_failing", since=min(way.failing for way in failing if way.failing))
    return _so(told, since=max(way.since for way in ways))


def store(sight: Sight) -> Tile:
    """Where everything lies."""
    told = Tile(subject="all", name="store", condition="up", since=sight.since)
    if sight.why:
        return _so(told, condition="down", why=sight.why if sight.why in STORE_WHY else "store_failed")
    line = conservation(sight)
    if line is not None and line.difference:
        return _so(told, condition="down", why="difference")
    full = [each for each in sight.alive if each.why == "disk_nearly_full"]
    if full:
        return _so(told, condition="degraded", why="disk_nearly_full", detail=", ".join(sorted({each.host for each in full})))
    return told


#: codes of a store that does not answer for which there are words
STORE_WHY: Final = frozenset({"store_unreachable", "store_busy", "store_full", "store_not_replicated", "store_slow"})


def spool(sight: Sight) -> Tile:
    """What lies beside the store, on the disks of all machines."""
    told = Tile(subject="spool", name="spool", condition="up")
    waiting = sum(sum(each.spooled.values()) for each in sight.alive)
    # the processes of one machine look into the same folder
    torn = sum({each.host: each.torn for each in sight.alive}.values())
    if torn:
        return _so(told, condition="degraded", why="spool_torn", detail=str(torn))
    if waiting:
        return _so(told, condition="degraded", why="spool_waiting", detail=str(waiting))
    return told


def fallen(sight: Sight) -> list[Tile]:
    """A tile for each process that is not heard any more."""
    return [
        Tile(subject=f"process:{name}", name=f"{heard.pulse.host} {heard.pulse.pid}", kind=heard.pulse.role, condition="silent",
             since=heard.silent, why="process_silent")
        for name, heard in sight.processes.items() if heard.silent is not None
    ]  # fmt: skip


def down(tiles: Iterable[Tile]) -> list[str]:
    """The subjects that do not work at all."""
    seen = [each for tile in tiles for each in ((tile.subject, tile.condition), *((bind.subject, bind.condition) for bind in tile.binds))]
    return list(dict.fromkeys(subject for subject, condition in seen if condition in {"down", "silent"}))


def closed(tiles: Iterable[Tile]) -> list[str]:
    """The subjects that an officer has shut."""
    return [tile.subject for tile in tiles if tile.condition == "paused"]


def alive(sight: Sight) -> list[Pulse]:
    """The processes that are heard, by machine, work and number."""
    return sorted(sight.alive, key=lambda each: (each.host, each.role, each.pid))


def _unheard(told: Tile, sight: Sight, had: Sequence[bool]) -> Tile:
    """Nobody who is heard has it."""
    since = [heard.silent for heard, has in zip(sight.processes.values(), had, strict=True) if has and heard.silent]
    if since:
        return _so(told, condition="silent", why="nobody_heard", since=max(since))
    return _so(told, condition="down", why="nobody_keeps")


def _first(ways: Sequence[Way]) -> datetime:
    return min(way.since for way in ways)


def _so(told: Tile, **how: object) -> Tile:
    return msgspec.structs.replace(told, **how)
