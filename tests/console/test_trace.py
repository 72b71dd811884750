"""The search for a case and the page of one: its whole life, without what belongs to a person until somebody says why he must see it."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from typing import Literal

import aiohttp
import msgspec
import pytest
import pytest_asyncio
from playwright.async_api import Browser

from channels.base import Arrival, Letter, Part
from channels.sms import alphabet, pdu, segments
from gateway.console import words
from gateway.console.hops import after, hops
from gateway.console.reasons import plain
from gateway.console.trace import unfinished, unfound
from gateway.rehearse.parts import short_sms
from gateway.store.record import Addition, Case, FileState, LetterState, Life
from gateway.store.trying import LEDGER, Try
from gateway.view import Traced
from normalizer.reference import write
from tests.console.opened import House, Officer, house, officer
from tests.promises.stores import now
from tests.web.browsing import barriers, on_chromium, visiting

CITIZEN = "6281200001234"
CODE = r"\b[0-9A-Z]{4}-[0-9A-Z]{4}-[0-9A-Z]{4}\b"
WORDS = "Lampu jalan mati di Jalan Mawar, hubungi Pak Budi 0812-0000-5678"


#: one house for all of them: to open one takes longer than all that they do there
in_house = pytest.mark.asyncio(loop_scope="session")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def here(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[House]:
    async with house(tmp_path_factory.mktemp("trace")) as one:
        yield one


async def told(of: House, privacy: str = "terbuka", text: str = WORDS) -> str:
    """A complaint by the web's API; its code, once it is registered."""
    report = {"text": text, "privacy": privacy, "name": "Budi Santoso", "contact": "0812-0000-5678"}
    async with aiohttp.ClientSession() as session, session.post(f"http://127.0.0.1:{of.public}/api/v1/complaints", json=report) as answer:
        code: str = (await answer.json())["reference"]
    return code


async def registered(of: Officer, code: str) -> str:
    """The page of a case, when its ledger has it."""
    async with asyncio.timeout(20):
        while "badge good" not in (page := (await of.get(f"/case/{code}")).text):
            await asyncio.sleep(0.05)
    return page


@in_house
async def test_a_code_in_any_spelling_leads_to_its_case_and_a_mistyped_one_is_told_as_such(here: House) -> None:
    code = await told(here)
    async with officer(here, "viewer") as viewer:
        await registered(viewer, code)
        for spelling in (code, code.lower().replace("-", ""), f" {code} "):
            answer = await viewer.get(f"/trace?code={spelling.replace(' ', '+')}")
            assert (answer.status, answer.headers["Location"]) == (303, f"/case/{code}")
        wrong = code[:-1] + ("0" if code[-1] != "0" else "1")
        mistyped = await viewer.get(f"/trace?code={wrong}")
        assert (mistyped.status, "salah ketik" in mistyped.text) == (404, True)
        assert (await viewer.get("/case/nobody")).status == 404
        assert (await viewer.get("/trace")).status == 200


@pytest.mark.parametrize(
    ("code", "why"),
    [(write(1708), "unknown"), ("7K3Q-9FXM-2CH5", "check"), ("hello", "shape"), ("8112829", "number"), ("kota:#12", "number")],
)
def test_what_is_wrong_with_a_code_that_nobody_has_is_told(code: str, why: str) -> None:
    assert unfound(code) == why


@in_house
async def test_a_case_is_told_masked_and_unmasked_for_a_reason_alone(here: House) -> None:
    code = await told(here)
    async with officer(here, "operator") as operator:
        page = await registered(operator, code)
        assert "Lampu jalan mati" in page
        for hidden in ("0812-0000-5678", "Budi Santoso", "6281200005678"):
            assert hidden not in page
        assert (await operator.post(f"/case/{code}/unmask", reason="ya")).status == 422
        seen = await operator.post(f"/case/{code}/unmask", reason="Pelapor menelepon dan minta nomornya dibetulkan")
        assert seen.status == 200
        assert "0812-0000-5678" in seen.text
        assert "Budi Santoso" in seen.text
        assert "0812-0000-5678" not in (await operator.get(f"/case/{code}")).text
    async with officer(here, "viewer") as viewer:
        assert (await viewer.post(f"/case/{code}/unmask", reason="ingin tahu saja siapa dia")).status == 403


