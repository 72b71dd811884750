"""How each thing stands, as an officer is told."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from gateway.console import standing, words
from gateway.console.lookout import Sight
from gateway.console.standing import Tile
from gateway.controls import Mode, Wanted, Wish
from gateway.store.record import Tally
from tests.console.seen import AGO, NOTHING, NOW, door, link, pulse, sight, way

SMS, TELEGRAM, X = "sms.esme", "social.telegram", "social.x"
RIGHT = Tally(received={"web": 5}, cases={"web": {"done": 3, "submit": 1, "triage": 1}}, oldest={}, letters={})
WRONG = msgspec.structs.replace(RIGHT, received={"web": 6})

DOORS: list[tuple[str, Sight, str, tuple[str, str]]] = [
    (SMS, sight(pulse({"a": door(links=(link(), link("transceiver 2")))})), "all binds", ("up", "")),
    (SMS, sight(pulse({"a": door(links=(link(), link("transceiver 2", "lost")))})), "one of two", ("degraded", "bind_lost")),
    (SMS, sight(pulse({"a": door(up=False, links=(link(word="lost"),))})), "the only one", ("down", "bind_lost")),
    (SMS, sight(pulse({"a": door(up=False, links=(link(word="refused"),))})), "refused", ("down", "bind_refused")),
    (SMS, sight(pulse({"a": door(up=False, links=(link(word="binding"),))})), "on its way", ("down", "connecting")),
    (SMS, sight(pulse({"a": door(up=False, links=(link("rx 1"), link("tx 1", "lost")))})), "half", ("degraded", "bind_lost")),
    (TELEGRAM, sight(pulse({"a": door(links=(link(word="conflict"),))})), "another asks", ("down", "telegram_conflict")),
    (TELEGRAM, sight(pulse({"a": door(up=False, links=(link(word="refused"),))})), "token", ("down", "token_refused")),
    (TELEGRAM, sight(pulse({"a": door(up=False, links=(link(word="other_bot"),))})), "another bot", ("down", "telegram_other_bot")),
    (X, sight(pulse({"a": door(links=(link(word="ok"), link(word="gap")))})), "a gap", ("degraded", "x_gap")),
    ("email.mailbox", sight(pulse({"a": door(up=False)})), "no relay", ("down", "relay_away")),
    ("web.site", sight(pulse({"a": door()}), pulse({"a": door(up=False)}, host="desa")), "one of two", ("degraded", "cannot_send")),
    (SMS, sight(pulse({"a": door(held=True, links=(link(),))}), pulse({"a": door(up=False, held=False)})), "held once", ("up", "")),
    (SMS, sight(pulse({"a": door(up=False, held=False, links=(link(word="closed"),))})), "by none", ("down", "nobody_holds")),
    (SMS, sight(silent=(pulse({"a": door(links=(link(),))}),)), "by one who fell", ("silent", "nobody_heard")),
    (SMS, sight(pulse(), silent=(pulse({"a": door()}),)), "workers are left", ("silent", "nobody_heard")),
    (SMS, sight(pulse()), "workers alone", ("down", "nobody_keeps")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "seen", "case", "expected"), DOORS, ids=[f"{kind}: {case}" for kind, _, case, _ in DOORS])
def test_a_door_stands_as_those_who_keep_it_say(kind: str, seen: Sight, case: str, expected: tuple[str, str]) -> None:
    found = standing.channel(seen, "a", kind)
    assert (found.condition, found.why) == expected, case
    _can_be_said(found)


def test_what_went_first_is_since_when_and_the_network_says_why() -> None:
    links = (link(), link("transceiver 2", "lost", "ConnectionResetError"))
    found = standing.channel(sight(pulse({"a": door(links=links)})), "a", SMS)
    assert (found.since, found.detail) == (AGO, "ConnectionResetError")
    assert [bind.condition for bind in found.binds] == ["up", "down"]


def test_of_several_binds_each_has_a_tile_and_a_history_and_one_alone_has_its_channels() -> None:
    links = (link(), link("transceiver 2", "lost", "ConnectionResetError"))
    tile = standing.channel(sight(pulse({"a": door(links=links)})), "a", SMS)
    first, second = standing.binds(tile)
    assert (first.subject, first.page, first.condition) == ("bind:a transceiver 1", "/bind/a%20transceiver%201", "up")
    assert (second.subject, second.condition, second.why) == ("bind:a transceiver 2", "down", "bind_lost")
    assert standing.down([tile]) == ["bind:a transceiver 2"]
    assert standing.binds(standing.channel(sight(pulse({"a": door(links=(link(),))})), "a", SMS)) == []


def test_the_last_message_is_the_last_that_any_process_saw() -> None:
    seen = sight(pulse({"a": door(last=AGO)}), silent=(pulse({"a": door(last=NOW)}),))
    assert standing.channel(seen, "a", SMS).last == NOW


LEDGERS: list[tuple[Sight, tuple[str, str]]] = [
    (sight(pulse(ledgers={"l": way()})), ("up", "")),
    (sight(pulse(ledgers={"l": way(up=False)})), ("down", "ledger_away")),
    (sight(pulse(ledgers={"l": way(up=False)}), pulse(ledgers={"l": way()}, host="desa")), ("degraded", "ledger_away")),
    (sight(pulse(ledgers={"l": msgspec.structs.replace(way(), failing=AGO)})), ("degraded", "ledger_failing")),
    (sight(pulse(), silent=(pulse(ledgers={"l": way()}),)), ("silent", "nobody_heard")),
    (sight(pulse({"web": door()})), ("down", "nobody_keeps")),
]


@pytest.mark.parametrize(("seen", "expected"), LEDGERS)
def test_a_ledger_stands_as_those_who_tell_it_find_it(seen: Sight, expected: tuple[str, str]) -> None:
    found = standing.ledger(seen, "l", "http")
    assert (found.condition, found.why) == expected
    _can_be_said(found)


STORES: list[tuple[Sight, tuple[str, str]]] = [
    (sight(pulse(), tally=RIGHT), ("up", "")),
    (sight(pulse(), tally=WRONG), ("down", "difference")),
    (sight(pulse(), tally=WRONG, why="store_full"), ("down", "store_full")),
    (sight(pulse(), why="store_shy"), ("down", "store_failed")),
    (sight(pulse(why="disk_nearly_full"), tally=RIGHT), ("degraded", "disk_nearly_full")),
]


@pytest.mark.parametrize(("seen", "expected"), STORES)
def test_a_store_stands_as_it_answers(seen: Sight, expected: tuple[str, str]) -> None:
    found = standing.store(seen)
    assert (found.condition, found.why) == expected
    _can_be_said(found)


def test_what_lies_beside_the_store_is_told() -> None:
    assert standing.spool(sight(pulse())).condition == "up"
    waits = standing.spool(sight(pulse(spooled={"a": 2}), pulse(spooled={"b": 1}, host="desa")))
    torn = standing.spool(sight(pulse(torn=1), pulse(torn=1), pulse(torn=2, host="desa")))
    assert (waits.why, waits.detail) == ("spool_waiting", "3")
    assert (torn.why, torn.detail) == ("spool_torn", "3")
    _can_be_said(waits)
    _can_be_said(torn)


def test_a_process_that_fell_has_a_tile() -> None:
    (found,) = standing.fallen(sight(pulse(), silent=(pulse(role="doors", pid=7),)))
    assert (found.name, found.kind, found.condition, found.since) == ("kota 7", "doors", "silent", AGO)
    _can_be_said(found)


def test_every_message_is_somewhere() -> None:
    line = standing.conservation(sight(pulse(), tally=RIGHT))
    assert line is not None
    assert (line.received, line.forwarded, line.waiting, line.triage, line.difference) == (5, 3, 1, 1, 0)
    wrong = standing.conservation(sight(pulse(), tally=WRONG))
    assert wrong is not None
    assert wrong.difference == 1
    assert standing.conservation(msgspec.structs.replace(sight(pulse(), tally=NOTHING), tally=None)) is None


@pytest.mark.parametrize("mode", ["paused", "draining"])
def test_what_an_officer_closed_is_no_trouble(mode: Mode) -> None:
    wanted = Wanted(channels={"a": Wish(mode=mode, by="sari", since=AGO)})
    seen = msgspec.structs.replace(sight(pulse({"a": door(up=False, links=(link(word="closed"),))})), wanted=wanted)
    found = standing.channel(seen, "a", SMS)
    assert (found.condition, found.why, found.since, found.detail) == ("paused", mode, AGO, "sari")
    assert standing.down([found]) == []
    _can_be_said(found)


def test_what_works_since_a_while_says_so() -> None:
    later = msgspec.structs.replace(door(), since=AGO + timedelta(minutes=3))
    assert standing.channel(sight(pulse({"a": later})), "a", "web.site").since == later.since


def _can_be_said(tile: Tile) -> None:
    for said in words.load().values():
        for part in ("why", "do") if tile.why else ():
            assert getattr(said.overview, f"{part}_{tile.why}")
        assert getattr(said.overview, tile.condition)
