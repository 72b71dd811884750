"""A complaint of long ago, on Redis: in the archive, known to everybody who has its code, and back when its ledger says something."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import redis_server
from tests.fakes.smsc import short_sms
from tests.gateway.told import SHARED, said, told
from tests.stories.test_told_by_the_ledger import by_day, heard, looked_up, registered
from tests.stories.town import SHORT_CODE, Town, town

LEDGER = f'timeout_s = 5\nevents_secret = "{SHARED}"'

pytestmark = pytest.mark.skipif(bool(redis_server.missing()), reason="no redis-server here")


async def traced(place: Town, code: str) -> dict[str, Any]:
    found: dict[str, Any] = (await place.gateway.command("trace", code, "--json")).json
    return found


async def until(what: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await what():
            await asyncio.sleep(0.05)


async def test_what_left_redis_is_known_and_comes_back_when_its_ledger_says_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with redis_server.server(tmp_path / "redis") as server:
        monkeypatch.setenv("LAPOR__STORE__URL", server.url)
        monkeypatch.setenv("LAPOR__STORE__ARCHIVE_AFTER_DAYS", "0.00001")
        async with town(tmp_path, ledger=LEDGER) as place:
            place.gateway.data.mkdir()
            key = place.gateway.data / "secret"
            key.touch(0o600)
            key.write_text("5a" * 32)
            by_day(place, 0)
            code, number = await registered(place)

            async def archived() -> bool:
                return bool((await traced(place, code))["archived"])

            await until(archived)
            shown = await traced(place, code)
            assert (shown["tracking_id"], [letter["kind"] for letter in shown["letters"]]) == (number, ["registered"])
            assert shown["record"], "the machine that has it shows all of it"
            found = await looked_up(place, code)
            assert (found["status"], found["tracking_id"]) == ("registered", number)
            (sent,) = place.sent
            again = place.deliver(short_sms(sent.text, sent.number, SHORT_CODE))
            await place.smsc.until(lambda: again[0].taken, within_s=60)
            assert (len(place.ledger.registrations), place.ledger.repeats) == (1, 0)

            await told(place.gateway.public, said(code, number, "Selesai", note="Sudah diperbaiki."))
            assert code in await heard(place, "selesai, ditutup oleh instansi")
            assert (await looked_up(place, code))["status"] == "closed"
            checked = await place.gateway.command("check")
            assert "1 cases, every one accounted for" in checked.out
