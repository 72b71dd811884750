"""Every text in every language: it fits one SMS, an office can change it, and a file with a fault is refused with line and key."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import LetterKind
from channels.sms.alphabet import septets
from forwarder.ledger import LONGEST_ID, tellable
from forwarder.wording import (
    ASKS,
    KEYS,
    KINDS,
    LANGUAGES,
    LONGEST,
    NAMED,
    NATIONAL,
    NUMBERS,
    PLACEHOLDERS,
    SMS,
    STATES,
    URGENT,
    WIDEST,
    Wordings,
    load,
    read,
)

WIDE_NUMBERS: Mapping[str, str] = {name: "9" * LONGEST[name] for name in NUMBERS}
WIDE = load(WIDE_NUMBERS)
GOOD = {kind: "".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS[kind])) or "words" for kind in KINDS}


GOOD_URGENT: Mapping[str, str] = {kind: "".join(f"{{{name}}}" for name in sorted(PLACEHOLDERS[kind] | NUMBERS)) for kind in URGENT}
GOOD_STATES = {state: f"{{{NAMED[state]}}}" if state in NAMED else "words" for state in STATES}

GOOD_ASKS = dict.fromkeys(ASKS, "words")
GOOD_GROUP = {"help": "words"}


def _document(*, states: Mapping[str, str] = GOOD_STATES, urgent: Mapping[str, str] = GOOD_URGENT, **texts: str | None) -> str:
    letters = [f"{kind} = {text!r}" for kind, text in (GOOD | texts).items() if text is not None]
    tables = {"emergency": urgent, "group": GOOD_GROUP, "states": states, "asks": GOOD_ASKS}
    return "\n".join([*letters, *(line for name, table in tables.items() for line in _table(name, table))])


def _table(name: str, texts: Mapping[str, str]) -> list[str]:
    return [f"[{name}]", *(f"{key} = {text!r}" for key, text in texts.items())]


@pytest.fixture(scope="module")
def wordings() -> Wordings:
    return load()


@pytest.mark.parametrize(("language", "kind"), list(itertools.product(LANGUAGES, KINDS)))
def test_every_text_fits_one_sms_with_its_longest_values(wordings: Wordings, language: str, kind: LetterKind) -> None:
    text = wordings.fill(kind, language, urgent=False, **WIDEST)
    needed = septets(text)
    # None: a backtick or a curly quote, with which an SMS holds 70 characters
    assert needed is not None
    assert needed <= 160
    assert "{" not in text


@pytest.mark.parametrize(("language", "kind"), list(itertools.product(LANGUAGES, URGENT)))
def test_who_tells_of_a_danger_reads_whom_to_call_in_one_sms(language: str, kind: LetterKind) -> None:
    text = load(WIDE_NUMBERS).fill(kind, language, urgent=True, **WIDEST)
    needed = septets(text)
    assert needed is not None
    assert needed <= 160
    assert text.count("999999") >= len(NUMBERS)
    said = load().fill(kind, language, urgent=True, reference="7K3Q-9FXM-2CH4", tracking_id="9165816")
    assert all(number in said for number in NATIONAL.values())
    assert "7K3Q-9FXM-2CH4" in said


def test_a_letter_without_a_second_text_says_the_same_in_danger(wordings: Wordings) -> None:
    assert wordings.fill("help", "id", urgent=True) == wordings.fill("help", "id")


def test_in_a_group_help_is_the_way_to_us(wordings: Wordings) -> None:
    assert "langsung ke saya" in wordings.elsewhere("id") == wordings.elsewhere("xx")
    assert len({wordings.elsewhere(language) for language in LANGUAGES}) == len(LANGUAGES)
    assert all((septets(wordings.elsewhere(language)) or SMS + 1) <= SMS for language in LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_who_is_registered_reads_our_code_and_the_ledgers_number(wordings: Wordings, language: str) -> None:
    text = wordings.fill("registered", language, reference="7K3Q-9FXM-2CH4", tracking_id="9165816")
    assert "7K3Q-9FXM-2CH4" in text
    assert "9165816" in text


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="`"), min_size=1, max_size=LONGEST_ID))
@pytest.mark.parametrize("language", LANGUAGES)
def test_a_number_of_any_length_makes_no_second_sms(language: str, number: str) -> None:
    assert tellable(number)
    kinds: list[tuple[LetterKind, bool]] = [("registered", False), ("registered", True), ("corrected", False)]
    for kind, urgent in kinds:
        text = WIDE.fill(kind, language, urgent=urgent, reference=WIDEST["reference"], tracking_id=number)
        assert (septets(text) or 999) <= SMS
        assert number in text or (".." in text and number[-4:] in text)
    assert (septets(WIDE.state("registered", language, tracking_id=number)) or 999) <= LONGEST["state"]


def test_a_number_is_told_whole_where_it_fits_and_by_its_end_where_not() -> None:
    def said(number: str) -> str:
        return WIDE.fill("registered", "jv", urgent=True, reference=WIDEST["reference"], tracking_id=number)

    long = "5f0c1b2a9e8d7c6b5a4938275f0c1b2a9e8d7c6b"
    assert "SR-2026-00012345" in said("SR-2026-00012345")
    assert len(said(long)) == SMS
    assert long not in said(long)
    assert f"{long[-20:]}." in said(long)


@pytest.mark.parametrize(("language", "state"), list(itertools.product(LANGUAGES, STATES)))
def test_where_a_case_stands_fits_into_the_letter_that_says_so(wordings: Wordings, language: str, state: Any) -> None:
    words = wordings.state(state, language, tracking_id="9" * 12, nearest=WIDEST["nearest"])
    assert len(words) <= LONGEST["state"]
    assert septets(words) is not None
    assert ("9" * 12 in words) == (state == "registered")
    assert (WIDEST["nearest"] in words) == (state == "nearest")


def test_each_language_has_its_own_words(wordings: Wordings) -> None:
    for kind in KINDS:
        assert len({wordings.fill(kind, language, urgent=False, **WIDEST) for language in LANGUAGES}) == len(LANGUAGES)


@pytest.mark.parametrize("language", [None, "", "min", "xx"])
def test_a_language_that_we_do_not_write_gets_indonesian(wordings: Wordings, language: str | None) -> None:
    assert wordings.fill("help", language) == wordings.fill("help", "id")


def test_a_value_with_braces_stays_as_it_is(wordings: Wordings) -> None:
    assert "{reference}" in wordings.fill("receipt", "id", reference="{reference}")


@pytest.mark.parametrize(
    ("document", "complaint"),
    [
        (_document(registered=None), "'registered' is missing"),
        (_document(help=" "), "'help' must be a text"),
        (_document(receipt="Terima kasih"), r"'receipt' lacks {reference}"),
        (_document(receipt="{reference} {name}"), r"'receipt' cannot have {name}"),
        (_document(receipt="{reference} {}"), r"'receipt' cannot have {}"),
        (_document(receipt="{reference.x}"), r"'receipt' lacks {reference}"),
        (_document(receipt="{reference:>999999999}"), "'receipt': a placeholder is a name in braces"),
        (_document(receipt="{reference!r}"), "'receipt': a placeholder is a name in braces"),
        (_document(receipt="{reference"), "'receipt': "),
        ("welcome = 'hello'\n" + _document(), "unknown key 'welcome'"),
        (_document(states={"received": "diterima"}), "'states.under_review' is missing"),
        (_document(states={**GOOD_STATES, "lost": "hilang"}), "unknown key 'states.lost'"),
        (_document().replace("[states]", "[[states]]"), "unknown key 'states'"),
        ("states = 'x'\nreceipt = '{reference}'", "unknown key 'states'"),
        (_document(states=GOOD_STATES | {"registered": "terdaftar"}), "'states.registered' lacks {tracking_id}"),
        (_document(states=GOOD_STATES | {"unknown": "{tracking_id}"}), "'states.unknown' cannot have {tracking_id}"),
        (_document(urgent={}), "'emergency.receipt' is missing"),
        (_document(urgent={**GOOD_URGENT, "receipt": "{reference}"}), "'emergency.receipt' lacks {ambulance}"),
        (_document(urgent={**GOOD_URGENT, "registered": "{reference} {name}"}), "'emergency.registered' lacks {ambulance}"),
        ("receipt = 7", "'receipt' must be a text"),
        ("receipt = ", "'receipt' is not TOML: "),
    ],
)
def test_a_file_with_a_fault_is_refused_with_its_name_and_key(document: str, complaint: str) -> None:
    with pytest.raises(ValueError, match=r"^min\.toml(, line [0-9]+)?: ") as refusal:
        read("min.toml", document)
    assert complaint in str(refusal.value)


def test_a_good_file_is_read() -> None:
    urgent = {f"emergency.{kind}": text for kind, text in GOOD_URGENT.items()}
    found = read("min.toml", _document())
    tables = {"group": GOOD_GROUP, "states": GOOD_STATES, "asks": GOOD_ASKS}
    others = {f"{name}.{key}": text for name, texts in tables.items() for key, text in texts.items()}
    assert {key: text.words for key, text in found.items()} == GOOD | urgent | others
    assert found.keys() == set(KEYS)
    assert (found["receipt"].place, found["emergency.receipt"].place) == ("min.toml, line 1", f"min.toml, line {len(KINDS) + 2}")
