"""What care means for the way of a case: advertisements wait, dangers are answered with numbers, confidential complaints not in public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from channels.base import Arrival, InboundMessage, Part
from config.settings import RuleSettings, Settings, SettingsError
from forwarder.ledger import Registration
from forwarder.wording import NATIONAL, load
from gateway.clerk import Aside, Clerk, Read
from gateway.outfit import rules
from gateway.rulebook import rulebook
from gateway.store.record import Case
from gateway.wordlists import shipped
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Tiny

MEANINGS, LANGUAGES = shipped()
RULES = Rules(channels={"tiny": "social.tiny"}, abbreviations=MEANINGS, languages=LANGUAGES, rulebook=rulebook("", MEANINGS))
ADVERTISEMENT = "SLOT GACOR hari ini, bonus new member 100%, daftar sekarang klik link di bio"
CONFIDENTIAL = "Kades minta uang 500 ribu untuk tanda tangan, mohon dirahasiakan"
NOW = datetime(2026, 11, 22, tzinfo=UTC)


class Square(Tiny):
    """Whose answers everybody reads."""

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        return msgspec.structs.replace(super().decode(arrival, parts), public=True)


def clerk(channel: Tiny | None = None) -> Clerk:
    return Clerk({"tiny": channel or Tiny()}, RULES, load())


def case(text: str) -> Case:
    arrival = Arrival(channel="tiny", source_id="1", raw=f"{CITIZEN}|{text}".encode(), received_at=NOW)
    return Case(case_id="c1", reference="7K3Q-9FXM-2CH4", step="submit", arrival=arrival)


def test_an_advertisement_waits_for_a_person() -> None:
    reading = clerk().read(case(ADVERTISEMENT))
    assert isinstance(reading, Aside)
    assert (reading.step, reading.code) == ("triage", "spam_suspect")
    assert clerk().receipt(case(ADVERTISEMENT)) == ()


def test_what_a_person_lets_through_goes_on_and_what_the_ledger_has_it_keeps() -> None:
    waiting = case(ADVERTISEMENT)
    registered = Registration(tracking_id="9165816", registered_at=NOW)
    for going in (msgspec.structs.replace(waiting, admitted=True), msgspec.structs.replace(waiting, registration=registered)):
        reading = clerk().read(going)
        assert isinstance(reading, Read)
        assert "spam_suspect" in reading.complaint.flags


@pytest.mark.parametrize(
    "text", ["Mohon blokir situs judi slot online, meresahkan warga", "bangsat, jalan rusak dibiarkan saja, goblok semua"]
)
def test_a_complaint_about_gambling_or_in_bad_words_is_a_complaint(text: str) -> None:
    assert isinstance(clerk().read(case(text)), Read)


def test_who_tells_of_a_danger_hears_whom_to_call() -> None:
    for text, called in (("kebakaran rumah di gang mawar, tolong", True), ("lampu jalan mati di gang mawar", False)):
        (receipt,) = clerk().receipt(case(text)) or ()
        assert all(number in receipt.text for number in NATIONAL.values()) is called


def test_a_file_of_rules_with_a_fault_is_one_line_that_names_rule_and_key(tmp_path: Path) -> None:
    mine = tmp_path / "aturan.toml"
    settings = Settings(rules=RuleSettings(file=str(mine)))
    with pytest.raises(SettingsError, match=r"^\[rules\] file: .*aturan\.toml: No such file or directory$"):
        rules(settings)
    mine.write_text('[[rule]]\nname = "api"\nwords = ["api"]\nwieght = 1\n', encoding="utf-8")
    with pytest.raises(SettingsError, match=r"aturan\.toml: rule 'api': .*`wieght`$"):
        rules(settings)


def test_a_file_of_ones_own_stands_in_for_the_gateways(tmp_path: Path) -> None:
    mine = tmp_path / "aturan.toml"
    mine.write_text('[[rule]]\nname = "api"\nwords = ["api"]\nweight = 0.9\nflags = ["emergency"]\n', encoding="utf-8")
    assert [clause.name for clause in rulebook(str(mine), MEANINGS).clauses] == ["api"]


def test_a_confidential_complaint_is_answered_in_private_only() -> None:
    assert len(clerk().receipt(case(CONFIDENTIAL)) or ()) == 1
    assert clerk(Square()).receipt(case(CONFIDENTIAL)) == ()
    assert len(clerk(Square()).receipt(case("lampu jalan mati di gang mawar")) or ()) == 1
