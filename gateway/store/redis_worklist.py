"""The worklist, as the Redis store asks and answers it.

In: what officers say. Out: what stands for it in a call of `lua/worklist.lua`, and what is in whose hand. It talks to no server.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gateway.store.ages import Pile
from gateway.store.record import Copied, Hand
from gateway.store.redis_packing import given, letter
from gateway.store.redis_rows import case, fields, text
from gateway.store.redis_scripts import Packing
from gateway.store.tables import instant


def copied(said: Copied, most_letters: int, packing: Packing) -> dict[str, Any]:
    """What `register` reads: the number of what was copied by hand, with its letters."""
    told: dict[str, Any] = {
        "verb": "register", "case": said.case_id, "by": said.by, "most": most_letters,
        "letters": [letter(each, packing) for each in said.letters],
    }  # fmt: skip
    if said.registration is not None:
        told["done"] = given(said.registration)
    return told


def hand(answer: Sequence[Any]) -> Hand:
    """A case of the worklist, with whoever has it."""
    whole, held = answer
    of = fields(held)
    if not of:
        return Hand(case=case(whole))
    since, until = instant(float(of["since"])), instant(float(of["until"]))
    return Hand(case=case(whole), by=text(of, "officer"), since=since, until=until)


def piles(answer: Sequence[Any]) -> dict[str, Pile]:
    """By ledger, as `lua/tally.lua` gives them."""
    return {
        ledger.decode(): Pile(free=instant(float(free)) if free else None, taken=instant(float(taken)) if taken else None)
        for ledger, free, taken in answer
    }
