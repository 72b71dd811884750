"""The record: what was said stays as it was said, what is thought stands beside it with its reason."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import Enclosure, InboundMessage
from normalizer.complaint import AttachmentNote, Candidate, Complaint, Inferred, Level, Location, Reporter, decode, encode
from normalizer.normalize import normalize
from normalizer.rules import Keyword, Rules
from normalizer.title import GIVEN_LIMIT, LIMIT

RULES = Rules(
    keywords={
        "TANGKAB": Keyword(agency="Pemerintah Kabupaten Tangerang", region="36.03", place="Kabupaten Tangerang"),
        "PLACEONLY": Keyword(region="36", place="Banten"),
        "AGENCYONLY": Keyword(agency="Dinas Perhubungan"),
        "PASAR": Keyword(agency="Dinas Pasar"),
    },
    channels={"telkomsel": "sms.esme", "x": "social.x"},
)
EVENING = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
FIELDS = ["classification", "title", "incident_date", "privacy", "location", "category", "agency", "name", "region", "place", "other"]


def sms(text: str, **more: object) -> InboundMessage:
    plain = InboundMessage(channel="telkomsel", source_id="a1", sender="6281200001234", text=text, received_at=EVENING)
    return msgspec.structs.replace(plain, **more)


def clerk(message: InboundMessage) -> Complaint:
    return normalize(message, case_id="c1", reference="7K3Q-9FXM-2CH4", rules=RULES)


def test_an_sms_with_a_keyword_becomes_a_whole_record() -> None:
    text = "TANGKAB Yth pak camat, jl raya Senggreng rt 04 rw 02 rusak parah, mohon sgr diperbaiki"
    assert clerk(sms(text, sent_at=EVENING - timedelta(seconds=3))) == Complaint(
        reference="7K3Q-9FXM-2CH4",
        case_id="c1",
        channel="telkomsel",
        source_id="a1",
        received_at=EVENING,
        sent_at=EVENING - timedelta(seconds=3),
        reporter=Reporter(kind="phone", address="+6281200001234"),
        text=text,
        title=Inferred(
            value="jl raya Senggreng rt 04 rw 02 rusak parah, mohon sgr…", provenance="derived", rule="first_words", confidence=0.5
        ),
        classification=Inferred(),
        oversight=Inferred(),
        # 20:00 UTC is 03:00 of the next day in Jakarta
        incident_date=Inferred(value=date(2026, 11, 21), provenance="assumed", rule="received_date", confidence=0.3),
        location=Inferred(
            value=Location(
                candidates=(Candidate(code="36.03", name="Kabupaten Tangerang", levels=("kabupaten",), evidence="keyword"),),
            ),
            provenance="derived",
            rule="keyword:TANGKAB",
            confidence=0.5,
        ),
        agency=Inferred(value="Pemerintah Kabupaten Tangerang", provenance="given", rule="keyword:TANGKAB", confidence=1.0),
        category=Inferred(),
        language=Inferred(),
    )


@pytest.mark.parametrize(
    "text",
    [
        "Lampu penerangan mati,d jl raya senggreng rt 04",
        "Pasar baru becek sekali",
        "PASAR BARU BECEK",
        "#Lapor1708 mbk lek mlm puskesmas masih buka ta",
    ],
)
def test_without_a_keyword_nothing_is_said_of_agency_and_place(text: str) -> None:
    record = clerk(sms(text))
    assert (record.agency, record.location) == (Inferred(), Inferred())
    assert record.text == text
    assert record.title.value == text.removeprefix("#Lapor1708 ")


def test_a_keyword_may_name_only_a_place_or_only_an_agency() -> None:
    place, agency = clerk(sms("PLACEONLY jalan rusak")), clerk(sms("AGENCYONLY jalan rusak"))
    assert place.agency == Inferred()
    assert place.location.value is not None
    assert place.location.value.candidates[0].levels == ("provinsi",)
    assert agency.agency.value == "Dinas Perhubungan"
    assert agency.location == Inferred()


def test_no_code_is_settled_by_a_keyword_alone() -> None:
    location = clerk(sms("TANGKAB jalan rusak")).location
    assert location.value is not None
    assert location.value.code is None


def test_what_a_form_gave_is_taken_as_given() -> None:
    fields = {
        "classification": "Permintaan Informasi",
        "title": "  Jalan\nrusak ",
        "incident_date": "2026-11-18",
        "privacy": "Anonim",
        "location": " Jl. Mawar 3, Curug ",
        "category": "Infrastruktur",
        "agency": "Dinas PU",
        "name": "Warga Contoh",
    }
    record = clerk(sms("TANGKAB jalan rusak", fields=fields))
    for inferred in (record.classification, record.title, record.incident_date, record.location, record.category, record.agency):
        assert (inferred.provenance, inferred.rule, inferred.confidence) == ("given", "field", 1.0)
    assert record.classification.value == "permintaan_informasi"
    assert record.title.value == "Jalan rusak"
    assert record.incident_date.value == date(2026, 11, 18)
    assert record.privacy == "anonim"
    assert record.location.value is not None
    assert record.location.value.text == "Jl. Mawar 3, Curug"
    assert [c.evidence for c in record.location.value.candidates] == ["keyword"]
    assert (record.category.value, record.agency.value, record.reporter.name) == ("Infrastruktur", "Dinas PU", "Warga Contoh")


def test_a_field_that_says_nothing_we_know_is_as_good_as_not_given() -> None:
    bad = {
        "classification": "marah",
        "incident_date": "kemarin",
        "title": " ",
        "location": "",
        "category": " ",
        "agency": "\n",
        "privacy": " ",
    }
    assert clerk(sms("jalan rusak", fields=bad)) == clerk(sms("jalan rusak"))
    assert clerk(sms("jalan rusak", fields={"incident_date": "2026-02-30"})) == clerk(sms("jalan rusak"))
    assert clerk(sms("jalan rusak", fields={"incident_date": "20261118"})) == clerk(sms("jalan rusak"))


@pytest.mark.parametrize(
    ("asked", "kept"), [("", "terbuka"), ("terbuka", "terbuka"), ("RAHASIA", "rahasia"), ("anonymous", "rahasia"), ("ya", "rahasia")]
)
def test_who_asks_for_privacy_in_words_that_we_do_not_know_gets_the_strictest(asked: str, kept: str) -> None:
    assert clerk(sms("jalan rusak", fields={"privacy": asked})).privacy == kept


def test_a_subject_is_a_title_that_the_citizen_gave() -> None:
    title = clerk(sms("Selamat pagi, terlampir.", subject="Fwd: Jalan rusak")).title
    assert title == Inferred(value="Jalan rusak", provenance="given", rule="subject", confidence=1.0)


@pytest.mark.parametrize("text", ["", "  ", "#Lapor1708", "TANGKAB", "Assalamualaikum", "?"])
def test_who_says_nothing_is_asked(text: str) -> None:
    record = clerk(sms(text))
    assert record.title == Inferred()
    assert record.flags == ("needs_clarification",)


def test_flags_of_the_channel_are_carried_over_once_and_only_those_that_the_record_knows() -> None:
    flags = ("incomplete_sms", "vendor_word", "incomplete_sms", "undecodable")
    assert clerk(sms("jalan rusak \ud83d", flags=flags)).flags == ("incomplete_sms", "undecodable")


def test_a_lone_surrogate_is_the_only_thing_that_is_replaced_and_it_is_flagged() -> None:
    record = clerk(
        sms("jalan \ud83d rusak", sender="\udc00", subject="\ud800", source_id="\ud800", fields={"name": "\ud800", "location": "\ud800"})
    )
    assert record.text == "jalan \ufffd rusak"
    assert record.flags == ("undecodable",)
    assert decode(encode(record)) == record


def test_attachments_are_named_and_measured_never_carried() -> None:
    photo = Enclosure(name="foto \ud800.jpg", media_type="image/jpeg", size=5)
    assert clerk(sms("terlampir", attachments=(photo,))).attachments == (
        AttachmentNote(name="foto \ufffd.jpg", media_type="image/jpeg", size=5),
    )


def test_the_kind_of_a_channel_tells_what_its_senders_are() -> None:
    assert clerk(sms("jalan rusak", channel="x", sender="81200001234")).reporter.kind == "handle"
    assert clerk(sms("jalan rusak", channel="unknown")).reporter.kind == "phone"


def test_every_time_of_the_record_is_utc() -> None:
    there = EVENING.astimezone(timezone(timedelta(hours=9)))
    assert encode(clerk(sms("jalan rusak", received_at=there, sent_at=there))) == encode(clerk(sms("jalan rusak", sent_at=EVENING)))
    assert b'"received_at":"2026-11-20T20:00:00Z"' in encode(clerk(sms("jalan rusak", received_at=there)))


def test_every_field_is_written_even_when_it_says_nothing() -> None:
    written = msgspec.json.decode(encode(clerk(sms("jalan rusak"))))
    assert list(written) == list(Complaint.__struct_fields__)
    assert written["language"] == {"value": None, "provenance": "derived", "rule": "", "confidence": 0.0}
    assert written["sent_at"] is None


def test_a_record_of_a_later_version_can_be_read() -> None:
    record = clerk(sms("jalan rusak"))
    assert decode(encode(record)[:-1] + b',"later":1}') == record


@pytest.mark.parametrize("bad", [b"", b"{}", b"[" * 10, b'{"schema":"complaint/2"}'])
def test_what_is_no_record_is_a_value_error(bad: bytes) -> None:
    with pytest.raises(ValueError, match=r"JSON|missing|truncated|Expected|Invalid"):
        decode(bad)


anything = st.text() | st.text(alphabet=st.characters(min_codepoint=0xD000, max_codepoint=0xE000))
openings = st.sampled_from(["", "TANGKAB ", "#Lapor1708 ", "(TANGKAB) ", "PASAR ", "Yth pak ", "[bagian 1/2 tidak diterima] "])
messages = st.builds(
    sms,
    st.builds(str.__add__, openings, anything),
    sender=anything | st.from_regex(r"\+?[0-9]{0,15}", fullmatch=True),
    subject=st.just("") | anything,
    fields=st.dictionaries(st.sampled_from(FIELDS), anything),
    flags=st.lists(st.sampled_from(["incomplete_sms", "undecodable", "odd"])).map(tuple),
)


@given(messages)
def test_no_message_raises_and_every_record_can_be_stored(message: InboundMessage) -> None:
    record = clerk(message)
    assert record == clerk(message)
    assert decode(encode(record)) == record
    assert len(record.text) == len(message.text)
    assert all(new == old or "\ud800" <= old <= "\udfff" for new, old in zip(record.text, message.text, strict=True))
    limit = LIMIT if record.title.provenance == "derived" else GIVEN_LIMIT
    assert record.title.value is None or 0 < len(record.title.value) <= limit


@given(messages)
def test_a_record_normalised_again_says_the_same(message: InboundMessage) -> None:
    record = clerk(message)
    again = clerk(msgspec.structs.replace(message, text=record.text, flags=record.flags))
    assert again == record


@pytest.mark.parametrize(
    ("region", "level"), [("36", "provinsi"), ("36.03", "kabupaten"), ("36.03.01", "kecamatan"), ("36.03.01.2001", "kelurahan")]
)
def test_a_region_that_was_chosen_is_the_code_because_the_citizen_gave_it(region: str, level: Level) -> None:
    location = clerk(sms("jalan rusak", fields={"location": "depan pasar", "region": region, "place": "Tangerang"})).location
    assert location.provenance == "given"
    assert location.value == Location(
        text="depan pasar", code=region, candidates=(Candidate(code=region, name="Tangerang", levels=(level,), evidence="given"),)
    )


@pytest.mark.parametrize("region", ["", "3", "36.3", "36.03.", "36-03", "Tangerang", "36.03.01.200"])
def test_a_region_that_is_none_is_not_believed(region: str) -> None:
    said = sms("jalan rusak", fields={"location": "depan pasar", "region": region})
    assert clerk(said).location.value == Location(text="depan pasar")
