"""`gateway report …` with a real store: the tables, the files, the list."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest

from tests.gateway.test_cli import fault, ran, told
from tests.gateway.whole import Filled, filled, written

NOW = ("--period", "this_year")


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Filled]:
    """A settings file and what its store holds."""
    folder = tmp_path_factory.mktemp("office")
    return written(folder), filled(folder)


def test_show_prints_the_counts_and_no_word_of_a_citizen(office: tuple[Path, Filled]) -> None:
    config, cases = office
    status, out, _ = ran("report", "show", *NOW, "--config", config)
    assert status == 0
    assert "Laporan diterima: 3" in out
    assert "Terdaftar di sistem tujuan" in out
    assert "rusak" not in out
    assert cases.done not in out
    found = told("report", "show", *NOW, "--json", "--config", config)
    assert (found["received"], found["dispositions"]["forwarded"], found["dispositions"]["parked"]) == (3, 1, 1)
    assert "Reports received: 3" in ran("report", "show", *NOW, "--language", "en", "--config", config)[1]


@pytest.mark.parametrize(("name", "first"), [("a.pdf", b"%PDF-"), ("a.xlsx", b"PK"), ("A.CSV", b"\xef\xbb\xbf")])
def test_save_writes_what_the_name_says(tmp_path: Path, office: tuple[Path, Filled], name: str, first: bytes) -> None:
    config, _ = office
    assert ran("report", "save", tmp_path / name, *NOW, "--config", config)[0] == 0
    assert (tmp_path / name).read_bytes().startswith(first)


def test_cases_lists_codes_and_says_nothing_of_what_they_say(tmp_path: Path, office: tuple[Path, Filled]) -> None:
    config, cases = office
    assert ran("report", "cases", tmp_path / "a.csv", *NOW, "--config", config)[0] == 0
    head, *lines = csv.reader(io.StringIO((tmp_path / "a.csv").read_text("utf-8-sig")))
    assert head[0] == "Kode"
    assert {line[0] for line in lines} == {cases.done, cases.parked, cases.waiting}
    assert next(line for line in lines if line[0] == cases.done)[5] == cases.tracking_id


@pytest.mark.parametrize(
    ("words", "what"),
    [
        (("show", "--region", "99"), "--region"), (("show", "--from", "2026-02-30", "--to", "2026-03-01"), "--from"),
        (("show", "--from", "2026-03-02", "--to", "2026-03-01"), "--from"),
        (("show", "--from", "2026-03-02"), "--from, --to: expected two days like 2026-11-30"), (("save", "a.doc"), "a.doc"),
        (("cases", "a.pdf"), "a.pdf"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_a_line(office: tuple[Path, Filled], words: tuple[str, ...], what: str) -> None:
    config, _ = office
    assert what in fault(2, "report", *words, "--config", config)
