"""The report on paper: tagged, with its fonts in it, and the same each time."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.reports import chart, pdf
from gateway.reports.table import Column, Sheet, paper
from gateway.reports.wording import LANGUAGES, Language, Wording
from tests.reports.ponorogo import NAMES, counted, entry, record, said, year


def printed(language: Language = "id", *, many: int = 0) -> bytes:
    """The evaluation of a year; `many` districts more."""
    more = [entry(100 + n, record=record(location=said({"code": f"35.{n // 90 + 10}.{n % 90 + 10}"}))) for n in range(many)]
    words = Wording(language)
    return pdf.of(paper(counted([*year(), *more]), words, lambda code: NAMES.get(code, f"Kecamatan {code}")), words)


def elements(node: Any) -> Iterator[Any]:
    """All of the tree of structure, in order."""
    if "/S" in node:
        yield node
    for kid in node.get("/K", []):
        if "/S" in kid or "/K" in kid:
            yield from elements(kid)


@pytest.mark.parametrize("language", LANGUAGES)
def test_it_says_its_language_its_title_and_what_each_thing_is(language: Language) -> None:
    with pikepdf.open(io.BytesIO(printed(language))) as document:
        root = document.Root
        assert (str(root.Lang), bool(root.MarkInfo.Marked), bool(root.ViewerPreferences.DisplayDocTitle)) == (language, True, True)
        kinds = [str(each.S) for each in elements(root.StructTreeRoot.K)]
        assert kinds.count("/H1") == 1
        assert kinds.count("/H2") >= 10
        assert {"/Table", "/TR", "/TH", "/TD", "/Figure", "/P"} <= set(kinds)
        figure = next(each for each in elements(root.StructTreeRoot.K) if each.S == "/Figure")
        assert "52" in str(figure.Alt)
        with document.open_metadata() as metadata:
            assert "2022" in metadata["dc:title"]


def test_every_piece_of_a_page_belongs_to_the_tree_or_is_decoration() -> None:
    with pikepdf.open(io.BytesIO(printed())) as document:
        pieces = dict(zip(*[iter(document.Root.StructTreeRoot.ParentTree.Nums)] * 2, strict=True))
        for number, page in enumerate(document.pages):
            depth, marked = 0, 0
            for each in pikepdf.parse_content_stream(page):
                operator = str(each.operator)
                depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(operator, 0)
                marked += operator == "BDC"
                assert depth in {0, 1}
                assert depth or operator not in {"Tj", "TJ", "f", "S", "B", "'"}
            assert marked == len(pieces[number])
            assert int(page.obj.StructParents) == number


def test_its_fonts_are_in_it() -> None:
    with pikepdf.open(io.BytesIO(printed())) as document:
        fonts = [each for each in document.objects if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/FontDescriptor"]
        assert fonts
        assert all("/FontFile2" in each for each in fonts)


def test_the_same_report_gives_the_same_octets() -> None:
    assert printed() == printed()


def test_a_long_table_goes_on_with_its_head_and_says_what_it_leaves_out() -> None:
    with pikepdf.open(io.BytesIO(printed(many=120))) as document:
        heads = [
            each for each in elements(document.Root.StructTreeRoot.K) if each.S == "/TH" and each.get("/A", {}).get("/Scope") == "/Column"
        ]
        assert len(document.pages) > 3
        assert len(heads) > 40
    with pikepdf.open(io.BytesIO(printed(many=3000))) as document:
        assert len(document.pages) < 12


def test_a_period_in_which_nothing_came_can_be_printed() -> None:
    words = Wording("id")
    assert pdf.of(paper(counted([]), words, str), words).startswith(b"%PDF-")


counts = st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 10**6), st.integers(0, 10**6)), max_size=60)


@given(counts)
def test_the_columns_of_a_chart_stay_within_it(found: list[tuple[int, int, int]]) -> None:
    columns = [Column("day", "label"), *[Column(each, "count") for each in "abc"]]
    laid = chart.columns(Sheet("moments", "", columns, [(str(n), *row) for n, row in enumerate(found)]), 500, 150)
    assert len(laid.blocks) == 3 * len(found)
    for block in laid.blocks:
        assert laid.left <= block.x
        assert block.x + block.width <= laid.width + 0.01
        assert 0 <= block.y <= block.y + block.height <= laid.floor + 0.01


@given(st.integers(0, 10**9))
def test_four_steps_reach_the_largest(most: int) -> None:
    step = chart.nice(most)
    assert step * 4 >= most
    assert step <= max(most, 1) or most < 4
