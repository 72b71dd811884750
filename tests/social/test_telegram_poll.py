"""The channel "social.telegram" against a rehearsal Telegram on loopback: asking for updates, and confirming only what is on disk."""

from __future__ import annotations

import logging
from datetime import UTC, datetime, timedelta

import pytest

from channels.base import Channel, Gathering, Listener, Unavailable, Webhook
from channels.social import telegram
from gateway.rehearse.telegram_api import FIRST_UPDATE, TOKEN, person
from tests.fakes.inbox import Shelf, until
from tests.social.telegram_world import NAME, captured, listening, polled, table, telegram_api, trying, word


def offset(shelf: Shelf) -> int:
    return int(shelf.notes.get((NAME, telegram.OFFSET), "0"))


async def test_it_is_a_channel_that_listens_and_gathers_and_is_not_called() -> None:
    bot: Channel = telegram.channel(NAME, table("http://127.0.0.1:1"))
    assert (bot.name, bot.up) == (NAME, False)
    assert isinstance(bot, Listener)
    assert isinstance(bot, Gathering)
    assert not isinstance(bot, Webhook)


async def test_a_message_is_kept_as_it_came_and_confirmed_afterwards() -> None:
    async with telegram_api() as api:
        bot, shelf = polled(api), Shelf()
        async with listening(bot, shelf):
            message = api.say("Jalan rusak")
            (raw,) = api.waiting.values()
            await until(lambda: shelf.arrivals)
            (arrival,) = shelf.arrivals
            assert (arrival.source_id, arrival.raw) == (f"{person('warga')['id']}/{message}", raw)
            await api.until(lambda: not api.waiting)
            assert api.asked["getupdates"]["offset"] == str(offset(shelf)) == str(FIRST_UPDATE + 1)
            assert api.asked["getupdates"]["allowed_updates"] == '["message", "edited_message"]'
        assert (word(bot), bot.up) == ("closed", False)


async def test_what_the_store_does_not_take_is_not_confirmed_and_comes_again_and_is_taken_once() -> None:
    async with telegram_api() as api:
        bot, shelf = polled(api), Shelf()
        async with listening(bot, shelf):
            shelf.problem = Unavailable("disk_nearly_full")
            api.say("Air mati")
            await until(lambda: bot.counts["store"] >= 2)
            assert (word(bot), bot.links[0].why, bot.up) == ("store", "store: disk_nearly_full", True)
            assert (offset(shelf), len(api.waiting), shelf.arrivals) == (0, 1, [])
            shelf.problem = None
            await api.until(lambda: not api.waiting)
            assert len(shelf.arrivals) == 1


async def test_after_a_kill_between_commit_and_confirmation_the_same_update_is_not_a_second_arrival() -> None:
    async with telegram_api() as api:
        shelf = Shelf()
        api.say("Lampu mati")
        async with listening(polled(api), shelf):
            await until(lambda: shelf.arrivals)
        # what was confirmed by nobody, because we died first, is still there
        api.waiting[FIRST_UPDATE] = shelf.arrivals[0].raw
        shelf.newest = datetime.now(UTC)
        async with listening(polled(api), shelf):
            api.say("Pohon tumbang")
            await until(lambda: len(shelf.arrivals) == 2)
        assert offset(shelf) == FIRST_UPDATE + 2


async def test_once_another_process_may_be_asking_in_our_place_telegram_is_asked_nothing_more() -> None:
    async with telegram_api() as api:
        bot, shelf = polled(api, poll_s=1), Shelf()
        async with listening(bot, shelf):
            await api.until(lambda: "getupdates" in api.asked)
            shelf.left_s = 0.0
            api.say("dibaca oleh yang lain")
            await until(lambda: bot.counts["reconnect"])
            asked = api.counts["getupdates"]
            await until(lambda: bot.counts["reconnect"] >= 3)
            assert (api.counts["getupdates"], bot.up) == (asked, False)


