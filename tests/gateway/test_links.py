"""Addresses of files: only for what we have, not to be guessed, and not for ever."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from gateway.links import LASTS, Links
from normalizer.complaint import AttachmentNote
from tests.forwarder.records import AT, complaint

LINKS = Links("https://lapor.example", b"a key of the tests")
WITH_FILES = msgspec.structs.replace(
    complaint(),
    attachments=(
        AttachmentNote(name="foto.jpg", media_type="image/jpeg", size=3),
        AttachmentNote(name="lost", media_type="", size=0),
        AttachmentNote(name="surat.pdf", media_type="application/pdf", size=9),
    ),
)


def parts(url: str) -> tuple[tuple[str, int, int], str]:
    reference, number, until, seal = url.removeprefix("https://lapor.example/berkas/").split("/")
    return (reference, int(number), int(until)), seal


def test_every_file_that_we_have_has_one_of_its_own() -> None:
    urls = [note.url for note in LINKS.in_record(WITH_FILES).attachments]
    assert [bool(url) for url in urls] == [True, False, True]
    assert len(set(urls)) == 3
    assert LINKS.in_record(WITH_FILES) == LINKS.in_record(WITH_FILES)  # a repeat to the ledger says the same


def test_without_an_address_of_ours_there_are_none() -> None:
    assert Links("", b"key").in_record(WITH_FILES) == WITH_FILES


def test_it_opens_until_it_ends() -> None:
    which, seal = parts(LINKS.in_record(WITH_FILES).attachments[0].url)
    assert LINKS.opens(which, seal, AT)
    assert LINKS.opens(which, seal, AT + LASTS - timedelta(minutes=1))
    assert not LINKS.opens(which, seal, AT + LASTS + timedelta(minutes=1))


@pytest.mark.parametrize("change", ["reference", "number", "until", "seal", "accents", "key"])
def test_nothing_of_it_can_be_changed(change: str) -> None:
    (reference, number, until), seal = parts(LINKS.in_record(WITH_FILES).attachments[0].url)
    which, links = (reference, number, until), LINKS
    match change:
        case "reference":
            which = ("0000-0000-0000", number, until)
        case "number":
            which = (reference, 3, until)
        case "until":
            which = (reference, number, until + 1)
        case "seal":
            seal = seal[::-1]
        case "accents":
            seal = "é" * len(seal)
        case _:
            links = Links("https://lapor.example", b"another key")
    assert not links.opens(which, seal, AT)
