"""Bodies that are under way share a part of the memory: they take no more than that, no word is lost for it, and all is given back."""

from __future__ import annotations

import asyncio
import gc
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgspec
import pytest
from aiohttp import ClientError, FormData

from channels.base import Accepted, Unavailable
from channels.web.room import ROOM
from channels.web.settings import Settings
from tests.fakes.inbox import Shelf, until
from tests.fakes.web_host import Door, Reception, opened
from tests.web import made

COMPLAINTS, REQUESTS = "/api/v1/complaints", "/open311/v2/requests.json"
PICTURE = made.picture() + bytes(60_000)
WORDS = {
    "classification": "pengaduan", "title": "Jalan rusak di depan pasar", "incident_date": "2026-01-31", "location": "Pasar Legi",
    "service_code": "jalan", "address_string": "Pasar Legi", "description": "Sudah tiga bulan.",
}  # fmt: skip


def form(*files: bytes, **fields: str) -> FormData:
    """Words before the files, and words behind them."""
    body = FormData(fields, default_to_multipart=True)
    for content in files:
        body.add_field("files", content, filename="a.jpg")
    body.add_field("text", "Sudah tiga bulan.")
    return body


async def in_pieces(*pieces: bytes) -> AsyncIterator[bytes]:
    """A body that is not here at once."""
    for piece in pieces:
        yield piece
        await asyncio.sleep(0.05)


@asynccontextmanager
async def begun(door: Door, octets: int, name: str = 'files"; filename="a.jpg', path: str = "/") -> AsyncIterator[asyncio.StreamWriter]:
    """An upload of which so much has come, and no more does."""
    host, port = door.url.removeprefix("http://").split(":")
    _, writer = await asyncio.open_connection(host, int(port))
    try:
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nContent-Type: multipart/form-data; boundary=b\r\n".encode())
        writer.write(f'Content-Length: 10000000\r\n\r\n--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n'.encode())
        writer.write(bytes(octets))
        await writer.drain()
        yield writer
    finally:
        writer.close()


async def test_a_file_that_there_is_no_room_for_comes_again_and_no_word_must() -> None:
    async with opened() as door:
        door.site.room.most = 600_000
        async with begun(door, 560_000), door.client.post(door.url, data=form(PICTURE, PICTURE, **WORDS)) as response:
            page = await response.text()
            assert (response.status, response.headers["Retry-After"]) == (503, "30")
            assert WORDS["title"] in page
            assert "Sudah tiga bulan." in page
            assert "lampiran sedang dikirim" in page
            assert "Lampiran harus dipilih ulang" in page
            assert (door.site.counts["no_room"], door.shelf.arrivals) == (1, [])


@pytest.mark.parametrize("path", [COMPLAINTS, REQUESTS])
async def test_a_program_is_told_to_come_again(path: str) -> None:
    async with opened() as door:
        door.site.room.most = 1000
        fields = {"title": "Jalan"} if path == COMPLAINTS else {"service_code": "jalan", "address_string": "Pasar"}
        async with door.client.post(door.url + path, data=form(PICTURE, **fields)) as response:
            assert (response.status, response.headers["Retry-After"]) == (503, "30")
            assert door.site.room.taken == 0


async def test_words_find_room_when_there_is_none() -> None:
    async with opened() as door:
        door.site.room.most = 0
        for kind in ({"data": form(**WORDS)}, {"data": WORDS | {"text": "x" * 20_000}}):
            async with door.client.post(door.url, allow_redirects=False, **kind) as response:
                assert response.status == 303
        async with door.client.post(door.url + COMPLAINTS, json={"text": "x" * 20_000}) as response:
            assert response.status == 201


async def test_more_words_than_a_complaint_has_are_counted_too() -> None:
    async with opened() as door:
        async with begun(door, 90_000, "text") as writer:
            writer.write(b'\r\n--b\r\nContent-Disposition: form-data; name="title"\r\n\r\n' + bytes(90_000))
            await until(lambda: door.site.room.taken > 10_000)
        await until(lambda: door.site.room.taken == 0)
        door.site.room.most = 0
        urlencoded = {"Content-Type": "application/x-www-form-urlencoded"}
        for body, headers in ((form(text="x" * 90_000), None), (in_pieces(b"text=", b"x" * 150_000, b"x" * 150_000), urlencoded)):
            async with door.client.post(door.url + COMPLAINTS, data=body, headers=headers) as response:
                assert response.status == 503
        door.site.room.most = ROOM
        fields = {f"f{number}": "x" * 90_000 for number in range(7)}
        async with door.client.post(door.url + COMPLAINTS, data=form(**fields)) as response:
            assert (await response.json(content_type=None))["faults"] == {"f6": "too_long", "text": "too_long"}


