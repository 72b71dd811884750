"""Threads, edits and conversations at a simulated X: which posts are one case, and which are two."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from channels.social.x_post import first_id
from gateway.rehearse.x_world import Draft, World
from tests.fakes.inbox import Shelf, until
from tests.fakes.x import account, listening, simulated, state

#: long enough ago for a thread to be known to X's search
AGO = timedelta(minutes=5)


def thread(world: World, *texts: str, by: str = "@warga") -> list[str]:
    """A thread, some minutes old."""
    posts: list[str] = []
    for nth, text in enumerate(texts):
        before = posts[-1] if posts else ""
        posts.append(world.write(by, text, Draft(reply_to=before, at=datetime.now(UTC) - AGO + timedelta(seconds=nth))))
    return posts


def since_before(shelf: Shelf) -> None:
    """As if the last look had been an hour ago."""
    then = datetime.now(UTC) - timedelta(hours=1)
    for source in ("mentions", "hashtags"):
        shelf.notes["x", f"cursor:{source}"] = f'{{"since":"{first_id(then)}","looked":"{then.isoformat()}"}}'


async def test_a_thread_whose_head_speaks_to_us_is_read_whole() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        since_before(shelf)
        first, *rest = thread(fake.world, "@lapor1708 1/3 selokan tersumbat", "2/3 sejak Minggu", "3/3 air masuk rumah")
        fake.world.write("@tetangga", "betul", Draft(reply_to=first))
        fake.world.write("@warga", "@tetangga iya kan", Draft(reply_to=max(fake.world.posts, key=int)))
        async with listening(channel, shelf):
            await until(lambda: len(shelf.parts) == 2)
            await until(lambda: not [name for _, name in shelf.notes if name.startswith("unread:")])
        assert [arrival.source_id for arrival in shelf.arrivals] == [first]
        assert sorted(part.fingerprint for part in shelf.parts) == rest
        read = channel.decode(shelf.arrivals[0], shelf.parts)
        assert [line[-20:] for line in read.text.splitlines()] == ["/3 selokan tersumbat", "2/3 sejak Minggu", "3/3 air masuk rumah"]


async def test_a_mention_in_the_middle_brings_the_beginning_too() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        since_before(shelf)
        _, middle, _ = thread(fake.world, "1/3 jalan amblas", "2/3 tolong @lapor1708", "3/3 sudah dua korban")
        async with listening(channel, shelf):
            await until(lambda: len(shelf.parts) == 2)
        read = channel.decode(shelf.arrivals[0], shelf.parts)
        assert [line[:3] for line in read.text.splitlines()] == ["1/3", "2/3", "3/3"]
        assert read.reply_to["post"] == middle


async def test_later_pieces_that_speak_to_us_amend_the_case_and_those_of_others_do_not() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            head = fake.world.write("@warga", "@lapor1708 jalan rusak")
            await until(lambda: shelf.arrivals)
            own = fake.world.write("@warga", "@lapor1708 sudah ada korban", Draft(reply_to=head))
            await until(lambda: shelf.parts)
            other = fake.world.write("@tetangga", "@lapor1708 di tempat saya juga", Draft(reply_to=head))
            await until(lambda: len(shelf.arrivals) == 2)
        assert (shelf.parts[0].group, shelf.parts[0].fingerprint) == (head, own)
        assert shelf.arrivals[1].source_id == other
        assert channel.decode(shelf.arrivals[1], ()).extras["context"] == "@warga: @lapor1708 jalan rusak"


async def test_a_reply_to_our_answer_amends_the_case_and_is_not_answered_again() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            head = fake.world.write("@warga", "@lapor1708 jalan rusak")
            await until(lambda: shelf.arrivals)
            ours = fake.world.write("@lapor1708", "LAPOR! Kode: 7K3Q-9FXM-2CH4", Draft(reply_to=head))
            fake.world.write("@warga", "@lapor1708 di depan balai desa", Draft(reply_to=ours))
            await until(lambda: shelf.parts)
        read = channel.decode(shelf.arrivals[0], shelf.parts)
        assert read.text.splitlines() == ["@lapor1708 jalan rusak", "@lapor1708 di depan balai desa"]
        assert read.reply_to["post"] == head


async def test_an_edit_amends_and_an_edit_before_we_looked_is_the_message() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url), Shelf()
        async with listening(channel, shelf):
            first = fake.world.write("@warga", "@lapor1708 jalan rusak di Cisauk")
            await until(lambda: shelf.arrivals)
            fake.world.write("@warga", "@lapor1708 jalan rusak di Serpong", Draft(edits=first))
            await until(lambda: shelf.parts)
        assert channel.decode(shelf.arrivals[0], shelf.parts).text == "@lapor1708 jalan rusak di Serpong"
        early = fake.world.write("@tetangga", "@lapor1708 lampu mti")
        fake.world.write("@tetangga", "@lapor1708 lampu mati", Draft(edits=early))
        async with listening(account(fake.url), shelf):
            await until(lambda: len(shelf.arrivals) == 2)
        assert (shelf.arrivals[1].source_id, channel.decode(shelf.arrivals[1], ()).text) == (early, "@lapor1708 lampu mati")


async def test_a_thread_that_cannot_be_read_now_is_read_later() -> None:
    async with simulated() as fake:
        channel, shelf = account(fake.url, hashtags=()), Shelf()
        since_before(shelf)
        thread(fake.world, "@lapor1708 1/2 banjir", "2/2 sepinggang")
        fake.remaining["/2/tweets/search/recent"] = 0
        async with listening(channel, shelf):
            await until(lambda: shelf.arrivals and state(channel, "mentions") == "trouble")
            assert shelf.parts == []
            fake.remaining["/2/tweets/search/recent"] = 400
            await until(lambda: shelf.parts)
