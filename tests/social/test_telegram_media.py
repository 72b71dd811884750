"""The channel "social.telegram" against a rehearsal Telegram on loopback: files, fetched after the yes."""

from __future__ import annotations

import io
from typing import Any

import pytest
from PIL import Image

from channels.base import Arrival, Enclosure, InboundMessage, Unavailable
from channels.social import telegram
from gateway.rehearse.telegram_api import TelegramApi
from tests.fakes.inbox import Shelf
from tests.social.telegram_world import listening, polled, telegram_api

#: a place in an EXIF block, as a telephone writes it
GPS = 0x8825


def picture(*, where: bool = False) -> bytes:
    out, exif = io.BytesIO(), Image.Exif()
    if where:
        exif[0x010F] = "KAMERA-RAHASIA"
        exif.get_ifd(GPS)[1] = "S"
    Image.new("RGB", (8, 6), (200, 30, 30)).save(out, "JPEG", exif=exif)
    return out.getvalue()


async def received(api: TelegramApi, bot: telegram.Polled, **message: Any) -> tuple[Arrival, InboundMessage]:
    """What a citizen sends, taken in and read."""
    shelf = Shelf()
    async with listening(bot, shelf):
        api.say(**message)
        await api.until(lambda: not api.waiting)
    (arrival,) = shelf.arrivals
    return arrival, bot.decode(arrival, ())


async def test_a_file_is_fetched_and_tells_nothing_of_its_sender() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        document = api.keep(picture(where=True), "surat") | {"file_name": "foto.jpg", "mime_type": "image/jpeg"}
        assert b"KAMERA-RAHASIA" in api.files["surat"]
        arrival, message = await received(api, bot, caption="Jalan rusak", document=document)
        assert bot.lacks(message)
        gathered = await bot.gather(arrival, message)
        (file,) = gathered.files
        assert (file.name, file.media_type) == ("foto.jpg", "image/jpeg")
        assert file.content.startswith(b"\xff\xd8")
        assert b"KAMERA-RAHASIA" not in file.content
        complete = bot.complete(message, gathered.facts)
        assert (complete.attachments, complete.text, bot.lacks(complete)) == ((), "Jalan rusak", False)


async def test_it_is_fetched_without_listening() -> None:
    async with telegram_api() as api:
        arrival, message = await received(api, polled(api), photo=[api.keep(picture(), "foto")])
        elsewhere = polled(api)
        assert len((await elsewhere.gather(arrival, message)).files) == 1


async def test_an_answer_given_up_leaves_the_text_and_the_name_of_the_file() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        _, message = await received(api, bot, caption="Jalan rusak", photo=[api.keep(picture(), "foto")])
        complete = bot.complete(message, {})
        assert complete.attachments == (Enclosure(name="photo-101.jpg", media_type="image/jpeg", size=0),)
        assert complete.text == "Jalan rusak"


@pytest.mark.parametrize(
    ("fault", "limit"), [("file_too_big", 10**6), ("file_gone", 10**6), ("", 10)], ids=["too_big_for_telegram", "gone", "too_big_for_us"]
)
async def test_what_cannot_be_had_is_left_out_and_told_of(fault: str, limit: int) -> None:
    async with telegram_api(*filter(None, [fault])) as api:
        bot = polled(api, max_bytes=limit)
        arrival, message = await received(api, bot, caption="Jalan rusak", photo=[api.keep(picture(), "foto")])
        gathered = await bot.gather(arrival, message)
        assert (gathered.files, bot.counts["left_out"]) == ((), 1)
        assert [each.size for each in bot.complete(message, gathered.facts).attachments] == [0]
        assert api.counts["download"] == (fault == "file_gone")


@pytest.mark.parametrize("content", [b"MZ\x90\x00 a program", b"\xff\xd8\xff\xe0 no picture at all", b"<svg onload='x'/>"])
async def test_a_type_that_is_not_taken_is_left_out(content: bytes) -> None:
    async with telegram_api() as api:
        bot = polled(api)
        document = api.keep(content, "surat") | {"mime_type": "image/jpeg"}
        arrival, message = await received(api, bot, caption="Jalan rusak", document=document)
        gathered = await bot.gather(arrival, message)
        assert gathered.files == ()
        assert len(bot.complete(message, gathered.facts).attachments) == 1


async def test_of_several_files_those_beyond_the_total_are_left_out() -> None:
    async with telegram_api() as api:
        size = len(picture())
        bot = polled(api, max_bytes=size)
        messages = [api.keep(picture(), f"foto{n}") for n in range(3)]
        album = {"media_group_id": "1"}
        shelf = Shelf()
        async with listening(bot, shelf):
            for photo in messages:
                api.say(photo=[photo], **album)
            await api.until(lambda: not api.waiting)
        arrival = Arrival(channel="telegram", source_id=shelf.parts[0].group, raw=b"", received_at=shelf.parts[0].received_at)
        message = bot.decode(arrival, shelf.parts)
        gathered = await bot.gather(arrival, message)
        assert [file.name for file in gathered.files] == ["photo-101.jpg", "photo-102.jpg"]
        assert [each.name for each in bot.complete(message, gathered.facts).attachments] == ["photo-103.jpg"]


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ("download_cut=1", "no_answer"),
        ("server_error=1", "server_error"),
        ("bad_gateway=1", "server_error"),
        ("hang=1", "timeout"),
        ("file_not_now=1", "not_now"),
    ],
)
async def test_a_failure_that_passes_is_tried_again(fault: str, code: str) -> None:
    async with telegram_api() as api:
        bot = polled(api, timeout_s=0.5)
        arrival, message = await received(api, bot, caption="Jalan rusak", photo=[api.keep(picture(), "foto")])
        api.misbehave(fault)
        with pytest.raises(Unavailable) as problem:
            await bot.gather(arrival, message)
        assert problem.value.code == code
        assert len((await bot.gather(arrival, message)).files) == 1


async def test_a_question_has_nothing_to_gather() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        _, message = await received(api, bot, text="/bantuan")
        assert not bot.lacks(message)
