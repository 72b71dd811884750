"""Every fault of an HTTP ledger, over a real loopback server, and what it is judged to mean."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import pytest

from channels.base import Refused, Unavailable
from forwarder import http_ledger
from forwarder.http_answers import read_batch, read_one
from forwarder.http_ledger import NOBODYS_REFERENCE, HttpLedger, Settings
from forwarder.ledger import Answer, Registration
from forwarder.reply import Reply
from normalizer.reference import read
from tests.fakes.faulty import Fault
from tests.fakes.ledger import FAULTS, FakeLedger
from tests.forwarder.records import AT, complaint, reference

TOKEN = "s3cret-token"


def _now() -> datetime:
    return datetime.now(UTC)


def _open(url: str, *, timeout_s: float = 10.0, batch: int = 100) -> HttpLedger:
    settings = Settings(url=url, token=TOKEN, timeout_s=timeout_s, batch=batch)
    opened = http_ledger.ledger("national", settings, Path("unused"), _now)
    assert isinstance(opened, HttpLedger)
    return opened


@pytest.fixture
async def fake() -> AsyncIterator[FakeLedger]:
    async with FakeLedger(token=TOKEN) as running:
        yield running


@pytest.fixture
async def ledger(fake: FakeLedger) -> AsyncIterator[HttpLedger]:
    opened = _open(fake.url)
    yield opened
    await opened.close()


def _kind(answer: Answer) -> tuple[str, bool] | str:
    """The code, with the doubt for what may come again."""
    if isinstance(answer, Registration):
        return "registered"
    return answer.code if isinstance(answer, Refused) else (answer.code, answer.unsure)


#: by name of a fault: what a call for one complaint, and what a call for three, comes to
SURE, DOUBTFUL = False, True
BAD = ("bad_answer", DOUBTFUL)
WHOLE = {
    "401": ("unauthorized", SURE),
    "403": ("unauthorized", SURE),
    "408": ("http_408", DOUBTFUL),
    "409": ("http_409", DOUBTFUL),
    "429": ("http_429", SURE),
    "500": ("http_500", DOUBTFUL),
    "502": ("http_502", DOUBTFUL),
    "503": ("http_503", SURE),
    "504": ("http_504", DOUBTFUL),
    "302": ("http_302", DOUBTFUL),
    "redirect": ("http_307", DOUBTFUL),
    "html": BAD,
    "commit_then_html": BAD,
    "commit_then_500": ("http_500", DOUBTFUL),
    "drop": ("no_answer", DOUBTFUL),
    "commit_then_drop": ("no_answer", DOUBTFUL),
    "not_json": BAD,
    "deep": BAD,
    "wrong_shape": BAD,
    "huge": BAD,
    "no_tracking_id": BAD,
    "number_for_tracking_id": BAD,
    "letters_in_tracking_id": BAD,
    "no_time": BAD,
    "naive_time": BAD,
    "time_nobody_set": BAD,
    "time_before_all": BAD,
    "time_after_all": BAD,
    "script_for_url": BAD,
    "anothers_reference": BAD,
}
#: a wrong door is our settings' fault, so it parks nobody; a batch refused as a whole is sent again one by one
ALONE = {
    "400": "http_400",
    "404": ("http_404", SURE),
    "405": ("http_405", SURE),
    "html_404": ("http_404", SURE),
    "413": "http_413",
    "415": "http_415",
    "422": "http_422",
    "501": ("http_501", SURE),
}


@pytest.mark.parametrize(("fault", "kind"), (WHOLE | ALONE).items())
async def test_a_fault_is_judged_by_what_it_says_about_one_complaint(
    fake: FakeLedger, ledger: HttpLedger, fault: str, kind: tuple[str, bool] | str
) -> None:
    fake.next(fault)
    (answer,) = await ledger.register([complaint(1)])
    assert _kind(answer) == kind
    assert TOKEN not in repr(answer)
    assert _kind((await ledger.register([complaint(1)]))[0]) == "registered"
    assert len(fake.registrations) == 1


@pytest.mark.parametrize(("fault", "kind"), WHOLE.items())
async def test_a_fault_of_a_whole_batch_is_an_answer_for_each(
    fake: FakeLedger, ledger: HttpLedger, fault: str, kind: tuple[str, bool]
) -> None:
    fake.next(fault)
    answers = await ledger.register([complaint(number) for number in range(3)])
    assert [_kind(answer) for answer in answers] == [kind] * 3


@pytest.mark.parametrize("fault", ALONE)
async def test_a_batch_refused_as_a_whole_is_sent_one_by_one(fake: FakeLedger, ledger: HttpLedger, fault: str) -> None:
    fake.next(fault)
    answers = await ledger.register([complaint(number) for number in range(3)])
    assert [_kind(answer) for answer in answers] == ["registered"] * 3
    assert fake.calls == ["POST /complaints:batch", *["POST /complaints"] * 3]


@pytest.mark.parametrize(
    ("fault", "kinds"),
    [
        ("shuffled", ["registered"] * 3),
        ("doubled", ["registered"] * 3),
        ("short", ["registered", "registered", BAD]),
        ("second_is_refused", ["registered", "http_422", "registered"]),
        ("second_is_late", ["registered", ("http_503", SURE), "registered"]),
        ("second_is_strange", ["registered", BAD, "registered"]),
    ],
)
async def test_each_result_of_a_batch_is_judged_alone(
    fake: FakeLedger, ledger: HttpLedger, fault: str, kinds: list[tuple[str, bool] | str]
) -> None:
    fake.next(fault)
    answers = await ledger.register([complaint(number) for number in range(3)])
    assert [_kind(answer) for answer in answers] == kinds
    for number, answer in enumerate(answers):
        if isinstance(answer, Registration):
            assert answer.tracking_id == fake.registrations[reference(number)]["tracking_id"]


async def test_a_refusal_brings_the_problems_title_cut_and_printable(fake: FakeLedger, ledger: HttpLedger) -> None:
    body = msgspec.json.encode({"title": "tidak\ndikenal\x1b[2J" + "x" * 1000, "detail": "never shown"})
    fake.script.coming.append(Fault(status=422, body=body))
    (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Refused)
    assert answer.words.startswith("tidak dikenal [2Jx")
    assert len(answer.words) == 300


@pytest.mark.parametrize("body", [b"", b"<html>", b"[]", b'{"title": 7}', b"\xff"])
async def test_a_refusal_without_readable_words_is_still_a_refusal(fake: FakeLedger, ledger: HttpLedger, body: bytes) -> None:
    fake.script.coming.append(Fault(status=422, body=body))
    (answer,) = await ledger.register([complaint(1)])
    assert isinstance(answer, Refused)
    assert answer.words == ""


async def test_retry_after_is_read_as_seconds_or_as_a_date(fake: FakeLedger, ledger: HttpLedger) -> None:
    fake.next("503_seconds", "503_date", "503_nonsense", "503_never")
    waits = []
    for _ in range(4):
        (answer,) = await ledger.register([complaint(1)])
        assert isinstance(answer, Unavailable)
        waits.append(answer.retry_after)
    assert waits[0] == 7
    assert waits[1] is not None
    assert 3600 < waits[1] <= 7200  # two hours from when the fake was made, which in a long run is some minutes ago
    assert waits[2:] == [None, None]


async def test_a_ledger_that_is_not_there_surely_did_nothing() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        ledger = _open(f"http://127.0.0.1:{taken.getsockname()[1]}")
        answers = await ledger.register([complaint(1), complaint(2)])
        assert [_kind(answer) for answer in answers] == [("unreachable", SURE)] * 2
        with pytest.raises(Unavailable, match="unreachable"):
            await ledger.probe()
        await ledger.close()


@pytest.mark.parametrize("name", ["ledger.invalid", "ledger..invalid", f"{'l' * 64}.invalid"])
async def test_a_name_that_nobody_knows_is_unreachable(name: str) -> None:
    ledger = _open(f"http://{name}/api")
    (answer,) = await ledger.register([complaint(1)])
    assert _kind(answer) == ("unreachable", SURE)
    await ledger.close()


async def test_a_slow_ledger_leaves_doubt(fake: FakeLedger) -> None:
    ledger = _open(fake.url, timeout_s=0.2)
    fake.next("slow", "slow")
    assert _kind((await ledger.register([complaint(1)]))[0]) == ("no_answer", DOUBTFUL)
    assert [_kind(a) for a in await ledger.register([complaint(1), complaint(2)])] == [("no_answer", DOUBTFUL)] * 2
    await ledger.close()


async def test_a_peer_that_speaks_no_http_leaves_doubt() -> None:
    async def mumble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"220 smtp.example ESMTP\r\n")
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(mumble, "127.0.0.1", 0)
    ledger = _open(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")
    (answer,) = await ledger.register([complaint(1)])
    assert _kind(answer) == ("no_answer", DOUBTFUL)
    await ledger.close()
    server.close()


async def test_a_redirect_is_not_followed(fake: FakeLedger, ledger: HttpLedger) -> None:
    fake.next("redirect")
    await ledger.register([complaint(1)])
    assert len(fake.calls) == 1


async def test_a_look_up_that_fails_raises_what_it_failed_with(fake: FakeLedger, ledger: HttpLedger) -> None:
    # aiohttp itself repeats a GET once when a kept connection drops
    fake.next("drop_look_up", "drop_look_up")
    with pytest.raises(Unavailable, match="no_answer"):
        await ledger.find(reference(1), AT)
    fake.script.coming.clear()
    # a page of a proxy is no word of the ledger's: the reference may be registered all the same
    fake.next("html_404")
    with pytest.raises(Unavailable, match="http_404"):
        await ledger.find(reference(1), AT)
    assert await ledger.find(reference(1), AT) is None


async def test_a_ledger_that_cannot_amend_says_so_and_parks(fake: FakeLedger, ledger: HttpLedger) -> None:
    await ledger.register([complaint(1)])
    fake.next("amend_missing", "amend_500", "amend_html")
    with pytest.raises(Refused, match="amend_unsupported"):
        await ledger.amend(complaint(1))
    with pytest.raises(Unavailable, match="http_500"):
        await ledger.amend(complaint(1))
    with pytest.raises(Unavailable, match="bad_answer"):
        await ledger.amend(complaint(1))
    longer = msgspec.structs.replace(complaint(1), text="lebih panjang")
    await ledger.amend(longer)
    assert fake.records[reference(1)]["text"] == "lebih panjang"


async def test_batches_are_as_large_as_the_settings_say(fake: FakeLedger) -> None:
    ledger = _open(fake.url, batch=4)
    await ledger.register([complaint(number) for number in range(9)])
    assert sorted(fake.calls) == ["POST /complaints", *["POST /complaints:batch"] * 2]
    await ledger.close()


async def test_the_probe_asks_for_a_reference_that_reads_well_and_belongs_to_nobody(fake: FakeLedger, ledger: HttpLedger) -> None:
    assert read(NOBODYS_REFERENCE) == NOBODYS_REFERENCE
    await ledger.probe()
    assert fake.calls == ["GET /complaints"]
    fake.script.coming.append(msgspec.structs.replace(FAULTS["401"], methods=("GET",)))
    with pytest.raises(Unavailable, match="unauthorized"):
        await ledger.probe()


@pytest.mark.parametrize(
    "url",
    ["", "ledger.example", "ftp://ledger.example", "https://", "https://u:p@ledger.example", "https://ledger.example/?k=1", "http://a b"],
)
def test_a_url_that_cannot_be_called_is_refused_at_start(url: str) -> None:
    with pytest.raises(ValueError, match="url must look like"):
        Settings(url=url)


def test_the_token_never_shows() -> None:
    assert TOKEN not in repr(Settings(url="https://ledger.example", token=TOKEN))
    with pytest.raises(ValueError, match="token has characters") as refusal:
        Settings(url="https://ledger.example", token=TOKEN + "\n")
    assert TOKEN not in str(refusal.value)


def _said(answer: Answer) -> str:
    assert not isinstance(answer, Registration)
    return answer.said


def test_a_failure_says_what_was_asked_and_answered() -> None:
    reply = Reply(503, "text/plain", "", b"Sedang dirawat\x1b[2J" + b"x" * 1000, asked="POST /complaints")
    said = _said(read_one(reply, "a", _now()))
    assert said.startswith("POST /complaints\nHTTP 503\nSedang dirawat [2Jxxx")
    assert len(said) <= 300
    odd = Reply(200, "text/html", "", b"<p>Halo", asked="POST /complaints")
    assert _said(read_one(odd, "a", _now())) == "POST /complaints\nHTTP 200\n<p>Halo"


def test_of_a_batch_each_failure_says_nothing_that_may_be_about_another() -> None:
    away = Reply(503, "text/plain", "", b"a: jalan rusak", asked="POST /complaints:batch")
    assert {_said(each) for each in read_batch(away, ["a", "b"], _now())} == {"POST /complaints:batch\nHTTP 503"}
    results = msgspec.json.encode(
        {"results": [{"reference": "a", "status": 422, "title": "tanpa judul"}, {"reference": "x", "status": 200}]}
    )
    first, second = read_batch(Reply(200, "application/json", "", results, asked="POST /complaints:batch"), ["a", "b"], _now())
    assert _said(first) == 'POST /complaints:batch\nHTTP 200\n{"status":422,"title":"tanpa judul"}'
    assert _said(second) == "POST /complaints:batch\nHTTP 200"
