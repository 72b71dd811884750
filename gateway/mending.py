"""What officers do about files in quarantine, at a terminal or in the console: tried again, put away with a reason, brought back, read.

In: a file's name, who does it, why. Out: it was done on this machine, and is in the audit; or `NotThere`. How it is done is in
`gateway.spool.quarantine`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gateway import view
from gateway.console.audit import Act, Audit
from gateway.spool import quarantine

#: of a reason in the audit
LONGEST = 500


class Mending:
    """The desk of one machine's quarantine. All of it raises NotThere or OSError."""

    def __init__(self, data_dir: Path, audit: Audit) -> None:
        """`data_dir`: where spool and quarantine are."""
        self._data_dir, self._audit = data_dir, audit

    async def again(self, name: str, by: str) -> None:
        """Bring home what can be read of it."""
        await self._done(lambda: quarantine.again(self._data_dir, name), Act(by=by, act="spool.again", on=name))

    async def drop(self, name: str, by: str, reason: str) -> None:
        """Somebody has seen to it, and it need not be here; `reason` is not empty."""
        act = Act(by=by, act="spool.drop", on=name, words=view.words(reason)[:LONGEST])
        await self._done(lambda: quarantine.drop(self._data_dir, name, datetime.now(UTC)), act)

    async def recover(self, name: str, by: str) -> None:
        """It was put away by mistake."""
        await self._done(lambda: quarantine.recover(self._data_dir, name), Act(by=by, act="spool.recover", on=name))

    async def content(self, name: str) -> bytes:
        """With whatever citizens wrote: for whoever has said why, and is in the audit."""
        return await asyncio.to_thread(quarantine.content, self._data_dir, name)

    async def saved(self, name: str, by: str, reason: str) -> bytes:
        """The same, audited here."""
        found = await self.content(name)
        await self._audit.write(Act(by=by, act="unmask", on=name, words=view.words(reason)[:LONGEST]))
        return found

    async def _done(self, move: Callable[[], None], act: Act) -> None:
        await asyncio.to_thread(move)
        await self._audit.write(act)
