"""The ledger that is people: what it says, and the sheet from which they copy."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from channels.base import Refused
from forwarder import worklist
from forwarder.forward import Submission, forward
from forwarder.ledger import Handed, Ledger, Registration
from forwarder.relay import WIB, relay
from forwarder.worklist import Enclosed, Settings, number, sheet
from normalizer.complaint import AttachmentNote, Complaint, Privacy, Reporter
from tests.forwarder.records import AT, complaint

TOKEN = "kunci-untuk-meja-salin"


def opened() -> Ledger:
    return worklist.ledger("lapor", Settings(token=TOKEN), Path("unused"), lambda: AT)


def from_ani(privacy: Privacy = "terbuka") -> Complaint:
    reporter = Reporter(kind="phone", address="+6281200000001", name="Ani")
    return msgspec.structs.replace(complaint(1), reporter=reporter, privacy=privacy)


async def test_whatever_is_told_is_handed_over_at_once_whether_new_doubtful_or_amended() -> None:
    told = [
        Submission(complaint=complaint(1), attempts=1),
        Submission(complaint=complaint(2), attempts=7, unsure=True),
        Submission(complaint=complaint(3), attempts=1, registration=Registration(tracking_id="8112829", registered_at=AT)),
    ]
    assert await forward(opened(), told, lambda: 0.5) == [Handed()] * 3
    assert await forward(opened(), [], lambda: 0.5) == []


async def test_nobody_asks_people_and_they_are_always_there() -> None:
    ledger = opened()
    with pytest.raises(Refused):
        await ledger.find(complaint(1).reference, AT)
    await ledger.probe()
    await ledger.close()


def test_a_sheet_has_the_form_s_fields_and_the_block_for_its_text() -> None:
    found = sheet(from_ani())
    assert (found.title, found.sender, found.name) == ("jalan rusak", "+6281200000001", "Ani")
    assert (found.anonymous, found.confidential, found.supplement_to) == (False, False, "")
    assert found.block == relay(complaint(1), WIB)


def test_who_asked_not_to_be_named_stands_on_no_sheet() -> None:
    found = sheet(from_ani("anonim"))
    assert (found.anonymous, found.confidential) == (True, False)
    assert "Ani" not in str(found)
    assert "81200000001" not in str(found)
    both = sheet(msgspec.structs.replace(from_ani("rahasia"), anonymous=True))
    assert (both.anonymous, both.confidential, both.sender, both.name) == (True, True, "", "")


def test_who_asked_for_secrecy_is_named_to_the_ledger_alone() -> None:
    found = sheet(from_ani("rahasia"))
    assert (found.anonymous, found.confidential, found.name) == (False, True, "Ani")


def test_files_have_their_addresses_on_the_sheet_and_not_in_what_is_pasted() -> None:
    note = AttachmentNote(name="foto.jpg", media_type="image/jpeg", size=1, url="https://lapor.example/berkas/x")
    found = sheet(msgspec.structs.replace(complaint(1), attachments=(note,)))
    assert found.files == (Enclosed(name="foto.jpg", url="https://lapor.example/berkas/x"),)
    assert "Lampiran: foto.jpg\n" in found.block


def test_a_supplement_names_its_number_first_and_says_everything_anew() -> None:
    found = sheet(from_ani(), "8112829")
    assert found.supplement_to == "8112829"
    assert found.block == f"Tambahan untuk laporan #8112829\n\n{relay(complaint(1), WIB)}"


@pytest.mark.parametrize("pasted", ["8112829", "#8112829", " # 8112829\n", "\t8112829 "])
def test_a_number_is_read_as_people_paste_it(pasted: str) -> None:
    assert number(pasted) == "8112829"


@pytest.mark.parametrize("pasted", ["", "#", "1234", "1234567890123", "81128 29", "##8112829", "8112829.", "7K3Q-9FXM-2CH4", "٨١١٢٨٢٩"])
def test_what_is_no_number_is_refused_in_one_sentence(pasted: str) -> None:
    with pytest.raises(ValueError, match="5 to 12 digits"):
        number(pasted)


@pytest.mark.parametrize("token", ["kurang", "x" * 15, "kunci meja salin é"])
def test_a_token_that_can_be_guessed_or_cannot_be_sent_is_refused_and_not_shown(token: str) -> None:
    with pytest.raises(ValueError, match="token") as fault:
        Settings(token=token)
    assert token not in str(fault.value)


def test_the_token_is_not_shown() -> None:
    assert TOKEN not in repr(Settings(token=TOKEN))
