"""Polling a simulated X: what comes, in which order, with which cursor; and nothing lost or twice when it is cut short."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta

from channels.base import Unavailable
from channels.social.x_post import first_id
from gateway.rehearse.x_api import FakeX
from gateway.rehearse.x_world import Draft
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, listening, simulated, state, trying


def note(shelf: Shelf, name: str) -> str:
    return shelf.notes.get(("x", name), "")


def ids(shelf: Shelf) -> list[str]:
    return [arrival.source_id for arrival in shelf.arrivals]


async def test_a_mention_and_a_hashtag_come_and_the_cursor_is_behind_them() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            one = fake.world.write("@warga", "@LAPOR1708 jalan rusak di Cisauk")
            two = fake.world.write("@tetangga", "air mati tiga hari #LaPoR")
            await until(lambda: len(shelf.arrivals) == 2)
            assert set(ids(shelf)) == {one, two}
            await until(lambda: json.loads(note(shelf, "cursor:mentions"))["since"] == one)
            await until(lambda: json.loads(note(shelf, "cursor:hashtags"))["since"] == two)
            assert (channel.up, state(channel, "mentions"), state(channel, "hashtags")) == (True, "ok", "ok")
        assert channel.up is False


async def test_what_was_written_before_the_first_start_is_not_ours_and_what_came_during_an_absence_is() -> None:
    async with simulated() as fake:
        fake.world.write("@warga", "@lapor1708 lama", Draft(at=datetime.now(UTC) - timedelta(hours=1)))
        shelf = Shelf()
        async with listening(account(fake.url), shelf):
            pass
        missed = [fake.world.write("@warga", f"@lapor1708 nomor {n}") for n in range(250)]
        async with listening(account(fake.url), shelf):
            await until(lambda: len(shelf.arrivals) == 250)
        assert sorted(ids(shelf), key=int) == missed
        assert len([path for path, query in fake.queries if "pagination_token" in query]) == 2


async def test_retweets_and_own_posts_are_passed_over_and_a_quote_of_ours_is_not() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            own = fake.world.write("@lapor1708", "Sampaikan lewat #lapor @lapor1708")
            fake.world.write("@bot", f"RT @lapor1708: {own}", Draft(retweet=own))
            quote = fake.world.write("@warga", "masih rusak #lapor", Draft(quote=own))
            await until(lambda: channel.counts["own_post"] and channel.counts["retweet"] and shelf.arrivals)
        assert ids(shelf) == [quote]
        message = channel.decode(shelf.arrivals[0], ())
        assert (message.goes_to, message.reply_to["post"]) == ("submit", quote)


async def test_a_malformed_post_is_kept_and_stands_in_nobodys_way() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, hashtags=()), Shelf()
        async with listening(channel, shelf):
            fake.faults["malformed_post"] = 1
            await until(lambda: channel.counts["unreadable"])
            good = fake.world.write("@warga", "@lapor1708 pohon tumbang")
            await until(lambda: len(shelf.arrivals) == 2)
        assert shelf.arrivals[0].source_id.startswith("unreadable:")
        assert shelf.arrivals[1].source_id == good


async def written_in_absence(fake: FakeX, shelf: Shelf, count: int) -> list[str]:
    """Ids of posts, ten a page, that were written after the account had been read once."""
    async with listening(account(fake.url, hashtags=()), shelf):
        pass
    fake.page = 10
    return [fake.world.write("@warga", f"@lapor1708 nomor {n}") for n in range(count)]


async def test_cut_short_between_two_pages_nothing_is_lost_and_nothing_is_read_twice() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        missed = await written_in_absence(fake, shelf, 45)
        channel = account(fake.url, hashtags=())
        async with trying(channel, Counted(shelf, pages=2)):
            await until(lambda: channel.counts["store_error"])
        assert (len(shelf.arrivals), json.loads(note(shelf, "cursor:mentions"))["oldest"]) == (20, missed[25])
        later = fake.world.write("@warga", "@lapor1708 sesudahnya")
        async with listening(account(fake.url, hashtags=()), shelf):
            await until(lambda: len(shelf.arrivals) == 46)
        assert sorted(ids(shelf), key=int) == [*missed, later]
        assert missed[25] in {query.get("until_id") for _, query in fake.queries}


async def test_a_post_that_is_shown_later_than_a_younger_one_comes_too() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, poll_s=0.3), Shelf()
        async with listening(channel, shelf):
            late = fake.world.write("@warga", "@lapor1708 pertama")
            hidden = fake.world.posts.pop(late)
            early = fake.world.write("@tetangga", "@lapor1708 kedua")
            await until(lambda: ids(shelf) == [early])
            fake.world.posts[late] = hidden
            await until(lambda: ids(shelf) == [early, late])


class Counted(Shelf):
    """A shelf whose store fails after so many pages."""

    def __init__(self, shelf: Shelf, *, pages: int) -> None:
        super().__init__()
        self.arrivals, self.parts, self.notes, self._pages = shelf.arrivals, shelf.parts, shelf.notes, pages

    def advance(self, channel, notes, arrivals=(), parts=()):  # type: ignore[no-untyped-def]  # as in Shelf
        if arrivals and self._pages == 0:
            self.problem = Unavailable("store_error")
        self._pages -= bool(arrivals)
        moved = super().advance(channel, notes, arrivals, parts)
        self.problem = None
        return moved


async def test_a_page_token_that_leads_in_a_circle_is_left_and_what_was_behind_it_comes() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        async with listening(account(fake.url, hashtags=()), shelf):
            pass
        fake.page, fake.faults["page_loop"] = 10, 3
        missed = [fake.world.write("@warga", f"@lapor1708 nomor {n}") for n in range(35)]
        channel = account(fake.url, hashtags=())
        async with listening(channel, shelf):
            await until(lambda: len(shelf.arrivals) == 35)
        assert channel.counts["page_loop"]
        assert sorted(ids(shelf), key=int) == missed


async def test_errors_instead_of_a_page_are_trouble_and_what_was_behind_them_comes() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        missed = await written_in_absence(fake, shelf, 15)
        channel = account(fake.url, hashtags=(), poll_s=0.2)
        async with trying(channel, After(shelf, fake)):
            await until(lambda: channel.counts["errors_only"])
            assert (len(shelf.arrivals), state(channel, "mentions")) == (10, "trouble")
            fake.faults["errors_only"] = 0
            await until(lambda: len(shelf.arrivals) == 15)
        assert sorted(ids(shelf), key=int) == missed


class After(Shelf):
    """A shelf; when the first page is on it, X has nothing but errors."""

    def __init__(self, shelf: Shelf, fake: FakeX) -> None:
        super().__init__()
        self.arrivals, self.parts, self.notes, self._fake = shelf.arrivals, shelf.parts, shelf.notes, fake

    def advance(self, channel, notes, arrivals=(), parts=()):  # type: ignore[no-untyped-def]  # as in Shelf
        self._fake.faults["errors_only"] = -1 if len(arrivals) == 10 else self._fake.faults["errors_only"]
        return super().advance(channel, notes, arrivals, parts)


async def test_the_store_says_no_and_the_cursor_stays() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, hashtags=()), Shelf()
        async with listening(channel, shelf):
            shelf.problem = Unavailable("disk_full")
            post = fake.world.write("@warga", "@lapor1708 lampu mati")
            await until(lambda: channel.counts["disk_full"])
            assert (shelf.arrivals, state(channel, "mentions")) == ([], "trouble")
            shelf.problem = None
            await until(lambda: ids(shelf) == [post])
            await until(lambda: state(channel, "mentions") == "ok")


async def test_more_than_eight_hundred_mentions_are_a_gap_that_is_told_and_noted() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        async with listening(account(fake.url), shelf):
            pass
        for n in range(830):
            fake.world.write("@warga", f"@lapor1708 nomor {n}")
        channel = account(fake.url)
        async with trying(channel, shelf):
            await until(lambda: len(shelf.arrivals) == 800)
            await until(lambda: state(channel, "mentions") == "gap")
            assert channel.counts["gap"] == 1
            after = fake.world.write("@warga", "@lapor1708 dan seterusnya")
            await until(lambda: ids(shelf)[-1] == after)
        again = account(fake.url)
        async with listening(again, shelf):
            assert (state(again, "mentions"), state(again, "hashtags")) == ("gap", "ok")


def looked(shelf: Shelf, source: str, days: float, **more: str) -> None:
    """As if the last look had been so many days ago."""
    then = datetime.now(UTC) - timedelta(days=days)
    shelf.notes["x", f"cursor:{source}"] = json.dumps({"since": first_id(then), "looked": then.isoformat(), **more})


async def test_a_week_away_is_a_gap_of_the_hashtags_and_what_is_left_is_read() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        looked(shelf, "hashtags", 8)
        left = fake.world.write("@warga", "#lapor banjir", Draft(at=datetime.now(UTC) - timedelta(days=6)))
        channel = account(fake.url)
        async with trying(channel, shelf):
            await until(lambda: ids(shelf) == [left])
            await until(lambda: state(channel, "hashtags") == "gap")
        assert (channel.counts["gap"], channel.counts["http_400"]) == (1, 0)


async def test_a_look_that_was_cut_short_a_week_ago_begins_anew() -> None:
    async with simulated() as fake:
        shelf, now = Shelf(), datetime.now(UTC)
        async with listening(account(fake.url), shelf):
            pass
        since, oldest, newest = (first_id(now - timedelta(days=days)) for days in (9, 8, 7.5))
        cursor = {"since": since, "looked": (now - timedelta(days=9)).isoformat(), "newest": newest, "oldest": oldest, "seen": 100}
        shelf.notes["x", "cursor:hashtags"] = json.dumps(cursor)
        left = fake.world.write("@warga", "air mati #lapor", Draft(at=now - timedelta(days=6)))
        fake.queries.clear()
        channel = account(fake.url)
        async with listening(channel, shelf):
            await until(lambda: left in ids(shelf))
        assert state(channel, "hashtags") == "gap"
        assert not [query for _, query in fake.queries if int(query.get("until_id", 2**63)) <= int(query.get("since_id", 0))]


async def test_an_x_that_searches_less_far_back_than_it_says_is_a_gap_too() -> None:
    async with simulated() as fake:
        fake.searched, shelf = timedelta(days=6, hours=1), Shelf()
        looked(shelf, "hashtags", 6.9)
        left = fake.world.write("@warga", "#lapor banjir", Draft(at=datetime.now(UTC) - timedelta(days=5)))
        channel = account(fake.url)
        async with trying(channel, shelf):
            await until(lambda: ids(shelf) == [left])
            await until(lambda: state(channel, "hashtags") == "gap")


async def test_an_x_that_searches_next_to_nothing_is_trouble_and_no_storm() -> None:
    async with simulated() as fake:
        fake.searched, shelf = timedelta(days=3), Shelf()
        looked(shelf, "hashtags", 6.9)
        channel = account(fake.url)
        async with trying(channel, shelf):
            await until(lambda: channel.counts["http_400"])
            assert fake.requests["GET /2/tweets/search/recent"] == 2
            assert state(channel, "hashtags") == "trouble"


async def test_a_quiet_week_is_no_gap() -> None:
    async with simulated() as fake:
        shelf = Shelf()
        then = datetime.now(UTC) - timedelta(days=9)
        looked(shelf, "hashtags", 0.1, since=first_id(then))
        channel = account(fake.url)
        async with listening(channel, shelf):
            assert state(channel, "hashtags") == "ok"
            await until(lambda: datetime.fromisoformat(json.loads(note(shelf, "cursor:hashtags"))["looked"]) > then + timedelta(days=8.95))
        assert channel.counts["gap"] == 0


async def watch_requests(fake: FakeX, path: str, times: int) -> None:
    """Wait for so many more calls."""
    goal = fake.requests[path] + times
    await until(lambda: fake.requests[path] >= goal)


async def test_a_quiet_look_writes_nothing() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, hashtags=()), Shelf()
        async with listening(channel, shelf):
            before = dict(shelf.notes)
            await watch_requests(fake, f"GET /2/users/{fake.world.account.id}/mentions", 5)
            assert shelf.notes == before
        await asyncio.sleep(0)
