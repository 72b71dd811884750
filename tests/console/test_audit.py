"""The chain of the audit: what was changed, taken out or put in between shows, however many rows there are."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import apsw
import pytest

from gateway.console import audit, cabinet
from gateway.console.audit import STRETCH, Act, Audit
from gateway.console.cabinet import Cabinet

MANY = 2 * STRETCH + 7


@pytest.fixture
async def file(tmp_path: Path) -> AsyncIterator[Cabinet]:
    """With many rows, and without what keeps hands off."""
    async with cabinet.opened(tmp_path, audit.TABLES) as one:

        def fill(db: apsw.Connection) -> None:
            for number in range(MANY):
                audit.add(db, Act(by="rini", act="parked.retry", on=str(number)))
            db.execute("DROP TRIGGER audit_stays; DROP TRIGGER audit_lasts")

        await one.run(fill)
        yield one


async def test_a_chain_of_many_stretches_is_whole(file: Cabinet) -> None:
    assert await Audit(file).count() == MANY
    for newest in (None, 0, 1, STRETCH, MANY, MANY + 1):
        assert await Audit(file).broken(newest) is None


@pytest.mark.parametrize("row", [1, STRETCH, STRETCH + 1, MANY])
async def test_what_was_changed_shows(file: Cabinet, row: int) -> None:
    await file.run(lambda db: db.execute("UPDATE audit SET words='x' WHERE id=?", (row,)))
    assert await Audit(file).broken() == row
    assert await Audit(file).broken(MANY - row + 1) == row
    assert await Audit(file).broken(MANY - row) is None, "what is not looked at does not show"


async def test_a_row_with_a_link_of_its_own_shows(file: Cabinet) -> None:
    await file.run(lambda db: db.execute("UPDATE audit SET chain=zeroblob(32) WHERE id=5"))
    assert await Audit(file).broken() == 5


async def test_what_was_taken_out_shows_but_at_the_end(file: Cabinet) -> None:
    await file.run(lambda db: db.execute("DELETE FROM audit WHERE id=?", (MANY,)))
    assert await Audit(file).broken() is None, "so it says in its docstring, and docs/access.md what to do about it"
    await file.run(lambda db: db.execute("DELETE FROM audit WHERE id=3"))
    assert await Audit(file).broken() == 3
