"""Which ledger takes a complaint: what its rules say, in the order of the settings."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from config.fit import fit
from config.settings import SettingsError
from forwarder.sorting import Take, chosen
from normalizer.complaint import Complaint, Inferred, Location
from tests.forwarder.records import complaint


def record(code: str | None = "32.73.07", **fields: str) -> Complaint:
    values = {name: Inferred(value=value) for name, value in fields.items()}
    return msgspec.structs.replace(complaint(), location=Inferred(value=Location(code=code)), **values)


PENGADUAN = record(classification="pengaduan", oversight="berkadar", agency="Dinas PU Kota Bandung", category="LINGKUNGAN HIDUP")


@pytest.mark.parametrize(
    "rule",
    [
        {"region": "32"}, {"region": "32.73"}, {"region": "32.73.07"}, {"classification": "pengaduan"}, {"oversight": "berkadar"},
        {"agency": "dinas pu kota bandung"}, {"category": "Lingkungan Hidup"}, {"region": "32.73", "classification": "pengaduan"},
    ],
)  # fmt: skip
def test_a_rule_fits_when_all_that_it_says_is_true(rule: dict[str, Any]) -> None:
    assert fit("t", rule, Take).fits(PENGADUAN)


@pytest.mark.parametrize(
    "rule",
    [
        {"region": "32.04"}, {"region": "32.73.07.1001"}, {"region": "33"}, {"classification": "aspirasi"},
        {"oversight": "tidak_berkadar"}, {"agency": "Dinas PU"}, {"category": "LINGKUNGAN"},
        {"region": "32.73", "classification": "aspirasi"},
    ],
)  # fmt: skip
def test_it_does_not_fit_when_one_thing_is_not(rule: dict[str, Any]) -> None:
    assert not fit("t", rule, Take).fits(PENGADUAN)


def test_what_a_record_does_not_know_fits_no_rule_that_asks_for_it() -> None:
    for rule in (Take(region="32"), Take(classification="pengaduan"), Take(oversight="berkadar"), Take(agency="x"), Take(category="x")):
        assert not rule.fits(complaint())
        assert not rule.fits(record(code=None))


def test_a_region_is_no_other_that_begins_with_the_same_digits() -> None:
    assert not Take(region="32.73").fits(record(code="32.7"))
    assert not Take(region="32.73.07").fits(record(code="32.73"))
    assert Take(region="32.73").fits(record(code="32.73"))


def test_the_first_ledger_in_order_takes_it_by_any_of_its_rules_and_what_none_takes_goes_to_nobody_here() -> None:
    bandung, wishes = [Take(region="33"), Take(region="32.73")], [Take(classification="pengaduan")]
    assert chosen(PENGADUAN, {"bandung": bandung, "wishes": wishes}) == "bandung"
    assert chosen(PENGADUAN, {"wishes": wishes, "bandung": bandung}) == "wishes"
    assert chosen(record(code="31"), {"bandung": bandung, "wishes": wishes}) is None
    assert chosen(PENGADUAN, {}) is None


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ({}, "[t]: says nothing; give at least one of classification, oversight, region, agency, category"),
        ({"regoin": "32"}, "[t] regoin: unknown key; did you mean region?"),
        ({"region": "3273"}, '[t] region: expected a code like "32" or "32.73"'),
        ({"classification": "keluhan"}, "[t] classification: expected one of pengaduan, aspirasi, permintaan_informasi"),
        ({"oversight": "ya"}, "[t] oversight: expected one of berkadar, tidak_berkadar"),
    ],
)
def test_a_mistake_in_a_rule_is_one_line(rule: dict[str, object], words: str) -> None:
    with pytest.raises(SettingsError) as fault:
        fit("t", rule, Take)
    assert words in str(fault.value)
