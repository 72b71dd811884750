"""The whole gateway at a simulated X: a post in, a complaint registered, one reply out, a trace; and what a deletion leaves."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec
import pytest
from PIL import Image

from channels.social.x_policy import weight
from config.settings import Settings
from gateway import desk
from gateway.app import running
from gateway.journal import Journal, Lines
from gateway.rehearse import BadUsage
from gateway.rehearse.x_api import FakeX
from gateway.rehearse.x_citizen import play_x
from gateway.rehearse.x_world import Draft
from gateway.store.record import Life, Step
from normalizer.complaint import decode
from tests.fakes.inbox import until
from tests.fakes.x import KEYS, simulated
from tests.gateway.whole import settings

TEXT = "@lapor1708 lampu jalan mati di depan pasar Cisauk"


class Town(msgspec.Struct, frozen=True):
    """A gateway that listens at a simulated X."""

    fake: FakeX
    settings: Settings
    out: io.BytesIO
    journal: Journal

    async def life(self, code: str) -> Life:
        life = await desk.life(self.settings, code)
        assert life is not None
        return life

    async def at(self, step: Step) -> Life:
        """The first case that comes to this step."""
        for _ in range(1000):
            if cases := await desk.waiting(self.settings, step, 1):
                return await self.life(cases[0].reference)
        raise TimeoutError(step)


@asynccontextmanager
async def town(folder: Path, more: str = "") -> AsyncIterator[Town]:
    keys = "\n".join(f'{name} = "{key}"' for name, key in KEYS.items())
    async with simulated() as fake:
        table = f'[channels.x]\nkind = "social.x"\naccount = "lapor1708"\napi_url = "{fake.url}"\npoll_s = 0.02\n{keys}\n{more}'
        out = io.BytesIO()
        own, journal = settings(folder, table), Journal(Lines(out))
        async with running(own, journal):
            await until(lambda: fake.requests["GET /2/tweets/search/recent"])
            await until(lambda: any(path.endswith("/mentions") for path in fake.requests))
            yield Town(fake, own, out, journal)


def code_in(text: str) -> str:
    return text.partition("Kode: ")[2][:14]


async def test_a_post_is_registered_answered_once_and_traced(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        post = here.fake.world.write("@warga", TEXT)
        await until(lambda: here.fake.answers)
        answer = here.fake.answers[0]
        assert answer["to"] == post
        assert weight(answer["text"]) <= 280
        life = await here.life(code_in(answer["text"]))
        assert life.case.step == "done"
        assert (life.case.arrival.channel, life.case.arrival.source_id) == ("x", post)
        assert life.case.registration is not None
        assert life.case.registration.tracking_id in answer["text"]
        here.journal.lines.flush()
        said = here.out.getvalue().decode()
        assert "registered" in said
        assert not [word for word in ("lampu", "warga", "kunci-") if word in said]
    assert len(here.fake.answers) == 1


async def test_a_hashtag_alone_waits_for_a_person_and_goes_on_without_an_answer(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        here.fake.world.write("@warga", "air mati tiga hari #Lapor")
        life = await here.at("triage")
        assert life.case.code == "hashtag_only"
        assert await desk.retry(here.settings, "triage", life.case.reference, "benar laporan")
        while life.case.step != "done":
            life = await here.life(life.case.reference)
        record = life.record
        assert record is not None
        assert "hashtag_only" in decode(record).flags
    assert here.fake.answers == []


async def test_a_picture_is_in_the_record(tmp_path: Path) -> None:
    async with town(tmp_path) as here:
        out = io.BytesIO()
        Image.new("RGB", (32, 32), "red").save(out, "JPEG")
        here.fake.files["/media/AAAA.jpg"] = ("image/jpeg", out.getvalue())
        photo = {"media_key": "3_1", "type": "photo", "url": "https://pbs.twimg.com/media/AAAA.jpg"}
        here.fake.world.write("@warga", TEXT, Draft(media=[photo]))
        await until(lambda: here.fake.answers)
        record = (await here.life(code_in(here.fake.answers[0]["text"]))).record
        assert record is not None
        complaint = decode(record)
        assert [(file.name, file.media_type) for file in complaint.attachments] == [("3_1.jpg", "image/jpeg")]
        assert (complaint.reporter.kind, complaint.reporter.address, complaint.text) == ("handle", "@warga", TEXT)


async def test_a_deleted_post_leaves_its_case_and_none_of_its_words(tmp_path: Path) -> None:
    async with town(tmp_path, "watch_hours = 0.0002\n") as here:
        post = here.fake.world.write("@warga", TEXT)
        await until(lambda: here.fake.answers)
        here.fake.world.take_away(post)
        code = code_in(here.fake.answers[0]["text"])
        life = await here.life(code)
        while life.case.arrival.raw:
            life = await here.life(code)
        assert (life.case.step, life.case.code, life.record) == ("done", "deleted", None)
        assert life.case.arrival.source_id == post


async def test_a_citizen_can_be_played(capsys: pytest.CaptureFixture[str]) -> None:
    said: list[str] = []
    played = await play_x("@warga", TEXT, wait_s=10, say=said.append)
    assert (len(played.answers), played.step) == (1, "")
    aside = await play_x("warga", "air mati #lapor1708", wait_s=10, say=said.append)
    assert (aside.answers, aside.step.partition(",")[0]) == ([], "triage: hashtag_only")
    with pytest.raises(BadUsage):
        await play_x("a b", "x", wait_s=1, say=said.append)
