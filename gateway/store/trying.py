"""One try at a ledger, of a letter or of a file, as it is kept for whoever asks later what happened when.

In: when it began, and what became of it. Out: a record, packed as every store keeps it. It reads no clock.

A success at the first go has no record: when a case was registered and when its letter was written stand with them already. So the great
many cost nothing, and what is kept tells of trouble. Of each case the last MOST are kept, those of its letters and files among them; how
many there were is counted with each.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

#: what a try is of: it told a ledger, or brought it the file with this number; any other is of the letter with this key
LEDGER: Final = "ledger"
FILE: Final = "file:"
#: tries of one case; `lua/cases.lua` has the same number
MOST: Final = 20


TABLE: Final = """
CREATE TABLE tries(id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, try BLOB NOT NULL);
CREATE INDEX tries_case ON tries(case_id);
"""
#: … and what was answered last to a letter, and when: that of a yes has no try
ANSWERS: Final = """
ALTER TABLE letters ADD COLUMN said TEXT NOT NULL DEFAULT '';
ALTER TABLE letters ADD COLUMN answered_at REAL;
"""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One go: when it began, how long the other side took, and where it left the case, the letter or the file."""

    of: str
    #: from 1; after a person has sent a case on, from 1 again
    nth: int
    at: datetime
    took_s: float
    step: str
    #: empty for one that went well
    code: str = ""
    #: what the other side answered; it may repeat somebody's words
    said: str = ""

    @property
    def what(self) -> str:
        """Of what it is, without the id of a case: "ledger", "file:1", or the kind of a letter."""
        return self.of if self.of == LEDGER or self.of.startswith(FILE) else self.of.partition(":")[2]


pack = msgspec.msgpack.Encoder().encode
read = msgspec.msgpack.Decoder(Try).decode