async def test_a_file_that_turns_out_too_large_gives_its_room_back_at_once() -> None:
    async with opened(max_file_bytes=100_000) as door, begun(door, 90_000) as writer:
        await until(lambda: door.site.room.taken > 20_000)
        writer.write(bytes(100_000))
        await until(lambda: door.site.room.taken == 0)


async def test_what_an_upload_took_is_given_back_however_it_ends() -> None:
    limits = {"max_file_bytes": 100_000, "max_body_bytes": 250_000, "max_files": 2, "submissions_per_hour": 0, "body_grace_s": 0.5}
    async with opened(Reception(), "", **limits) as door:
        room = door.site.room

        async def ends(status: int, *files: bytes, path: str = COMPLAINTS, **fields: str) -> None:
            async with door.client.post(door.url + path, data=form(*files, **fields)) as response:
                assert response.status == status
            assert room.taken == 0

        await ends(201, PICTURE, PICTURE)
        await ends(422, PICTURE, bytes(60_000))  # of no type
        await ends(422, PICTURE, b"\xff\xd8\xff\xe0" + bytes(60_000))  # broken
        await ends(422, PICTURE, bytes(100_001))  # too large
        await ends(422, PICTURE, PICTURE, PICTURE)  # too many
        await ends(422, *(bytes(90_000),) * 3)  # too large together
        await ends(422, PICTURE, title="x" * 300)  # a fault in its words
        await ends(400, PICTURE, **{f"f{number}": "x" for number in range(100)})  # no form of ours
        await ends(422, PICTURE, strange="x")
        await ends(404, PICTURE, path=REQUESTS, service_code="none")
        door.shelf.problem = Unavailable("store_error")
        await ends(503, PICTURE)
        door.shelf.problem = None
        with pytest.raises((AssertionError, ClientError)):
            await ends(201, *(bytes(100_000),) * 20)  # not read to its end
        for gone in (True, False):  # who hangs up, and who only stops
            async with begun(door, 90_000) as writer:
                await until(lambda: room.taken > 50_000)
                if gone:
                    writer.transport.abort()
                await until(lambda: room.taken == 0)
        room.most = len(PICTURE)
        await ends(201, PICTURE)


async def test_of_an_upload_whose_sender_has_gone_nothing_is_in_memory() -> None:
    async with opened() as door:
        gc.collect()
        gc.disable()
        tracemalloc.start()
        try:
            for _ in range(4):
                async with begun(door, 1_900_000) as writer:
                    await until(lambda: door.site.room.taken > 1_500_000)
                    writer.transport.abort()
                await until(lambda: door.site.room.taken == 0)
            assert tracemalloc.get_traced_memory()[0] < 3_000_000
        finally:
            tracemalloc.stop()
            gc.enable()


async def test_a_file_takes_room_until_it_is_on_disk_also_when_nobody_waits_for_it() -> None:
    async with opened(Reception(Shelf(slow=True))) as door:
        asking = asyncio.ensure_future(door.client.post(door.url + COMPLAINTS, data=form(PICTURE)))
        await until(lambda: door.shelf.waiting)
        asking.cancel()
        await asyncio.sleep(0.05)
        assert door.site.room.taken == len(PICTURE)
        door.shelf.waiting[0].set_result(Accepted(case_id="c", reference="r"))
        await until(lambda: door.site.room.taken == 0)


async def test_who_sends_too_often_takes_no_room_with_files() -> None:
    async with opened(submissions_per_hour=1) as door, begun(door, 90_000), begun(door, 90_000):
        await until(lambda: door.site.room.taken > 50_000)
        for _ in range(5):  # what has come of the second is read by now
            async with door.client.get(door.url):
                pass
        assert door.site.room.taken < 91_000


def test_the_largest_request_that_may_be_allowed_has_room() -> None:
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"max_body_bytes": ROOM}, Settings)
