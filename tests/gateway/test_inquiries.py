"""What citizens ask through any door, and what becomes of it: the store and the ledger are real, the channel is tiny."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import msgspec
import pytest

from channels.base import Letter, Unavailable
from forwarder.wording import load
from gateway.clerk import Aside, Clerk
from gateway.inquiries import Inquiries
from gateway.rulebook import rulebook
from gateway.store.record import Settlement
from gateway.wordlists import shipped
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Desk, desk
from tests.promises.stores import now

OTHER = "+6281200000002"


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


async def says(here: Desk, text: str, who: str = CITIZEN) -> Sequence[Letter]:
    """A message, one try of it, and the letters that it brought; nobody has sent them yet."""
    nth = sum((await here.store.tally()).received.values())
    accepted = await here.put(f"{who}|{text}", f"{who} {text} {nth}")
    await here.submit()
    return [state.letter for state in (await here.life(accepted.reference)).letters]


async def told(here: Desk, text: str, who: str = CITIZEN) -> str:
    (letter,) = await says(here, text, who)
    assert letter.to == who
    return letter.text


async def registered(here: Desk, text: str = "lampu jalan mati", who: str = CITIZEN) -> str:
    (letter,) = await says(here, text, who)
    (reference,) = [word.strip(".") for word in letter.text.split() if word.count("-") == 2]
    return reference


def wrong(reference: str) -> str:
    """One symbol of it."""
    return reference[:-1] + ("7" if reference[-1] != "7" else "8")


def swapped(reference: str) -> str:
    """Two neighbours that differ, in each other's place."""
    at = next(at for at in range(3) if reference[at] != reference[at + 1])
    return reference[:at] + reference[at + 1] + reference[at] + reference[at + 2 :]


# --- status ---


@pytest.mark.parametrize("spelt", ["STATUS {}", "cek {}", "Cek status laporan {} pak, terima kasih"])
async def test_where_a_report_stands_is_told_to_whoever_has_its_code(here: Desk, spelt: str) -> None:
    reference = await registered(here)
    number = (await here.life(reference)).case.registration
    assert number is not None
    for code in (reference, reference.lower(), reference.replace("-", " "), reference.replace("-", "")):
        assert await told(here, spelt.format(code), OTHER) == f"LAPOR! Status laporan {reference}: terdaftar, nomor {number.tracking_id}."
    said = await told(here, f"STATUS #{number.tracking_id}", OTHER)
    assert number.tracking_id in said
    assert reference not in said
    assert here.ledger.calls == [("register", 1)]


async def test_what_waits_is_said_to_wait(here: Desk) -> None:
    here.ledger.script = [Unavailable("http_503", retry_after=60.0)]
    accepted = await here.put(f"{CITIZEN}|air mati")
    await here.submit()
    assert "menunggu pencatatan" in await told(here, f"STATUS {accepted.reference}")


async def test_a_question_is_no_case_of_the_ledgers_and_is_counted_as_declined(here: Desk) -> None:
    await says(here, "BANTUAN")
    (listed,) = await here.store.listing("declined", 9)
    assert (listed.code, here.ledger.calls, dict(here.metrics.aside)) == ("question", [], {("tiny", "declined", "question"): 1})
    tally = await here.store.tally()
    assert (tally.received["tiny"], tally.cases["tiny"]["declined"]) == (1, 1)


@pytest.mark.parametrize("slip", [wrong, swapped])
@pytest.mark.parametrize("wish", ["STATUS", "BATAL"])
async def test_who_mistypes_a_code_of_his_own_is_offered_it_and_nobody_else_is(here: Desk, slip: object, wish: str) -> None:
    reference = await registered(here)
    typed = slip(reference)  # type: ignore[operator]  # one of the two above
    said = await told(here, f"{wish} {typed}")
    assert typed in said
    assert f"salah ketik, barangkali {reference}" in said
    said = await told(here, f"{wish} {typed.lower()}", OTHER)
    assert reference not in said
    assert "salah ketik" in said
    assert (await here.life(reference)).case.step == "done"


async def test_a_code_that_nobody_has_is_said_to_be_unknown(here: Desk) -> None:
    assert "kode ini tidak ditemukan" in await told(here, "STATUS DPKD-5TSM-2Z2X")
    assert "kode ini tidak ditemukan" in await told(here, "STATUS 9165816")
    assert "kode ini tidak ditemukan" in await told(here, "BATAL DPKD-5TSM-2Z2X")


async def test_who_cannot_be_answered_changes_nothing(here: Desk) -> None:
    assert await says(here, "STOP", "BANK") == []
    assert await here.store.recalled("tiny", "", 9) == {}


async def in_public(here: Desk, text: str) -> list[str]:
    """What is answered to a question that everybody can read."""
    accepted = await here.put(f"{CITIZEN}|{text}")
    (claim,) = await asyncio.wait_for(here.store.claim(1, 60), 60)
    clerk = Clerk({"tiny": here.channel}, Rules(channels={"tiny": "social.tiny"}, rulebook=rulebook("", shipped()[0])), load())
    reading = clerk.read(claim.case)
    assert isinstance(reading, Aside)
    answer = await Inquiries(here.store, clerk).answer(claim.case, msgspec.structs.replace(reading.message, public=True))
    await here.store.settle(Settlement(claim=claim, step="declined", code=accepted.case_id))
    return [letter.text for letter in answer.letters]


async def test_where_everybody_reads_along_nothing_is_said_of_a_confidential_case_and_no_code_is_offered(here: Desk) -> None:
    plain, confidential = await registered(here), await registered(here, "RAHASIA: lampu jalan mati")
    (said,) = await in_public(here, f"STATUS {plain}")
    assert "terdaftar" in said
    assert await in_public(here, f"STATUS {confidential}") == []
    (said,) = await in_public(here, f"STATUS {wrong(plain)}")
    assert plain not in said
    assert "salah ketik" in said


