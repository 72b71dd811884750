"""Files on their way to a real ledger on loopback: each alone, made to fit, cleaned, tried again, or left to a person."""

from __future__ import annotations

import base64
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pytest
from aiohttp import web
from PIL import Image

from channels.base import Arrival, Attachment
from channels.email import mailbox
from forwarder import http_ledger
from forwarder.ledger import Registration
from gateway.enclosures import Enclosures
from gateway.filing import Bringing
from gateway.handing import ROUTE, handing
from gateway.journal import Journal, Lines
from gateway.links import Links
from gateway.metrics import Metrics
from gateway.store.base import Store
from gateway.store.record import FileState, Settlement
from gateway.store.sqlite import opened
from normalizer.complaint import AttachmentNote, Privacy
from tests.fakes.ledger import FakeLedger
from tests.forwarder.records import complaint
from tests.gateway.tiny import Tiny
from tests.promises.stores import numbers
from tests.web.made import BYTES, pdf, picture

NAMES = {"image/jpeg": "lubang jalan.jpg", "application/pdf": "surat.pdf", "application/x-unknown": "data.xyz"}


class Office:
    """A store, a ledger, and who brings the one's files to the other."""

    def __init__(self, store: Store, fake: FakeLedger, ledger: http_ledger.HttpLedger) -> None:
        self.store, self.fake, self.metrics, self.out = store, fake, Metrics(), io.BytesIO()
        mail = mailbox.channel("mail", mailbox.Settings(address="lapor@desa.example"))
        self.enclosures = Enclosures(store, {"tiny": Tiny(), "mail": mail})
        self.journal = Journal(Lines(self.out))
        self.bringing = Bringing(store, ledger, self.enclosures, name="ledger", metrics=self.metrics, journal=self.journal)

    async def registered(self, *files: Attachment, channel: str = "tiny", raw: bytes = b"x", **record: Any) -> str:
        """A case with these files, of which the ledger knows; its reference."""
        accepted = await self.store.put(
            Arrival(channel=channel, source_id="1", raw=raw, received_at=datetime.now(UTC), files=files if channel == "tiny" else ()),
            numbers("1"),
        )
        (claim,) = await self.store.claim(1, 60)
        notes = tuple(AttachmentNote(name=file.name, media_type=file.media_type, size=len(file.content)) for file in files)
        told = msgspec.structs.replace(complaint(), reference=accepted.reference, attachments=notes, **record)
        self.fake.registrations[accepted.reference] = {}
        settlement = Settlement(
            claim=claim, step="done", registration=Registration(tracking_id="9165816", registered_at=datetime.now(UTC)),
            record=msgspec.json.encode(told), files=tuple(range(1, len(files) + 1)),
        )  # fmt: skip
        assert await self.store.settle(settlement)
        return accepted.reference

    async def bring(self) -> None:
        """One try of everything that is due."""
        for claim in await self.store.claim_files(10, 60):
            await self.bringing.attempt(claim)

    async def states(self, reference: str) -> Sequence[FileState]:
        life = await self.store.life(reference)
        assert life is not None
        return life.files


@asynccontextmanager
async def office(folder: Path, **settings: Any) -> AsyncIterator[Office]:
    async with FakeLedger() as fake, opened(folder / "gateway.db", most_letters=5) as store:
        made = http_ledger.ledger("ledger", http_ledger.Settings(url=fake.url, **settings), folder, lambda: datetime.now(UTC))
        assert isinstance(made, http_ledger.HttpLedger)
        yield Office(store, fake, made)
        await made.close()


def attached(content: bytes, media_type: str = "image/jpeg") -> Attachment:
    return Attachment(name=NAMES[media_type], media_type=media_type, content=content)


def noisy(edge: int) -> bytes:
    """A photograph that no encoder makes small."""
    out = io.BytesIO()
    Image.effect_noise((edge, edge), 100).convert("RGB").save(out, "JPEG", quality=95)
    return out.getvalue()


