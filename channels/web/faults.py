"""What may be wrong with what somebody handed in.

In: nothing, this file only defines. Out: the exception that names every fault by its field, the codes there are, and the exception for
what is not wrong but too much at this moment. Pages and API
put them into words; the words are not here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from channels.base import Unavailable

#: every code that a fault may have. file_broken: of a type that is taken, but nothing that can be opened and cleaned;
#: too_large: all files together
CODES: Final = (
    "missing", "too_long", "not_a_date", "in_future", "unknown", "not_a_contact", "too_many_files", "file_type", "file_size",
    "file_broken", "too_large",
)  # fmt: skip


class Invalid(Exception):
    """It cannot be taken so. `faults` by field, each a code of `CODES`; `fields` what had been read, so that no word is lost."""

    def __init__(self, faults: Mapping[str, str], fields: Mapping[str, str] | None = None) -> None:
        super().__init__(", ".join(sorted(faults)))
        self.faults, self.fields = dict(faults), dict(fields or {})


class NoRoom(Unavailable):
    """Too much is on its way in at this moment. `fields` as in `Invalid`."""

    def __init__(self, fields: Mapping[str, str] | None = None) -> None:
        super().__init__("no_room")
        self.fields = dict(fields or {})
