"""What a text names and is not the place: everyday words, homes of writers, ends of a stretch, names lent by a town or a river."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from channels.base import InboundMessage
from gateway.wordlists import regions, shipped
from normalizer import keyword, place
from normalizer.reading import read
from normalizer.rules import Rules

ABBREVIATIONS, _ = shipped()
RULES = Rules(regions=regions(), abbreviations=ABBREVIATIONS)
NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def code(text: str) -> str | None:
    message = InboundMessage(channel="a", source_id="1", sender="", text=text, received_at=NOON)
    told = place.location(message, read(text, ABBREVIATIONS), keyword.read(text, RULES.keywords), RULES)
    return told.value.code if told.value else None


@pytest.mark.parametrize(
    "text",
    [
        "kasihan anak anak, jembatan di Bantul putus",
        "mohon dicek ulang. Kab Hulu Sungai Selatan",
        "lembur di gudang. Kab Aceh Barat Daya",
        "matur nuwun, dalane sampun sae. Kab Agam",
        "harga semen naik di Kediri",
        "lampu mati dari Ungaran sampai Bawen",
        "ruas Gubug - Kedungjati Grobogan rusak",
        "perbaiki jalan Gubug - Kedungjati Grobogan",
        "dusun Jogja desa Sumberagung",
        "Kampung Bali Denpasar Barat",
        "batang hari meluap, Jambi terendam",
        "Lippo Karawaci Tangerang macet",
    ],
)
def test_nothing_is_settled_by_it(text: str) -> None:
    found = code(text)
    assert found is None or len(found) == len("34.02")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Pelapor tinggal di Mlati Sleman. Lokasi: Jl. Kaliurang km 8, Ngaglik, Sleman", "34.04.12"),
        ("lokasi kejadian Kec. Pare Kab. Kediri, pelapor: Kec. Gurah", "35.06.17"),
        ("kec. Kasihan Bantul", "34.02.16"),
        ("Jl. Kaliurang km 8 - Ngaglik - Sleman", "34.04.12"),
        ("kampung Babakan kec. Cibinong kab. Bogor", "32.01.01"),
        ("kec. Selat Kapuas, air surut", "62.03.01"),
    ],
)
def test_what_stands_beside_it_is_settled(text: str, wanted: str) -> None:
    assert code(text) == wanted
