"""The desk of what is parked or was declined: what an officer sees, what he does, and who may not."""

from __future__ import annotations

import re

import pytest

from tests.console.opened import officer
from tests.console.shelves import TEXT, Shelves

pytestmark = pytest.mark.asyncio(loop_scope="session")


def codes(page: str) -> list[str]:
    """Of the cases that a page lists."""
    return re.findall(r'<a class="mono code" href="/parked/([\w-]+)"', page)


async def test_the_list_says_why_and_what_to_do_and_masks_what_it_says(here: Shelves) -> None:
    code = await here.aside("parked", "bug", words="normalize.py:12 0812-0000-4321")
    async with officer(here.house, "viewer") as viewer:
        page = (await viewer.get("/parked")).text
    assert codes(page) == [code]
    assert "Kesalahan pada program kami" in page
    assert "Lampu jalan mati" in page
    assert "4321" not in page
    assert 'name="act"' not in page


async def test_one_is_sent_on_and_taken_back_and_both_are_written_down(here: Shelves) -> None:
    code = await here.aside("parked", "bug")
    async with officer(here.house, "operator") as rini:
        answer = await rini.post("/parked", act="retry", step="parked", case=code, reason="sudah diperbaiki")
        assert answer.status == 303
        page = (await rini.get(answer.headers["Location"])).text
        assert "1 kasus diteruskan; buku besar mendengarnya 20 detik lagi." in page
        assert await here.step(code) == "submit"
        answer = await rini.post("/parked", act="undo", step="parked", case=code)
        assert "1 kasus kembali ke tempatnya." in (await rini.get(answer.headers["Location"])).text
    assert await here.step(code) == "parked"
    assert await here.acts(code) == [("operator", "retry", "sudah diperbaiki"), ("operator", "undo", "")]
    assert await here.audit(code) == [("operator", "parked.retry", code), ("operator", "parked.undo", code)]


async def test_several_are_dropped_with_a_reason_and_brought_back_from_the_declined(here: Shelves) -> None:
    first, second = await here.aside("parked", "bug"), await here.aside("triage", "spam_suspect")
    assert await here.store.drop((await here.store.listing("triage", 1))[0].case_id, "budi", "iklan")
    async with officer(here.house, "operator") as rini:
        answer = await rini.post("/parked", act="drop", step="parked", case=first, reason=" ")
        assert "tuliskan alasannya" in (await rini.get(answer.headers["Location"])).text
        assert await here.step(first) == "parked"
        await rini.post("/parked", act="drop", step="parked", case=first, reason="ganda")
        assert codes((await rini.get("/parked")).text) == []
        page = (await rini.get("/parked?step=declined")).text
        assert codes(page) == [second, first]
        for code in (first, second):
            await rini.post("/parked", act="undo", step="declined", case=code)
        assert [await here.step(first), await here.step(second)] == ["parked", "triage"]
        # … and one that was sent on from there is taken back too
        await rini.post("/parked", act="drop", step="parked", case=first, reason="ganda")
        answer = await rini.post("/parked", act="retry", step="declined", case=first)
        assert f'name="case" value="{first}"' in (await rini.get(answer.headers["Location"])).text
        assert await here.step(first) == "submit"
        await rini.post("/parked", act="undo", step="declined", case=first)
        assert await here.step(first) == "parked"


async def test_who_comes_second_hears_what_became_of_it(here: Shelves) -> None:
    code = await here.aside("parked", "bug")
    async with officer(here.house, "operator") as rini, officer(here.house, "supervisor") as budi:
        await budi.post("/parked", act="drop", step="parked", case=code, reason="ganda")
        answer = await rini.post("/parked", act="retry", step="parked", case=code)
        page = (await rini.get(answer.headers["Location"])).text
        assert f"{code} sudah tidak di sini: tidak diteruskan. Yang terakhir menanganinya supervisor." in page
        assert (await rini.get("/parked/0000-0000-0000")).status == 404
    assert [act for _, act, _ in await here.acts(code)] == ["drop"]


async def test_a_list_is_filtered_and_all_of_a_filter_are_sent_on(here: Shelves) -> None:
    bugs = [await here.aside("parked", "bug", f"{TEXT} {n}") for n in range(3)]
    other = await here.aside("parked", "unknown")
    async with officer(here.house, "operator") as rini:
        assert codes((await rini.get("/parked?code=bug&channel=web")).text) == bugs
        assert codes((await rini.get("/parked?channel=sms")).text) == []
        assert codes((await rini.get("/parked?after=%27")).text) == [*bugs, other]
        answer = await rini.post("/parked/all", code="bug", channel="")
        assert "3 kasus diteruskan." in (await rini.get(answer.headers["Location"])).text
        assert codes((await rini.get("/parked")).text) == [other]
        # a ledger may have this one: somebody looks first
        assert "/parked/all" not in (await rini.get("/parked?code=unknown")).text
        await rini.post("/parked/all", code="unknown", channel="")
        assert codes((await rini.get("/parked")).text) == [other]
    assert ("operator", "parked.retry_all", "") in await here.audit("")


async def test_a_text_is_shown_whole_to_one_who_says_why_and_can_be_replaced_and_brought_back(here: Shelves) -> None:
    code = await here.aside("parked", "unreadable")
    async with officer(here.house, "operator") as rini:
        assert "4321" not in (await rini.get(f"/parked/{code}")).text
        assert (await rini.post(f"/parked/{code}/text", reason="")).status == 422
        page = await rini.post(f"/parked/{code}/text", reason="huruf rusak semua")
        assert (page.status, "0812-0000-4321" in page.text) == (200, True)
        await rini.post(f"/parked/{code}/edit", text="Lampu di Jalan Mawar mati.")
        assert "Lampu di Jalan Mawar mati." in (await rini.get(f"/parked/{code}")).text
        await rini.post(f"/parked/{code}/edit", restore="1")
        assert "Lampu jalan mati" in (await rini.get(f"/parked/{code}")).text
    assert [act for _, act, _ in await here.acts(code)] == ["edit", "edit"]
    assert [act for _, act, _ in await here.audit(code)] == ["unmask", "parked.edit", "parked.restore"]


async def test_what_a_confidential_case_says_is_for_a_supervisor(here: Shelves) -> None:
    code = await here.aside("parked", "bug", "Kepala dinas memeras pedagang", privacy="rahasia", words="Kepala dinas")
    async with officer(here.house, "operator") as rini, officer(here.house, "supervisor") as budi:
        for path in ("/parked", f"/parked/{code}"):
            assert code in (await rini.get(path)).text
            assert "Kepala dinas" not in (await rini.get(path)).text
            assert "Kepala dinas" in (await budi.get(path)).text
        assert "Kepala dinas" not in (await rini.post(f"/parked/{code}/text", reason="perlu dibaca lengkap")).text
        assert (await rini.post(f"/parked/{code}/edit", text="lain")).status == 403
        answer = await rini.post("/parked", act="drop", step="parked", case=code, reason="tidak penting")
        assert "hanya supervisor" in (await rini.get(answer.headers["Location"])).text
        assert await here.step(code) == "parked"
        await budi.post("/parked", act="drop", step="parked", case=code, reason="ganda")
    assert await here.step(code) == "declined"
