"""The published schema is that of the code, and every record keeps it."""

from __future__ import annotations

import copy
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from channels.base import Enclosure, InboundMessage
from normalizer.complaint import Span, encode
from normalizer.normalize import normalize
from normalizer.reference import write
from normalizer.rules import Keyword, Rules
from normalizer.schema import document, json_schema

PUBLISHED = Path(__file__).parents[2] / "normalizer" / "complaint.schema.json"
RULES = Rules(keywords={"TANGKAB": Keyword(agency="Pemerintah Kabupaten Tangerang", region="36.03", place="Kabupaten Tangerang")})
VALIDATOR = Draft202012Validator(json_schema(), format_checker=FormatChecker())


def record(text: str = "TANGKAB jalan rusak", number: int = 1, **more: Any) -> Any:
    message = InboundMessage(
        channel="sms", source_id="1", sender="081200001234", text=text, received_at=datetime(2026, 11, 20, tzinfo=UTC), **more
    )
    return json.loads(encode(normalize(message, case_id="c1", reference=write(number), rules=RULES)))


def test_the_published_file_is_what_the_code_says() -> None:
    assert PUBLISHED.read_text(encoding="utf-8") == document(), "renew it: normalizer/schema.py says how"


def test_the_schema_is_a_valid_one_and_names_itself() -> None:
    Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$id"] == "urn:lapor-gateway:complaint:1"
    assert all(name.isalnum() for name in json_schema()["$defs"])


@given(st.text(), st.integers(0, 2**55 - 1), st.dictionaries(st.sampled_from(["title", "location", "incident_date", "privacy"]), st.text()))
def test_every_record_keeps_the_schema(text: str, number: int, fields: dict[str, str]) -> None:
    VALIDATOR.validate(record(text, number, fields=fields))


def test_a_full_record_keeps_the_schema() -> None:
    VALIDATOR.validate(
        record(
            sent_at=datetime(2026, 11, 20, 1, 2, 3, 456789, tzinfo=UTC),
            attachments=(Enclosure(name="foto.jpg", media_type="image/jpeg", size=1),),
            fields={"incident_date": "2026-11-18", "classification": "aspirasi", "privacy": "rahasia"},
            flags=("incomplete_sms",),
        )
    )


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (["schema"], "complaint/2"),
        (["reference"], "7K3Q-9FXU-2CH4"),
        (["received_at"], "kemarin"),
        (["incident_date", "value"], "20-11-2026"),
        (["title", "confidence"], 1.5),
        (["title", "provenance"], "guessed"),
        (["privacy"], "public"),
        (["flags"], ["odd"]),
        (["reporter", "kind"], "fax"),
        (["pii"], [{"start": -1, "end": 0, "kind": "nik"}]),
        (["location", "value", "candidates", 0, "levels"], ["rt"]),
    ],
)
def test_a_record_that_is_wrong_breaks_it(path: list[str | int], value: object) -> None:
    wrong = copy.deepcopy(record())
    place = wrong
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    assert not VALIDATOR.is_valid(wrong)


@pytest.mark.parametrize("field", sorted(record()))
def test_no_field_may_be_missing(field: str) -> None:
    wrong = record()
    del wrong[field]
    assert not VALIDATOR.is_valid(wrong)


def test_a_field_of_a_later_version_is_allowed() -> None:
    VALIDATOR.validate({**record(), "later": 1})


def test_spans_are_counted_from_zero() -> None:
    assert Span(start=0, end=4, kind="nik").start == 0
