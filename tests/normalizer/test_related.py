"""Codes that a text quotes are links, each with its evidence; what merely looks like one is not."""

from __future__ import annotations

import pytest

from normalizer.complaint import Related
from normalizer.reference import mint, write
from normalizer.related import quoted

OWN, FIRST, SECOND = (write(mint(b"k" * 32, "test", str(n))) for n in range(3))


def test_a_quoted_code_is_a_follow_up_however_often_it_stands_there() -> None:
    text = f"Mohon kabar laporan {FIRST}.\n> Kode laporan: {FIRST}\n> {SECOND.lower()}, kode saya {OWN}"
    assert quoted(text, OWN) == (
        Related(id=FIRST, kind="follow_up", evidence="quoted"),
        Related(id=SECOND, kind="follow_up", evidence="quoted"),
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "jalan rusak",
        "RW-0001-0002",
        FIRST.replace("-", " "),
        f"x{FIRST}",
        f"{FIRST}-77",
        FIRST[:-1] + ("0" if FIRST[-1] != "0" else "2"),
        "0812-0000-0001",
        "kata-kata-kita",
    ],
)
def test_what_only_looks_like_a_code_is_none(text: str) -> None:
    assert quoted(text, OWN) == ()


def test_a_list_of_codes_is_cut() -> None:
    codes = [write(mint(b"k" * 32, "test", str(n))) for n in range(30)]
    assert len(quoted("\n".join(codes), "")) == 10
