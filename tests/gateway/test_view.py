"""What operators and the journal see of cases that hold every kind of personal data: none of it. All of it is invented."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import msgspec
import pytest
from typer.testing import CliRunner

from channels.base import Arrival, Attachment, Refused
from channels.web.reading import Kept, decode
from forwarder.ledger import Registration
from gateway.__main__ import cli
from gateway.store.base import Store
from gateway.store.record import Settlement, Step
from gateway.store.sqlite import opened
from gateway.view import words
from normalizer.complaint import AttachmentNote, encode
from normalizer.normalize import normalize
from normalizer.rules import Rules
from tests.gateway import tiny
from tests.gateway.whole import written
from tests.promises.stores import claimed, numbers

PERSONAL = [
    "3578011203900001", "3578011203900002", "0812-0000-1234", "+62 812 0000 1235", "budi.s@contoh.id", "B 1234 XYZ", "1234567890",
    "09.254.294.3-407.000", "4111 1111 1111 1111", "512345678901", "A1234567", "12-03-1990", "Budi Santoso", "Siti Aminah",
]  # fmt: skip
TEXT = (
    "Nama saya Budi Santoso, lahir 12-03-1990, NIK 3578011203900001 KK 3578011203900002. Jalan Kenanga rusak. Hub 0812-0000-1234 atau "
    "+62 812 0000 1235, budi.s@contoh.id. Motor B 1234 XYZ. Rek BCA 1234567890 a.n. Siti Aminah. NPWP 09.254.294.3-407.000, "
    "kartu 4111 1111 1111 1111, idpel 512345678901, paspor A1234567"
)
CONTACT, NAME = "+6281200001236", "Rini Astuti"
FILE_URL = "https://lapor.example/berkas/rahasia-sekali"
WEB = '[channels.web]\nkind = "web.site"'


class Office(NamedTuple):
    """A settings file, and the codes of its cases; `few` is parked and rahasia, `kept` is done and rahasia."""

    config: Path
    done: str
    kept: str
    parked: str
    few: str
    triage: str


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Office:
    folder = tmp_path_factory.mktemp("office")

    async def fill() -> list[str]:
        async with opened(folder / "gateway.db", most_letters=5) as store:
            return [
                await settled(store, "a", "done", "terbuka"),
                await settled(store, "b", "done", "rahasia"),
                await settled(store, "c", "parked", "terbuka"),
                await settled(store, "d", "parked", "rahasia"),
                await settled(store, "e", "triage", "terbuka"),
            ]

    return Office(written(folder, WEB), *asyncio.run(fill()))


async def settled(store: Store, name: str, step: Step, privacy: str) -> str:
    """A case on a step; the ledger's words repeat what the citizen wrote."""
    raw = msgspec.json.encode(Kept(via="api", text=TEXT, title=f"Jalan {name}, {PERSONAL[2]}", name=NAME, contact=CONTACT, privacy=privacy))
    file = Attachment(name=f"ktp {PERSONAL[0]}.jpg", media_type="image/jpeg", content=b"x")
    arrival = Arrival(channel="web", source_id=name, raw=raw, received_at=datetime.now(UTC), files=(file,))
    reference = (await store.put(arrival, numbers(name))).reference
    (claim,) = await claimed(store)
    settlement = Settlement(claim=claim, step=step, code="http_422", words=f"Field text: {TEXT}")
    if step == "done":
        record = normalize(decode(arrival, ()), case_id=claim.case.case_id, reference=reference, rules=Rules(channels={"web": "web.site"}))
        record = msgspec.structs.replace(record, attachments=(AttachmentNote(name="foto", media_type="image/jpeg", size=1, url=FILE_URL),))
        registered = Registration(tracking_id=f"91658{ord(name)}", registered_at=datetime.now(UTC))
        settlement = Settlement(claim=claim, step=step, registration=registered, record=encode(record))
    await store.settle(settlement)
    return reference


