"""Says of a case which ledger it belongs to, for as long as it lives.

In: a case that no ledger was chosen for, and its record. Out: the name of one. It asks nobody and writes nothing down.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from forwarder.sorting import Take, chosen
from gateway.store.record import DEFAULT, Case
from normalizer.complaint import Complaint


class Sorter:
    """One for the process; it stands where a ledger stands otherwise."""

    def __init__(self, name: str, takes: Mapping[str, Sequence[Take]]) -> None:
        """`name` is what the metrics call the ledger that takes the rest; `takes` has the others in their order."""
        self.name, self._takes = name, takes

    def chosen(self, case: Case, complaint: Complaint) -> str:
        """What an attempt may have reached before there were rules, it may have reached at the only ledger that there was."""
        if case.unsure or case.registration is not None:
            return DEFAULT
        return chosen(complaint, self._takes) or DEFAULT
