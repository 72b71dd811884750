"""A report as words and tables, as CSV and as a workbook: the same in each, and nothing that a spreadsheet would run."""

from __future__ import annotations

import csv
import io
import re
import tomllib
import zipfile
from collections.abc import Sequence
from importlib import resources

import pytest

from gateway.reports import csv as as_csv
from gateway.reports import xlsx
from gateway.reports.counting import FLAGS, STATES
from gateway.reports.figures import DISPOSITIONS
from gateway.reports.table import Paper, paper, written
from gateway.reports.wording import LANGUAGES, Language, Wording
from tests.reports.ponorogo import NAMES, counted, entry, record, said, year

EVIL = "=HYPERLINK(1)"


def papers(language: Language = "id") -> Paper:
    return paper(counted(year()), Wording(language), lambda code: NAMES.get(code, code))


def lines(raw: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_word_is_there_in_each_language(language: Language) -> None:
    words = Wording(language)
    for key in (*DISPOSITIONS, *(f"state_{each}" for each in STATES), *(f"flag_{each}" for each in FLAGS)):
        assert words(key)
    assert words("months").count(" ") == words("short_months").count(" ") == 11


def test_both_languages_fill_in_the_same() -> None:
    for key, texts in tomllib.loads((resources.files("gateway.reports") / "words.toml").read_text("utf-8")).items():
        assert set(texts) == set(LANGUAGES), key
        assert len({tuple(sorted(set(re.findall(r"{\w*}", text)))) for text in texts.values()}) == 1, key


def test_the_evaluation_of_a_year() -> None:
    found = papers()
    assert found.heads[0] == ("Laporan diterima", "52")
    assert found.heads[2] == ("Dijawab atau selesai", "52 (100,0%)")
    channels = next(sheet for sheet in found.sheets if sheet.key == "channels")
    assert [tuple(row[:2]) for row in channels.rows] == [("web", 46), ("android", 5), ("sms", 1)]
    assert [row[0] for row in next(sheet for sheet in found.sheets if sheet.key == "districts").rows] == [
        "Ponorogo", "Babadan", "Jenangan", "Belum diketahui",
    ]  # fmt: skip
    assert found.period == "Periode 1 Januari 2022 s.d. 31 Desember 2022"


def test_a_period_in_which_nothing_came_is_told_of_without_a_fault() -> None:
    empty = paper(counted([]), Wording("en"), str)
    assert [sheet.key for sheet in empty.sheets] == ["moments"]
    assert as_csv.of(empty)
    assert xlsx.of(empty)


def test_a_few_are_said_to_be_a_few() -> None:
    found = paper(counted([entry(), entry(), entry(record=record(flags=["whistleblowing"]))]), Wording("id"), str)
    assert next(sheet for sheet in found.sheets if sheet.key == "flags").rows == [("Dugaan WBS (laporan dari dalam)", "kurang dari 3")]


@pytest.mark.parametrize(
    ("seconds", "id_", "en"),
    [(0.42, "0,4 detik", "0.4 s"), (59, "59 detik", "59 s"), (60, "1 menit", "1 min"), (3600 * 3 + 300, "3 jam 5 menit", "3 h 5 min"),
     (3600 * 50, "2 hari 2 jam", "2 d 2 h"), (86_400 * 12.4, "12 hari", "12 d")],
)  # fmt: skip
def test_a_span_is_said_as_people_say_it(seconds: float, id_: str, en: str) -> None:
    assert (Wording("id").span(seconds), Wording("en").span(seconds)) == (id_, en)


def test_numbers_are_written_as_each_language_does() -> None:
    assert written(1234567, "count", Wording("id")) == "1.234.567"
    assert written(0.1251, "share", Wording("id")) == "12,5%"
    assert written(1234567, "count", Wording("en")) == "1,234,567"


def test_the_csv_has_every_table_and_a_mark_at_its_beginning() -> None:
    raw, found = as_csv.of(papers()), papers()
    assert raw.startswith(b"\xef\xbb\xbf")
    told = lines(raw)
    for sheet in found.sheets:
        at = told.index([sheet.title])
        assert told[at + 1] == [column.title for column in sheet.columns]
        assert len(told[at + 2]) == len(sheet.columns)


@pytest.mark.parametrize("cell", [EVIL, "+62", "-1+1", "@SUM(A1)", "\tx", "\rx", " =1+1"])
def test_no_cell_of_a_csv_is_a_formula(cell: str) -> None:
    ((guarded,),) = lines(as_csv.written([[cell]]))
    assert guarded == f"'{cell}"


@pytest.mark.parametrize(
    ("cell", "told"),
    [("x;=1+1", "x;'=1+1"), ('x; "=1+1', "x;' \"=1+1"), ("x\n@SUM(A1)", "x\n'@SUM(A1)"), ("\n=1", "'\n'=1"), ("a-b; c = d", "a-b; c = d")],
)
def test_no_cell_is_a_formula_to_a_program_that_divides_lines_at_semicolons(cell: str, told: str) -> None:
    assert as_csv.guarded(cell) == told


def test_no_cell_of_a_workbook_is_a_formula_or_a_link() -> None:
    raw = xlsx.written("daftar", [["Kode", "Kata"], [EVIL, "http://127.0.0.1/"], ["{=1+1}", 3]])
    with zipfile.ZipFile(io.BytesIO(raw)) as book:
        told = book.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in told
        assert "hyperlink" not in told
        assert EVIL in book.read("xl/sharedStrings.xml").decode()


def test_the_workbook_has_a_sheet_for_each_table() -> None:
    found = papers("en")
    with zipfile.ZipFile(io.BytesIO(xlsx.of(found))) as book:
        names = re.findall(r'<sheet name="([^"]+)"', book.read("xl/workbook.xml").decode())
        charts = [name for name in book.namelist() if name.startswith("xl/charts/chart")]
    assert len(names) == len(found.sheets) + 1
    assert names[1] == "Over time"
    assert len(charts) == sum(bool(sheet.chart) for sheet in found.sheets)


def test_nothing_of_what_somebody_wrote_is_in_any_form() -> None:
    words = ("jangan dibaca", "Pak Budi")
    report = counted([entry(record=record(category=said("Pak Budi", "given"), text="jangan dibaca"))] * 3)
    found = paper(report, Wording("id"), str)
    with zipfile.ZipFile(io.BytesIO(xlsx.of(found))) as book:
        shared = book.read("xl/sharedStrings.xml")
    forms: Sequence[bytes] = (as_csv.of(found), shared)
    assert not [word for word in words for form in forms if word.encode() in form]
