"""What operators see of a case of which the store has only a stub: the rest is in the archive of this machine, or of another one.

In: the archive, a stub. Out: the case, whole where it is here. It brings nothing back.
"""

from __future__ import annotations

import msgspec

from channels.base import Attachment
from gateway.archive import Archive
from gateway.store import sqlite_planting
from gateway.store.bundle import Row
from gateway.store.record import Case, Life


def life(archive: Archive, stub: Life) -> Life:
    """With what the archive has, under what has happened since."""
    there = archive.find(stub.case.archived, int(stub.case.case_id))
    if there is None:
        return stub
    kept = sqlite_planting.life(there)
    case = msgspec.structs.replace(kept.case, archived=stub.case.archived)
    return msgspec.structs.replace(kept, case=case, acts=stub.acts, events=stub.events)


def files(archive: Archive, case: Case) -> list[Attachment]:
    """Those that came with it."""
    there = archive.find(case.archived, int(case.case_id))
    return [_file(row) for row in there.rows.get("files", ())] if there else []


def _file(row: Row) -> Attachment:
    return msgspec.convert({name: row[name] for name in Attachment.__struct_fields__}, Attachment)
