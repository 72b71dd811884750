"""Which of several ledgers a complaint goes to.

In: its record, and what each ledger takes. Out: the name of one ledger. Pure: it asks nobody and remembers nothing.

The first ledger in the order of the settings takes what one of its rules fits; whatever none takes goes to the one that takes all. A rule
fits when everything that it says is true of the record. What was inferred counts like what was given: a ledger is no judgement on the
complaint, and whoever gets it can pass it on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

import msgspec

from normalizer.complaint import Classification, Complaint

Code = Annotated[
    str, msgspec.Meta(pattern=r"^$|^[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?$", description='a code like "32" or "32.73"')
]


class Take(msgspec.Struct, frozen=True, kw_only=True):
    """One rule of a ledger; what it leaves out may be anything."""

    classification: Classification | None = None
    oversight: Literal["berkadar", "tidak_berkadar"] | None = None
    #: the region in which the complaint's place lies, by its code
    region: Code = ""
    #: in the words of the record; capitals make no difference
    agency: str = ""
    category: str = ""

    def __post_init__(self) -> None:
        """A rule that says nothing would take everything."""
        if not any(getattr(self, field) for field in self.__struct_fields__):
            raise ValueError(f"says nothing; give at least one of {', '.join(self.__struct_fields__)}")

    def fits(self, complaint: Complaint) -> bool:
        """Whether all that it says is true of a complaint."""
        place = complaint.location.value
        code = place.code if place is not None else None
        return (
            self.classification in {None, complaint.classification.value}
            and self.oversight in {None, complaint.oversight.value}
            and (not self.region or f"{code or ''}.".startswith(f"{self.region}."))
            and _same(self.agency, complaint.agency.value)
            and _same(self.category, complaint.category.value)
        )


def _same(wanted: str, said: str | None) -> bool:
    return not wanted or wanted.casefold() == (said or "").casefold()


def chosen(complaint: Complaint, takes: Mapping[str, Sequence[Take]]) -> str | None:
    """The first ledger, by name, one of whose rules fits; None when none takes it."""
    return next((name for name, rules in takes.items() if any(rule.fits(complaint) for rule in rules)), None)
