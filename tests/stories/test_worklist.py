"""A ledger that people copy into: what a citizen hears between the SMS and the number, whatever is killed in between."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp

from tests.fakes import smsc as fake_smsc
from tests.fakes.smsc import Smsc, short_sms
from tests.stories.process import GatewayProcess
from tests.stories.test_asking import conserved, hears
from tests.stories.town import MARK, SHORT_CODE

CITIZEN, OTHER = "6281200000001", "6281200000002"
TOKEN = "kunci-untuk-meja-salin"


class Office:
    """An operator with telephones, a gateway, and officers who call its JSON API."""

    def __init__(self, smsc: Smsc, gateway: GatewayProcess) -> None:
        self.smsc, self.gateway = smsc, gateway

    def say(self, text: str, number: str = CITIZEN) -> None:
        self.smsc.deliver(short_sms(text, number, SHORT_CODE))

    async def heard(self, words: str, number: str = CITIZEN) -> str:
        """An answer with these words, once it has come."""

        async def answers() -> list[str]:
            return self.answers(number)

        return await hears(answers, words)

    def answers(self, number: str = CITIZEN) -> list[str]:
        return [answer.body.decode("ascii", "replace") for answer in self.smsc.answers_to(number)]

    async def call(self, method: str, path: str, by: str = "Rini", **body: str) -> tuple[int, Any]:
        """What an officer's program asks; status and JSON."""
        headers = {"Authorization": f"Bearer {TOKEN}", "X-Officer": by}
        url = f"http://127.0.0.1:{self.gateway.operators}/worklist{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers, json=body) as answer:
            return answer.status, await answer.json(content_type=None) if answer.status != 204 else None

    async def next(self, by: str = "Rini") -> Any:
        """What this officer gets, once there is something."""
        async with asyncio.timeout(60):
            while (found := await self.call("GET", "/next", by))[0] == 204:
                await asyncio.sleep(0.02)
        assert found[0] == 200
        return found[1]


@asynccontextmanager
async def office(folder: Path) -> AsyncIterator[Office]:
    """Not started yet; at the end what it wrote is searched for what it must never write."""
    async with fake_smsc.running() as smsc:
        gateway = GatewayProcess(folder, smsc=smsc.port, ledger=f'kind = "worklist"\ntoken = "{TOKEN}"')
        try:
            yield Office(smsc, gateway)
        finally:
            gateway.kill()
        assert gateway.leaks() == []
        assert TOKEN not in gateway.said


async def test_from_the_sms_to_the_number_whatever_is_killed_in_between(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        gateway = place.gateway
        await gateway.start()
        place.say(f"{MARK}: lampu jalan mati di depan pasar")
        receipt = await place.heard("ketik STATUS dan kode itu")
        gateway.kill()
        await gateway.start()
        work = await place.next()
        code = work["code"]
        assert code in receipt
        assert work["sheet"]["sender"] == f"+{CITIZEN}"
        assert work["sheet"]["block"].startswith(f"{MARK}: lampu jalan mati")
        gateway.kill()
        # officers need no running gateway: what they do is in the store, and told when it is back
        assert (await gateway.command("worklist", "done", code, "#8112829")).out == f"{code} is #8112829\n"
        await gateway.start()
        assert code in await place.heard("8112829")
        gateway.kill()
        await gateway.start()
        place.say(f"STATUS {code}", OTHER)
        await place.heard("terdaftar, nomor 8112829", OTHER)
        (letters,) = gateway.rows("SELECT count(*) FROM letters WHERE key LIKE '%:registered'")
        assert letters == (1,)
        await conserved(gateway, "operator", done=1, declined=1)


async def test_a_number_is_corrected_taken_back_and_given_anew(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.gateway.start()
        place.say(f"{MARK}: jembatan putus di hulu")
        code = (await place.next())["code"]
        done = f"/{code}/done"
        assert (await place.call("POST", done, tracking_id="8112829"))[0] == 200
        await place.heard("sudah terdaftar")
        assert (await place.call("POST", done, "Budi", tracking_id="8112899"))[0] == 409
        assert (await place.call("POST", done, tracking_id="8112899"))[0] == 200
        place.gateway.kill()
        await place.gateway.start()
        assert "8112829" not in await place.heard("Nomor yang benar: 8112899")
        assert (await place.call("POST", f"/{code}/undo", "Budi"))[0] == 200
        place.say(f"STATUS {code}", OTHER)
        await place.heard("menunggu pencatatan", OTHER)
        # killed between sending and writing it down, a letter may have gone out twice
        assert len({*place.answers()}) == 3
        assert (await place.next("Budi"))["code"] == code
        assert (await place.call("POST", done, "Budi", tracking_id="8112900"))[0] == 200
        await place.heard("Nomor yang benar: 8112900")
        shown = (await place.gateway.command("trace", code, "--json")).json
        acts = [(act["by"], act["act"]) for act in shown["acts"]]
        assert acts == [("Rini", "next"), ("Rini", "done"), ("Rini", "correct"), ("Budi", "undo"), ("Budi", "next"), ("Budi", "done")]


async def test_a_citizen_withdraws_what_nobody_copies_and_is_answered_when_an_officer_lets_go(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        gateway = place.gateway
        gateway.words = ("--only", "doors")
        workers = gateway.beside("--only", "workers")
        await gateway.start()
        workers.spawn()
        try:
            place.say(f"{MARK}: air mati di kampung hulu")
            code = (await place.next())["code"]
            place.say(f"BATAL {code}")
            await gateway.until_rows("SELECT 1 FROM cases WHERE step='submit' AND code='busy'", 1)
            assert (await place.call("POST", f"/{code}/put-back"))[0] == 200
            await place.heard("dibatalkan, tidak diteruskan ke instansi")
            assert await place.call("GET", "/next") == (204, None)
            await conserved(gateway, "operator", declined=2)
        finally:
            workers.kill()


async def test_killed_at_any_moment_of_a_done_it_is_done_once(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        await place.gateway.start()
        for nth in range(3):
            place.say(f"{MARK} nomor {nth}: sampah menumpuk", f"628120000{nth:04d}")
        for nth in range(3):
            work = await place.next()
            giving = asyncio.create_task(place.call("POST", f"/{work['code']}/done", tracking_id=f"811282{nth}"))
            await asyncio.sleep(0.002 * nth)
            place.gateway.kill()
            await asyncio.wait([giving])
            if not giving.cancelled() and giving.exception() is not None:
                assert isinstance(giving.exception(), aiohttp.ClientError)
            await place.gateway.start()
            status, standing = await place.call("POST", f"/{work['code']}/done", tracking_id=f"811282{nth}")
            assert (status, standing["step"]) == (200, "done")
            await place.heard(f"811282{nth}", work["sheet"]["sender"].removeprefix("+"))
        assert place.gateway.rows("SELECT count(*), count(DISTINCT case_id) FROM letters WHERE key LIKE '%:registered'") == [(3, 3)]
        assert place.gateway.rows("SELECT act, count(*) FROM acts WHERE act NOT IN ('next') GROUP BY act") == [("done", 3)]
        await conserved(place.gateway, "operator", done=3)
