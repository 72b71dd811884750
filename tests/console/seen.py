"""Sights as a lookout would have them, for the tests of what is made of them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from gateway.console.lookout import Heard, Sight
from gateway.console.pulse import Door, Link, Pulse, Way
from gateway.store.record import Tally

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
AGO = NOW - timedelta(minutes=12)
NOTHING = Tally(received={}, cases={}, oldest={}, letters={})


def link(name: str = "transceiver 1", word: str = "bound", why: str = "") -> Link:
    """A bind."""
    return Link(name=name, up=word in {"bound", "polling", "called", "ok", "slow"}, word=word, since=AGO, why=why)


def door(*, up: bool = True, links: tuple[Link, ...] = (), held: bool | None = None, **more: Any) -> Door:
    """A channel in one process."""
    return Door(up=up, since=AGO, links=links, held=held, **more)


def way(*, up: bool = True, **outcomes: int) -> Way:
    """A ledger in one process."""
    return Way(up=up, since=AGO, outcomes=outcomes)


def pulse(doors: Mapping[str, Door] | None = None, ledgers: Mapping[str, Way] | None = None, **more: Any) -> Pulse:
    """A process."""
    plain: dict[str, Any] = {"host": "kota", "pid": 1, "role": "all", "began": AGO, "at": NOW}
    return Pulse(**(plain | more), doors=doors or {}, ledgers=ledgers or {})


def sight(*pulses: Pulse, silent: tuple[Pulse, ...] = (), tally: Tally = NOTHING, why: str = "") -> Sight:
    """One look."""
    processes = {f"alive {n}": Heard(pulse=each) for n, each in enumerate(pulses)}
    processes |= {f"fallen {n}": Heard(pulse=each, silent=AGO) for n, each in enumerate(silent)}
    return Sight(at=NOW, processes=processes, tally=tally, tallied=NOW, why=why, since=AGO)
