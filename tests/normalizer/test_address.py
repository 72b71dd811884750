"""Senders: the usual spellings of one number are one number, and nothing is guessed."""

from __future__ import annotations

from datetime import UTC, datetime

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from channels.base import InboundMessage
from normalizer.address import TON, e164, person, reporter
from normalizer.complaint import Reporter


def sent_by(sender: str, ton: str = "") -> InboundMessage:
    now = datetime(2026, 11, 20, tzinfo=UTC)
    extras = {TON: ton} if ton else {}
    return InboundMessage(channel="telkomsel", source_id="1", sender=sender, text="jalan rusak", received_at=now, extras=extras)


@pytest.mark.parametrize(
    "written",
    [
        "081200001234",
        "6281200001234",
        "+6281200001234",
        "0812-0000-1234",
        "+62 812 0000 1234",
        "(0812) 0000.1234",
        "006281200001234",
        "+62081200001234",
    ],
)
def test_an_indonesian_mobile_number_is_e164_however_it_is_written(written: str) -> None:
    assert e164(written) == "+6281200001234"
    assert reporter(sent_by(written), "sms.esme") == Reporter(kind="phone", address="+6281200001234")


@pytest.mark.parametrize(
    ("written", "ton", "expected"),
    [
        ("6281200001234", "1", "+6281200001234"),
        ("81200001234", "2", "+6281200001234"),
        ("081200001234", "2", "+6281200001234"),
        ("081200001234", "1", "+6281200001234"),  # operators set the type wrongly; a number with a trunk 0 is never international
        ("6591234567", "1", "+6591234567"),
        ("6591234567", "", "+6591234567"),
        ("0212345678", "", "+62212345678"),
        ("212345678", "2", "+62212345678"),
    ],
)
def test_the_type_of_number_helps_where_the_spelling_does_not_tell(written: str, ton: str, expected: str) -> None:
    assert e164(written, ton) == expected


@pytest.mark.parametrize(
    "written", ["1708", "110", "14045", "99", "81200001234", "0000000000", "+0", "00", "628", "12345678901234567890", "021 12"]
)
def test_what_is_no_full_number_stays_as_it_was_written(written: str) -> None:
    assert e164(written) == written
    assert reporter(sent_by(written), "sms.esme") == Reporter(kind="phone", address=written)


@pytest.mark.parametrize(
    ("sender", "kind", "expected"),
    [
        ("TELKOMSEL", "sms.esme", "handle"),
        ("PLN 123", "sms.esme", "handle"),
        ("@warga_cilacap", "social.x", "handle"),
        ("123456789", "social.telegram", "handle"),
        ("081200001234", "social.telegram", "handle"),
        ("warga@example.org", "email.mailbox", "mail"),
        ("postmaster", "email.mailbox", "mail"),
        ("warga@example.org", "web.site", "mail"),
        ("081200001234", "web.site", "phone"),
        ("Warga", "web.site", "handle"),
        ("", "web.site", "none"),
        ("  ", "sms.esme", "none"),
        ("٠٨١٢٠٠٠٠١٢٣٤", "sms.esme", "handle"),
        ("081200001234", "", "phone"),
    ],
)
def test_the_kind_of_reporter_follows_channel_and_shape(sender: str, kind: str, expected: str) -> None:
    assert reporter(sent_by(sender), kind).kind == expected


def test_an_alphanumeric_sender_made_of_digits_is_no_telephone() -> None:
    assert reporter(sent_by("081200001234", "5"), "sms.esme") == Reporter(kind="handle", address="081200001234")


@given(st.from_regex(r"(\+?62|0)8[0-9]{6,13}", fullmatch=True))
def test_the_fast_path_says_what_phonenumbers_says(written: str) -> None:
    parsed = phonenumbers.parse("+" + written.lstrip("+") if not written.startswith("0") else written, "ID")
    expected = phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else written
    assert e164(written) == expected


@given(st.text(), st.sampled_from(["", "0", "1", "2", "3", "5", "6", "x"]), st.sampled_from(["", "sms.esme", "social.x", "email.mailbox"]))
def test_no_sender_raises(sender: str, ton: str, kind: str) -> None:
    found = reporter(sent_by(sender, ton), kind)
    assert found.kind == "none" or found.address


@given(st.text(alphabet="+0123456789 -()./", max_size=40), st.sampled_from(["", "1", "2", "5"]))
def test_e164_is_idempotent(written: str, ton: str) -> None:
    once = reporter(sent_by(written, ton), "sms.esme")
    if once.kind == "phone" and once.address.startswith("+"):
        assert reporter(sent_by(once.address), "sms.esme").address == once.address


@given(st.text())
def test_e164_gives_back_what_it_cannot_read(written: str) -> None:
    assert e164(written) == written or e164(written).startswith("+")


@pytest.mark.parametrize(
    ("sender", "kind", "written"),
    [
        ("081200001234", "sms.esme", "+6281200001234"),
        ("6281200001234", "sms.push", "+6281200001234"),
        ("Warga@Desa.Example", "email.mailbox", "warga@desa.example"),
        ("81200001234", "social.telegram", ""),
        ("@warga", "social.x", ""),
        ("", "web.site", ""),
    ],
)
def test_a_person_is_written_the_same_at_every_door(sender: str, kind: str, written: str) -> None:
    assert person(reporter(sent_by(sender), kind)) == written
