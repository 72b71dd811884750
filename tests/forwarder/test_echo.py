"""Our own words coming back are known, in every language and filled with anything; a citizen who quotes them is not mistaken for them."""

from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import State
from forwarder.echo import Echo
from forwarder.wording import KINDS, LANGUAGES, URGENT, WIDEST, Found, load

WORDINGS = load()
CODE = "7K3Q-9FXM-2CH4"
VALUES = {"reference": CODE, "tracking_id": "9165816"}


def letters(**values: str) -> list[str]:
    """Every text; a status with every state, a question with every ask."""
    filled = [
        WORDINGS.fill("status", language, reference=CODE, state=WORDINGS.state(state, language, tracking_id="9165816", nearest=CODE))
        for language in LANGUAGES
        for state in (*get_args(State), *get_args(Found))
    ]
    return filled + [
        WORDINGS.fill(
            kind,
            language,
            urgent=urgent,
            state=WORDINGS.state("received", language),
            question=WORDINGS.question("place", language),
            **values,
        )
        for language in LANGUAGES
        for kind in KINDS
        for urgent in (False, kind in URGENT)
    ]


@pytest.mark.parametrize("values", [{key: WIDEST[key] for key in VALUES}, VALUES])
def test_every_letter_of_ours_is_known(values: dict[str, str]) -> None:
    for text in letters(**values):
        assert WORDINGS.ours(text)
        assert WORDINGS.ours(f'> "{text}"\r\n')
        assert WORDINGS.ours(text[:20] + text[20:].replace(" ", "\n"))


def test_who_adds_a_word_is_a_citizen() -> None:
    for text in letters(**VALUES):
        for said in (f"{text} kapan?", f"Kok begini: {text}", text[: len(text) // 2], text.replace(" ", " tidak ", 1), f"{text} {text}"):
            assert not WORDINGS.ours(said)


@pytest.mark.parametrize(
    "text",
    ["", "LAPOR!", "LAPOR! jalan rusak di depan pasar", f"LAPOR! Status laporan {CODE}: lampunya masih mati, kapan.", "LAPOR! " * 40],
)
def test_a_complaint_is_none_of_ours(text: str) -> None:
    assert not WORDINGS.ours(text)


@given(st.text(max_size=400))
def test_any_text_can_be_asked_about(text: str) -> None:
    assert WORDINGS.ours(text) in {True, False}


def test_the_texts_of_an_office_are_known_beside_those_that_other_gateways_send(tmp_path: Path) -> None:
    (tmp_path / "id.toml").write_text('receipt = "Dinas kami sudah menerima laporan {reference}"', encoding="utf-8")
    own = load(folder=str(tmp_path))
    for text in (f"Dinas kami sudah menerima laporan {CODE}", WORDINGS.fill("receipt", "id", reference=CODE)):
        assert own.ours(text)
    assert not WORDINGS.ours(f"Dinas kami sudah menerima laporan {CODE}")


def test_a_text_that_says_hardly_anything_is_not_looked_for() -> None:
    assert not Echo([{"receipt": "{reference} ok"}])(f"{CODE} ok")
