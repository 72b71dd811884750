"""One try at a ledger, or of a letter, as it is kept for whoever asks later what happened when.

In: when it began, and what became of it. Out: a record, packed as every store keeps it. It reads no clock and holds no word of anybody's.

A success at the first go has no record: when a case was registered and when its letter was written stand with them already. So the great
many cost nothing, and what is kept tells of trouble. Of each case the last MOST are kept, its letters' among them; how many there were is
counted with the case and with the letter.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

#: what a try is of that told a ledger; any other is of the letter with this key
LEDGER: Final = "ledger"
#: tries of one case; `lua/cases.lua` has the same number
MOST: Final = 20


TABLE: Final = """
CREATE TABLE tries(id INTEGER PRIMARY KEY, case_id INTEGER NOT NULL, try BLOB NOT NULL);
CREATE INDEX tries_case ON tries(case_id);
"""


class Try(msgspec.Struct, frozen=True, kw_only=True):
    """One go: when it began, how long the other side took, and where it left the case or the letter."""

    of: str
    #: from 1; after a person has sent a case on, from 1 again
    nth: int
    at: datetime
    took_s: float
    step: str
    #: empty for one that went well
    code: str = ""


pack = msgspec.msgpack.Encoder().encode
read = msgspec.msgpack.Decoder(Try).decode
