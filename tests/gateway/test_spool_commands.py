"""`gateway spool …`: what an operator sees of a file in quarantine, and what he does about it."""

from __future__ import annotations

import asyncio
import getpass
import os
from pathlib import Path

import pytest

from gateway.console import audit, cabinet
from gateway.console.audit import Audit
from gateway.sheaf import NONCE, Sheaf
from gateway.spool.file import QUARANTINE, SPOOL
from tests.gateway.test_cli import ran, told
from tests.gateway.whole import written

NAME = "00000000001788000000-0123456789abcdef.spool"


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A data directory with a file in quarantine."""
    for folder in (SPOOL, QUARANTINE):
        (tmp_path / folder).mkdir()
    sheaf = Sheaf(os.urandom(NONCE))
    (tmp_path / QUARANTINE / NAME).write_bytes(sheaf.head() + b"x" * 40 + sheaf.record(b"no message"))
    return written(tmp_path)


def acts(config: Path) -> list[tuple[str, str, str]]:
    async def look() -> list[tuple[str, str, str]]:
        async with cabinet.opened(config.parent, audit.TABLES) as file:
            return [(row.act.by, row.act.act, row.act.words) for row in reversed(await Audit(file).last(9))]

    return asyncio.run(look())


def test_a_file_is_read_put_away_brought_back_and_tried_again(config: Path) -> None:
    found = told("spool", "list", "--config", config)
    assert [(each["name"], each["unreadable"], each["senseless"]) for each in found["quarantine"]] == [(NAME, 40, 1)]
    to = config.parent / "copy"
    assert ran("spool", "save", NAME, str(to), "--reason", "dilihat", "--config", config)[0] == 0
    assert to.read_bytes() == (config.parent / QUARANTINE / NAME).read_bytes()
    assert ran("spool", "save", NAME, str(to), "--reason", "dilihat", "--config", config)[0] == 1
    assert ran("spool", "drop", NAME, "--reason", " ", "--config", config)[0] == 2
    assert ran("spool", "drop", NAME, "--reason", "cakram diganti", "--config", config)[0] == 0
    status, out, _ = ran("spool", "list", "--config", config)
    assert (status, f"put away: {NAME}" in out) == (0, True)
    assert ran("spool", "again", NAME, "--config", config)[0] == 1
    assert ran("spool", "recover", NAME, "--config", config)[0] == 0
    assert f"in quarantine: {NAME}" in ran("spool", "list", "--config", config)[1]
    assert ran("spool", "again", NAME, "--config", config)[0] == 0
    assert (config.parent / SPOOL / NAME).exists()
    by = getpass.getuser()
    assert acts(config) == [
        (by, "unmask", "dilihat"), (by, "unmask", "dilihat"), (by, "spool.drop", "cakram diganti"), (by, "spool.recover", ""),
        (by, "spool.again", ""),
    ]  # fmt: skip
