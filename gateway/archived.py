"""A case of which the store has only a stub, for those who need all of it: the rest is in the archive of this machine, or of another one.

In: a stub; for operators, who only look, the archive of this machine. Out: the case, whole where that can be.
"""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Final

import msgspec

from channels.base import Attachment
from gateway.archive import Archive
from gateway.store import sqlite_planting
from gateway.store.base import Store
from gateway.store.bundle import Row
from gateway.store.record import Case, Life
from gateway.store.shelf import Shelf

#: how long somebody waits for a case that is wanted, and how often he looks, in seconds
WAIT_S: Final = 3.0
LOOK_S: Final = 0.1


async def present(store: Store, stub: Life) -> Life:
    """All of a case, when whoever has it in his archive brings it within a moment; else the stub. Raises Unavailable."""
    found = stub
    if not stub.case.archived or not isinstance(store, Shelf):
        return found
    since = await store.fetch(stub.case.case_id)
    # one that has been wanted for long will not come now either
    while found.case.archived and since is not None and (datetime.now(UTC) - since).total_seconds() < WAIT_S:
        await asyncio.sleep(LOOK_S)
        found = await store.life(stub.case.reference) or stub
    return found if since is not None else await store.life(stub.case.reference) or stub


def life(archive: Archive, stub: Life) -> Life:
    """With what the archive has, under what has happened since."""
    there = archive.find(stub.case.archived, int(stub.case.case_id))
    if there is None:
        return stub
    kept = sqlite_planting.life(there)
    case = msgspec.structs.replace(kept.case, archived=stub.case.archived)
    # of those that were there the stub has not all
    events = {event.event_id: event for event in (*stub.events, *kept.events)}
    return msgspec.structs.replace(kept, case=case, acts=stub.acts, events=tuple(events.values()))


def files(archive: Archive, case: Case) -> list[Attachment]:
    """Those that came with it."""
    there = archive.find(case.archived, int(case.case_id))
    return [_file(row) for row in there.rows.get("files", ())] if there else []


def _file(row: Row) -> Attachment:
    return msgspec.convert({name: row[name] for name in Attachment.__struct_fields__}, Attachment)
