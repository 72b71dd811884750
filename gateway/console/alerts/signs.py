"""What is wrong with the gateway, now.

In: one look at it (`lookout.Sight`) and how every thing stands then (`standing.Tile`), an earlier count of the store. Out: a `Sign` for
each thing that is wrong. It remembers nothing, tells nobody, reads no clock. What is not to be seen at the moment (counts, while the store
is away) is neither wrong nor well: `unknown` names it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, NamedTuple, get_args

import msgspec

from gateway.console.lookout import Sight
from gateway.console.pulse import Pulse
from gateway.console.standing import Tile
from gateway.findings import NOT_FROM_HERE
from gateway.store.record import Tally

Kind = Literal[
    "store_away", "channel_down", "bind_down", "silent", "bind_silent", "ledger_away", "process_silent", "waiting_old", "conservation",
    "disk_full", "spool_used", "spool_torn", "parked_growing", "letters_failing", "probe_failing",
]  # fmt: skip
KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
#: judged by counts of the store, or by its board
COUNTED: Final[frozenset[Kind]] = frozenset(
    {"silent", "bind_silent", "process_silent", "waiting_old", "conservation", "parked_growing", "letters_failing", "probe_failing"}
)
#: a full disk is no store that is away
DISK: Final = "disk_nearly_full"
#: so many more parked cases within an hour; so many letters that failed within one, and as a share of those that were sent
MANY_PARKED: Final = 20
MANY_FAILED: Final = 10
SHARE_FAILED: Final = 0.2


class Rule(NamedTuple):
    """Of a kind. An urgent one goes on to the next recipient when nobody takes it on; `after_s`: how long it must last to be said."""

    urgent: bool
    after_s: float


RULES: Final[Mapping[Kind, Rule]] = {
    "store_away": Rule(True, 30),
    "channel_down": Rule(True, 60),
    "bind_down": Rule(False, 120),
    "silent": Rule(True, 0),
    "bind_silent": Rule(False, 0),
    "ledger_away": Rule(True, 120),
    "process_silent": Rule(True, 60),
    "waiting_old": Rule(True, 0),
    "conservation": Rule(True, 30),
    "disk_full": Rule(True, 60),
    "spool_used": Rule(False, 60),
    "spool_torn": Rule(False, 0),
    "parked_growing": Rule(False, 0),
    "letters_failing": Rule(False, 0),
    "probe_failing": Rule(True, 60),
}


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """`on`: which channel, bind, ledger or process; `figure`: how many, or how many minutes. Nothing of a citizen."""

    kind: Kind
    on: str = ""
    since: datetime
    figure: int = 0

    @property
    def key(self) -> str:
        """Of the same thing always the same."""
        return f"{self.kind}:{self.on}" if self.on else self.kind


class Circumstances(msgspec.Struct, frozen=True, kw_only=True):
    """What else must be known to judge."""

    #: the counts of an hour ago, or of the oldest look since we look
    before: Tally | None = None
    #: how old the oldest case that waits for its ledger may be
    patience: timedelta = timedelta(minutes=15)


def signs(sight: Sight, tiles: Sequence[Tile], around: Circumstances) -> list[Sign]:
    """Everything but silences, which are judged elsewhere."""
    standing = [sign for tile in tiles for sign in _standing(tile, sight.at)]
    found = [*_processes(sight), *standing]
    if not away(sight):
        found += _probes(sight, {tile.name for tile in tiles if tile.condition in {"down", "paused"}})
    if away(sight):
        found.append(Sign(kind="store_away", since=sight.since))
    elif sight.tally is not None:
        found += [*_counts(sight.tally, sight.at, around.patience), *_grown(around.before or sight.tally, sight.tally, sight.at)]
    return found


def away(sight: Sight) -> bool:
    """The store does not answer."""
    return bool(sight.why) and sight.why != DISK


def unknown(sight: Sight) -> frozenset[Kind]:
    """What cannot be judged at the moment."""
    return COUNTED if away(sight) else frozenset()


def _standing(tile: Tile, now: datetime) -> Iterator[Sign]:
    """Of a channel that is down, its links are not told of one by one; of one that nobody tells of any more, the fallen process is."""
    sort, since = tile.subject.partition(":")[0], tile.since or now
    if sort == "channel":
        if tile.condition == "down":
            yield Sign(kind="channel_down", on=tile.name, since=since)
        for bind in (bind for bind in tile.binds if tile.condition == "degraded" and bind.condition == "down"):
            yield Sign(kind="bind_down", on=f"{tile.name} {bind.name}".rstrip(), since=bind.since or since)
    if sort == "ledger" and (tile.condition == "down" or tile.why == "ledger_failing"):
        yield Sign(kind="ledger_away", on=tile.name, since=since)


def _processes(sight: Sight) -> Iterator[Sign]:
    for each in sight.processes.values():
        if each.silent is not None:
            yield Sign(kind="process_silent", on=_named(each.pulse), since=each.silent)
    torn = sum({each.host: each.torn for each in sight.alive}.values())  # processes of one machine look into one folder
    spooled = sum(sum(each.spooled.values()) for each in sight.alive)
    if torn:
        yield Sign(kind="spool_torn", since=sight.at, figure=torn)
    if spooled:
        yield Sign(kind="spool_used", since=sight.at, figure=spooled)
    for host in sorted({each.host for each in sight.alive if each.why == DISK}):
        yield Sign(kind="disk_full", on=host, since=sight.at)


def _probes(sight: Sight, told: Collection[str]) -> Iterator[Sign]:
    """Of a channel that is known to be down, or that somebody closed, a failed try says nothing new."""
    for name, finding in sight.findings.items():
        if finding.why not in {"", NOT_FROM_HERE} and name not in told:
            yield Sign(kind="probe_failing", on=name, since=finding.at)


def _named(pulse: Pulse) -> str:
    return f"{pulse.host} {pulse.role} {pulse.pid}"


def _counts(tally: Tally, now: datetime, patience: timedelta) -> Iterator[Sign]:
    oldest = tally.oldest.get("submit")
    if oldest is not None and now - oldest > patience:
        yield Sign(kind="waiting_old", since=oldest + patience, figure=round((now - oldest).total_seconds() / 60))
    for channel, received in tally.received.items():
        difference = received - sum(tally.cases.get(channel, {}).values())
        if difference:
            yield Sign(kind="conservation", on=channel, since=now, figure=difference)


def _grown(before: Tally, tally: Tally, now: datetime) -> Iterator[Sign]:
    parked = _parked(tally) - _parked(before)
    if parked >= MANY_PARKED:
        yield Sign(kind="parked_growing", since=now, figure=parked)
    for channel, steps in tally.letters.items():
        then = before.letters.get(channel, {})
        failed = sum(steps.get(step, 0) - then.get(step, 0) for step in ("failed", "parked"))
        sent = steps.get("sent", 0) - then.get("sent", 0)
        if failed >= MANY_FAILED and failed > SHARE_FAILED * max(sent, 0):
            yield Sign(kind="letters_failing", on=channel, since=now, figure=failed)


def _parked(tally: Tally) -> int:
    return sum(steps.get("parked", 0) for steps in tally.cases.values())
