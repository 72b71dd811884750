"""The whole gateway in this process with a Telegram door: a complaint in, registered in the ledger, answered in the same chat."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest
from PIL import Image
from typer.testing import CliRunner

from gateway.__main__ import cli
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse.telegram_api import TOKEN, TelegramApi, person
from gateway.store.sqlite import opened
from tests.fakes.inbox import until
from tests.fakes.ledger import FakeLedger
from tests.fakes.ports import free_port
from tests.gateway.whole import settings
from tests.social.telegram_world import telegram_api

DOOR = """
[ledger]
kind = "http"
url = "{ledger}"
[answers]
ask_wait_s = {ask_wait_s}
[channels.telegram]
kind = "social.telegram"
token = "{token}"
api_url = "{url}"
"""
WEBHOOK = 'webhook = true\nwebhook_url = "http://127.0.0.1:{port}/telegram/bot"\nwebhook_secret = "latihan"\n'
PUBLIC = 'public = "127.0.0.1:{port}"\n'


class Town:
    """A gateway that runs, its ledger, its Telegram, and what it wrote."""

    def __init__(self, api: TelegramApi, ledger: FakeLedger, out: io.BytesIO, operators: int) -> None:
        self.api, self.ledger, self.out, self.operators = api, ledger, out, operators

    async def answers(self, who: str = "warga", count: int = 1) -> list[str]:
        await self.api.until(lambda: len(self.api.answers_to(who)) >= count)
        return self.api.answers_to(who)

    async def get(self, path: str) -> str:
        async with aiohttp.ClientSession() as session, session.get(f"http://127.0.0.1:{self.operators}{path}") as answer:
            return await answer.text()


@asynccontextmanager
async def town(folder: Path, *, webhook: bool = False, ask_wait_s: float = 0) -> AsyncIterator[Town]:
    async with telegram_api() as api, FakeLedger() as ledger:
        port, out = free_port(), io.BytesIO()
        door = DOOR.format(ledger=ledger.url, token=TOKEN, url=api.url, ask_wait_s=ask_wait_s)
        if webhook:
            door = PUBLIC.format(port=port) + door + WEBHOOK.format(port=port)
        journal = Journal(Lines(out))
        async with running(settings(folder, door), journal) as gateway:
            yield Town(api, ledger, out, gateway.operators)
        journal.lines.flush()
    async with opened(folder / "gateway.db", most_letters=5) as store:
        assert await store.recount() == []
    for secret in (TOKEN, "pasar Contoh", "warga", str(person("warga")["id"])):
        assert secret not in out.getvalue().decode()


@pytest.mark.parametrize("webhook", [False, True], ids=["polled", "called"])
async def test_a_complaint_is_registered_and_answered_in_its_chat(tmp_path: Path, webhook: bool) -> None:
    async with town(tmp_path, webhook=webhook) as here:
        message = here.api.say("Jalan rusak di depan pasar Contoh")
        (answer,) = await here.answers()
        ((reference, record),) = here.ledger.records.items()
        assert reference in answer
        assert here.ledger.registrations[reference]["tracking_id"] in answer
        assert record["text"] == "Jalan rusak di depan pasar Contoh"
        assert record["reporter"] == {"kind": "handle", "address": "@warga", "name": "warga", "verified": ""}
        assert f'"message_id": {message}' in here.api.sent[0]["reply_parameters"]
        await here.api.until(lambda: not here.api.waiting)
        assert '"up":true' in await here.get("/readyz")
        assert 'lapor_conservation_difference{channel="telegram"} 0.0' in await here.get("/metrics")


async def test_questions_are_answered_and_go_to_no_ledger(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.api.say("Lampu mati di pasar Contoh")
        await here.answers()
        (reference,) = here.ledger.records
        here.api.say("/start", who="lain")
        here.api.say(f"/status {reference.lower().replace('-', ' ')}", who="tetangga")
        here.api.say("/lapor lampu mati", who="rt05", chat={"id": person("rt05")["id"], "type": "group"})
        (help_,) = await here.answers("lain")
        (status,) = await here.answers("tetangga")
        assert reference in status
        (elsewhere,) = await here.answers("rt05")
        assert "STATUS kode" in help_
        assert "langsung ke saya" in elsewhere
        assert list(here.ledger.records) == [reference]


async def test_a_photo_reaches_the_record_and_a_broken_download_does_not_lose_the_text(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("RGB", (8, 6)).save(out, "JPEG")
    async with town(tmp_path) as here:
        here.api.misbehave("download_cut=1")
        here.api.say(caption="Pohon tumbang di pasar Contoh", photo=[here.api.keep(out.getvalue(), "foto")])
        here.api.say(who="lain", caption="Banjir", document=here.api.keep(b"MZ a program", "surat") | {"file_name": "surat.exe"})
        await here.answers(), await here.answers("lain")
        records = {record["text"]: record for record in here.ledger.records.values()}
        (photo,) = records["Pohon tumbang di pasar Contoh"]["attachments"]
        assert (photo["name"], photo["media_type"], photo["size"] > 100) == ("photo-101.jpg", "image/jpeg", True)
        (left_out,) = records["Banjir"]["attachments"]
        assert (left_out["name"], left_out["size"]) == ("surat.exe", 0)


async def test_an_edit_amends_the_record_and_is_not_answered_again(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        message = here.api.say("Jalan rusak di pasar Contoh")
        await here.answers()
        chat = {"id": person("warga")["id"], "type": "private"}
        edit = {
            "message_id": message,
            "from": person("warga"),
            "chat": chat,
            "date": 1,
            "edit_date": 2,
            "text": "Jalan rusak, pasar Contoh lama",
        }
        here.api.bring({"edited_message": edit})
        await until(lambda: [record["text"] for record in here.ledger.records.values()] == ["Jalan rusak, pasar Contoh lama"])
        await here.api.until(lambda: not here.api.waiting)
    assert len(here.api.sent) == 1


async def test_a_reply_to_our_question_is_its_answer_whatever_it_says_and_may_be_edited(tmp_path: Path) -> None:
    async with town(tmp_path, ask_wait_s=600) as here:
        here.api.say("Lampu jalan mati sudah seminggu")
        await here.answers()
        asked = here.api.sent[0]["message_id"]
        chat = {"id": person("warga")["id"], "type": "private"}
        replied = {"message_id": int(asked), "chat": chat, "date": 1, "text": "tanya"}
        answer = here.api.say("Air PDAM di pasar Contoh juga mati", reply_to_message=replied)
        await here.answers(count=2)
        text = "Lampu jalan mati sudah seminggu\n[jawaban] "
        assert [record["text"] for record in here.ledger.records.values()] == [text + "Air PDAM di pasar Contoh juga mati"]
        edit = {"message_id": answer, "from": person("warga"), "chat": chat, "date": 1, "edit_date": 2, "reply_to_message": replied}
        here.api.bring({"edited_message": edit | {"text": "Jalan Mawar 7, pasar Contoh"}})
        await until(lambda: [record["text"] for record in here.ledger.records.values()] == [text + "Jalan Mawar 7, pasar Contoh"])
        await here.api.until(lambda: not here.api.waiting)
    assert len(here.api.sent) == 2


async def test_an_album_is_one_case(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        for number in range(3):
            words = {"caption": "Trotoar di pasar Contoh"} if not number else {}
            here.api.say(media_group_id="1", photo=[{"file_id": f"f{number}", "file_unique_id": f"u{number}"}], **words)
        await here.api.until(lambda: here.api.sent, within_s=60)
        (record,) = here.ledger.records.values()
        assert (record["text"], len(record["attachments"])) == ("Trotoar di pasar Contoh", 3)


async def test_what_nobody_can_read_waits_for_a_person(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.api.misbehave("malformed_update=1")
        here.api.say("Jalan rusak di pasar Contoh")
        await here.answers()
        assert 'lapor_cases{step="parked"} 1.0' in await here.get("/metrics")


def test_rehearse_shows_a_complaint_going_through() -> None:
    result = CliRunner().invoke(cli, ["rehearse", "telegram", "--from", "@warga", "Jalan rusak di depan pasar Contoh"])
    assert result.exit_code == 0, result.stderr
    assert result.stdout.startswith("@lapor_latihan_bot -> @warga: ")
    assert "Kode" in result.stdout
