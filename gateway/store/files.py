"""The SQL on the files of cases. Runs in the store's thread, inside its transaction.

In: attachments as a door or an errand brought them. Out: their names, or one with its content. It never looks into them.
"""

from __future__ import annotations

from collections.abc import Sequence

import apsw

from channels.base import Attachment, Enclosure
from gateway.store.tables import rows


def keep(db: apsw.Connection, case_id: int, attachments: Sequence[Attachment]) -> None:
    """Add files to a case, behind those that it has."""
    if not attachments:
        return
    have = db.execute("SELECT files FROM cases WHERE id=?", (case_id,)).get or 0
    for number, each in enumerate(attachments, have + 1):
        db.execute("INSERT INTO files VALUES (?,?,?,?,?)", (case_id, number, clean(each.name), clean(each.media_type), each.content))
    db.execute("UPDATE cases SET files=? WHERE id=?", (have + len(attachments), case_id))


def replace(db: apsw.Connection, case_id: int, attachments: Sequence[Attachment]) -> None:
    """What was fetched now goes in the place of what was fetched before; but nothing is thrown away for nothing."""
    if attachments:
        db.execute("DELETE FROM files WHERE case_id=?", (case_id,))
        db.execute("UPDATE cases SET files=0 WHERE id=?", (case_id,))
        keep(db, case_id, attachments)


def noted(db: apsw.Connection, case_id: int) -> tuple[Enclosure, ...]:
    """What a case's files are called."""
    found = rows(db, "SELECT name, media_type, length(content) FROM files WHERE case_id=? ORDER BY number", (case_id,))
    return tuple(Enclosure(name=name, media_type=media_type, size=size) for name, media_type, size in found)


def contents(db: apsw.Connection, case_id: int) -> list[Attachment]:
    """A case's files, whole."""
    found = rows(db, "SELECT name, media_type, content FROM files WHERE case_id=? ORDER BY number", (case_id,))
    return [Attachment(name=name, media_type=media_type, content=content) for name, media_type, content in found]


def clean(written: str) -> str:
    """A lone surrogate cannot be written down."""
    return written.encode("utf-8", "replace").decode()
