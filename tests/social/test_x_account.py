"""The account in trouble: limits, keys, credits, nonsense from X, and a purse that runs out. Each is a state, and none a crash."""

from __future__ import annotations

from typing import Any

import pytest

from channels.base import Unavailable
from channels.social import x
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import KEYS, account, letter, listening, simulated, state, trying


@pytest.mark.parametrize(
    ("fault", "shown"),
    [
        ("rate_limited", "trouble"),
        ("html_503", "trouble"),
        ("truncated", "trouble"),
        ("reset", "trouble"),
        ("revoked", "keys_refused"),
        ("no_credits", "stopped"),
        ("usage_capped", "stopped"),
    ],
)
async def test_trouble_is_shown_and_what_came_meanwhile_is_read_when_it_is_over(fault: str, shown: str) -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            fake.faults[fault] = -1
            await until(lambda: state(channel, "mentions") == shown)
            why = next(link.why for link in channel.links if link.task == "mentions")
            assert why.startswith("X")
            fake.world.write("@warga", "@lapor1708 jalan rusak")
            del fake.faults[fault]
            await until(lambda: shelf.arrivals)
            await until(lambda: state(channel, "mentions") == "ok")


async def test_a_slow_x_is_waited_for() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        fake.faults["slow"] = 4
        async with listening(channel, shelf):
            fake.world.write("@warga", "@lapor1708 jalan rusak")
            await until(lambda: shelf.arrivals)


@pytest.mark.parametrize("fault", ["revoked", "html_503", "reset", "no_credits"])
async def test_it_starts_in_trouble_and_goes_on_by_itself(fault: str) -> None:
    async with simulated(fault) as fake:
        channel, shelf = account(fake.url), Shelf()
        async with trying(channel, shelf):
            await until(lambda: channel.links and state(channel, "account") != "starting")
            assert channel.up is False
            # on the very first start too: what is written while X is in trouble is read when it is over
            fake.world.write("@warga", "@lapor1708 jalan rusak")
            del fake.faults[fault]
            await until(lambda: channel.up)
            await until(lambda: shelf.arrivals)


async def test_an_empty_window_is_not_asked_again_before_it_is_over() -> None:
    async with simulated() as fake:
        channel = account(fake.url, hashtags=())
        path = f"/2/users/{fake.world.account.id}/mentions"
        fake.remaining[path] = 3
        async with trying(channel, Shelf()):
            await until(lambda: state(channel, "mentions") == "trouble")
            fake.remaining[path] = 400
            await until(lambda: state(channel, "mentions") == "ok")
        # three that were allowed, and one after the window: none was refused
        assert fake.requests[f"GET {path}"] >= 4
        assert channel.counts["rate_limited"] == 1


async def test_the_purse_slows_down_then_reads_mentions_only_then_stops_and_says_so() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, daily_cap=1.0, price_own_read=0.1, price_read=0.1), Shelf()
        async with listening(channel, shelf):
            for n in range(5):
                fake.world.write("@warga", f"@lapor1708 nomor {n}")
            await until(lambda: state(channel, "mentions") == "slow")
            for n in range(3):
                fake.world.write("@warga", f"@lapor1708 nomor {n}")
            await until(lambda: state(channel, "mentions") == "mentions_only")
            asked = fake.requests["GET /2/tweets/search/recent"]
            fake.world.write("@tetangga", "#lapor air mati")
            for n in range(2):
                fake.world.write("@warga", f"@lapor1708 nomor {n}")
            await until(lambda: state(channel, "mentions") == "stopped")
            assert [channel.counts[f"level_{level}"] for level in ("slow", "mentions_only", "stopped")] == [1, 1, 1]
            why = channel.links[1].why
            assert (why.startswith("the daily cap is spent (1.00 USD)"), channel.links[1].spent_today) == (True, 1.0)
            assert (len(shelf.arrivals), fake.requests["GET /2/tweets/search/recent"]) == (10, asked)
            fake.world.write("@warga", "@lapor1708 nomor terakhir")
            assert channel.up is False
            with pytest.raises(Unavailable) as failure:
                await channel.send(letter())
            assert (failure.value.code, failure.value.unsure) == ("daily_cap", False)
        # a restart does not fill the purse
        again = account(fake.url, daily_cap=1.0)
        async with trying(again, shelf):
            await until(lambda: state(again, "mentions") == "stopped" and state(again, "account") == "stopped")
            assert again.up is False
        assert len(shelf.arrivals) == 10


async def test_an_answer_is_paid_for_before_it_is_posted() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, hashtags=(), price_post=0.01), Shelf()
        async with listening(channel, shelf):
            await channel.send(letter())
            assert channel.links[0].spent_today == 0.01
        assert [value for (_, name), value in shelf.notes.items() if name.startswith("spent:")] == ["10000"]


async def test_the_probe_says_whose_keys_these_are() -> None:
    async with simulated() as fake:
        assert "@lapor1708" in await account(fake.url).probe()
        fake.faults["revoked"] = 1
        with pytest.raises(Unavailable, match="keys_refused"):
            await account(fake.url).probe()
        with pytest.raises(Unavailable, match="other_account"):
            await account(fake.url, account="kantor_lain").probe()


def test_settings_show_no_key_and_refuse_what_cannot_work() -> None:
    table: dict[str, Any] = {"account": "@lapor1708", **KEYS}
    shown = repr(x.Settings(**table))
    assert "kunci" not in shown
    assert "account='lapor1708'" in shown
    with pytest.raises(ValueError, match="hashtags"):
        x.Settings(hashtags=tuple("x" * 50 + str(n) for n in range(10)), **table)
