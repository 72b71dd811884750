"""What regions are called in a report, and which can be chosen."""

from __future__ import annotations

import pytest

from gateway.reports import places


@pytest.mark.parametrize(
    ("code", "of_all", "of_its_kabupaten"),
    [
        ("35", "Jawa Timur", "Jawa Timur"), ("35.02", "Kabupaten Ponorogo", "Kabupaten Ponorogo"),
        ("35.02.17", "Ponorogo, Kabupaten Ponorogo", "Ponorogo"), ("99.99", "99.99", "99.99"),
    ],
)  # fmt: skip
def test_a_kecamatan_is_named_with_its_kabupaten_unless_that_is_the_region(code: str, of_all: str, of_its_kabupaten: str) -> None:
    assert (places.naming("")(code), places.naming("35.02")(code)) == (of_all, of_its_kabupaten)


@pytest.mark.parametrize("code", ["", "3502", "35.2", "35.02.17.1001", "99", "٣٥", "35.02.", "a"])
def test_what_is_no_region_of_the_list_is_not_known(code: str) -> None:
    assert not places.known(code)
    assert places.districts(code) == ([] if not code.startswith("35.02") else places.districts("35.02"))


def test_the_kecamatan_of_a_kabupaten_can_be_chosen() -> None:
    assert ("35.02.17", "Ponorogo") in places.districts("35.02.16")
    assert places.districts("35") == []
