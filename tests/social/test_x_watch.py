"""The watch over kept posts: what was deleted is forgotten in time, what stands is asked for again, and X's silence is no deletion."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from gateway.rehearse.x_api import FakeX
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, listening, simulated, state

#: a fifth of a second, in hours and in days
SOON = {"watch_hours": 0.2 / 3600}
PAST = {"watch_days": 0.2 / 86400}
LOOKUP = "GET /2/tweets"


def watches(shelf: Shelf) -> list[str]:
    return [name.rpartition(":")[2] for _, name in shelf.notes if name.startswith("watch:")]


def delete(fake: FakeX, post: str) -> None:
    fake.world.take_away(post)


def suspend(fake: FakeX, _: str) -> None:
    fake.world.person("@warga").suspended = True


def hide(fake: FakeX, _: str) -> None:
    fake.world.person("@warga").protected = True


@pytest.mark.parametrize("vanish", [delete, suspend, hide])
async def test_what_x_does_not_show_any_more_is_forgotten_with_all_that_was_noted_of_it(vanish: Callable[[FakeX, str], None]) -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON), Shelf()
        async with listening(channel, shelf):
            gone = fake.world.write("@warga", "@lapor1708 pungli di kelurahan")
            stays = fake.world.write("@tetangga", "@lapor1708 lampu mati")
            await until(lambda: len(shelf.arrivals) == 2)
            await until(lambda: fake.requests[LOOKUP] >= 2)
            assert shelf.forgotten == []
            vanish(fake, gone)
            await until(lambda: shelf.forgotten)
            assert shelf.forgotten == [(gone, "deleted")]
            await until(lambda: watches(shelf) == [stays])
        assert [name for _, name in shelf.notes if gone in name] == []
        assert channel.counts["deleted"] == 1


async def test_a_case_in_somebodys_hands_is_forgotten_when_it_is_free() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON), Shelf()
        async with listening(channel, shelf):
            gone = fake.world.write("@warga", "@lapor1708 pungli")
            await until(lambda: shelf.arrivals)
            held = shelf.arrivals.pop()
            fake.world.take_away(gone)
            await until(lambda: shelf.forgotten)
            assert watches(shelf) == [gone]
            shelf.arrivals.append(held)
        assert channel.counts["deleted"] == 0
        assert '"gone":"' in next(value for (_, name), value in shelf.notes.items() if name.startswith("watch:"))


async def test_what_x_cannot_say_now_is_asked_again() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON), Shelf()
        async with listening(channel, shelf):
            gone = fake.world.write("@warga", "@lapor1708 pungli")
            await until(lambda: shelf.arrivals)
            fake.faults["html_503"] = -1
            fake.world.take_away(gone)
            await until(lambda: state(channel, "watch") == "trouble")
            assert shelf.forgotten == []
            del fake.faults["html_503"]
            await until(lambda: shelf.forgotten == [(gone, "deleted")])


async def test_a_hundred_posts_are_one_question() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON), Shelf()
        async with listening(channel, shelf):
            for n in range(100):
                fake.world.write("@warga", f"@lapor1708 nomor {n}")
            await until(lambda: len(shelf.arrivals) == 100)
            await until(lambda: fake.requests[LOOKUP] >= 3)
            asked = [len(query["ids"].split(",")) for path, query in fake.queries if path == "/2/tweets"]
            assert max(asked) == 100 or sum(asked[:2]) >= 100


async def test_when_the_watch_is_over_it_is_forgotten_here_too() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON, **PAST), Shelf()
        async with listening(channel, shelf):
            post = fake.world.write("@warga", "@lapor1708 lampu mati")
            await until(lambda: shelf.forgotten == [(post, "watch_ended")])
            await until(lambda: not watches(shelf))
        assert channel.counts["watch_ended"] == 1


async def test_the_watch_goes_on_when_all_is_spent() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, **SOON, daily_cap=0.001, hashtags=()), Shelf()
        async with listening(channel, shelf):
            gone = fake.world.write("@warga", "@lapor1708 pungli")
            await until(lambda: state(channel, "mentions") == "stopped")
            await until(lambda: fake.requests[LOOKUP] > 1)
            fake.world.take_away(gone)
            await until(lambda: shelf.forgotten == [(gone, "deleted")])
            assert state(channel, "watch") == "ok"


async def test_a_restart_watches_what_was_kept_before() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        async with listening(account(fake.url, **SOON), shelf):
            gone = fake.world.write("@warga", "@lapor1708 pungli")
            await until(lambda: watches(shelf) == [gone])
        fake.world.take_away(gone)
        await asyncio.sleep(0)
        async with listening(account(fake.url, **SOON), shelf):
            await until(lambda: shelf.forgotten == [(gone, "deleted")])
