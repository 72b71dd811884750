"""The codes that people write down: references, and ledgers' numbers. In: what somebody wrote. Out: what it can be. It looks nothing up."""

from __future__ import annotations

from typing import NamedTuple

from normalizer.reference import BadReference, number, read


class Quoted(NamedTuple):
    """A ledger's number; an empty name is any ledger."""

    ledger: str
    number: str


def quoted(code: str) -> Quoted | None:
    """With or without its #; `ledger:number` says of which ledger. None: it cannot be one."""
    ledger, _, digits = code.strip().rpartition(":")
    digits = digits.removeprefix("#")
    return Quoted(ledger, digits) if digits.isdigit() else None


def reference(code: str) -> int | None:
    """In any spelling. None: it cannot be one."""
    try:
        return number(read(code))
    except BadReference:
        return None
