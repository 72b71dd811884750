"""Submits on their way to a bind with room."""

from __future__ import annotations

import asyncio

from channels.base import Unavailable
from channels.sms.events import Answered
from channels.sms.outbox import Fate, Outbox
from channels.sms.pace import Pace


class Bind:
    """A bind that keeps what it is given until it is told to answer."""

    def __init__(self, rate: float = 0.0) -> None:
        self.pace, self.under_way, self.sent = Pace(rate), list[asyncio.Future[Fate]](), list[bytes]()

    @property
    def asking(self) -> int:
        return len(self.under_way)

    def submit(self, raw: bytes, fate: asyncio.Future[Fate], now: float) -> None:
        self.pace.spend(now)
        self.under_way.append(fate)
        self.sent.append(raw)

    def answer(self) -> None:
        self.under_way.pop(0).set_result(Answered(1, 0, "m"))


def code(fate: asyncio.Future[Fate]) -> str:
    result = fate.result()
    assert isinstance(result, Unavailable)
    return result.code


async def test_without_a_bind_nothing_waits() -> None:
    outbox = Outbox(window=2, patience_s=1)
    assert not outbox.open
    assert code(outbox.put(b"1")) == "not_bound"


async def test_the_window_is_kept_and_the_order_too() -> None:
    outbox, bind = Outbox(window=2, patience_s=1), Bind()
    outbox.add(bind)
    fates = [outbox.put(b"%d" % n) for n in range(4)]
    assert bind.sent == [b"0", b"1"]
    bind.answer()
    outbox.dispatch()
    assert bind.sent == [b"0", b"1", b"2"]
    assert [fate.done() for fate in fates] == [True, False, False, False]


async def test_the_least_busy_bind_is_taken() -> None:
    outbox, one, two = Outbox(window=10, patience_s=1), Bind(), Bind()
    outbox.add(one)
    outbox.add(two)
    for n in range(6):
        outbox.put(b"%d" % n)
    assert (one.asking, two.asking) == (3, 3)


async def test_what_waited_for_room_when_the_last_bind_went_was_not_sent() -> None:
    outbox, bind = Outbox(window=1, patience_s=1), Bind()
    outbox.add(bind)
    sent, waiting = outbox.put(b"1"), outbox.put(b"2")
    outbox.remove(bind)
    outbox.remove(bind)
    assert (code(waiting), sent.done()) == ("not_bound", False)


async def test_nobody_waits_longer_than_patience() -> None:
    outbox, bind = Outbox(window=1, patience_s=30), Bind()
    outbox.add(bind)
    outbox.put(b"1")
    waiting = outbox.put(b"2")
    now = asyncio.get_running_loop().time()
    outbox.sweep(now + 29)
    assert not waiting.done()
    outbox.sweep(now + 31)
    assert code(waiting) == "busy"


async def test_once_another_process_may_be_bound_in_our_place_nothing_is_sent_and_what_waited_was_not() -> None:
    outbox, bind, left = Outbox(window=1, patience_s=30), Bind(), [5.0]
    outbox.left_s = lambda: left[0]
    outbox.add(bind)
    outbox.put(b"1")
    waiting = outbox.put(b"2")
    left[0] = 0.0
    bind.answer()
    outbox.dispatch()
    assert (code(waiting), code(outbox.put(b"3")), outbox.open) == ("lease_lost", "lease_lost", False)
    left[0] = 5.0
    outbox.put(b"4")
    assert bind.sent == [b"1", b"4"]


async def test_whoever_gave_up_is_not_sent() -> None:
    outbox, bind = Outbox(window=1, patience_s=30), Bind()
    outbox.add(bind)
    outbox.put(b"1")
    outbox.put(b"2").cancel()
    outbox.put(b"3")
    bind.answer()
    outbox.dispatch()
    assert bind.sent == [b"1", b"3"]


async def test_a_paced_bind_wakes_by_itself() -> None:
    outbox, bind = Outbox(window=100, patience_s=30), Bind(rate=100.0)
    outbox.add(bind)
    for n in range(10):
        outbox.put(b"%d" % n)
    assert len(bind.sent) < 10
    async with asyncio.timeout(60):
        while len(bind.sent) < 10:
            await asyncio.sleep(0.01)


async def test_a_bind_that_goes_takes_its_alarm_with_it() -> None:
    outbox, bind = Outbox(window=100, patience_s=30), Bind(rate=1.0)
    outbox.add(bind)
    fates = [outbox.put(b"1"), outbox.put(b"2")]
    outbox.remove(bind)
    await asyncio.sleep(0)
    assert [fate.done() for fate in fates] == [False, True]
