"""What comes in with a form: weighed while it comes, known by its content, cleaned, and never a reason to lose a word."""

from __future__ import annotations

import asyncio
from io import BytesIO
from typing import Any
from urllib.parse import urlencode

import pytest
from aiohttp import FormData
from PIL import Image

from channels.web.uploads import Limits, Meter, plain_name, words
from tests.fakes.inbox import until
from tests.fakes.web_host import Door, opened
from tests.web import made

COMPLAINTS = "/api/v1/complaints"


def form(*files: tuple[str, bytes], **fields: str) -> FormData:
    body = FormData({"text": "Jalan rusak"} | fields, default_to_multipart=True)
    for name, content in files:
        body.add_field("files", content, filename=name, content_type="application/x-whatever")
    return body


async def send(door: Door, body: FormData) -> tuple[int, dict[str, Any]]:
    async with door.client.post(door.url + COMPLAINTS, data=body) as response:
        return response.status, await response.json(content_type=None)


async def test_files_are_kept_clean_and_named_for_what_they_are() -> None:
    async with opened() as door:
        sent = form(("IMG_1.jpeg", made.picture()), ("surat.exe", made.pdf()), ("", b""), ("rekaman", made.amr()))
        status, _ = await send(door, sent)
        assert status == 201
        (arrival,) = door.shelf.arrivals
        message = door.site.decode(arrival, ())
    assert [(one.name, one.media_type) for one in arrival.files] == [
        ("IMG_1.jpg", "image/jpeg"),
        ("surat.pdf", "application/pdf"),
        ("rekaman.amr", "audio/amr"),
    ]
    assert message.attachments == ()  # the store names what lies in it
    assert all(made.BYTES not in one.content for one in arrival.files)
    with Image.open(BytesIO(arrival.files[0].content)) as kept:
        assert not kept.getexif()


async def test_whose_file_it_was_is_not_in_its_name_for_whoever_stays_anonymous() -> None:
    async with opened() as door:
        await send(door, form(("ktp_warga.jpeg", made.picture()), privacy="anonim"))
        (arrival,) = door.shelf.arrivals
    assert [one.name for one in arrival.files] == ["lampiran-1.jpg"]
    assert b"ktp" not in arrival.raw


async def test_the_same_form_with_files_and_key_is_the_same_complaint() -> None:
    async with opened() as door:
        for picture in (made.picture(), made.picture(), made.picture(size=(50, 20))):
            assert (await send(door, form(("a.jpg", picture), key="k")))[0] == 201
        one, again, other = [arrival.source_id for arrival in door.shelf.arrivals]
    assert one == again != other


@pytest.mark.parametrize(
    ("files", "fault"),
    [
        ([("a.jpg", made.picture() + bytes(70_000))], "file_size"),
        ([("a.jpg", b"MZ" + bytes(100))], "file_type"),
        ([("a.jpg", b"\xff\xd8\xff\xe0" + bytes(100))], "file_broken"),
        ([("a.jpg", made.picture())] * 4, "too_many_files"),
        ([("a.jpg", bytes(60_000))] * 3, "too_large"),
        ([("a.docx", made.office(parts={"word/vbaProject.bin": b"x"}))], "file_broken"),
    ],
)
async def test_a_fault_names_the_files(files: list[tuple[str, bytes]], fault: str) -> None:
    async with opened(max_file_bytes=65_536, max_body_bytes=150_000, max_files=3) as door:
        status, document = await send(door, form(*files))
        assert (status, document["faults"]) == (422, {"files": fault})
        assert door.shelf.arrivals == []


async def test_no_word_is_lost_by_a_file_that_is_too_large() -> None:
    """The page of the form comes back with everything that was typed, also behind the file."""
    body = FormData({"title": "Jalan rusak di depan pasar"}, default_to_multipart=True)
    body.add_field("files", bytes(200_000), filename="a.jpg")
    body.add_field("text", "Sudah tiga bulan.")
    async with opened(max_file_bytes=65_536, max_body_bytes=100_000) as door, door.client.post(door.url + "/", data=body) as response:
        page = await response.text()
        assert response.status == 422
    assert "Jalan rusak di depan pasar" in page
    assert "Sudah tiga bulan." in page


async def test_what_is_far_too_large_is_not_read_to_its_end() -> None:
    async with opened(max_file_bytes=65_536, max_body_bytes=65_536) as door:
        status, document = await send(door, form(("a.jpg", bytes(1_000_000))))
        assert (status, document["code"]) == (413, "too_large")


@pytest.mark.parametrize("text", ["Jalan rusak di Jalan Café “Mawar”", "雨で道が壊れた", "60% rusak & licin = bahaya + gelap"])
async def test_a_form_of_words_alone_is_read_as_a_terminal_or_a_program_writes_it(text: str) -> None:
    plain = text.replace("%", "%25").replace("&", "%26").replace("+", "%2B")
    async with opened() as door:
        for body in (urlencode({"text": text}), f"text={plain}"):
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            async with door.client.post(door.url + COMPLAINTS, data=body.encode(), headers=headers) as response:
                assert response.status == 201
        assert [door.site.decode(arrival, ()).text for arrival in door.shelf.arrivals] == [text, text]


