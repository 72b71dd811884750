"""The one loop: so many at once, to the end of what was begun, and not stopped by a store in trouble."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import pytest

from channels.base import Unavailable
from gateway.work import Bug, once, once_awaited, taken, work

SECRET = "rumah saya di Jalan Kenanga 7"


class Desk:
    """Claims come when `claims` has some; a try ends when it is let go."""

    def __init__(self) -> None:
        self.claims: asyncio.Queue[Sequence[int] | Unavailable] = asyncio.Queue()
        self.asked = 0
        self.begun: list[int] = []
        self.ended: list[int] = []
        self.given_back: list[int] = []
        self.go = asyncio.Semaphore(0)
        self.fails: dict[int, Unavailable] = {}

    async def claim(self) -> Sequence[int]:
        self.asked += 1
        claims = await self.claims.get()
        if isinstance(claims, Unavailable):
            raise claims
        return claims

    async def attempt(self, claims: Sequence[int]) -> None:
        self.begun += claims
        await self.go.acquire()
        if claims[0] in self.fails:
            raise self.fails[claims[0]]
        self.ended += claims


async def settled() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


async def test_no_more_batches_are_in_flight_than_allowed_and_none_is_claimed_to_wait() -> None:
    desk = Desk()
    for n in range(5):
        desk.claims.put_nowait([n])
    working = asyncio.create_task(work(desk.claim, desk.attempt, desk.given_back.extend, batch=2, in_flight=2))
    await settled()
    assert (desk.begun, desk.asked) == ([0, 1], 2)
    desk.go.release()
    await settled()
    assert (desk.begun, desk.ended, desk.asked) == ([0, 1, 2], [0], 3)
    working.cancel()
    desk.go.release()
    desk.go.release()
    await asyncio.wait((working,))
    assert desk.ended == [0, 1, 2]


async def test_what_was_begun_is_finished_before_the_end_and_nothing_is_begun_any_more() -> None:
    desk = Desk()
    desk.claims.put_nowait([1, 2])
    working = asyncio.create_task(work(desk.claim, desk.attempt, desk.given_back.extend, batch=2, in_flight=4))
    await settled()
    working.cancel()
    desk.claims.put_nowait([3])
    await settled()
    assert not working.done()
    desk.go.release()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert (desk.begun, desk.ended) == ([1, 2], [1, 2])


async def test_a_claim_that_comes_in_the_moment_of_the_wish_to_stop_is_given_back() -> None:
    claiming: asyncio.Future[Sequence[int]] = asyncio.get_running_loop().create_future()
    given_back: list[int] = []

    async def claim() -> Sequence[int]:
        return await taken(claiming, given_back.extend)

    working = asyncio.create_task(work(claim, Desk().attempt, given_back.extend, batch=2, in_flight=2))
    await settled()
    claiming.set_result([1, 2])
    working.cancel()
    with pytest.raises(asyncio.CancelledError):
        await working
    assert given_back == [1, 2]


async def test_a_wish_to_stop_while_there_is_no_claim_ends_the_wait() -> None:
    claiming: asyncio.Future[Sequence[int]] = asyncio.get_running_loop().create_future()
    waiting = asyncio.create_task(taken(claiming, lambda _: None))
    await settled()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    assert claiming.cancelled()


async def test_a_large_claim_is_tried_in_batches() -> None:
    desk = Desk()
    desk.claims.put_nowait([1, 2, 3, 4, 5])
    working = asyncio.create_task(work(desk.claim, desk.attempt, desk.given_back.extend, batch=2, in_flight=2))
    await settled()
    assert desk.begun == [1, 2, 3, 4]
    desk.go.release()
    await settled()
    assert (desk.begun, desk.ended) == ([1, 2, 3, 4, 5], [1, 2])
    working.cancel()
    desk.go.release()
    desk.go.release()
    await asyncio.wait((working,))
    assert sorted(desk.ended) == [1, 2, 3, 4, 5]


async def test_an_idle_loop_ends_at_once() -> None:
    desk = Desk()
    working = asyncio.create_task(work(desk.claim, desk.attempt, desk.given_back.extend, batch=2, in_flight=1))
    await settled()
    working.cancel()
    await settled()
    assert working.cancelled()


async def test_a_store_in_trouble_is_left_alone_for_a_while_and_the_loop_goes_on() -> None:
    desk = Desk()
    desk.fails[1] = Unavailable("disk_full")
    for claims in ([1], Unavailable("store_busy"), [2]):
        desk.claims.put_nowait(claims)
    desk.go.release()
    desk.go.release()
    working = asyncio.create_task(work(desk.claim, desk.attempt, desk.given_back.extend, batch=2, in_flight=2))
    await settled()
    assert desk.begun == [1]
    async with asyncio.timeout(60):
        while desk.ended != [2]:
            await asyncio.sleep(0.02)
    working.cancel()
    await asyncio.wait((working,))


def test_a_bug_is_a_value_that_says_where_and_not_what() -> None:
    def read(text: str) -> str:
        raise KeyError(text)

    found = once(lambda: read(SECRET))
    assert isinstance(found, Bug)
    assert isinstance(found.error, KeyError)
    assert "test_work.py" in found.words
    assert " read\n" in found.words
    assert found.words.endswith("KeyError")
    assert SECRET not in found.words
    assert once(lambda: 7) == 7


async def test_a_bug_in_what_waits_is_a_value_too_but_an_end_is_an_end() -> None:
    async def fall() -> None:
        await asyncio.sleep(0)
        raise RuntimeError(SECRET)

    found = await once_awaited(fall())
    assert isinstance(found, Bug)
    assert found.words.endswith("RuntimeError")
    assert SECRET not in found.words
    waiting = asyncio.create_task(once_awaited(asyncio.Event().wait()))
    await settled()
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
