"""Every province of the official list lies in a zone, and nothing else does."""

from __future__ import annotations

from importlib import resources

from normalizer.zones import ZONES


def test_the_provinces_are_those_of_the_official_list() -> None:
    rows = (resources.files("channels.web") / "data" / "regions.tsv").read_text("utf-8").splitlines()
    assert {row.partition("\t")[0][:2] for row in rows if row[:2].isdigit()} == set(ZONES)
