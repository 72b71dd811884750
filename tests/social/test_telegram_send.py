"""The channel "social.telegram" against a rehearsal Telegram on loopback: sending letters, and how fast."""

from __future__ import annotations

import asyncio
import json

import pytest

from channels.base import Letter, Refused, Unavailable
from channels.social.telegram_pace import OVERALL, Pace
from gateway.rehearse.telegram_api import TOKEN, person
from tests.fakes.inbox import Shelf, until
from tests.social.telegram_world import letter, listening, polled, telegram_api, word


async def test_a_letter_is_a_plain_message_under_the_one_that_it_answers() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            ids, said = await bot.send(letter("Kode *7K3Q* <b>", message=104))
        (sent,) = api.sent
        assert ids == (f"{sent['chat_id']}/{sent['message_id']}",)
        assert said == f'HTTP 200\n{{"message_id": {sent["message_id"]}}}'
        assert (sent["chat_id"], sent["text"]) == (str(person("warga")["id"]), "Kode *7K3Q* <b>")
        assert json.loads(sent["reply_parameters"]) == {"message_id": 104, "allow_sending_without_reply": True}
        assert "parse_mode" not in sent


async def test_without_a_line_nothing_is_sent() -> None:
    async with telegram_api() as api:
        with pytest.raises(Unavailable) as problem:
            await polled(api).send(letter())
        assert (problem.value.code, problem.value.unsure, api.counts["sendmessage"]) == ("not_connected", False, 0)


async def test_without_a_chat_there_is_no_way_back() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            with pytest.raises(Refused, match="no_way_back"):
                await bot.send(Letter(key="k", case_id="c", channel="t", to="@warga", kind="receipt", text="x"))


@pytest.mark.parametrize(
    ("fault", "code", "words"),
    [
        ("blocked=1", "blocked", "Forbidden: bot was blocked by the user"),
        ("chat_not_found=1", "chat_not_found", "Bad Request: chat not found"),
        ("teapot=1", "rejected", "HTTP 418"),
    ],
)
async def test_what_telegram_will_not_have_is_refused_in_its_words(fault: str, code: str, words: str) -> None:
    async with telegram_api(fault) as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            with pytest.raises(Refused) as problem:
                await bot.send(letter())
        assert (problem.value.code, problem.value.words) == (code, words)


@pytest.mark.parametrize(
    ("fault", "code", "unsure"),
    [("server_error=1", "server_error", False), ("not_json=2", "no_answer", True), ("drop_after_send=1", "no_answer", True)],
)
async def test_what_telegram_cannot_do_now_may_be_tried_again(fault: str, code: str, unsure: bool) -> None:
    async with telegram_api() as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            api.misbehave(fault)
            with pytest.raises(Unavailable) as problem:
                await bot.send(letter())
            assert (problem.value.code, problem.value.unsure) == (code, unsure)
        assert len(api.sent) == (fault == "drop_after_send=1")


async def test_a_bad_gateway_may_be_tried_again() -> None:
    async with telegram_api() as api:
        bot = polled(api, poll_s=300)
        async with listening(bot, Shelf()):
            await api.until(lambda: api.counts["confirmations"])
            api.misbehave("bad_gateway=1")
            with pytest.raises(Unavailable, match="server_error"):
                await bot.send(letter())
            await bot.send(letter(who="lain"))


async def test_an_answer_that_never_comes_leaves_us_unsure() -> None:
    async with telegram_api("hang=1") as api:
        bot = polled(api, timeout_s=0.5)
        async with listening(bot, Shelf()):
            with pytest.raises(Unavailable) as problem:
                await bot.send(letter())
            assert (problem.value.code, problem.value.unsure) == ("timeout", True)


async def test_when_telegram_asks_for_silence_nobody_is_written_to() -> None:
    async with telegram_api("throttled=1") as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            with pytest.raises(Unavailable) as problem:
                await bot.send(letter())
            assert (problem.value.code, problem.value.retry_after) == ("throttled", 1.0)
            assert bot.counts["throttled"] == 1
            later = asyncio.ensure_future(bot.send(letter(who="lain")))
            await asyncio.sleep(0.05)
            assert api.counts["sendmessage"] == 1
            await later
            assert api.counts["sendmessage"] == 2


async def test_a_chat_with_too_many_letters_waits_for_itself_alone() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            many = [asyncio.ensure_future(bot.send(letter(str(number)))) for number in range(12)]
            with pytest.raises(Unavailable) as problem:
                await many[-1]
            assert problem.value.code == "busy"
            async with asyncio.timeout(60):
                await bot.send(letter(who="lain"))
            for waiting in many:
                waiting.cancel()


async def test_a_token_that_is_refused_closes_the_door_and_stands_in_no_error() -> None:
    async with telegram_api() as api:
        bot = polled(api, poll_s=300)
        async with listening(bot, Shelf()):
            await api.until(lambda: api.counts["confirmations"])
            api.misbehave("token_revoked=1")
            with pytest.raises(Unavailable) as problem:
                await bot.send(letter())
            assert (problem.value.code, bot.up, word(bot)) == ("token_refused", False, "refused")
            assert TOKEN not in repr(problem.value) + str(problem.value.__cause__)


async def test_a_letter_under_way_is_waited_for_when_we_leave() -> None:
    async with telegram_api() as api:
        bot = polled(api)
        async with listening(bot, Shelf()):
            await bot.send(letter())
            # the second to the same chat has to wait a second for its turn
            under_way = asyncio.ensure_future(bot.send(letter("kedua")))
            await asyncio.sleep(0)
        assert under_way.done()
        assert [sent["text"] for sent in api.sent] == [letter().text, "kedua"]
        await until(lambda: word(bot) == "closed")


def test_one_chat_waits_for_itself_and_all_for_the_rate() -> None:
    pace = Pace()
    assert [pace.turn("a", 100.0), pace.turn("a", 100.0)] == [0.0, 1.0]
    assert pace.turn("b", 100.0) == pytest.approx(2 / OVERALL)
    others = [pace.turn(f"c{n}", 100.0) for n in range(50)]
    assert others == pytest.approx([(n + 3) / OVERALL for n in range(50)])
    assert pace.turn("a", 110.0) == 0.0


def test_a_turn_that_is_too_late_is_not_taken_and_puts_nobody_off() -> None:
    pace = Pace()
    taken = sum(pace.turn(f"c{n}", 100.0, patience_s=10.0) <= 10.0 for n in range(2000))
    assert taken == pytest.approx(10 * OVERALL, abs=2)
    # ten seconds later the same number again, however often the others have asked meanwhile
    assert sum(pace.turn(f"d{n}", 110.1, patience_s=10.0) <= 10.0 for n in range(2000)) == pytest.approx(taken, abs=2)


def test_a_silence_holds_for_everybody_and_ends() -> None:
    pace = Pace()
    pace.hold(30.0, 100.0)
    assert pace.turn("a", 100.0) == 30.0
    assert pace.turn("b", 131.0) == 0.0


def test_chats_are_forgotten_when_they_may_be_written_to_again() -> None:
    pace = Pace()
    for n in range(5000):
        pace.turn(f"c{n}", float(n))
    assert len(pace._chats) <= 1000
