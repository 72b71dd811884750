"""What was seen, written down as it happens: one line for each yes, registration, answer and fault.

In: what the peers of the gateway saw on their sockets. Out: a file of lines that only grows (seconds, a word, its facts, between tabs),
which `judge` reads when all is over; and counts for whoever must know how far the run is. Of a message it keeps three octets in memory.

    sent    SERIAL                         it was handed over for the first time
    yes     KIND SERIAL PART REFERENCE     the gateway said yes at the wire; the reference where the protocol has room for it
    no      KIND SERIAL PART CODE          it said later
    entry   NUMBER SERIAL REFERENCE STATE  the ledger has registered it; `whole` when the words are those that were sent
    amend   NUMBER SERIAL REFERENCE STATE  the record was replaced
    again   NUMBER                         the ledger was told what it had
    found   NUMBER                         it was asked, and had it
    heard   KIND ADDRESS REFERENCE NUMBER  an answer; the number is empty in one that only says that it is safe
    fault   NAME                           something was broken
    healed  NAME
    ended   NAME STATUS                    a process of the gateway ended and nobody here had ended it
    strange WORDS                          what nobody sent, or cannot be
"""

from __future__ import annotations

import time
from array import array
from collections import Counter
from pathlib import Path

#: the ledger's first number; the others follow without a gap
FIRST_NUMBER = 20_000_000


class Book:
    """One for each run."""

    def __init__(self, path: Path, count: int) -> None:
        """At most `count` messages will be sent."""
        self._file = path.open("w", encoding="ascii", buffering=1 << 18)
        self._began = time.monotonic()
        self.count = count
        #: by serial number: yes, registered, told
        self._yes, self._entered, self._told = bytearray(count), bytearray(count), bytearray(count)
        #: by number of the ledger: whose it is
        self._owners = array("L")
        self.tally: Counter[str] = Counter()

    def write(self, word: str, *facts: object) -> None:
        """A line."""
        self._file.write("\t".join((f"{time.monotonic() - self._began:.3f}", word, *map(str, facts))) + "\n")
        self.tally[word] += 1

    def yes(self, kind: str, serial: int, part: int, reference: str = "", *, whole: bool = True) -> None:
        """`whole`: all parts of the message have had theirs."""
        self.write("yes", kind, serial, part, reference)
        if whole and not self._yes[serial]:
            self._yes[serial] = 1
            self.tally["acknowledged"] += 1

    def entry(self, serial: int, reference: str, state: str) -> int:
        """The number that the ledger gives."""
        number = FIRST_NUMBER + len(self._owners)
        self._owners.append(serial)
        self.write("entry", number, serial, reference, state)
        if not self._entered[serial]:
            self._entered[serial] = 1
            self.tally["registered"] += 1
        return number

    def heard(self, kind: str, address: str, reference: str, number: str) -> None:
        """An answer in the sender's hands."""
        self.write("heard", kind, address, reference, number)
        place = int(number or 0) - FIRST_NUMBER
        if 0 <= place < len(self._owners) and not self._told[self._owners[place]]:
            self._told[self._owners[place]] = 1
            self.tally["told"] += 1

    def entered(self, serial: int) -> bool:
        """The ledger has it."""
        return bool(self._entered[serial])

    @property
    def all_said(self) -> bool:
        """Every message that was sent had its yes, its registration and its answer."""
        return self.tally["acknowledged"] == self.tally["registered"] == self.tally["told"] == self.tally["sent"]

    @property
    def backlog(self) -> int:
        """Messages that have a yes and no answer."""
        return self.tally["acknowledged"] - self.tally["told"]

    def missing(self) -> list[int]:
        """Some that have a yes and no answer."""
        return [serial for serial in range(self.count) if self._yes[serial] and not self._told[serial]][:20]

    def flush(self) -> None:
        """To the file."""
        self._file.flush()

    def close(self) -> None:
        """No more is written."""
        self._file.close()
