"""The room itself: who comes in, what a page says, and that what was done is written down for good."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from operator import methodcaller
from pathlib import Path

import aiohttp
import apsw
import pytest
from yarl import URL

from gateway.console import cabinet, room, words
from gateway.console.audit import Act, Audit
from gateway.journal import FLUSH_S
from tests.console.opened import House, house, officer


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[House]:
    async with house(tmp_path) as one:
        yield one


async def test_whoever_is_not_signed_in_is_asked_who_he_is(here: House) -> None:
    async with officer(here, None) as stranger:
        answer = await stranger.get("/?a=b")
        assert (answer.status, answer.headers["Location"]) == (303, "/sign-in?to=%2F%3Fa%3Db")
        assert "operator" not in answer.text
        assert (await stranger.sign_in("viewer", "something else altogether")).status == 403
        assert (await stranger.sign_in("nobody")).status == 403
        assert (await stranger.get("/")).status == 303


async def test_an_officer_sees_how_the_channels_are_and_leaves_again(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        page = await viewer.get("/")
        assert page.status == 200
        assert "operator" in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert page.headers["Cache-Control"] == "no-store"
        cookie = viewer.cookie
        assert (await viewer.post("/sign-out")).status == 303
        async with aiohttp.ClientSession(cookies={"lapor_session": cookie}) as copied:
            assert (await copied.get(f"{here.url}/", allow_redirects=False)).status == 303


async def test_the_language_is_the_officers_choice(here: House) -> None:
    async with officer(here, "viewer") as viewer:
        assert '<html lang="id">' in (await viewer.get("/")).text
        await viewer.post("/language", language="en", to="/")
        assert '<html lang="en">' in (await viewer.get("/")).text
        assert (await viewer.post("/language", language="id", to="//elsewhere.example")).headers["Location"] == "/"


async def test_a_form_that_another_site_sent_is_refused(here: House) -> None:
    async with officer(here, "admin") as admin:
        foreign = {"Sec-Fetch-Site": "cross-site"}
        async with admin.session.post(f"{here.url}/sign-out", headers=foreign, allow_redirects=False) as answer:
            assert answer.status == 403
        assert (await admin.get("/")).status == 200


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"\xff\xfe=%ff", "application/x-www-form-urlencoded"),
        (b"name=x", "application/x-www-form-urlencoded; charset=nonsense"),
        (b"--x\r\nbroken", "multipart/form-data; boundary=x"),
    ],
)
async def test_what_is_no_form_is_answered_so_and_nothing_falls(here: House, body: bytes, kind: str) -> None:
    async with officer(here, "viewer") as viewer:
        for path in ("/sign-in", "/language", "/account/password"):
            headers = {"Origin": here.url, "Content-Type": kind}
            async with viewer.session.post(f"{here.url}{path}", data=body, headers=headers, allow_redirects=False) as answer:
                assert (answer.status, answer.headers["Cache-Control"]) == (400, "no-store")
                assert "Isian ini tidak dapat dibaca" in await answer.text()
    assert b"answer_fell" not in here.log.getvalue()


@pytest.mark.parametrize("said", [b"", b"name=viewer"])
@pytest.mark.parametrize("after_s", [0, 0.05])
async def test_a_caller_who_hangs_up_before_his_form_is_here_is_no_fault_of_ours(here: House, said: bytes, after_s: float) -> None:
    address = URL(here.url)
    assert address.host and address.port
    for path in ("/sign-in", "/language"):
        _, writer = await asyncio.open_connection(address.host, address.port)
        form = "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 700"
        writer.write(f"POST {path} HTTP/1.1\r\nHost: x\r\nSec-Fetch-Site: same-origin\r\n{form}\r\n\r\n".encode() + said)
        await asyncio.sleep(after_s)
        writer.transport.abort()
    async with officer(here, "viewer") as viewer:
        assert (await viewer.get("/")).status == 200
    await asyncio.sleep(2 * FLUSH_S)
    assert b"answer_fell" not in here.log.getvalue()


async def test_the_audit_is_only_added_to_and_shows_what_was_changed(tmp_path: Path) -> None:
    async with cabinet.opened(tmp_path, room.TABLES) as file:
        audit = Audit(file)
        for number in range(3):
            await audit.write(Act(by="admin", act="parked.retry", on=f"{number}"))
        assert [written.act.on for written in await audit.last(2)] == ["2", "1"]
        assert await audit.broken() is None
        for sql in ("UPDATE audit SET words='x' WHERE id=2", "DELETE FROM audit WHERE id=2"):
            with pytest.raises(apsw.ConstraintError):
                await file.run(methodcaller("execute", sql))
        await file.run(lambda db: db.execute("DROP TRIGGER audit_stays"))
        await file.run(lambda db: db.execute("UPDATE audit SET words='x' WHERE id=2"))
        assert await audit.broken() == 2


def test_every_word_is_there_in_both_languages() -> None:
    said = words.load()
    assert {language: sorted(vars(said[language])) for language in said} == {language: sorted(vars(said["id"])) for language in said}


#: the same in both languages
SAME = {
    "access.role_admin", "access.role_operator", "alerts.nobody", "alerts.subject_open", "frame.audit", "overview.kind_http",
    "overview.kind_open311", "overview.kind_other", "overview.kind_social_telegram", "overview.kind_social_x", "overview.kind_xml",
    "report.save_csv", "report.save_pdf", "trace.kind_status",
}  # fmt: skip


def test_what_is_said_in_two_languages_is_translated() -> None:
    said = words.load()
    texts = [(name, key, text) for name, file in vars(said["id"]).items() for key, text in vars(file).items()]
    assert {f"{name}.{key}" for name, key, text in texts if text == getattr(getattr(said["en"], name), key)} == SAME
