"""Who counts: out of a store and an archive, each report once, and nothing that holds anybody up."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from channels.base import Unavailable
from gateway.archive import Archive
from gateway.reports import cases
from gateway.reports.bureau import MOST, Asked, Bureau, opened
from gateway.reports.figures import Report
from gateway.reports.period import Period
from gateway.reports.wording import Wording
from gateway.store.bundle import Bundle, Rows
from tests.promises.stores import STORES, put
from tests.reports.ponorogo import YEAR, ZONE, entry, record, said, year
from tests.reports.shelf import Shelf

ASKED = Asked(YEAR)


@pytest.fixture
async def shelf() -> Shelf:
    return Shelf(year())


@pytest.fixture
async def bureau(shelf: Shelf, tmp_path: Path) -> AsyncIterator[Bureau]:
    async with opened(shelf, Archive(tmp_path / "archive"), office="Dinas", zone=ZONE) as one:
        yield one


async def counted(bureau: Bureau, asked: Asked = ASKED) -> Report:
    report = await bureau.report(asked)
    assert isinstance(report, Report)
    return report


async def test_a_report_is_counted_page_by_page_and_once(bureau: Bureau, shelf: Shelf) -> None:
    report = await counted(bureau)
    assert (report.received, report.office, shelf.looks) == (52, "Dinas", 6)
    assert await counted(bureau) is report
    assert shelf.looks == 6
    assert (await counted(bureau, Asked(YEAR, "35.02.17"))).received == 21


async def test_who_asks_while_it_is_counted_hears_how_far_it_is(bureau: Bureau, shelf: Shelf) -> None:
    shelf.gate.clear()
    assert await bureau.report(ASKED, 0.01) == 0
    shelf.gate.set()
    assert isinstance(await bureau.report(ASKED, 5), Report)


async def test_a_store_that_is_away_is_asked_again_next_time(bureau: Bureau, shelf: Shelf) -> None:
    shelf.closed = True
    with pytest.raises(Unavailable):
        await bureau.report(ASKED)
    shelf.closed = False
    assert (await counted(bureau)).received == 52


async def test_a_real_store_is_read(tmp_path: Path) -> None:
    for name, subject in STORES.items():
        (tmp_path / name).mkdir()
        async with (
            subject.opened(tmp_path / name, 5) as store,
            opened(store, Archive(tmp_path / "archive"), office="", zone=ZoneInfo("Asia/Jakarta")) as bureau,
        ):
            await put(store, *range(5))
            period = Period(bureau.today.replace(day=1), bureau.today)
            report = await counted(bureau, Asked(period))
            assert (report.received, report.unread, report.dispositions["waiting"]) == (5, 5, 5)


async def test_what_lies_in_the_archive_of_this_machine_is_counted_whole(tmp_path: Path) -> None:
    archive = Archive(tmp_path / "archive")
    rows: Rows = {"records": [{"case_id": 1, "record": record(classification=said("aspirasi", "given"))}], "letters": [{"step": "sent"}]}
    (place,) = archive.keep([Bundle(1, rows)])
    here, elsewhere = (entry(n, record=None, letters=(), archived=at) for n, at in ((1, place), (2, "other.lapor:40")))
    async with opened(Shelf([here, elsewhere, entry(3, letters=())]), archive, office="", zone=ZONE) as bureau:
        report = await counted(bureau)
    assert (report.received, report.unread, report.letters["sent"]) == (3, 1, 1)
    assert report.classifications["aspirasi"].given == 1


async def test_the_list_of_cases_leaves_out_what_is_for_few_eyes(tmp_path: Path) -> None:
    secret = entry(2, record=record(privacy="rahasia"), channel="sms")
    test = entry(3, record=record(flags=["test"]))
    question = entry(4, step="declined", code="question", registered_at=None)
    async with opened(Shelf([entry(), secret, test, question]), Archive(tmp_path), office="", zone=ZONE) as bureau:
        asked = Asked(Period(date(2022, 3, 1), date(2022, 3, 1)))
        head, open_, few = await cases.listed(bureau, asked, Wording("id"), few=False)
        assert len(head) == len(open_) == len(few)
        assert open_[8:12] == ["Pengaduan", "Tidak berkadar pengawasan", "Kesehatan", "35.02.17.1001"]
        assert few[:4] == ["7K3Q-9FXM-2CH4", "sms", "2022-03-01 10:00", "Terdaftar di sistem tujuan"]
        assert few[8:] == ["", "", "", "", "terbatas"]
        assert (await cases.listed(bureau, asked, Wording("id"), few=True))[2][8] == "Pengaduan"


async def test_a_list_that_nobody_would_work_through_is_not_made(tmp_path: Path) -> None:
    async with opened(Shelf(year()), Archive(tmp_path), office="", zone=ZONE) as bureau:
        assert len(await cases.listed(bureau, ASKED, Wording("id"), few=True, most=52)) == 53
        with pytest.raises(cases.TooMany):
            await cases.listed(bureau, ASKED, Wording("id"), few=True, most=51)


async def test_who_asks_for_ever_new_reports_is_put_off(bureau: Bureau, shelf: Shelf) -> None:
    shelf.gate.clear()
    for day in range(1, MOST + 1):
        await bureau.report(Asked(Period(date(2022, 1, day), date(2022, 3, 1))), 0)
    with pytest.raises(Unavailable):
        await bureau.report(ASKED, 0)
    shelf.gate.set()
    await bureau.report(Asked(Period(date(2022, 1, 1), date(2022, 3, 1))))
    assert (await counted(bureau)).received == 52
