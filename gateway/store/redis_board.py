"""Notes on a board, as the Redis store keeps them: each is one text, of when it was pinned, when it ends, and what it says.

In: texts, or the rows of a store that is moved. Out: notes, or such texts. It talks to no server. Who writes and sweeps them is
`lua/board.lua`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.store.board import Pinned
from gateway.store.tables import instant

#: in the place of when it ends, of one that stays until it is taken off
STAYS = b"-"


def pinned(flat: Sequence[bytes]) -> Mapping[str, Pinned]:
    """Names and texts, one after the other."""
    found = {}
    for name, text in sorted(zip(flat[::2], flat[1::2], strict=True)):
        at, _, value = text.split(b" ", 2)
        found[name.decode()] = Pinned(value, instant(float(at)))
    return found


def row(board: str, name: str, text: bytes) -> dict[str, Any]:
    """As the table has it."""
    at, until, value = text.split(b" ", 2)
    ends = None if until == STAYS else float(until)
    return {"board": board, "name": name, "value": value, "at": float(at), "until": ends}


def text(row: Mapping[str, Any]) -> bytes:
    """Such a row as a text; its instants to the last digit, for what was moved is compared."""
    until = repr(row["until"]).encode() if "until" in row else STAYS
    return b"%r %s %s" % (row["at"], until, row["value"])