@in_house
async def test_a_case_that_names_no_place_and_says_nothing_more_is_told_too(here: House) -> None:
    async with officer(here, "operator") as rini:
        page = await registered(rini, code := await told(here, text="jalan rusak"))
        assert "jalan rusak" in page
        assert "jalan rusak" in (await rini.post(f"/case/{code}/unmask", reason="warga menelepon kami")).text


@in_house
async def test_what_is_for_few_eyes_shows_that_it_is_there_and_nothing_else(here: House) -> None:
    code = await told(here, privacy="rahasia")
    async with officer(here, "operator") as operator:
        page = await registered(operator, code)
        assert "Lampu jalan mati" not in page
        assert "exchange" not in page
        assert (await operator.post(f"/case/{code}/unmask", reason="saya ingin melihatnya")).status == 403
        assert (await operator.post(f"/case/{code}/incident")).status == 403
    async with officer(here, "supervisor") as supervisor:
        assert "Lampu jalan mati" in (await supervisor.get(f"/case/{code}")).text
        assert "Budi Santoso" in (await supervisor.post(f"/case/{code}/unmask", reason="disposisi oleh inspektorat")).text


@in_house
async def test_what_goes_on_is_told_live_and_nothing_more_than_its_page_tells(here: House) -> None:
    code = await told(here, privacy="rahasia")
    async with officer(here, "viewer") as viewer:
        async with asyncio.timeout(20), viewer.session.get(f"{viewer.url}/live/case/{code}") as stream:
            assert stream.status == 200
            heard = ""
            while "badge good" not in heard:
                heard += (await stream.content.readany()).decode()
        assert "Lampu jalan mati" not in heard
        assert "Budi" not in heard
        async with asyncio.timeout(20):
            while "data-live" in (await viewer.get(f"/case/{code}")).text:
                await asyncio.sleep(0.05)


def test_a_page_is_live_while_its_case_a_letter_or_a_file_waits() -> None:
    arrival = Arrival(channel="sms", source_id="1", raw=b"", received_at=now())
    waits = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival)
    over = msgspec.structs.replace(waits, step="done")
    letter = LetterState(letter=Letter(key="1:x", case_id="1", channel="sms", to="", kind="help", text=""), step="send", attempts=0,
                         created_at=now())  # fmt: skip
    file = FileState(number=1, step="send", attempts=0, code="", words="")
    life = Life(case=over, record=None, letters=(), files=(), acts=())
    assert not unfinished(life)
    for change in ({"case": waits}, {"letters": (letter,)}, {"files": (file,)}):
        assert unfinished(msgspec.structs.replace(life, **change))


@in_house
async def test_a_short_message_is_shown_field_by_field_and_its_incident_has_none_of_it(here: House) -> None:
    code = await _sent(here, "Jalan berlubang di Jalan Melati")
    async with officer(here, "operator") as operator:
        page = await registered(operator, code)
        for field in (
            "deliver_sm",
            "data_coding",
            "GSM 03.38",
            "short_message",
            "submit_sm",
            "registered_delivery",
            "ESME_ROK",
            "message_id",
        ):
            assert field in page
        assert CITIZEN not in page
        answer = await operator.post(f"/case/{code}/incident")
        assert answer.headers["Content-Disposition"].startswith('attachment; filename="incident-')
        file = json.loads(answer.text)
        assert (file["door"]["kind"], file["faithful"], file["outcome"]["goes"]) == ("sms.esme", True, "ledger")
        assert code not in answer.text


