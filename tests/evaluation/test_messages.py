"""The labelled messages: they can be read, they say what may be said, every trap and door is among them, and nobody chose their half."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from channels.web.categories import load
from evaluation.messages import Half, Labelled, half_of, inbound, labelled
from evaluation.scenarios import Scenario, scenarios
from gateway.wordlists import regions
from normalizer.regions import number

HALVES: tuple[Half, ...] = ("tune", "test")
MESSAGES: dict[Half, list[Labelled]] = {half: list(labelled(half)) for half in HALVES}
HISTORIES: dict[Half, list[Scenario]] = {half: list(scenarios(half)) for half in HALVES}
ALL = [one for half in HALVES for one in MESSAGES[half]]

TRAPS = ("desa", "twins", "street", "word", "abbreviation", "animal", "figure", "slogan", "number", "ledger")
#: what looks like a mobile number, in any spelling
MOBILE = re.compile(r"(?<![0-9.])\(?(?:\+?62[ -]?|0)8(?:[ ().-]*[0-9]){8,11}(?![0-9])")


def test_there_are_enough_of_them() -> None:
    assert len(ALL) >= 700
    assert sum(len(histories) for histories in HISTORIES.values()) >= 60


def test_each_has_an_id_of_its_own() -> None:
    names = Counter([one.id for one in ALL] + [one.id for histories in HISTORIES.values() for one in histories])
    assert [name for name, times in names.items() if times > 1] == []
    texts = Counter((one.text, one.channel, one.subject) for one in ALL)
    assert [text for text, times in texts.items() if times > 1] == []


@pytest.mark.parametrize("half", HALVES)
def test_a_hash_of_the_id_has_drawn_the_half(half: Half) -> None:
    assert [one.id for one in MESSAGES[half] if half_of(one.id) != half] == []
    assert [one.id for one in HISTORIES[half] if half_of(one.id) != half] == []
    assert 0.45 < len(MESSAGES[half]) / len(ALL) < 0.55


@pytest.mark.parametrize("half", HALVES)
def test_every_door_language_and_class_is_in_both_halves(half: Half) -> None:
    ours = MESSAGES[half]
    assert {one.channel for one in ours} == {"sms", "x", "telegram", "mail", "web", "api"}
    assert {language for one in ours for language in one.label.language} == {"id", "jv", "su", "en", None}
    assert {said for one in ours for said in one.label.classification} == {"pengaduan", "aspirasi", "permintaan_informasi"}
    assert {flag for one in ours for flag in one.label.flags} >= {"emergency", "whistleblowing", "abusive", "spam_suspect", "test"}
    assert {privacy for one in ours for privacy in one.label.privacy} == {"terbuka", "anonim", "rahasia"}


@pytest.mark.parametrize("trap", TRAPS)
def test_each_trap_is_set_often(trap: str) -> None:
    assert sum(trap in one.traps for one in ALL) >= 30


def test_categories_are_those_of_the_ledger() -> None:
    known = {" ".join(category.name.split()) for category in load()}
    assert {category for one in ALL for category in one.label.category} <= known


def test_places_are_regions_that_there_are() -> None:
    known = regions()
    assert [one.id for one in ALL if one.label.place is not None and known.name(number(one.label.place)) is None] == []
    assert [one.id for one in ALL if one.label.enough and one.label.place is None] == []


def test_what_names_a_person_stands_in_the_text() -> None:
    for one in ALL:
        assert [words for _, words in (*one.label.pii, *one.label.pii_maybe) if words not in one.text] == [], one.id


def test_what_is_asked_is_flagged() -> None:
    for one in ALL:
        asks = {ask for ask in one.label.ask if ask is not None}
        flagged = "needs_clarification" in (*one.label.flags, *one.label.maybe)
        assert bool(asks) == flagged, one.id


def test_no_telephone_number_can_ring() -> None:
    texts = [one.text for one in ALL] + [step.text for half in HALVES for one in HISTORIES[half] for step in one.steps]
    found = [re.sub(r"\D", "", mobile) for text in texts for mobile in MOBILE.findall(text)]
    assert len(found) > 20
    assert [mobile for mobile in found if not re.match(r"(62|0)8120000", mobile)] == []


def test_each_becomes_a_message() -> None:
    for one in ALL:
        message = inbound(one)
        assert (message.text, message.source_id, message.subject) == (one.text, one.id, one.subject)


def test_links_point_back() -> None:
    for one in (one for half in HALVES for one in HISTORIES[half]):
        for at, step in enumerate(one.steps):
            assert all(0 <= earlier < at for earlier, _ in (*step.links, *step.maybe)), one.id
        assert [step.minute for step in one.steps] == sorted(step.minute for step in one.steps), one.id


def test_a_broken_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "tune").mkdir()
    (tmp_path / "tune" / "jalan.jsonl").write_text('{"id": "jalan-001"}\n')
    with pytest.raises(ValueError, match=r"tune/jalan\.jsonl:1: "):
        list(labelled("tune", tmp_path))
