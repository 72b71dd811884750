"""Letters through an aggregator's send URL: what it reads, and what each of its answers means to us."""

from __future__ import annotations

import asyncio
from typing import Any
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from channels.base import Letter, Refused, Unavailable
from channels.sms import push, push_sending
from tests.fakes.aggregator import PASSWORD, USER, Aggregator
from tests.fakes.inbox import until
from tests.sms.pushed import KEY, NOW, TABLES, called, door

PROFILES = ["generic", "jasmin", "kannel", "twilio"]
#: the id under which each profile's letters are known
IDS = {"generic": "mt-1", "jasmin": "mt-1", "twilio": "mt1"}


def letter(text: str = "Laporan Anda kami terima.", *, key: str = "c:receipt", to: str = "628120000001") -> Letter:
    return Letter(key=key, case_id="c", channel="agregator", to=f"+{to}", kind="receipt", text=text, reply_to={"to": to})


def through(aggregator: Aggregator, **table: Any) -> push.Push:
    """A channel that sends there."""
    known = {"send_url": aggregator.send_url, "send_username": USER, "send_password": PASSWORD}
    return door(aggregator.profile, **known | table)


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_letter_is_sent_to_the_number_as_it_was_written(profile: str) -> None:
    async with Aggregator(profile) as aggregator:
        ids, said = await through(aggregator).send(letter())
        (sent,) = aggregator.letters
        assert (sent.to, sent.text) == ("628120000001", "Laporan Anda kami terima.")
        assert sent.fields.get("from", sent.fields.get("From")) == "1708"
        assert ids == (IDS[profile],) if profile in IDS else len(ids[0]) == 24
        assert said.startswith("HTTP 20")


@pytest.mark.parametrize("profile", PROFILES)
async def test_letters_that_gsm_lacks_arrive_too(profile: str) -> None:
    async with Aggregator(profile) as aggregator:
        channel = through(aggregator)
        await channel.send(letter("Sugeng enjing \N{GRINNING FACE}"))
        await channel.send(letter("harga \N{EURO SIGN}5 {satu}"))
        assert [sent.text for sent in aggregator.letters] == ["Sugeng enjing \N{GRINNING FACE}", "harga \N{EURO SIGN}5 {satu}"]
        codings = [sent.fields.get("coding") for sent in aggregator.letters]
        assert codings == {"kannel": ["2", "0"], "jasmin": ["8", "0"]}.get(profile, [None, None])


async def test_a_letter_without_a_way_back_goes_to_the_sender() -> None:
    async with Aggregator() as aggregator:
        channel = through(aggregator)
        await channel.send(msgspec.structs.replace(letter(), reply_to={}))
        assert aggregator.letters[0].to == "+628120000001"
        with pytest.raises(Refused, match="unsendable"):
            await channel.send(Letter(key="k", case_id="c", channel="agregator", to="", kind="receipt", text="a"))


async def test_fields_that_the_settings_name_and_fix_go_along() -> None:
    async with Aggregator("jasmin") as aggregator:
        await through(aggregator, send_fixed={"priority": "1"}, short_code="LAPOR").send(letter())
        assert aggregator.letters[0].fields.items() >= {"priority": "1", "from": "LAPOR"}.items()


@pytest.mark.parametrize(
    ("fault", "code", "retry_after", "unsure"),
    [
        ("429", "http_429", 7.0, False),
        ("503", "http_503", None, False),
        ("500", "http_500", None, True),
        ("redirect", "http_302", None, True),
        ("html", "bad_answer", None, True),
        ("hang", "no_answer", None, True),
        ("drop", "no_answer", None, True),
        ("endless", "bad_answer", None, True),
    ],
)
async def test_trouble_is_told_apart(fault: str, code: str, retry_after: float | None, unsure: bool) -> None:
    async with Aggregator("kannel") as aggregator:
        aggregator.next(fault)
        channel = through(aggregator, send_timeout_s=0.5)
        with pytest.raises(Unavailable) as trouble:
            await channel.send(letter())
        assert (trouble.value.code, trouble.value.retry_after, trouble.value.unsure) == (code, retry_after, unsure)
        assert channel.counts == {"throttled" if fault == "429" else code: 1}
        await channel.send(letter())


@pytest.mark.parametrize("profile", PROFILES)
async def test_a_refusal_is_one(profile: str) -> None:
    async with Aggregator(profile) as aggregator:
        aggregator.next("400")
        channel = through(aggregator)
        with pytest.raises(Refused) as refusal:
            await channel.send(letter())
        assert (refusal.value.code, refusal.value.words) == ("http_400", "begitu tertulis")
        with pytest.raises(Refused, match=r"http_40[13]"):
            await through(aggregator, send_password="salah").send(letter())
        assert (channel.counts, aggregator.letters) == ({"refused": 1}, [])


async def test_nobody_there_is_known_not_to_have_taken_it() -> None:
    async with Aggregator() as aggregator:
        channel = through(aggregator)
    with pytest.raises(Unavailable, match="unreachable") as trouble:
        await channel.send(letter())
    assert not trouble.value.unsure
    with pytest.raises(Unavailable, match="cannot be reached"):
        await channel.probe()


