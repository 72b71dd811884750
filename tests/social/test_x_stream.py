"""The filtered stream beside the polling: sooner, never twice, and never a storm of connections."""

from __future__ import annotations

import pytest

from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, listening, simulated, state

STREAM = "GET /2/tweets/search/stream"


async def test_a_post_comes_by_the_stream_and_the_polling_knows_it() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, stream=True, poll_s=0.4), Shelf()
        async with listening(channel, shelf):
            await until(lambda: state(channel, "stream") == "ok" and fake.streams)
            post = fake.world.write("@warga", "@lapor1708 jalan rusak")
            asked = fake.requests[f"GET /2/users/{fake.world.account.id}/mentions"]
            await fake.push(post)
            await until(lambda: shelf.arrivals)
            assert channel.decode(shelf.arrivals[0], ()).extras["via"] == "stream"
            await until(lambda: fake.requests[f"GET /2/users/{fake.world.account.id}/mentions"] > asked + 1)
            await until(lambda: channel.counts["seen"])
        assert [arrival.source_id for arrival in shelf.arrivals] == [post]


async def test_the_rules_are_made_ours_and_those_of_others_are_left_alone() -> None:
    async with simulated() as fake:
        fake.rules = {"7": {"value": "#lama", "tag": "lapor:hashtags"}, "8": {"value": "#cuaca", "tag": "kantor lain"}}
        channel, shelf = account(fake.url, stream=True), Shelf()
        async with listening(channel, shelf):
            await until(lambda: fake.streams)
            assert sorted((rule["tag"], rule["value"]) for rule in fake.rules.values()) == [
                ("kantor lain", "#cuaca"),
                ("lapor:hashtags", "(#lapor OR #lapor1708) -@LAPOR1708 -is:retweet -from:LAPOR1708"),
                ("lapor:mentions", "@LAPOR1708 -is:retweet -from:LAPOR1708"),
            ]
            await fake.push(fake.world.write("@warga", "hujan #cuaca"))
            await fake.push(fake.world.write("@warga", "#lapor hujan"))
            await until(lambda: shelf.arrivals)
        assert len(shelf.arrivals) == 1


@pytest.mark.parametrize("fault", ["stream_closes", "stream_garbage"])
async def test_a_stream_that_closes_or_talks_nonsense_is_no_storm_and_the_polling_goes_on(fault: str) -> None:
    async with simulated(fault) as fake:
        channel, shelf = account(fake.url, stream=True), Shelf()
        async with listening(channel, shelf):
            await until(lambda: channel.counts["stream_connected"])
            fake.world.write("@warga", "@lapor1708 jalan rusak")
            await until(lambda: shelf.arrivals)
            await until(lambda: channel.counts["stream_closed"] or channel.counts["stream_unreadable"])
        assert fake.requests[STREAM] <= 2


async def test_a_purse_that_runs_out_closes_the_stream() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, stream=True, poll_s=30, daily_cap=0.006), Shelf()
        async with listening(channel, shelf):
            await until(lambda: fake.streams)
            await fake.push(fake.world.write("@warga", "@lapor1708 jalan rusak"))
            await until(lambda: not fake.streams)
            assert state(channel, "stream") == "mentions_only"
            assert len(shelf.arrivals) == 1
