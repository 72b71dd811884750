"""The list of regions behind the picker."""

from __future__ import annotations

import pytest

from channels.web import regions


def test_every_region_lies_in_a_province() -> None:
    known = regions.load()
    assert len(known.provinces) == 38
    assert sum(len(province.parts) for province in known.provinces) == 514
    assert all(province.parts for province in known.provinces)


def test_a_region_is_named_with_its_province() -> None:
    known = regions.load()
    assert known.name("32.73") == "Kota Bandung, Jawa Barat"
    assert known.name("91") == "Papua"


@pytest.mark.parametrize("code", ["", "99", "32.73.01", "Bandung", "32."])
def test_what_is_no_code_is_not_known(code: str) -> None:
    assert not regions.load().known(code)