async def test_a_probe_sends_nothing() -> None:
    async with Aggregator() as aggregator:
        assert await through(aggregator).probe() == f"127.0.0.1:{aggregator.port} answers; nothing was sent"
        assert not aggregator.letters
    assert "nothing to connect to" in await door(answer="response", send_url="", success_body="{reference}").probe()


async def test_where_the_response_is_the_answer_no_letter_can_be_sent() -> None:
    with pytest.raises(Refused, match="no_way_back"):
        await door(answer="response", send_url="", success_body="{reference}").send(letter())


async def test_many_letters_at_once_and_one_that_is_given_up() -> None:
    async with Aggregator() as aggregator:
        aggregator.next("hang")
        channel = through(aggregator, send_concurrency=3)
        given_up = asyncio.create_task(channel.send(letter(key="0")))
        await until(lambda: aggregator.letters)
        ids = await asyncio.gather(*(channel.send(letter(key=str(nth))) for nth in range(1, 20)))
        assert len(set(ids)) == 19
        given_up.cancel()
        with pytest.raises(asyncio.CancelledError):
            await given_up
        await channel.send(letter(key="20"))
        assert len(aggregator.letters) == 21


async def test_a_letter_whose_turn_does_not_come_is_surely_not_sent() -> None:
    async with Aggregator() as aggregator:
        aggregator.next("hang")
        known = {"send_url": aggregator.send_url, "send_username": USER, "send_password": PASSWORD, "send_concurrency": 1}
        channel = push.Push("agregator", msgspec.convert(TABLES["generic"] | known, push.Settings), turn_s=0.05)
        first = asyncio.create_task(channel.send(letter(key="0")))
        await until(lambda: aggregator.letters)
        with pytest.raises(Unavailable, match="busy") as trouble:
            await channel.send(letter(key="1"))
        assert not trouble.value.unsure
        first.cancel()
        with pytest.raises(asyncio.CancelledError):
            await first
        assert len(aggregator.letters) == 1
        await channel.send(letter(key="1"))


@pytest.mark.parametrize("profile", PROFILES)
async def test_no_letter_is_sent_twice_behind_our_back(profile: str) -> None:
    async with Aggregator(profile) as aggregator:
        channel = through(aggregator, send_concurrency=1)
        aggregator.next("", "", "drop", "")
        results = await asyncio.gather(*(channel.send(letter(key=str(nth))) for nth in range(4)), return_exceptions=True)
        assert [isinstance(result, Unavailable) for result in results] == [False, False, True, False]
        assert len(aggregator.letters) == 4


@pytest.mark.parametrize("profile", PROFILES)
async def test_receipts_are_asked_for_and_name_the_letter(profile: str) -> None:
    async with Aggregator(profile) as aggregator:
        url = "https://lapor.example/sms/agregator/dlr"
        channel = through(aggregator, receipt_url=url, secret="a&b", allow_from=[])
        ((identity,), _) = await channel.send(letter())
        fields = aggregator.letters[0].fields
        asked = next(value for value in fields.values() if value.startswith("https://"))
        query = parse_qs(urlsplit(asked).query)
        assert asked.startswith(f"{url}?")
        assert query["secret"] == ["a&b"]
        if profile == "kannel":
            assert (query["id"], query["status"]) == ([identity], ["%d"])
            assert fields["dlr-mask"] == "19"


async def test_no_receipts_are_asked_for_without_an_address_for_them() -> None:
    async with Aggregator("jasmin") as aggregator:
        await through(aggregator).send(letter())
        assert not any(name.startswith("dlr") for name in aggregator.letters[0].fields)


async def test_a_letter_that_is_sent_again_keeps_its_id() -> None:
    async with Aggregator("kannel") as aggregator:
        channel = through(aggregator)
        assert await channel.send(letter()) == await channel.send(letter()) != await channel.send(letter(key="other"))


def test_the_secret_of_a_receipt_is_asked_for_like_any_other() -> None:
    channel = door("kannel", secret=KEY, allow_from=[])
    request = called("kannel_receipt")
    (receipt,) = channel.read(called("kannel_receipt", query={**request.query, "secret": KEY})).receipts
    assert receipt.provider_ids == ("5f1d7c0a9b",)


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("Sun, 22 Nov 2026 02:01:00 GMT", 60.0),
        ("Sun, 22 Nov 2026 01:00:00 GMT", 0.0),
        ("Sun, 22 Nov 2026 02:01:00 -0000", 60.0),
        ("soon", None),
    ],
)
def test_when_to_come_again_may_be_an_instant(written: str, seconds: float | None) -> None:
    with pytest.raises(Unavailable) as trouble:
        push_sending.judge(push_sending.Reply(503, "", written), "", "", NOW)
    assert trouble.value.retry_after == seconds


def test_an_answer_may_name_no_id() -> None:
    assert push_sending.judge(push_sending.Reply(200, "OK", ""), r"\AOK", "", NOW) == ((), "HTTP 200\nOK")
