"""What is wrong, and what is not."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from gateway.console.alerts.signs import COUNTED, KINDS, RULES, Circumstances, Sign, signs, unknown
from gateway.console.diary import Settled
from gateway.console.lookout import Sight
from gateway.console.pulse import Door, Pulse, Way
from gateway.controls import Wanted, Wish
from gateway.findings import Finding
from gateway.store.record import Tally
from tests.console.seen import AGO, NOW, door, link, pulse, sight, way

SETTLED = Settled(channels={"web": "web.site", "sms": "sms.esme"}, ledgers={"http": "http"})
WELL = Tally(received={"web": 5}, cases={"web": {"done": 3, "parked": 2}}, oldest={"parked": AGO}, letters={"web": {"sent": 40}})


def keys(seen: Sight, **around: Any) -> list[str]:
    return [sign.key for sign in signs(seen, SETTLED.tiles(seen), Circumstances(**around))]


def house(doors: Mapping[str, Door] | None = None, ledgers: Mapping[str, Way] | None = None, **more: Any) -> Pulse:
    """A process that has all that the settings name."""
    return pulse({"web": door(), "sms": door()} | dict(doors or {}), ledgers or {"http": way()}, **more)


def paused(seen: Sight) -> Sight:
    return msgspec.structs.replace(seen, wanted=Wanted({"sms": Wish(mode="paused")}))


def changed(**fields: Any) -> Tally:
    return msgspec.structs.replace(WELL, **fields)


def test_where_all_is_well_nothing_is_wrong() -> None:
    assert keys(sight(house({"web": door(), "sms": door(links=(link(),))}, {"http": way()}), tally=WELL)) == []


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (sight(house({"sms": door(up=False, links=(link(word="lost"),))})), ["channel_down:sms"]),
        (sight(house({"sms": door(links=(link(), link("transceiver 2", word="lost")))})), ["bind_down:sms transceiver 2"]),
        (sight(house(ledgers={"http": way(up=False)})), ["ledger_away:http"]),
        (sight(house(ledgers={"http": way(up=False)}), house(ledgers={"http": way()})), []),
        (sight(house(), silent=(pulse(pid=7, role="doors"),)), ["process_silent:kota doors 7"]),
        (sight(house(spooled={"web": 2, "sms": 1}, torn=1)), ["spool_torn", "spool_used"]),
        (sight(house(why="disk_nearly_full"), why="disk_nearly_full"), ["disk_full:kota"]),
        (sight(house(), why="store_unreachable"), ["store_away"]),
        (sight(house(), tally=changed(received={"web": 6})), ["conservation:web"]),
        (sight(house(), tally=changed(oldest={"submit": NOW - timedelta(minutes=16)})), ["waiting_old"]),
        (sight(house(), tally=changed(oldest={"submit": NOW - timedelta(minutes=14), "worklist": NOW - timedelta(days=1)})), []),
    ],
)
def test_what_is_wrong_is_seen(seen: Sight, expected: list[str]) -> None:
    assert keys(seen) == expected


def test_of_a_door_that_one_process_keeps_the_others_say_nothing() -> None:
    assert keys(sight(house({"sms": door(up=False, held=False)}), house({"sms": door(held=True)}))) == []
    assert keys(sight(house({"sms": door(held=False)}), house({"sms": door(up=False, held=True)}))) == ["channel_down:sms"]


def test_what_an_officer_paused_is_no_fault() -> None:
    assert keys(paused(sight(house({"sms": door(up=False)})))) == []


def test_a_door_whose_last_try_failed_is_told_of_unless_that_is_no_news() -> None:
    def tried(why: str, name: str = "sms") -> dict[str, Finding]:
        return {name: Finding(channel=name, how="echoed", at=AGO, why=why)}

    def seen(why: str, **sms: Any) -> Sight:
        return msgspec.structs.replace(sight(house({"sms": door(**sms)})), findings=tried(why))

    assert keys(seen("no_answer")) == ["probe_failing:sms"]
    assert keys(seen("")) == []
    assert keys(seen("not_allowed_from_here")) == []
    assert keys(paused(seen("no_answer"))) == []
    assert keys(seen("not_bound", up=False, links=(link(word="lost"),))) == ["channel_down:sms"]


def test_what_grows_is_compared_with_an_hour_ago() -> None:
    many = changed(received={"web": 45}, cases={"web": {"done": 3, "parked": 42}}, letters={"web": {"sent": 50, "failed": 9, "parked": 3}})
    assert keys(sight(house(), tally=many)) == []
    assert keys(sight(house(), tally=many), before=WELL) == ["parked_growing", "letters_failing:web"]
    assert keys(sight(house(), tally=changed(letters={"web": {"sent": 140, "failed": 12}})), before=WELL) == []


def test_counts_that_the_store_does_not_give_are_neither_wrong_nor_well() -> None:
    gone = sight(house(), why="store_unreachable", tally=changed(received={"web": 6}))
    assert keys(gone) == ["store_away"]
    assert unknown(gone) == COUNTED
    assert unknown(sight(house(why="disk_nearly_full"), why="disk_nearly_full")) == frozenset()


def test_every_kind_has_a_rule() -> None:
    assert set(RULES) == set(KINDS)
    assert Sign(kind="silent", on="web", since=NOW).key == "silent:web"
