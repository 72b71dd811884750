"""Letters that did not arrive: nobody would have them, or a receipt says that they did not get there.

In: an officer's name, a letter's id, a reason. Out: lists, and what was done, by way of the store. It sends nothing, and knows no other
address than the one that a letter has.
"""

from __future__ import annotations

from gateway.store.base import Store
from gateway.store.lists import Lost, LostPage
from gateway.worklist import NotDone


class Undelivered:
    """One for the store."""

    def __init__(self, store: Store) -> None:
        """`store`: which has them."""
        self._store = store

    async def page(self, limit: int, *, after: str = "", channel: str = "") -> LostPage:
        """At most so many, the oldest first, however far they lie apart. Raises Unavailable."""
        found: list[Lost] = []
        while True:
            page = await self._store.lost(limit - len(found), after=after, channel=channel)
            found += page.letters
            after = page.after
            if not after or len(found) == limit:
                return LostPage(letters=found, after=after)

    async def case(self, letter_id: str) -> str:
        """The code of its case. Raises NotDone or Unavailable."""
        code = await self._store.lettered(letter_id) if _number(letter_id) else ""
        if not code:
            raise self._elsewhere(letter_id)
        return code

    async def retry(self, letter_id: str, by: str, words: str) -> Lost:
        """Send it again, as if it were new. Raises NotDone or Unavailable."""
        lost = await self._lost(letter_id)
        if outdated(lost):
            raise NotDone(
                "conflict",
                f"letter {letter_id} asks about {lost.reference}, which waits for no answer any more",
                "outdated",
                code=lost.reference,
            )
        if not await self._store.resend(letter_id, by, words.strip()):
            raise self._elsewhere(letter_id)
        return lost

    async def drop(self, letter_id: str, by: str, words: str) -> Lost:
        """Its addressee need not have it. Raises NotDone or Unavailable."""
        if not words.strip():
            raise NotDone("invalid", "say why it is not sent", "no_reason")
        lost = await self._lost(letter_id)
        if not await self._store.discard(letter_id, by, words.strip()):
            raise self._elsewhere(letter_id)
        return lost

    async def undo(self, letter_id: str, by: str) -> Lost:
        """It waits here again, as before it was dropped. Raises NotDone or Unavailable."""
        if not _number(letter_id) or not await self._store.recover(letter_id, by):
            raise self._elsewhere(letter_id)
        return await self._lost(letter_id)

    async def _lost(self, letter_id: str) -> Lost:
        if _number(letter_id):
            page = await self._store.lost(1, after=str(int(letter_id) - 1))
            if page.letters and page.letters[0].letter_id == letter_id:
                return page.letters[0]
        raise self._elsewhere(letter_id)

    def _elsewhere(self, letter_id: str) -> NotDone:
        words = f"letter {letter_id[:20]} is not among those that did not arrive; somebody may have seen to it"
        return NotDone("unknown", words, "elsewhere", id=letter_id[:20])


def outdated(lost: Lost) -> bool:
    """It asks something to which nobody waits for an answer."""
    return lost.state.letter.kind == "ask" and lost.standing != "asked"


def _number(letter_id: str) -> bool:
    """As the store numbers letters: from 1, and no more than 63 bits."""
    return letter_id.isascii() and letter_id.isdigit() and len(letter_id) < 19 and letter_id[0] != "0"