async def test_each_file_comes_after_its_complaint_in_a_call_of_its_own(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        reference = await here.registered(attached(picture()), attached(pdf(), "application/pdf"))
        await here.bring()
        assert here.fake.calls == [f"PUT /complaints/{reference}/attachments/{number}" for number in (1, 2)]
        headers, content = here.fake.files[reference, 1]
        assert content == picture()
        assert headers["Content-Type"] == "image/jpeg"
        assert headers["Content-Disposition"] == "attachment; filename*=UTF-8''lubang%20jalan.jpg"
        assert [(file.step, file.code) for file in await here.states(reference)] == [("sent", ""), ("sent", "")]
        assert here.metrics.files == {("ledger", "sent"): 2}


async def test_a_picture_that_is_too_large_comes_smaller_and_other_files_are_linked(tmp_path: Path) -> None:
    async with office(tmp_path, attachment_bytes=60_000) as here:
        photo, letter = noisy(700), attached(pdf() + b"\n" * 70_000, "application/pdf")
        assert len(photo) > 60_000
        reference = await here.registered(attached(photo), letter)
        record = (await here.store.life(reference)).record  # type: ignore[union-attr]  # it was put a moment ago
        assert record is not None
        await here.bring()
        headers, content = here.fake.files[reference, 1]
        assert len(content) <= 60_000
        assert headers["Content-Type"] == "image/jpeg"
        with Image.open(io.BytesIO(content)) as shown:
            assert shown.width == shown.height >= 320
        # without an address of ours there is no link, and a person must know
        assert [(file.step, file.code) for file in await here.states(reference)] == [("sent", ""), ("parked", "too_large")]
        here.journal.lines.flush()
        assert b"file_parked" in here.out.getvalue()
        assert b"surat" not in here.out.getvalue()


@pytest.mark.parametrize(
    ("fault", "step", "code"),
    [("files_503", "send", "http_503"), ("files_too_large", "parked", "http_413"), ("files_missing", "parked", "files_unsupported")],
)
async def test_what_the_ledger_will_not_take_now_comes_again_and_what_it_never_takes_waits_for_a_person(
    fault: str, step: str, code: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as here:
        reference = await here.registered(attached(picture()))
        here.fake.next(fault)
        await here.bring()
        (state,) = await here.states(reference)
        assert (state.step, state.code) == (step, code)
        assert here.fake.files == {}
        life = await here.store.life(reference)
        assert life is not None
        (tried,) = life.tries
        assert (tried.of, tried.nth, tried.step, tried.code) == ("file:1", 1, step, code)
        assert tried.said.startswith(f"PUT /api/complaints/{reference}/attachments/1\nHTTP ")


def mailed(content: bytes, kind: str) -> bytes:
    maintype, subtype = kind.split("/")
    body = b"".join(f"{line}\r\n".encode() for line in (
        "From: Warga <warga@desa.example>", "To: lapor@desa.example", "Subject: Jalan rusak", "Message-ID: <1@desa.example>",
        "MIME-Version: 1.0", "Content-Type: multipart/mixed; boundary=b", "", "--b", "Content-Type: text/plain", "", "Jalan rusak.", "--b",
        f'Content-Type: {maintype}/{subtype}; name="foto.jpg"', "Content-Disposition: attachment; filename=\"foto.jpg\"",
        "Content-Transfer-Encoding: base64", "",
    ))  # fmt: skip
    return body + base64.encodebytes(content).replace(b"\n", b"\r\n") + b"--b--\r\n"


@pytest.mark.parametrize(
    ("kind", "privacy", "step", "code"),
    [
        ("image/jpeg", "terbuka", "sent", ""),
        ("image/jpeg", "anonim", "sent", ""),
        ("application/x-unknown", "terbuka", "sent", ""),
        ("application/x-unknown", "anonim", "parked", "not_cleaned"),
    ],
)
async def test_a_mails_file_is_cleaned_and_one_that_cannot_be_is_not_sent_for_whoever_wants_no_name(
    kind: str, privacy: Privacy, step: str, code: str, tmp_path: Path
) -> None:
    async with office(tmp_path) as here:
        content = picture() if kind == "image/jpeg" else b"who knows"
        raw = mailed(content, kind)
        reference = await here.registered(attached(content, kind), channel="mail", raw=raw, privacy=privacy)
        await here.bring()
        (state,) = await here.states(reference)
        assert (state.step, state.code) == (step, code)
        if step == "sent":
            headers, sent = here.fake.files[reference, 1]
            assert BYTES not in sent
            assert ("lampiran-1" in str(headers)) == (privacy == "anonim")


async def test_a_link_hands_out_the_file_and_any_other_address_nothing(tmp_path: Path) -> None:
    async with office(tmp_path) as here:
        links = Links("https://lapor.example", b"key")
        app = web.Application()
        app.router.add_get(ROUTE, handing(here.store, links, here.enclosures))
        runner = web.AppRunner(app)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        base = f"http://127.0.0.1:{site.port}"
        reference = await here.registered(attached(picture()), received_at=datetime.now(UTC))
        life = await here.store.life(reference)
        assert life is not None
        assert life.record is not None
        record = msgspec.json.decode(life.record)
        told = links.in_record(msgspec.convert(record, type=type(complaint())))
        path = told.attachments[0].url.removeprefix("https://lapor.example")
        async with aiohttp.ClientSession() as session:
            async with session.get(base + path) as answer:
                assert answer.status == 200
                assert await answer.read() == picture()
                assert answer.headers["Content-Disposition"].startswith("attachment")
                assert "sandbox" in answer.headers["Content-Security-Policy"]
                assert answer.headers["Cache-Control"] == "private, no-store"
            for wrong in (path[:-1], path.replace("/1/", "/2/"), path.replace("/1/", "/0/"), path + "/x"):
                async with session.get(base + wrong) as answer:
                    assert answer.status == 404
        await runner.cleanup()
