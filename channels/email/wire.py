"""The wire to one client: lines in, answers out, and no more of either than the other side takes.

In: bytes as they come, answers. Out: lines, bytes. It never looks at what a line says.
"""

from __future__ import annotations

import asyncio
from typing import cast

#: octets of a command; RFC 5321 says 512, long addresses and SMTPUTF8 need more
LONGEST_COMMAND = 4_096
#: octets of commands that wait here for their turn; more wait in the network
MOST_WAITING = 2 * LONGEST_COMMAND


class Wire:
    """`said` is what came and was not looked at; `choked`: the client does not read our answers; `silent`: it will say no more;
    `flooded`: what comes is no line."""

    def __init__(self) -> None:
        self.said = bytearray()
        self.choked = self.silent = self.flooded = self._deaf = False
        self._transport: asyncio.Transport | None = None

    def carried_by(self, transport: asyncio.BaseTransport | None) -> None:
        """None: it is cut. What was said over the one before is not trusted over this one (RFC 3207 §6)."""
        self._transport = cast("asyncio.Transport | None", transport)  # uvloop's transports are no subclasses of asyncio's
        self.said.clear()
        self._deaf = False

    def line(self) -> bytes | None:
        """The next one without its end, or None."""
        end = self.said.find(b"\n", 0, LONGEST_COMMAND)
        if end < 0:
            self.flooded = len(self.said) >= LONGEST_COMMAND
            return None
        line = bytes(self.said[:end])
        del self.said[: end + 1]
        return line.rstrip(b"\r")

    def rest(self) -> bytes:
        """All that has come."""
        rest = bytes(self.said)
        self.said.clear()
        return rest

    def say(self, answer: str) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(answer.encode() + b"\r\n")

    def listen(self) -> None:
        """Read on, unless more has come than is answered."""
        deaf = self.choked or len(self.said) > MOST_WAITING
        if deaf is self._deaf or self._transport is None or self._transport.is_closing():
            return
        self._deaf = deaf
        if deaf:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()

    def part(self, words: str = "") -> None:
        """Say a last word, and close."""
        if words:
            self.say(words)
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close without a word."""
        if self._transport is not None:
            self._transport.abort()