async def test_the_first_question_after_a_start_says_the_committed_offset() -> None:
    async with telegram_api() as api:
        shelf = Shelf(latest=datetime.now(UTC))
        shelf.notes[NAME, telegram.OFFSET] = str(FIRST_UPDATE + 1)
        api.say("dibaca sebelumnya")
        api.say("baru")
        async with listening(polled(api), shelf):
            await until(lambda: shelf.arrivals)
            assert [b"baru" in arrival.raw for arrival in shelf.arrivals] == [True]


async def test_after_a_week_of_silence_updates_may_have_lower_numbers() -> None:
    async with telegram_api() as api:
        shelf = Shelf(latest=datetime.now(UTC) - timedelta(days=8))
        shelf.notes[NAME, telegram.OFFSET] = str(FIRST_UPDATE + 10**6)
        api.say("setelah sepekan")
        async with listening(polled(api), shelf):
            await api.until(lambda: not api.waiting)
        assert (len(shelf.arrivals), offset(shelf)) == (1, FIRST_UPDATE + 1)


async def test_an_edit_amends_its_original_and_an_album_is_one() -> None:
    async with telegram_api() as api:
        bot, shelf = polled(api), Shelf()
        for name in ("text", "edited", "album_1", "album_2", "album_edit"):
            api.waiting[int(captured(name).split(b'"update_id": ')[1].split(b",")[0])] = captured(name)
        async with listening(bot, shelf):
            await api.until(lambda: not api.waiting)
        assert [arrival.source_id for arrival in shelf.arrivals] == ["7000000001/201"]
        assert [part.group for part in shelf.parts] == ["7000000001/201", *["7000000001/album/13600000000000001"] * 3]
        assert all(part.count == 0 for part in shelf.parts)
        assert [part.wait_until > part.received_at for part in shelf.parts] == [False, True, True, True]
        assert len({part.index for part in shelf.parts}) == 4


async def test_what_does_not_concern_us_is_counted_and_confirmed() -> None:
    async with telegram_api() as api:
        bot, shelf = polled(api), Shelf()
        async with listening(bot, shelf):
            group = {"id": -1001, "title": "RT 05", "type": "supergroup"}
            api.say("selamat pagi", chat=group)
            api.say("/lapor@orang_lain_bot halo", chat=group)
            api.say("/lapor lampu mati", chat=group)
            api.say("hai @LAPOR_latihan_bot, jalan rusak", chat=group)
            api.bring({"my_chat_member": {"chat": group}})
            api.bring(
                {"edited_message": {"message_id": 1, "chat": {"id": 7, "type": "private"}, "location": {"latitude": 1, "longitude": 2}}}
            )
            await api.until(lambda: not api.waiting)
            assert {why: bot.counts[why] for why in ("group", "other_kind", "live_location")} == {
                "group": 2, "other_kind": 1, "live_location": 1,
            }  # fmt: skip
            assert len(shelf.arrivals) == 2


@pytest.mark.parametrize("fault", ["malformed_update", "nameless_update", "half_a_pair"])
async def test_an_update_that_nobody_can_read_is_kept_and_keeps_nobody_waiting(fault: str) -> None:
    async with telegram_api(f"{fault}=1") as api:
        bot, shelf = polled(api), Shelf()
        async with listening(bot, shelf):
            api.say("Jalan rusak")
            await api.until(lambda: not api.waiting)
        odd, well = shelf.arrivals
        assert odd.source_id.startswith("update/")
        assert b"Jalan rusak" in well.raw
        assert bot.counts["unreadable"] == 1
        if fault != "nameless_update":
            with pytest.raises(ValueError):
                bot.decode(odd, ())


