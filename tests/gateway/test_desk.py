"""What operators ask and do, beside a gateway that runs and beside none."""

from __future__ import annotations

import asyncio
import io
import json
import sys
from pathlib import Path

import pytest

from config.settings import load
from gateway import desk
from gateway.app import running
from gateway.faults import CannotStart
from gateway.journal import Journal, Lines
from gateway.store.sqlite import opened
from tests.fakes.ports import free_port
from tests.gateway.whole import ESME, settings, written
from tests.promises.stores import claimed, parked, put


async def test_without_a_gateway_the_counts_are_those_of_the_store(tmp_path: Path) -> None:
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        await put(store, "a")
    status = await desk.status(settings(tmp_path, operators=free_port()))
    assert status.tally is not None
    assert (status.running, status.channels, status.tally.received) == (False, {}, {"telkomsel": 1})


async def test_beside_a_gateway_its_doors_are_told_too(tmp_path: Path) -> None:
    """Another process, as an operator's terminal is."""
    config = written(tmp_path, ESME.format(port=free_port()), operators=free_port())
    async with running(load(config, {}), Journal(Lines(io.BytesIO()))):
        words = [sys.executable, "-m", "gateway", "status", "--json", "--config", str(config)]
        asked = await asyncio.create_subprocess_exec(*words, cwd=Path(__file__).parents[2], stdout=asyncio.subprocess.PIPE)
        out, _ = await asked.communicate()
    status = json.loads(out)
    assert asked.returncode == 0
    assert status["running"] is True
    assert status["channels"]["telkomsel"]["up"] is False


async def test_something_else_at_the_address_is_no_gateway(tmp_path: Path) -> None:
    async def answer(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n[]")
        writer.close()

    async with opened(tmp_path / "gateway.db", most_letters=5):
        pass
    async with await asyncio.start_server(answer, "127.0.0.1", 0) as other:
        status = await desk.status(settings(tmp_path, operators=other.sockets[0].getsockname()[1]))
    assert not status.running


async def test_what_is_done_to_a_case_is_done_under_the_name_of_who_did_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOGNAME", "rini")
    made = settings(tmp_path)
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        retried, _ = await parked(store, "a", "b")
    first, second = await desk.waiting(made, "parked", 10)
    assert len(await desk.waiting(made, "parked", 1)) == 1
    assert await desk.retry(made, "parked", first.reference, "looked at it")
    assert await desk.drop(made, "parked", second.reference, "empty")
    assert not await desk.drop(made, "parked", second.reference, "again")
    assert not await desk.retry(made, "parked", "0000-0000-0000", "")
    life = await desk.life(made, second.reference)
    assert life is not None
    assert [(act.by, act.act, act.words) for act in life.acts] == [("rini", "drop", "empty")]
    async with opened(tmp_path / "gateway.db", most_letters=5) as store:
        assert [claim.case.case_id for claim in await claimed(store)] == [retried]


async def test_a_store_that_was_never_made_is_said_and_not_made(tmp_path: Path) -> None:
    with pytest.raises(CannotStart, match="no store at"):
        await desk.waiting(settings(tmp_path), "parked", 1)
    assert not (tmp_path / "gateway.db").exists()
