"""What one look at the whole gateway finds."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from channels.sms.link import LinkState, Word
from gateway.console.history import STORE
from gateway.console.lookout import Lookout, heard, moment
from gateway.console.pulse import Heart, Link, read
from gateway.console.slices import ALL, Counted, Slice
from gateway.findings import NOT_FROM_HERE, Finding
from gateway.metrics import Metrics
from gateway.spread import ACCEPT
from tests.console.seen import NOW, door, link, pulse, sight
from tests.console.wall import TALLY, Body, Wall


def hearts(wall: Wall, body: Body) -> Heart:
    return Heart(wall, body, Metrics(), "all")


async def test_a_process_pins_its_pulse_until_it_ends_as_asked() -> None:
    wall = Wall()
    heart = hearts(wall, Body())
    beating = asyncio.create_task(heart.beat())
    while not wall.pins:
        await asyncio.sleep(0)
    found = read(wall.pins[heart.name].value)
    assert found is not None
    assert (found.role, list(found.doors), list(found.ledgers)) == ("all", ["sms"], ["http"])
    beating.cancel()
    await asyncio.wait((beating,))
    assert wall.pins == {}


async def test_since_when_something_is_so_is_known_from_one_look_to_the_next() -> None:
    body = Body()
    heart = hearts(Wall(), body)
    first, second = heart.pulse(), heart.pulse()
    body.up = False
    third = heart.pulse()
    assert first.doors["sms"].since == second.doors["sms"].since < third.doors["sms"].since
    assert third.ledgers["http"].up is False


async def test_however_many_ask_the_store_is_asked_once() -> None:
    wall = Wall()
    lookout = Lookout(wall, hearts(wall, Body()))
    seen = await asyncio.gather(*(lookout.look() for _ in range(10)))
    assert wall.tallies == 1
    assert all(each is seen[0] for each in seen)


async def test_while_the_store_is_away_the_last_counts_are_shown_and_our_own_process_is_heard() -> None:
    wall, body = Wall(), Body()
    lookout = Lookout(wall, hearts(wall, body))
    there = await lookout.look()
    wall.away, lookout._last = True, msgspec.structs.replace(there, at=there.at - timedelta(minutes=1))
    gone = await lookout.look()
    assert (gone.why, gone.tally, len(gone.alive)) == ("store_unreachable", TALLY, 1)
    assert gone.tallied == there.tallied
    assert gone.since > there.since


async def test_the_newest_message_of_a_channel_is_known_from_before_the_start() -> None:
    wall = Wall()
    assert (await Lookout(wall, hearts(wall, Body()), ("web", "sms")).look()).latest == {"web": NOW}


def test_a_link_that_is_tried_again_and_again_is_down_since_it_was_lost_and_for_the_reason_of_the_last_try() -> None:
    body = Body()
    heart = hearts(Wall(), body)

    def seen(word: Word, why: str = "") -> Link:
        body.link = LinkState(number=1, role="transceiver", word=word, since=datetime.now(UTC), why=why)
        return heart.pulse().doors["sms"].links[0]

    first, bound, lost = seen("connecting"), seen("bound"), seen("lost", "TimeoutError")
    again, refused, back = seen("connecting", "TimeoutError"), seen("refused", "no"), seen("bound")
    assert [each.word for each in (first, bound, lost, again, refused, back)] == ["connecting", "bound", "lost", "lost", "refused", "bound"]
    assert bound.since < lost.since == again.since == refused.since < back.since
    assert (lost.name, lost.why, back.up) == ("transceiver 1", "TimeoutError", True)


def pinned(**each: tuple[Any, float]) -> dict[str, tuple[bytes, datetime]]:
    return {name: (msgspec.json.encode(value), NOW - timedelta(seconds=ago)) for name, (value, ago) in each.items()}


def test_a_process_whose_pulse_stopped_is_silent_and_one_of_another_version_is_passed_over() -> None:
    found = heard(pinned(a=(pulse(), 0), b=(pulse(host="desa"), 40), c=({"host": 3}, 0)))
    assert (found["a"].silent, found["b"].silent, list(found)) == (None, NOW - timedelta(seconds=40), ["a", "b"])


def test_who_took_the_place_of_a_fallen_one_is_heard_in_its_stead() -> None:
    fallen, young = pulse(pid=1), pulse(pid=2, began=NOW - timedelta(seconds=20))
    assert list(heard(pinned(a=(fallen, 40), b=(young, 0)))) == ["b"]
    # one heir stands for one
    assert len(heard(pinned(a=(fallen, 40), b=(young, 0), c=(fallen, 45)))) == 2
    # nor does one that was there before, or does something else
    assert len(heard(pinned(a=(fallen, 40), b=(pulse(pid=3), 0)))) == 2
    assert len(heard(pinned(a=(fallen, 40), b=(pulse(role="doors", began=NOW), 0)))) == 2


def test_the_history_gets_counts_by_who_counts_and_what_waits() -> None:
    process = pulse({"web": door(accepting=[1, 2], links=(link(),))}, registering={"web": {"http": [3]}})
    found = moment(sight(process, tally=TALLY), {"channel:web": Slice(down_s=5)})
    assert (found.standing["channel:web"].waiting, found.standing["channel:web"].down_s) == (3, 5)
    assert (found.standing["channel:web"].oldest_s, found.standing["channel:sms"].oldest_s) == (90, 0)
    assert (found.standing[ALL].waiting, found.standing[ALL].oldest_s) == (3, 90)
    assert found.counted[STORE].came == {"channel:web": 9, "channel:sms": 4, ALL: 13}
    assert found.counted[STORE].went["channel:web"] == 5
    counted = found.counted["alive 0"]
    assert counted.accepting == {"channel:web": [1, 2], ALL: [1, 2]}
    assert counted.registering == {"channel:web": [3], "ledger:http": [3], ALL: [3]}


def test_of_a_store_that_is_away_nothing_is_written_into_the_history() -> None:
    found = moment(sight(pulse(), tally=TALLY, why="store_busy"), {})
    assert STORE not in found.counted
    assert found.standing == {}


def test_the_tries_of_a_door_are_counted_apart_from_what_came_through_it() -> None:
    metrics = Metrics()
    heart = Heart(Wall(), Body(), metrics, "all")
    for why, took_s in (("", {"yes": 0.02, "record": 0.3}), ("too_slow", {"yes": 0.02}), (NOT_FROM_HERE, {}), ("", {"a": 0.3, "b": 0.7})):
        metrics.probed(Finding(channel="sms", how="entered", at=NOW, why=why, took_s=took_s))
    counted = moment(sight(heart.pulse()), {}).counted["alive 0"]
    news = counted.since(Counted())["probe:sms"]
    assert (news.came, news.went, sum(news.accepting), sum(news.registering)) == (3, 2, 3, 1)
    # of several links the slowest
    assert news.accepting[ACCEPT.index(1.0)] == 1
    assert "channel:sms" not in counted.accepting


def test_our_own_try_of_a_door_is_no_message_of_a_citizen() -> None:
    metrics = Metrics()
    heart = Heart(Wall(), Body(), metrics, "all")

    def last() -> datetime | None:
        return heart.pulse().doors["sms"].last

    metrics.received["sms"] += 1
    first = last()
    # taken off before it comes, and when it has come
    metrics.entered["sms"] += 1
    under_way = last()
    metrics.received["sms"] += 1
    assert first is not None
    assert first == under_way == last()
    metrics.received["sms"] += 1
    assert last() != first