@pytest.mark.parametrize(
    ("fault", "why", "state"),
    [
        ("conflict=2", "conflict", "conflict"),
        ("bad_gateway=2", "server_error", "lost"),
        ("not_json=2", "no_answer", "lost"),
        ("poll_throttled=1", "throttled", "lost"),
    ],
)
async def test_a_failure_of_telegram_is_a_state_and_passes(fault: str, why: str, state: str) -> None:
    async with telegram_api(fault) as api:
        bot, shelf = polled(api), Shelf()
        api.say("Jalan rusak")
        async with trying(bot, shelf):
            await until(lambda: word(bot) == state)
            assert bot.links[0].why == why
            assert bot.up is (state == "conflict")
            await until(lambda: shelf.arrivals)
            await until(lambda: word(bot) == "polling")


async def test_a_token_that_was_revoked_is_a_state_and_no_storm() -> None:
    async with telegram_api("token_revoked") as api:
        bot, shelf = polled(api), Shelf()
        async with trying(bot, shelf):
            await until(lambda: word(bot) == "refused")
            assert (bot.links[0].why, bot.up, api.counts["getme"]) == ("token_refused", False, 1)
            with pytest.raises(Unavailable, match="token_refused"):
                await bot.probe()


async def test_it_waits_for_a_telegram_that_is_not_there() -> None:
    async with telegram_api() as api:
        bot = polled(api)
    async with trying(bot, Shelf()):
        await until(lambda: word(bot) == "lost")
        assert (bot.links[0].why, bot.up) == ("unreachable", False)
        with pytest.raises(Unavailable, match="unreachable"):
            await bot.probe()


async def test_a_webhook_that_was_set_before_is_taken_away() -> None:
    async with telegram_api() as api:
        await api._call("http://127.0.0.1:1/", "")
        api.say("Jalan rusak")
        shelf = Shelf()
        async with listening(polled(api), shelf):
            await until(lambda: shelf.arrivals)


async def test_a_probe_says_who_the_bot_is() -> None:
    async with telegram_api() as api:
        assert await polled(api).probe() == f"@lapor_latihan_bot is known to {api.url}"


@pytest.mark.parametrize("fault", ["", "bad_gateway=1", "not_json=1", "token_revoked=1", "malformed_update=1"])
async def test_no_token_and_no_text_in_any_log(fault: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    async with telegram_api(*filter(None, [fault])) as api:
        bot, shelf = polled(api), Shelf()
        api.say("rahasiaku")
        async with trying(bot, shelf):
            if fault != "token_revoked=1":
                await until(lambda: shelf.arrivals)
            await until(lambda: word(bot) in {"polling", "refused"})
    assert TOKEN not in caplog.text + repr(bot.links)
    assert "rahasiaku" not in caplog.text


def test_settings_show_neither_token_nor_secret() -> None:
    settings = table("http://127.0.0.1:1", webhook_secret="sangat-rahasia")
    shown = repr(settings) + str(settings.__rich_repr__())
    assert TOKEN not in shown
    assert "sangat-rahasia" not in shown


async def test_another_bot_under_the_same_name_is_asked_nothing() -> None:
    """Its updates have numbers of their own: the offset of the first would confirm them unread, and its message 101 is another message."""
    async with telegram_api() as api:
        shelf = Shelf(latest=datetime.now(UTC))
        shelf.notes[NAME, telegram.OFFSET] = str(FIRST_UPDATE + 10**6)
        shelf.notes[NAME, telegram.BOT] = "987654321"
        bot = polled(api)
        async with trying(bot, shelf):
            api.say("kepada bot yang baru")
            await until(lambda: word(bot) == "other_bot")
        assert (bot.up, api.counts["getupdates"], len(api.waiting)) == (False, 0, 1)


async def test_a_bot_with_a_new_token_is_the_same_bot() -> None:
    async with telegram_api() as api:
        shelf = Shelf()
        for _ in range(2):
            api.say("Jalan rusak")
            async with listening(polled(api), shelf):
                await api.until(lambda: not api.waiting)
        assert shelf.notes[NAME, telegram.BOT] == TOKEN.partition(":")[0]
        assert len(shelf.arrivals) == 2
