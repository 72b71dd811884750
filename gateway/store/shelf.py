"""What a store promises that lets go of cases that are over, into an archive, and takes them back when something happens to them.

In: instants, places, bundles. Out: bundles, and of which cases the archive must give back or destroy what it has. SQLite keeps its cases.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from gateway.store.bundle import Bundle


class Quiet(NamedTuple):
    """A case that is over, as it stood at one instant."""

    bundle: Bundle
    #: by which the store sees that nothing of it has changed since
    print: str


class Shelved(NamedTuple):
    """It lies in an archive now."""

    case_id: int
    print: str
    place: str


class Wanted(NamedTuple):
    """Something has happened to a case that lies in an archive."""

    case_id: int
    place: str
    since: datetime


@runtime_checkable
class Shelf(Protocol):
    """See above."""

    async def quiet(self, before: datetime) -> Sequence[Quiet]:
        """The next cases that are over and to which nothing has happened since; each again after a while, as long as it is here."""
        ...

    async def let_go(self, machine: str, shelved: Sequence[Shelved]) -> Sequence[int]:
        """Keep a stub of each to which nothing has happened meanwhile; which these are."""
        ...

    async def fetch(self, case_id: str) -> datetime | None:
        """It is wanted, and since when; None when it is here."""
        ...

    async def wanted(self, passed: int) -> Sequence[Wanted]:
        """Those of which the archive must give back what it has: some, by how long they are wanted, after so many that are passed over."""
        ...

    async def newly_wanted(self) -> Sequence[Wanted]:
        """The last ones of these: somebody may wait for them."""
        ...

    async def bring_back(self, bundle: Bundle) -> None:
        """It is whole again, and goes on with what has happened to its stub."""
        ...

    async def condemned(self, machine: str) -> Sequence[int]:
        """Of which cases nothing may be left in an archive: their authors took them back."""
        ...

    async def destroyed(self, machine: str, case_ids: Sequence[int]) -> None:
        """Nothing is left of them there."""
        ...