# --- help ---


async def test_who_asks_for_help_gets_it_and_who_begins_with_the_word_complains(here: Desk) -> None:
    assert (await told(here, "INFO")).startswith("LAPOR! Tulis")
    assert [letter.kind for letter in await says(here, "Info pungli di samsat")] == ["registered"]
    assert [letter.kind for letter in await says(here, "Stop pungli!")] == ["registered"]


# --- withdrawing ---


async def waiting(here: Desk, who: str = CITIZEN) -> str:
    """A case that the ledger has not heard of."""
    here.ledger.script = [Unavailable("http_503", retry_after=60.0)]
    accepted = await here.put(f"{who}|air mati")
    await here.submit()
    return accepted.reference


async def test_what_the_ledger_has_not_heard_of_is_withdrawn_by_its_sender(here: Desk) -> None:
    reference = await waiting(here)
    assert await told(here, f"batalkan laporan saya {reference.lower()}") == (
        f"LAPOR! Pembatalan laporan {reference}: dibatalkan, tidak diteruskan ke instansi."
    )
    life = await here.life(reference)
    assert (life.case.step, life.case.code, [act.act for act in life.acts]) == ("declined", "withdrawn", ["withdraw"])
    assert "tidak diteruskan" in await told(here, f"STATUS {reference}")
    withdrawals = [(case.code, case.words) for case in await here.store.listing("declined", 9) if case.code == "withdrawal"]
    assert withdrawals == [("withdrawal", f"{reference}: withdrawn")]
    assert here.ledger.calls == [("register", 1)]


async def test_what_is_registered_stays_and_the_wish_is_written_down_and_said_so(here: Desk) -> None:
    reference = await registered(here)
    assert "sudah di tangan petugas" in await told(here, f"BATAL {reference}")
    life = await here.life(reference)
    assert (life.case.step, [act.act for act in life.acts]) == ("done", ["withdraw"])


async def test_nobody_withdraws_what_another_sent_or_knows_only_by_the_ledgers_number(here: Desk) -> None:
    reference, open_one = await registered(here), await waiting(here)
    number = (await here.life(reference)).case.registration
    assert number is not None
    for text, who in ((f"BATAL {reference}", OTHER), (f"BATAL {open_one}", OTHER), (f"BATAL #{number.tracking_id}", CITIZEN)):
        assert "hanya bisa oleh pengirimnya" in await told(here, text, who)
    assert [(await here.life(code)).acts for code in (reference, open_one)] == [(), ()]
    assert (await here.life(open_one)).case.step == "submit"


async def test_what_cannot_be_read_belongs_to_nobody_who_asks(here: Desk) -> None:
    accepted = await here.put(b"no sender in it")
    await here.submit()
    assert "hanya bisa oleh pengirimnya" in await told(here, f"BATAL {accepted.reference}")


async def test_what_is_being_tried_is_asked_about_again(here: Desk) -> None:
    case = await here.put(f"{CITIZEN}|air mati")
    (claim,) = await asyncio.wait_for(here.store.claim(1, 60), 60)
    wish = await here.put(f"{CITIZEN}|BATAL {case.reference}")
    await here.submit()
    life = await here.life(wish.reference)
    assert (life.case.step, life.case.code, life.letters) == ("submit", "busy", ())
    await here.store.settle(Settlement(claim=claim, step="submit", due=now(600), code="http_503"))
    async with asyncio.timeout(60):
        while (await here.life(wish.reference)).case.step == "submit":
            await here.submit()
    assert (await here.life(case.reference)).case.code == "withdrawn"


async def test_a_wish_that_is_tried_again_after_a_kill_says_and_does_the_same(here: Desk) -> None:
    reference = await waiting(here)
    for text, kind in ((f"BATAL {reference}", "withdrawn"), ("STOP", "stopped"), ("MULAI", "resumed")):
        accepted = await here.put(f"{CITIZEN}|{text}")
        lost = await asyncio.wait_for(here.store.claim(1, 60), 60)
        reading = here.clerk.read(lost[0].case)
        assert isinstance(reading, Aside)
        answer = await Inquiries(here.store, here.clerk).answer(lost[0].case, reading.message)
        assert [letter.kind for letter in answer.letters] == [kind]
        here.store.release(lost)
        await here.submit()
        life = await here.life(accepted.reference)
        assert [(state.letter.kind, state.letter.text) for state in life.letters] == [(kind, answer.letters[0].text)]
    assert [act.act for act in (await here.life(reference)).acts] == ["withdraw"]


# --- news ---


async def test_who_wants_no_news_gets_none_but_is_answered(here: Desk) -> None:
    reference = await registered(here)
    assert [letter.kind for letter in await says(here, "BERHENTI")] == ["stopped"]
    assert await says(here, "stop") == []
    accepted = await here.put(f"{CITIZEN}|jalan rusak")
    await here.submit()
    (muted,) = (await here.life(accepted.reference)).letters
    assert (muted.letter.kind, muted.step, muted.code) == ("registered", "muted", "stopped")
    assert reference in await told(here, f"STATUS {reference}")
    assert [letter.kind for letter in await says(here, "air mati", OTHER)] == ["registered"]
    assert [letter.kind for letter in await says(here, "MULAI")] == ["resumed"]
    await says(here, "sampah menumpuk")
    await here.send()
    kinds = [letter.kind for letter in here.channel.sent if letter.to == CITIZEN]
    assert kinds == ["registered", "stopped", "status", "resumed", "registered"]


# --- what is added ---
