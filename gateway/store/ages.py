"""How long the oldest have waited, beside the counts of a tally: what every store says of it.

In: nothing but piles. Out: the steps in which a case waits for its ledger, and what lies before those who copy by hand.
Each store has an index for it, so that a look costs as much with a million waiting as with ten.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec

#: A case that nobody has put aside and no ledger has; `lua/prelude.lua` and the index of `sqlite_ages` have the same.
WAITING: Final = ("held", "asked", "submit", "worklist")


class Pile(msgspec.Struct, frozen=True, kw_only=True):
    """The worklist of one ledger."""

    #: when the oldest case came that nobody has in hand; None: somebody has each
    free: datetime | None = None
    #: since when somebody has had one in hand, of those that are in hand the longest; None: nobody has one
    taken: datetime | None = None


def together(piles: Sequence[Pile]) -> Pile:
    """What several worklists of one ledger are as one: it may have cases of the time when it was the only one."""
    return Pile(
        free=min((each.free for each in piles if each.free), default=None),
        taken=min((each.taken for each in piles if each.taken), default=None),
    )
