"""The commands about alerts, on the file of a console."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, datetime
from pathlib import Path

import apsw
import msgspec
import pytest
from typer.testing import CliRunner, Result

from gateway.__main__ import cli
from gateway.console import audit, cabinet
from gateway.console.alerts import book
from gateway.console.alerts.signs import Sign


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """A gateway whose oldest case has waited for an hour."""
    began = time.time() - 3600

    def waited(db: apsw.Connection) -> None:
        for at in (began, began + 60):
            book.turn(db, [Sign(kind="waiting_old", since=datetime.fromtimestamp(began, UTC), figure=61)], at, book.Plan([], 900))

    async def fill() -> None:
        async with cabinet.opened(tmp_path / "var", (*audit.TABLES, *book.TABLES)) as file:
            await file.run(waited)

    asyncio.run(fill())
    path = tmp_path / "gateway.toml"
    path.write_text(f'[gateway]\ndata_dir = "{tmp_path}/var"\n[store]\nurl = "sqlite:///{tmp_path}/var/gateway.db"\n', encoding="utf-8")
    return path


def ran(config: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["alerts", *words, "--config", str(config)])


def test_an_alert_is_listed_taken_on_muted_and_told_again(config: Path) -> None:
    listed = ran(config, "list")
    assert listed.exit_code == 0
    assert "1  The oldest report has waited 61 minutes to be forwarded." in listed.output
    assert "What to do: See whether the ledger answers" in listed.output
    assert ran(config, "ack", "1").output == "alert 1 (waiting_old) is yours\n"
    assert "Taken on by terminal:" in ran(config, "list").output
    assert ran(config, "mute", "1", "--reason", "pemeliharaan", "--for", "2").output == "alert 1 (waiting_old) is muted for 2 hours\n"
    (told,) = msgspec.json.decode(ran(config, "list", "--json").output)
    assert (told["kind"], told["by"].partition(":")[0]) == ("waiting_old", "terminal")
    assert told["muted"] > time.time() + 7000
    assert ran(config, "unmute", "1").exit_code == 0


def test_what_is_not_there_is_said(config: Path) -> None:
    for words in (["ack", "7"], ["mute", "7", "--reason", "x"], ["unmute", "7"]):
        refused = ran(config, *words)
        assert (refused.exit_code, "there is no open alert 7" in refused.output) == (1, True)
    assert "There have been no alerts yet." in ran(config, "list", "--past").output
    assert ran(config, "mute", "1").exit_code == 2
    assert ran(config, "ack", str(2**63)).exit_code == 2
