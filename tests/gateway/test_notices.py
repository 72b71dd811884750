"""What citizens hear of changes that they did not ask about: what matters, together, once, and in words that fit their door."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec
import pytest

from channels.base import Arrival, InboundMessage, Letter, Taken
from channels.sms.alphabet import septets
from forwarder.ledger import Happening
from forwarder.manners import Manners, Quiet
from forwarder.states import LEDGER_STATES, LedgerState
from forwarder.wording import LANGUAGES, load
from gateway.clerk import Clerk, Read
from gateway.notices import Notices
from gateway.progress import progress
from gateway.store.happenings import Told
from gateway.store.record import DEFAULT, Case, LetterState, Settlement
from normalizer.complaint import Complaint
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Desk, desk
from tests.promises.stores import claimed, no_letter, now

JAKARTA = ZoneInfo("Asia/Jakarta")
TELL: frozenset[LedgerState] = frozenset({"forwarded", "answered", "needs_reply", "closed", "rejected"})


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        yield opened


def notices(here: Desk, *, settle_s: float = 0.0, per_day: int = 9, quiet: Quiet | None = None, clerk: Clerk | None = None) -> Notices:
    return Notices(here.store, clerk or here.clerk, Manners(TELL, settle_s, per_day, quiet, JAKARTA))


async def registered(here: Desk, text: str = "lampu jalan mati di depan pasar") -> str:
    accepted = await here.put(f"{CITIZEN}|{text}")
    await here.submit()
    await here.send()
    here.channel.sent.clear()
    return accepted.reference


async def hears(here: Desk, reference: str, state: LedgerState, *, step: float = 1, note: str = "", heard: datetime | None = None) -> None:
    """The ledger says that it was so, so many milliseconds after the registration."""
    registration = (await here.life(reference)).case.registration
    number, since = (registration.tracking_id, registration.registered_at) if registration else ("1234567", now())
    happening = Happening(
        tracking_id=number, reference=reference, at=since + timedelta(milliseconds=step), status=f"{state} {step}", by="Dinas PU", note=note
    )
    (outcome,) = await here.store.tell([Told(ledger=DEFAULT, happening=happening, state=state, heard_at=heard or now())])
    assert outcome == "kept"


async def changes(here: Desk, reference: str) -> list[LetterState]:
    return [state for state in (await here.life(reference)).letters if state.letter.kind == "change"]


async def texts(here: Desk, reference: str) -> list[str]:
    return [state.letter.text for state in await changes(here, reference)]


def says(reference: str, words: str) -> str:
    return f"LAPOR! Kabar laporan {reference}: {words}. Ketik BERHENTI bila tidak mau kabar lagi."


async def test_a_change_that_matters_is_told_and_one_that_does_not_is_not(here: Desk) -> None:
    reference = await registered(here)
    await hears(here, reference, "verified")
    assert await notices(here).round() == 1
    assert await changes(here, reference) == []
    await hears(here, reference, "forwarded", step=2)
    assert await notices(here).round() == 1
    assert await notices(here).round() == 0
    await here.send()
    assert [letter.text for letter in here.channel.sent] == [says(reference, "sudah diteruskan ke instansi yang berwenang")]


async def test_changes_that_come_together_are_one_letter_with_the_newest_state(here: Desk) -> None:
    reference, talk = await registered(here), notices(here, settle_s=600)
    await hears(here, reference, "forwarded")
    await talk.round()
    (first,) = await changes(here, reference)
    await hears(here, reference, "in_progress", step=2)
    await talk.round()
    await hears(here, reference, "answered", step=4)
    await hears(here, reference, "verified", step=3)
    await talk.round()
    (last,) = await changes(here, reference)
    assert last.letter.text == says(reference, "sudah ditindaklanjuti instansi")
    assert last.created_at == first.created_at
    assert last.letter.not_before == first.letter.not_before
    assert await no_letter(here.store, "tiny")
    assert {event.letter for event in (await here.life(reference)).events} == {1}


async def test_what_a_ledger_tells_late_of_the_past_is_no_news(here: Desk) -> None:
    reference, talk = await registered(here), notices(here)
    await hears(here, reference, "closed", step=3)
    await talk.round()
    await here.send()
    await hears(here, reference, "forwarded", step=2)
    await hears(here, reference, "verified", step=48 * 3.6e6)
    await talk.round()
    assert await texts(here, reference) == [says(reference, "selesai, ditutup oleh instansi")]
    assert [event.letter for event in (await here.life(reference)).events] == [1, 0, 0]


async def test_a_later_change_is_a_letter_of_its_own_and_no_more_than_so_many_a_day(here: Desk) -> None:
    reference, talk = await registered(here), notices(here, per_day=2)
    for nth, state in enumerate(("forwarded", "needs_reply")):
        await hears(here, reference, state, step=nth + 1)  # type: ignore[arg-type]  # two of the words
        await talk.round()
        await here.send()
    await hears(here, reference, "answered", step=3)
    await talk.round()
    await hears(here, reference, "closed", step=4)
    await talk.round()
    states = await changes(here, reference)
    assert [state.step for state in states] == ["sent", "sent", "send"]
    assert states[2].letter.text == says(reference, "selesai, ditutup oleh instansi")
    assert states[2].letter.not_before is not None
    assert states[2].letter.not_before - states[0].created_at > timedelta(hours=23, minutes=59)


async def test_nobody_is_disturbed_at_night_where_the_place_lies(here: Desk) -> None:
    reference = await registered(here)
    there = datetime.now(JAKARTA)
    always = Quiet((there - timedelta(hours=1)).time(), (there + timedelta(hours=1)).time().replace(second=0, microsecond=0))
    await hears(here, reference, "closed")
    await notices(here, quiet=always).round()
    (state,) = await changes(here, reference)
    assert state.letter.not_before is not None
    assert state.letter.not_before.astimezone(JAKARTA).time() == always.ends
    assert await no_letter(here.store, "tiny")


@pytest.mark.parametrize(("begun_h", "told"), [(1, 0), (3, 1)])
async def test_what_was_held_up_into_the_night_waits_for_the_morning(here: Desk, begun_h: int, told: int) -> None:
    reference = await registered(here)
    there = datetime.now(JAKARTA).replace(second=0, microsecond=0)
    # two hours of quiet; the letter could have gone just before them
    night = Quiet((there - timedelta(hours=begun_h)).time(), (there + timedelta(hours=2 - begun_h)).time())
    await hears(here, reference, "closed", heard=now(-3600 * begun_h - 600))
    await notices(here, quiet=night).round()
    await here.send()
    (state,) = await changes(here, reference)
    assert len(here.channel.sent) == told
    assert (state.step, state.code) == (("sent", "") if told else ("send", "quiet"))
    assert await no_letter(here.store, "tiny")


@pytest.mark.parametrize(("code", "morning"), [("35.02.17", 0), ("73.71.01", 23), ("91.71", 22)])
async def test_the_clock_is_that_of_the_place(here: Desk, code: str, morning: int) -> None:
    """07:00 in Ponorogo is 00:00 UTC, in Makassar 23:00, in Jayapura 22:00."""
    clerk = Clerk({"tiny": here.channel}, Rules(channels={"tiny": "sms.esme"}), load())
    reference = await registered(here)
    midnight = datetime.combine(datetime.now(UTC).date() + timedelta(days=1), time(15), UTC)
    await hears(here, reference, "closed", heard=midnight)
    night = Quiet(time(21), time(7))
    await Notices(here.store, _Elsewhere(clerk, code), Manners(TELL, 0, 9, night, JAKARTA)).round()  # type: ignore[arg-type]  # see below
    (state,) = await changes(here, reference)
    assert state.letter.not_before is not None
    assert state.letter.not_before.hour == morning


class _Elsewhere:
    """A clerk who reads that all of it happened there."""

    def __init__(self, clerk: Clerk, code: str) -> None:
        self._clerk, self._code = clerk, code
        self.letter, self.change = clerk.letter, clerk.change

    async def said(self, case: Case) -> Read | None:
        reading = await self._clerk.said(case)
        assert reading is not None
        plain = msgspec.to_builtins(reading.complaint)
        place = {"text": "", "code": self._code, "candidates": []}
        plain["location"] = {"value": place, "provenance": "derived", "rule": "test", "confidence": 1.0}
        return Read(message=reading.message, complaint=msgspec.convert(plain, Complaint))


async def test_a_case_of_which_nobody_was_sure_is_settled_and_told_at_once(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|lampu jalan mati di depan pasar")
    (claim,) = await claimed(here.store)
    await here.store.settle(Settlement(claim=claim, step="parked", code="unknown", words="perhaps", unsure=True))
    await hears(here, accepted.reference, "forwarded")
    await notices(here).round()
    life = await here.life(accepted.reference)
    assert (life.case.step, life.case.code) == ("done", "")
    assert life.case.registration is not None
    assert life.record is not None
    assert [state.letter.kind for state in life.letters] == ["registered", "change"]
    assert "1234567" in life.letters[0].letter.text


async def test_what_came_before_the_number_and_names_another_one_is_not_told(here: Desk) -> None:
    accepted = await here.put(f"{CITIZEN}|lampu jalan mati di depan pasar")
    await hears(here, accepted.reference, "rejected")
    await here.submit()
    life = await here.life(accepted.reference)
    assert life.case.registration is not None
    assert life.case.registration.tracking_id != life.events[0].tracking_id
    await notices(here).round()
    assert await texts(here, accepted.reference) == []
    assert progress(await here.life(accepted.reference)).state == "registered"
    await hears(here, accepted.reference, "forwarded")
    await notices(here).round()
    assert await texts(here, accepted.reference) == [says(accepted.reference, "sudah diteruskan ke instansi yang berwenang")]


async def test_a_kill_between_event_and_letter_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    async with desk(tmp_path) as here:
        reference = await registered(here)
        await hears(here, reference, "closed")
    async with desk(tmp_path) as here:
        await asyncio.gather(*(notices(here).round() for _ in range(3)))
        assert len(await texts(here, reference)) == 1
    async with desk(tmp_path) as here:
        await notices(here).round()
        assert len(await texts(here, reference)) == 1
        await here.send()
        assert len(here.channel.sent) == 1


# --- whom, and with what words ---


class Door:
    """A channel of some kind, whose one message is as it is told."""

    name = "tiny"

    def __init__(self, **more: object) -> None:
        self.up, self._more = True, more

    def decode(self, arrival: Arrival, parts: object) -> InboundMessage:
        sender, _, text = arrival.raw.decode().partition("|")
        plain = {"channel": "tiny", "source_id": "x", "sender": sender, "text": text, "received_at": arrival.received_at}
        return InboundMessage(**(plain | {"reply_to": {"to": sender}} | self._more))  # type: ignore[arg-type]  # the fields of one

    async def send(self, letter: Letter) -> Taken:
        raise NotImplementedError


async def letters_at(here: Desk, door: Door, kind: str, text: str = "lampu jalan mati di depan pasar") -> list[str]:
    """What is written to whoever came by such a door, when an agency answers."""
    reference = await registered(here, text)
    await hears(here, reference, "answered", note="Sudah  kami perbaiki,\nterima kasih.")
    await notices(here, clerk=Clerk({"tiny": door}, Rules(channels={"tiny": kind}), load())).round()
    return await texts(here, reference)


@pytest.mark.parametrize(
    ("kind", "more", "quoted"),
    [
        ("email.mailbox", {}, True),
        ("social.telegram", {}, True),
        ("social.telegram", {"public": True}, False),
        ("sms.esme", {}, False),
        ("sms.push", {}, False),
        ("email.mailbox", {"fields": {"privacy": "rahasia"}}, False),
        ("email.mailbox", {"fields": {"privacy": "anonim"}}, False),
    ],
)
async def test_an_agencys_words_go_only_to_whoever_reads_alone(here: Desk, kind: str, more: dict[str, object], quoted: bool) -> None:
    (text,) = await letters_at(here, Door(**more), kind)
    assert ('\n\nDinas PU: "Sudah kami perbaiki, terima kasih."' in text) is quoted


@pytest.mark.parametrize(
    "more",
    [{"reply_to": {}}, {"one_answer": True}, {"public": True, "fields": {"privacy": "rahasia"}}, {"public": True, "one_answer": True}],
)
async def test_who_cannot_or_must_not_be_told_is_not(here: Desk, more: dict[str, object]) -> None:
    assert await letters_at(here, Door(**more), "social.x") == []


async def test_a_long_answer_is_cut(here: Desk) -> None:
    reference = await registered(here)
    await hears(here, reference, "answered", note="baik " * 900)
    await notices(here, clerk=Clerk({"tiny": Door()}, Rules(channels={"tiny": "email.mailbox"}), load())).round()
    (text,) = await texts(here, reference)
    assert len(text) < 1200
    assert text.endswith(' …"')


async def test_a_case_that_cannot_be_read_any_more_is_decided_without_a_letter(here: Desk) -> None:
    reference = await registered(here)
    await hears(here, reference, "closed")
    await notices(here, clerk=Clerk({}, Rules(), load())).round()
    assert [event.letter for event in (await here.life(reference)).events] == [0]
    assert await here.store.undecided(9) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [state for state in LEDGER_STATES if state != "other"])
def test_every_change_is_one_sms_in_every_language(language: str, state: str) -> None:
    wordings = load()
    named = {"tracking_id": "9" * 12} if state == "registered" else {}
    words = wordings.state(state, language, **named)  # type: ignore[arg-type]  # one of the states
    text = wordings.fill("change", language, reference="7K3Q-9FXM-2CH4", state=words)
    assert 0 < (septets(text) or 0) <= 160
    assert "BERHENTI" in text
