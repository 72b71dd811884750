"""What was read in a case a moment ago, for whoever would read it next.

In: cases, each with what was read in it. Out: the same again, once, while the case says what it said then. It reads nothing itself, and
keeps a few only.

To read a case is most of what it costs. Where there are several ledgers, and while the only one is away, it is read to find out where it
belongs; then it is its ledger's turn, as a rule a moment later and in the same process.
"""

from __future__ import annotations

from typing import Final

import msgspec

from gateway.clerk import Read
from gateway.store.record import Case

#: so many are kept, the last ones
MOST: Final = 1000


class Lately:
    """One for the process."""

    def __init__(self) -> None:
        """Nothing was read."""
        self._readings: dict[str, tuple[Case, Read]] = {}

    def keep(self, case: Case, reading: Read) -> None:
        """Whoever sorts it is not the one who tells the ledger."""
        if len(self._readings) >= MOST:
            del self._readings[next(iter(self._readings))]
        self._readings[case.case_id] = (_said(case), reading)

    def again(self, case: Case) -> Read | None:
        """None: it was not read lately, or something has come since."""
        kept = self._readings.pop(case.case_id, None)
        return kept[1] if kept is not None and kept[0] == _said(case) else None


def _said(case: Case) -> Case:
    """The case without what its queue says of it, which nobody reads."""
    return msgspec.structs.replace(case, attempts=0, unsure=False, code="", words="", due=None, ledger="")
