"""What every store promises about how many letters a person has within an hour."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from channels.base import Letter
from tests.promises.stores import STORES, counted, letter, letters, no_letter


def to(person: str, key: str, channel: str) -> Letter:
    """The same person, written as each door writes him."""
    return msgspec.structs.replace(letter(key, to=f"{person} at {channel}", channel=channel), person=person)


@pytest.mark.parametrize("name", sorted(STORES))
async def test_a_person_has_one_budget_at_all_doors(name: str, tmp_path: Path) -> None:
    async with STORES[name].opened(tmp_path, 3) as store:
        await store.comfort([], [to("+62812", "a", "telkomsel"), to("+62812", "b", "indosat"), to("a@b.id", "m", "surat")])
        await store.comfort([], [to("+62812", "c", "indosat")])
        await store.comfort([], [to("+62812", "d", "telkomsel"), letter("k", to="+62812")])
        assert [claim.letter.key for claim in await letters(store, channel="indosat")] == ["b", "c"]
        assert [claim.letter.key for claim in await letters(store)] == ["a", "k"]
        assert counted((await store.tally()).letters)["telkomsel"] == {"send": 2, "muted": 1}
    async with STORES[name].opened(tmp_path, 3) as store:
        await store.comfort([], [to("+62812", "e", "push"), to("a@b.id", "n", "surat")])
        assert await no_letter(store, channel="push")
        assert {claim.letter.key for claim in await letters(store, channel="surat")} >= {"n"}
