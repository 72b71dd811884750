"""What a client sends after DATA: bytes in, a whole message out. Pure.

In: blocks as the socket gave them. Out: the message without dot-stuffing, or why it cannot be taken, and what was sent behind it.
Blocks, not lines: a mail of 50 KB has 700 lines and comes in two blocks. It never waits, and never looks at what the mail says.
"""

from __future__ import annotations

import re
from hashlib import sha256

END, DOT = b"\r\n.\r\n", b"\r\n."

#: fields that every hop adds above the others; a mail that is sent again by another way differs in nothing else
_TRACE = re.compile(
    rb"(?:(?:received|x-received|return-path|delivered-to|x-original-to|authentication-results|received-spf|arc-[a-z-]+)[ \t]*:[^\r\n]*\r\n"
    rb"(?:[ \t][^\r\n]*\r\n)*)+",
    re.IGNORECASE,
)
_MESSAGE_ID = re.compile(rb"\r\nmessage-id[ \t]*:[ \t]*(?:\r\n[ \t]+)?[^ \t\r\n]", re.IGNORECASE)

#: RFC 5321 §4.5.3.1.10, RFC 3463
NO_ROOM = "452 4.3.1 no room for this mail now, please try again later"
TOO_BIG = "552 5.3.4 message is larger than this server takes"


class Collector:
    """One message on its way in. `size` is what it has in memory now."""

    def __init__(self, most: int) -> None:
        """`most` bytes are kept; of a longer message nothing is."""
        # The CR LF of the DATA command itself counts, so that a message may begin with the dot that ends it.
        self._bytes, self._most = bytearray(b"\r\n"), most
        self.too_big = self._stuffed = False

    @property
    def size(self) -> int:
        return len(self._bytes)

    def feed(self, block: bytes) -> bytes | None:
        """None while the end has not come; then what came behind the end."""
        kept = self._bytes
        begin = max(len(kept) - len(END) + 1, 0)
        kept += block
        end = self._end(begin)
        if end < 0:
            if self.too_big or len(kept) > self._most + len(END):
                self.give_up()
            return None
        behind = bytes(kept[end + len(END) :])
        del kept[end + 2 :]
        if len(kept) - 2 > self._most:
            self.give_up()
        return behind

    def _end(self, begin: int) -> int:
        """Where the end is, or -1. On the way there it is seen whether a line was stuffed: to look twice would cost as much again."""
        kept = self._bytes
        if not self._stuffed:
            dot = kept.find(DOT, begin)
            if dot < 0 or kept.startswith(END, dot):
                return dot
            self._stuffed = len(kept) - dot >= len(END)  # else it may be the first half of an end
        return kept.find(END, begin)

    def give_up(self) -> None:
        """Keep nothing but what the end may be told by, so that the answer comes when the client has said all (RFC 5321 §4.2.5)."""
        self.too_big = True
        del self._bytes[: -len(END) + 1]

    def message(self) -> bytes:
        """What was sent, once its end has come. It is not kept here any more: large mails wait for the disk, and would do so twice."""
        kept, self._bytes = self._bytes, bytearray()
        if self._stuffed:
            kept = kept.replace(DOT, b"\r\n")  # RFC 5321 §4.5.2
        return bytes(memoryview(kept)[2:])


def identity(message: bytes) -> tuple[str, bool]:
    """A fingerprint of the mail as its author sent it, without what hops added above; and whether it has a Message-ID.

    With one, equal fingerprints are one mail for ever: nobody makes the same id twice. Without one they are that for some days only.
    """
    added = _TRACE.match(message)
    start = added.end() if added else 0
    named = _MESSAGE_ID.search(b"\r\n" + message[start : head_end(message)])
    return sha256(memoryview(message)[start:]).hexdigest(), named is not None


def head_end(message: bytes) -> int:
    """Where the header fields end."""
    end = message.find(b"\r\n\r\n")
    return len(message) if end < 0 else end + 2
