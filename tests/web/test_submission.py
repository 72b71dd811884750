"""A submission on its way to the inbox: what is kept of it can be read again, to the last word, and by nobody who should not."""

from __future__ import annotations

from datetime import UTC, date, datetime

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Arrival, Attachment, Letter, Refused
from channels.web.faults import CODES
from channels.web.reading import decode
from channels.web.settings import Settings
from channels.web.site import channel
from channels.web.submission import LENGTHS, Invalid, Submission, arrival, check, from_fields, receive
from tests.fakes.web_host import Reception

NOW = datetime(2026, 11, 22, 3, 0, tzinfo=UTC)
TODAY = date(2026, 11, 22)
DESK = channel("web", Settings()).desk(Reception())
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=50)


def kept(submission: Submission) -> Arrival:
    return arrival("web", submission, NOW, DESK)


@given(text=WORDS, title=WORDS, location=WORDS, name=WORDS, privacy=st.sampled_from(["terbuka", "rahasia", "anonim"]))
def test_what_is_kept_is_read_as_it_was_given(text: str, title: str, location: str, name: str, privacy: str) -> None:
    made = kept(Submission(via="api", text=text, title=title, location=location, name=name, privacy=privacy))
    message = decode(made, ())
    assert message.text == text
    assert message.fields.get("title", "") == title
    assert message.fields.get("location", "") == location
    assert message.fields.get("name", "") == ("" if privacy == "anonim" else name)
    assert message.fields["privacy"] == privacy
    assert (message.received_at, message.source_id) == (NOW, made.source_id)


@given(raw=st.binary(max_size=100))
def test_bytes_that_are_no_submission_are_for_a_person(raw: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode(Arrival(channel="web", source_id="s", raw=raw, received_at=NOW), ())


@pytest.mark.parametrize(
    "raw", [b"", b"null", b"{}", b'{"text":1}', b'{"version":2,"via":"api","text":"x","privacy":"terbuka"}', b'{"mood":' + b"[" * 5000]
)
def test_other_json_is_for_a_person_too(raw: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|truncated|Expected|missing|Invalid"):
        decode(Arrival(channel="web", source_id="s", raw=raw, received_at=NOW), ())


def test_a_record_of_a_later_version_of_us_is_read_as_far_as_we_know_it() -> None:
    raw = b'{"via":"api","text":"x","privacy":"terbuka","mood":"angry"}'
    assert decode(Arrival(channel="web", source_id="s", raw=raw, received_at=NOW), ()).text == "x"


def test_the_form_insists_on_what_the_ledger_needs() -> None:
    with pytest.raises(Invalid) as nothing:
        check(from_fields({}, via="form"), TODAY, DESK)
    assert nothing.value.faults == dict.fromkeys(("classification", "title", "text", "incident_date", "location"), "missing")
    whole = {"classification": "Permintaan Informasi", "title": "a", "text": "b", "incident_date": "2026-11-22", "region": "35.02"}
    check(from_fields(whole, via="form"), TODAY, DESK)
    with pytest.raises(Invalid) as tomorrow:
        check(from_fields(whole | {"incident_date": "2026-11-23"}, via="form"), TODAY, DESK)
    assert tomorrow.value.faults == {"incident_date": "in_future"}
    assert {*nothing.value.faults.values(), *tomorrow.value.faults.values()} <= set(CODES)


@pytest.mark.parametrize("field", LENGTHS)
def test_what_is_too_long_is_said_so(field: str) -> None:
    with pytest.raises(Invalid) as long:
        check(from_fields({"text": "x"} | {field: "1" * (LENGTHS[field] + 1)}, via="api"), TODAY, DESK)
    assert long.value.faults[field] == "too_long"


@pytest.mark.parametrize(("contact", "good"), [("+62 812-0000-0001", True), ("a@b.example", True), ("telepon saja", False), ("12", False)])
def test_a_contact_is_a_number_or_a_mail_address(contact: str, good: bool) -> None:
    if good:
        check(Submission(via="api", text="x", contact=contact), TODAY, DESK)
        return
    with pytest.raises(Invalid):
        check(Submission(via="api", text="x", contact=contact), TODAY, DESK)
    # nobody is bothered about a contact that is thrown away
    check(from_fields({"text": "x", "contact": contact, "anonim": "on"}, via="api"), TODAY, DESK)


def test_anonim_and_rahasia_are_both_kept_when_both_are_asked_for() -> None:
    both = from_fields({"text": "x", "name": "Warga", "anonim": "on", "rahasia": "on"}, via="form")
    assert (both.privacy, both.anonymous) == ("rahasia", True)
    assert b"Warga" not in kept(both).raw
    secret = from_fields({"text": "x", "name": "Warga", "rahasia": "on"}, via="form")
    assert (secret.privacy, secret.anonymous) == ("rahasia", False)
    assert from_fields({"text": "x", "privacy": "ANONIM"}, via="api").anonymous


def test_without_a_key_each_is_a_complaint_of_its_own_and_with_one_words_and_files_count() -> None:
    file = Attachment(name="a.jpg", media_type="image/jpeg", content=b"x")
    alone = [kept(Submission(via="api", text="x")).source_id for _ in range(2)]
    assert alone[0] != alone[1]
    keyed = Submission(via="api", text="x", key="k", files=(file,))
    assert kept(keyed).source_id == kept(keyed).source_id
    other = Attachment(name="a.jpg", media_type="image/jpeg", content=b"y")
    assert kept(keyed).source_id != kept(Submission(via="api", text="x", key="k", files=(other,))).source_id


def test_what_is_kept_does_not_depend_on_how_a_string_came_about() -> None:
    made = Submission(via="api", text="x", privacy="".join(["terb", "uka"]))
    same = Submission(via="api", text="x", privacy="terbuka")
    assert kept(made).raw == kept(same).raw == b'{"via":"api","text":"x","privacy":"terbuka"}'


def test_who_chose_nothing_has_not_chosen_to_be_open() -> None:
    made = from_fields({"text": "x"}, via="form")
    assert "privacy" not in decode(kept(made), ()).fields
    assert decode(kept(from_fields({"text": "x", "privacy": "terbuka"}, via="api")), ()).fields["privacy"] == "terbuka"


async def test_today_is_the_day_of_the_east() -> None:
    host = Reception()
    desk = channel("web", Settings()).desk(host)
    accepted = await receive(desk, Submission(via="api", text="x", incident_date=desk.today().isoformat()))
    assert accepted.reference
    assert desk.counts == {"api": 1}


async def test_there_is_no_way_back_but_the_pages() -> None:
    letter = Letter(key="k", case_id="c", channel="web", to="", kind="receipt", text="x")
    with pytest.raises(Refused) as refused:
        await channel("web", Settings()).send(letter)
    assert refused.value.code == "no_way_back"