def ran(office: Office, *asked: str) -> str:
    """Both outputs, without what a table puts between the pieces of a long word."""
    result = CliRunner().invoke(cli, [*asked, "--config", str(office.config)], env={"COLUMNS": "200"})
    assert result.exit_code == 0, result.output
    return re.sub(r"[\s│]+", " ", result.stdout + result.stderr)


def close(text: str) -> str:
    """Letters and digits alone: a number stays one when a line ends in it."""
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize("as_json", [False, True], ids=["table", "json"])
@pytest.mark.parametrize(
    "asked",
    ["trace {done}", "trace {kept}", "trace {parked}", "trace {few}", "trace {triage}", "parked list", "parked show {parked}",
     "parked show {few}", "triage list", "triage show {triage}", "status"],
)  # fmt: skip
def test_no_command_shows_whose_it_is(office: Office, asked: str, as_json: bool) -> None:
    shown = ran(office, *asked.format_map(office._asdict()).split(), *(["--json"] if as_json else []))
    assert [secret for secret in [*PERSONAL, CONTACT, NAME, FILE_URL] if close(secret) in close(shown)] == []


def test_whoever_decides_about_a_case_sees_what_it_says(office: Office) -> None:
    for asked in (f"parked show {office.parked}", f"parked show {office.few}", f"triage show {office.triage}"):
        shown = ran(office, *asked.split())
        assert "Jalan Kenanga rusak" in shown
        assert "NIK [NIK] KK [KK]" in shown
        assert "+62812••••••36" in shown


def test_a_trace_has_the_record_masked(office: Office) -> None:
    record = json.loads(ran(office, "trace", office.done, "--json"))["record"]
    assert record["title"]["value"] == "Jalan a, [telepon]"
    assert record["reporter"] == {"kind": "phone", "address": "+62812••••••36"}
    assert "Motor [TNKB]. Rek BCA [rekening] a.n. [nama]." in record["text"]
    assert "pii" not in record
    assert record["attachments"] == [{"name": "foto", "media_type": "image/jpeg", "size": 1}]
    assert "Kenanga" not in ran(office, "trace", office.done)


def test_what_is_for_few_eyes_is_listed_and_traced_without_a_word_of_it(office: Office) -> None:
    opened, few = json.loads(ran(office, "parked", "list", "--json"))
    assert (opened["restricted"], few["restricted"]) == (False, True)
    assert set(few) == {"reference", "case_id", "channel", "step", "received_at", "attempts", "due", "code", "ledger", "restricted"}
    assert "(restricted)" in ran(office, "parked", "list")
    for code in (office.kept, office.few):
        assert "Kenanga" not in ran(office, "trace", code, "--json")
        assert "jpeg" not in ran(office, "trace", code)
    record = json.loads(ran(office, "trace", office.kept, "--json"))["record"]
    assert set(record) == {"schema", "reference", "case_id", "channel", "received_at", "privacy", "flags"}


async def test_the_journal_and_the_metrics_say_nothing_of_it(tmp_path: Path) -> None:
    async with tiny.desk(tmp_path) as here:
        await here.put(f"{CONTACT}|{TEXT}")
        await here.put(TEXT)
        await here.submit()
        here.channel.fate = [Refused("rejected", TEXT)]
        await here.send()
        here.channel.bug = RuntimeError(TEXT)
        await here.put(f"{CONTACT}|{TEXT}", "bug")
        await here.submit()
        said = close(json.dumps(here.said()) + here.metrics.text(await here.store.tally(), {}, {}, {}).decode())
    assert [secret for secret in [*PERSONAL, CONTACT] if close(secret) in said] == []


@pytest.mark.parametrize(
    ("said", "shown"),
    [
        ("value 9876543210123 is too long", "value 98…23 is too long"),
        # as long as the id of a post, by which its author is found
        ("2124788240383737856", "21…56"),
        ("no such number: 081200001234", "no such number: [telepon]"),
        ("tracking id 9165816", "tracking id 9165816"),
    ],
)
def test_words_of_a_provider_are_masked(said: str, shown: str) -> None:
    assert words(said) == shown
