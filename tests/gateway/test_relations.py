"""Two messages that have to do with each other: the second one's record says so, and nothing is merged. Store and ledger are real."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest

from channels.base import Arrival, InboundMessage, Part, Unavailable
from forwarder.ledger import Registration
from forwarder.wording import load
from gateway.attempts import Submitting
from gateway.clerk import Clerk, Read
from gateway.relations import Relations
from gateway.store.record import LetterSettlement
from normalizer.complaint import Complaint, Related
from normalizer.rules import Rules
from tests.gateway.tiny import CITIZEN, Desk, Tiny, desk, stint
from tests.promises.stores import KEY, numbers

NEIGHBOUR = "+6281200000002"
LONG = "Angin kencang semalam, pohon tumbang menutup badan jalan, mohon segera ditangani petugas"
MINUTE = timedelta(minutes=1)


class Form(Tiny):
    """`sender|text|region|place|answers`: what follows the text may be left out."""

    def decode(self, arrival: Arrival, parts: Sequence[Part]) -> InboundMessage:
        message = super().decode(arrival, parts)
        text, region, place, answers = (*message.text.split("|"), "", "", "")[:4]
        fields = {"region": region, "location": place} if region or place else {}
        return msgspec.structs.replace(message, text=text, fields=fields, answers=tuple(answers.split()))


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Desk]:
    async with desk(tmp_path) as opened:
        channel = Form()
        clerk = Clerk({"tiny": channel}, Rules(channels={"tiny": "sms.esme"}), load())
        relations = Relations(opened.store, key=KEY, journal=opened.journal)
        submitting = Submitting(
            opened.store, opened.ledger, clerk, relations=relations, stint=stint(), metrics=opened.metrics, journal=opened.journal
        )
        yield msgspec.structs.replace(opened, channel=channel, clerk=clerk, submitting=submitting)


async def came(here: Desk, raw: str, ago: timedelta = timedelta(0)) -> str:
    """A message that came so long ago; its reference."""
    at = datetime.now(UTC) - ago
    arrival = Arrival(channel="tiny", source_id=f"{at.timestamp()} {raw}", raw=raw.encode(), received_at=at)
    return (await here.store.put(arrival, numbers(arrival.source_id))).reference


async def said_of(here: Desk, reference: str) -> list[tuple[str, str, str]]:
    """The links of the record that the ledger has."""
    record = (await here.life(reference)).record
    assert record is not None
    return [(link.id, link.kind, link.evidence) for link in msgspec.json.decode(record, type=Complaint).related]


async def test_the_same_text_of_one_sender_two_minutes_later_is_a_case_of_its_own_that_is_linked_as_a_resend(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|Lampu mati di pasar", 5 * MINUTE)
    await here.submit()
    second = await came(here, f"{CITIZEN}|lampu mati di PASAR!", 3 * MINUTE)
    await here.submit()
    assert await said_of(here, first) == []
    assert await said_of(here, second) == [(first, "resend", "same sender, same text, 2 min")]
    assert {life.case.step for life in [await here.life(first), await here.life(second)]} == {"done"}
    assert first != second


async def test_both_may_come_in_one_batch(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|lampu mati", 3 * MINUTE)
    second = await came(here, f"{CITIZEN}|lampu mati", MINUTE)
    await here.submit()
    assert here.ledger.calls == [("register", 2)]
    assert (await said_of(here, first), await said_of(here, second)) == ([], [(first, "resend", "same sender, same text, 2 min")])


async def test_a_template_with_different_addresses_is_the_same_text_and_nothing_more(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|{LONG}|35.02.17|Jalan Mawar", 3 * MINUTE)
    second = await came(here, f"{CITIZEN}|{LONG}|35.02.18|Jalan Melati", 2 * MINUTE)
    third = await came(here, f"{NEIGHBOUR}|{LONG}", MINUTE)
    await here.submit()
    assert await said_of(here, second) == [(first, "same_text", "same text, other place, 1 min")]
    assert await said_of(here, third) == [(second, "same_text", "same text, 1 min"), (first, "same_text", "same text, 2 min")]


async def test_words_alike_in_one_place_are_nearby_and_elsewhere_nothing(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|jembatan bambu roboh, anak sekolah tidak bisa lewat|35.02.17", 26 * 60 * MINUTE)
    near = await came(here, f"{NEIGHBOUR}|roboh jembatan bambu anak sekolah tidak lewat|35.02.17", MINUTE)
    far = await came(here, f"{NEIGHBOUR}|roboh jembatan bambu anak sekolah tidak bisa lewat|35.02.18", MINUTE)
    await here.submit()
    assert await said_of(here, near) == [(first, "nearby", "kecamatan 35.02.17, 1.00 alike, 25 h")]
    assert await said_of(here, far) == []


async def test_what_quotes_the_ledger_s_number_of_a_case_of_ours_names_ours(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|lampu mati")
    await here.submit()
    case = (await here.life(first)).case
    assert isinstance(case.registration, Registration)
    tracking_id = case.registration.tracking_id
    second = await came(here, f"{NEIGHBOUR}|bagaimana laporan no {tracking_id} dan 99887766?")
    await here.submit()
    assert await said_of(here, second) == [(first, "follow_up", f"quoted {tracking_id}"), ("99887766", "follow_up", "quoted")]


async def test_an_answer_to_a_letter_of_ours_follows_up_its_case(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|lampu mati")
    await here.submit()
    (claim,) = await asyncio.wait_for(here.store.claim_letters("tiny", 10, 60), 60)
    await here.store.settle_letter(LetterSettlement(claim=claim, step="sent", provider_ids=("150",)))
    second = await came(here, f"{NEIGHBOUR}|sudah dua hari, belum ada petugas|||150 149")
    await here.submit()
    assert await said_of(here, second) == [(first, "follow_up", "answers our letter")]


async def test_an_attempt_that_is_repeated_finds_the_same(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|lampu mati", 3 * MINUTE)
    await here.submit()
    second = await came(here, f"{CITIZEN}|lampu mati", MINUTE)
    claims = await asyncio.wait_for(here.store.claim(10, 60), 60)
    here.ledger.script = [Unavailable("http_503")]
    await here.submitting.attempt(claims)
    third = await came(here, f"{CITIZEN}|lampu mati")
    await here.submit()
    readings = [(claim, here.clerk.read(claim.case)) for claim in claims]
    relations = Relations(here.store, key=KEY, journal=here.journal)
    (_, again), *_ = await relations.linked([(claim, read) for claim, read in readings if isinstance(read, Read)])
    assert again.complaint.related == (Related(id=first, kind="resend", evidence="same sender, same text, 2 min"),)
    assert await said_of(here, third) == [
        (second, "resend", "same sender, same text, 1 min"), (first, "resend", "same sender, same text, 3 min"),
    ]  # fmt: skip


async def test_a_case_of_which_a_part_came_late_is_compared_as_a_whole(here: Desk) -> None:
    half, rest = "angin kencang semalam, pohon tumbang", " menutup badan jalan, mohon segera ditangani petugas kebersihan"
    at = datetime.now(UTC)
    pieces = [
        Part(
            channel="tiny", group="g", index=index, count=2, raw=body.encode(), fingerprint=body, received_at=at, wait_until=at,
            same_since=at - MINUTE,
        )
        for index, body in enumerate((f"{CITIZEN}|{half}", rest), 1)
    ]  # fmt: skip
    long = (await here.store.hold(pieces[0], numbers("g"))).reference
    await here.submit()
    await here.store.hold(pieces[1], numbers("g"))
    await here.submit()
    assert here.ledger.calls[-1] == ("amend", 1)
    whole = await came(here, f"{NEIGHBOUR}|{half}{rest}")
    part = await came(here, f"{CITIZEN}|{half}")
    await here.submit()
    assert [link[:2] for link in await said_of(here, whole)] == [(long, "same_text")]
    assert await said_of(here, part) == []


async def test_a_fault_of_ours_in_comparing_leaves_the_record_without_links_and_is_told(here: Desk) -> None:
    first = await came(here, f"{CITIZEN}|lampu mati")
    relations = Relations(here.store, key=b"x" * 65, journal=here.journal)
    submitting = Submitting(
        here.store, here.ledger, here.clerk, relations=relations, stint=stint(), metrics=here.metrics, journal=here.journal
    )
    await submitting.attempt(await asyncio.wait_for(here.store.claim(10, 60), 60))
    assert await said_of(here, first) == []
    (told,) = [line for line in here.said() if line["event"] == "unrelated"]
    assert told["why"].endswith("ValueError")
    assert "lampu" not in str(told)
