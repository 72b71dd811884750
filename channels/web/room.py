"""How much memory the bodies that are under way may take together, so that uploads that are begun and never ended cannot take all of it.

In: octets, before they are kept. Out: whether there is room for them. It gives back what a request took when that ends, however it ends.
"""

from __future__ import annotations

from types import TracebackType
from typing import Final, Self

from channels.web.settings import MB

#: of one process: more than the largest request that the settings allow (200 MB), and twenty of the usual size; a machine of 1 GB bears it
#: beside the gateway itself (150 MB) and the mails under way (200 MB)
ROOM: Final = 256 * MB
#: words of one body that are kept without asking, so that no complaint is refused for the files of others: the longest text in Indonesian
#: has 20,000
WORDS: Final = 65536


class Room:
    """Of one process. `taken`: octets."""

    def __init__(self, most: int = ROOM) -> None:
        self.most, self.taken = most, 0


class Share:
    """What one request has taken of it, until the `with` ends."""

    def __init__(self, room: Room) -> None:
        self._room, self._taken, self._words = room, 0, 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None) -> None:
        self.give_back(self._taken)

    def take(self, octets: int) -> bool:
        """False, and nothing is taken, when there is no room."""
        if self._room.taken + octets > self._room.most:
            return False
        self._room.taken += octets
        self._taken += octets
        return True

    def hear(self, octets: int) -> bool:
        """As `take`, for words."""
        self._words += octets
        return self._words <= WORDS or self.take(octets)

    def give_back(self, octets: int) -> None:
        """What was taken and is not kept any more."""
        self._room.taken -= octets
        self._taken -= octets