@in_house
async def test_what_cannot_be_read_is_for_supervisors_and_its_incident_for_whoever_mends(here: House) -> None:
    whole = pdu.write_message(short_sms("air mati lagi", CITIZEN, "1708"))
    here.smsc.deliver(whole[:-14] + b"\xc8" + whole[-13:])
    async with officer(here, "operator") as operator:
        async with asyncio.timeout(20):
            while not (found := re.search(rf"[^0-9](?!7K3Q-9FXM-2CH4)({CODE})", (await operator.get("/parked")).text)):
                await asyncio.sleep(0.05)
        page = await operator.get(f"/case/{found[1]}")
        assert "hanya untuk supervisor" in page.text
        assert "deliver_sm" not in page.text
        assert (await operator.post(f"/case/{found[1]}/unmask", reason="ingin melihat isinya")).status == 403
        file = json.loads((await operator.post(f"/case/{found[1]}/incident")).text)
        assert (file["outcome"], file["faithful"]) == (file["was"], True)
        assert (file["step"], file["code"]) == ("parked", "unreadable")
    async with officer(here, "supervisor") as supervisor:
        assert "deliver_sm" in (await supervisor.get(f"/case/{found[1]}")).text


async def _sent(here: House, words: str, number: str = CITIZEN) -> str:
    """An SMS that was answered; the code in the answer."""
    here.smsc.deliver(short_sms(words, number, "1708"))
    answer = await here.smsc.answer_to(number, within_s=60)
    found = re.search(CODE, alphabet.decode(answer.body, answer.data_coding, default="gsm7").text)
    assert found
    return found[0]


def test_a_life_is_told_in_the_order_in_which_it_happened() -> None:
    """Parts, additions and tries; of a case for few eyes without the words of others."""
    came = now(-600)
    parts = tuple(
        Part(
            channel="sms", group="g", index=index, count=2, raw=body, fingerprint=str(index), received_at=now(-600 + index),
            wait_until=came, same_since=came,
        )
        for index, (body, _, _) in enumerate(segments.split_text("a" * 200, 7, default="gsm7"), 1)
    )  # fmt: skip
    added = Addition(kind="follow_up", reference="7K3Q-9FXM-2CH4", at=now(-60), text="di Jalan Mawar")
    arrival = Arrival(channel="sms", source_id="1", raw=b"", received_at=came)
    case = Case(case_id="1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival, parts=parts, additions=(added,))
    tries = (Try(of=LEDGER, nth=1, at=now(-300), took_s=30, step="submit", code="timeout"),)
    life = Life(case=case, record=None, letters=(), files=(), acts=(), tries=tries)
    found = hops(Traced(case=case, complaint=None, life=life), few=True)
    assert [hop.key for hop in found] == ["hop_came", "hop_part", "hop_part", "hop_tried", "hop_follow_up"]
    assert (found[3].code, found[3].tone, found[3].values) == ("timeout", "warn", {"nth": 1, "took": "30.0"})
    assert [after(hop, came) for hop in found] == [None, ("after_s", 1), ("after_s", 2), ("after_min", 5), ("after_min", 9)]


@pytest.mark.parametrize(
    ("code", "meant"), [("http_503", "Server"), ("timeout", "waktunya"), ("bug", "program kami"), ("strange", ""), ("", "")]
)
def test_a_code_is_told_in_plain_words_where_there_are_some(code: str, meant: str) -> None:
    said = plain(words.load()["id"], code)
    assert meant in said
    assert bool(said) == bool(meant)


class TestSeen:
    """With a browser."""

    pytestmark = on_chromium

    @pytest.mark.parametrize("scheme", ["light", "dark"])
    async def test_the_search_and_the_case_stand_in_nobodys_way(
        self, scheme: Literal["light", "dark"], chromium: Browser, here: House
    ) -> None:
        async with visiting(here.url, chromium, scheme=scheme) as visit:
            code = await _sent(here, "Jalan berlubang di Jalan Melati, hubungi 0812-0000-5678", f"62812000056{len(scheme)}")
            async with officer(here, "operator") as operator:
                await registered(operator, code)
                await visit.page.context.add_cookies([{"name": "lapor_session", "value": operator.cookie, "url": here.url}])
                await visit.page.goto("/trace")
                assert await barriers(visit.page) == []
                await visit.page.fill("#code", code.lower())
                await visit.page.press("#code", "Enter")
                await visit.page.wait_for_url(f"**/case/{code}")
                for summary in await visit.page.locator("main summary").all():
                    await summary.click()
                assert await barriers(visit.page) == []
