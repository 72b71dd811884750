"""What the processes of a gateway tell each other through the store: small notes, each pinned on a board under a name.

In: a board, a name, a value, for how long it counts. Out: what is pinned there now. A board knows nothing of what its notes mean.

Each process pins its pulse for some seconds, so that a console sees them all; what an officer wants of a channel stays until it is taken
off. A note is small and there are few on a board: whoever looks reads the board whole.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final, NamedTuple, Protocol

#: the boards that move with the cases to another store; what is on others is of the processes that run
MOVING: Final = ("controls",)

#: of the embedded store
TABLE: Final = """
CREATE TABLE board(                     -- what the processes of the gateway tell each other
    board TEXT NOT NULL, name TEXT NOT NULL, value BLOB NOT NULL, at REAL NOT NULL,
    until REAL,                         -- NULL: until it is taken off
    PRIMARY KEY (board, name)
) WITHOUT ROWID;
"""


class Pinned(NamedTuple):
    """A note, and when it was pinned, by the store's clock."""

    value: bytes
    at: datetime


class Board(Protocol):
    """See above."""

    async def pin(self, board: str, name: str, value: bytes, lasts_s: float | None) -> None:
        """In the place of what is there under this name; None: until it is taken off."""
        ...

    async def unpin(self, board: str, name: str) -> None:
        """Take it off; nothing happens when it is not there."""
        ...

    async def pinned(self, board: str) -> Mapping[str, Pinned]:
        """All that counts now, by name, in the order of the names."""
        ...
