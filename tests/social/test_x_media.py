"""Pictures and films of a post, from a simulated media host: clean, of a size, and from nowhere else."""

from __future__ import annotations

import io
import struct
from datetime import UTC, datetime
from typing import Any

import pytest
from PIL import Image

from channels.base import Arrival, InboundMessage, Unavailable
from channels.social import x
from gateway.rehearse.x_api import FakeX
from gateway.rehearse.x_world import Draft
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, listening, simulated
from tests.web import made

KEY = "3_1992060000000000011"
LARGEST = 15 * 2**20


def picture() -> bytes:
    """A JPEG that names the telephone which took it."""
    exif = Image.Exif()
    exif[0x0110] = "Telepon Warga"
    out = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(out, "JPEG", exif=exif)
    return out.getvalue()


async def posted(fake: FakeX, channel: x.X, *media: dict[str, Any]) -> tuple[Arrival, InboundMessage]:
    shelf = Shelf()
    async with listening(channel, shelf):
        fake.world.write("@warga", "@lapor1708 begini keadaannya", Draft(media=media))
        await until(lambda: shelf.arrivals)
    return shelf.arrivals[0], channel.decode(shelf.arrivals[0], ())


async def test_a_picture_is_fetched_clean() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        fake.files["/media/AAAA.jpg"] = ("image/jpeg", picture())
        arrival, message = await posted(fake, channel, {"media_key": KEY, "type": "photo", "url": "https://pbs.twimg.com/media/AAAA.jpg"})
        assert channel.lacks(message)
        got = await channel.gather(arrival, message)
        assert [(file.name, file.media_type) for file in got.files] == [(f"{KEY}.jpg", "image/jpeg")]
        assert b"Telepon Warga" in picture()
        assert b"Telepon Warga" not in got.files[0].content
        assert channel.complete(message, got.facts).attachments == ()


async def test_of_a_film_that_is_too_large_the_still_picture_is_taken() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        fake.files["/video/besar.mp4"] = ("video/mp4", bytes(LARGEST + 1))
        fake.files["/media/still.jpg"] = ("image/jpeg", picture())
        film = {
            "media_key": "13_1", "type": "video", "preview_image_url": "https://pbs.twimg.com/media/still.jpg",
            "variants": [{"bit_rate": 1, "content_type": "video/mp4", "url": "https://video.twimg.com/video/besar.mp4"}],
        }  # fmt: skip
        got = await channel.gather(*await posted(fake, channel, film))
        assert [file.name for file in got.files] == ["13_1.jpg"]


async def test_of_a_threads_many_films_no_more_are_taken_than_fit_into_memory_together() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        film = made.film()
        room = LARGEST - len(film)
        fake.files["/video/A.mp4"] = ("video/mp4", film + struct.pack(">I4s", room, b"mdat") + bytes(room - 8))
        names = [f"13_{number}" for number in range(5)]
        found = await posted(fake, channel, *({"media_key": name, "url": "https://video.twimg.com/video/A.mp4"} for name in names))
        got = await channel.gather(*found)
        assert [(file.name, len(file.content)) for file in got.files] == [(f"{name}.mp4", LARGEST) for name in names[:4]]
        assert [file.name for file in channel.complete(found[1], got.facts).attachments] == names[4:]


@pytest.mark.parametrize(
    ("url", "served"),
    [
        ("https://pbs.twimg.com/media/hilang.jpg", None),
        ("https://pbs.twimg.com/media/a.exe", ("application/octet-stream", b"MZ" + bytes(100))),
        ("https://pbs.twimg.com/media/a.svg", ("image/svg+xml", b"<svg onload='x'/>")),
        ("https://169.254.169.254/media/a.exe", None),
        ("http://pbs.twimg.com/media/a.exe", None),
        ("https://twimg.com.jahat.example/media/a.exe", None),
        ("ftp://[", None),
    ],
)
async def test_what_is_not_to_be_had_is_left_out_and_named(url: str, served: tuple[str, bytes] | None) -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        if served:
            fake.files[url.removeprefix("https://pbs.twimg.com")] = served
        arrival, message = await posted(fake, channel, {"media_key": KEY, "type": "photo", "url": url})
        got = await channel.gather(arrival, message)
        assert (got.files, got.facts) == ((), {})
        assert [(file.name, file.size) for file in channel.complete(message, got.facts).attachments] == [(KEY, 0)]
        if not url.startswith("https://pbs.twimg.com/"):
            assert not [path for path in fake.requests if "/media/" in path]


async def test_what_cannot_be_had_now_is_fetched_later() -> None:
    async with simulated() as fake:
        channel = account(fake.url)
        fake.files["/media/AAAA.jpg"] = ("image/jpeg", picture())
        found = await posted(fake, channel, {"media_key": KEY, "type": "photo", "url": "https://pbs.twimg.com/media/AAAA.jpg"})
        fake.faults["media_503"] = 1
        with pytest.raises(Unavailable, match="server_error"):
            await channel.gather(*found)
        assert len((await channel.gather(*found)).files) == 1


def test_a_message_without_media_lacks_nothing() -> None:
    channel = account("http://127.0.0.1:1")
    message = InboundMessage(channel="x", source_id="1", sender="", text="", received_at=datetime.now(UTC))
    assert not channel.lacks(message)