async def test_words_are_weighed_before_they_are_taken_apart() -> None:
    longest, too_much = "\N{MOTORWAY}" * 20_000, "x" * 600_001
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    async with opened() as door:
        for text, status in ((longest, 201), (too_much, 413)):
            async with door.client.post(door.url + COMPLAINTS, data=urlencode({"text": text}), headers=headers) as response:
                assert response.status == status


async def test_a_body_that_stops_coming_is_given_up() -> None:
    async with opened(body_grace_s=0.05) as door:
        host, port = door.url.removeprefix("http://").split(":")
        reader, writer = await asyncio.open_connection(host, int(port))
        for kind in ("multipart/form-data; boundary=b", "application/json"):
            writer.write(f"POST {COMPLAINTS} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n--b\r\n".encode())
            assert (await reader.readline()).split()[1] == b"408"
            writer.close()
            reader, writer = await asyncio.open_connection(host, int(port))
        writer.close()


async def test_a_body_of_which_much_has_come_is_given_up_when_no_more_does() -> None:
    limits = Limits(file_bytes=10**7, files=5, body_bytes=10**7, grace_s=30)
    async with asyncio.timeout(60) as deadline:
        Meter(limits, deadline).count(bytes(10**7))
        assert (deadline.when() or 0) <= asyncio.get_running_loop().time() + 180


async def test_a_byte_now_and_then_does_not_keep_a_body_alive_however_much_of_it_has_come() -> None:
    async with asyncio.timeout(60) as deadline:
        meter = Meter(Limits(file_bytes=10**7, files=5, body_bytes=10**7, grace_s=10), deadline)
        meter.count(bytes(10**7))
        until = deadline.when() or 0
        await asyncio.sleep(0.1)
        meter.count(b"x")
        assert until <= (deadline.when() or 0) < until + 0.05


async def test_whoever_hangs_up_in_the_middle_leaves_nothing() -> None:
    async with opened() as door:
        host, port = door.url.removeprefix("http://").split(":")
        for kind in ("multipart/form-data; boundary=b", "application/json", "application/x-www-form-urlencoded"):
            _, writer = await asyncio.open_connection(host, int(port))
            writer.write(
                f"POST {COMPLAINTS} HTTP/1.1\r\nHost: x\r\nContent-Type: {kind}\r\nContent-Length: 100\r\n\r\n--b\r\nContent-".encode()
            )
            await writer.drain()
            writer.close()
        await until(lambda: door.site.counts["api_too_slow"] == 3)
        assert door.shelf.arrivals == []


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"--b",
        b"--b--\r\n",
        b"--b\r\n\r\nx\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n',
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nx',
        b"--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n--c--\r\n--b--\r\n",
        b'--b\r\nContent-Disposition: form-data; name="f"; filename="x"\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--b--\r\n',
        b"--b\r\n" + b"A: b\r\n" * 5000,
        b'--b\r\nContent-Disposition: form-data; name="_charset_"\r\n\r\n' + b"x" * 50 + b"\r\n--b--\r\n",
        b"\xff" * 500,
    ],
)
async def test_a_broken_form_is_a_plain_refusal(body: bytes) -> None:
    async with (
        opened() as door,
        door.client.post(door.url + COMPLAINTS, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}) as response,
    ):
        assert response.status in {400, 422}
        assert response.content_type == "application/problem+json"
        assert door.shelf.arrivals == []


async def test_a_strange_name_of_a_file_is_printed_nowhere() -> None:
    """The server's library warns of it, with the name in it; here a warning would be a fault."""
    body = (
        b'--b\r\nContent-Disposition: form-data; name="text"\r\n\r\nJalan rusak\r\n'
        b"--b\r\nContent-Disposition: form-data; name=\"files\"; filename*=utf-8''ktp%ff\r\n\r\n" + made.amr() + b"\r\n--b--\r\n"
    )
    async with (
        opened() as door,
        door.client.post(door.url + COMPLAINTS, data=body, headers={"Content-Type": "multipart/form-data; boundary=b"}) as response,
    ):
        assert response.status in {201, 422}


async def test_a_long_field_and_many_fields_are_refused() -> None:
    async with opened() as door:
        assert (await send(door, form(text="x" * 150_000)))[1]["faults"] == {"text": "too_long"}
        assert (await send(door, form(**{f"f{number}": "x" for number in range(200)})))[0] == 400


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        ("foto.JPG", "foto.jpg"),
        ("/etc/passwd", "passwd.jpg"),
        ("..", "lampiran-2.jpg"),
        ("C:\\foto\\rumah.jpeg", "rumah.jpg"),
        ("\udcff.png", "lampiran-2.jpg"),
        ("a\x00b\n.png", "ab.jpg"),
        (".jpg", "lampiran-2.jpg"),
        ("x" * 300, "x" * 100 + ".jpg"),
    ],
)
def test_names_are_plain(sent: str, kept: str) -> None:
    assert plain_name(sent, "image/jpeg", 2) == kept


def test_words_that_are_not_utf8_are_read_all_the_same() -> None:
    assert words("dusun é".encode()) == "dusun é"
    assert words("dusun é".encode("latin-1")) == "dusun é"
    assert words(b"\x81\x8d")
