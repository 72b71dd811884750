"""What happened, as JSON lines with a small fixed vocabulary.

In: a word and the case that it is about. Out: lines on standard error. It never writes a text, a number, a name, a reference or a
token: a case is named by its id alone, and what libraries log passes through the same mask.

Lines are gathered and written ten times a second, because a write for each would cost more than the work it tells of. A kill may take
the last tenth of a second with it; the store has the truth.
"""

from __future__ import annotations

import logging
import re
import sys
import traceback
import warnings
from collections.abc import MutableMapping
from datetime import UTC, datetime
from typing import Any, BinaryIO, Literal

import msgspec
import structlog

from normalizer.mask import mask
from normalizer.pii import find
from normalizer.reading import read

Word = Literal[
    "accepted", "duplicate", "held", "gathered", "asked", "parked", "triaged", "declined", "submitted", "handed", "registered", "retried",
    "refused", "told", "spooled",
]  # fmt: skip

#: characters of a library's line
LINE = 500
#: how often gathered lines are written, in seconds
FLUSH_S = 0.1

#: what looks like a phone number, an id card number, an internet address, a reference or a key in somebody else's log line
_SECRET = re.compile(
    r"\+?\d[\d\s.-]{7,}\d|\b\d{1,3}(?:\.\d{1,3}){3}\b|[0-9A-Fa-f]*:[0-9A-Fa-f]*:[0-9A-Fa-f:.]*"
    r"|\b[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}\b|\b[A-Za-z0-9_-]{30,}\b"
)

_encode = msgspec.json.Encoder(enc_hook=repr).encode


class Lines:
    """Lines on their way out."""

    def __init__(self, out: BinaryIO) -> None:
        """`out` is written to in whole lines."""
        self._out, self._lines = out, list[bytes]()

    def msg(self, line: bytes) -> None:
        """Gather a line."""
        self._lines.append(line)

    debug = info = warning = error = critical = msg

    def flush(self) -> None:
        """Write what was gathered. A reader that went away is not worth a complaint."""
        lines, self._lines = self._lines, []
        if lines:
            try:
                self._out.write(b"\n".join(lines) + b"\n")
                self._out.flush()
            except (OSError, ValueError):
                pass


class Journal:
    """The gateway's own voice."""

    def __init__(self, lines: Lines) -> None:
        """Everything that is said goes to `lines`."""
        self.lines = lines
        self._log = structlog.wrap_logger(
            lines, processors=[_stamp, _render], wrapper_class=structlog.make_filtering_bound_logger(logging.INFO)
        ).bind()

    def say(self, word: Word, case_id: str, channel: str, **facts: str | float) -> None:
        """Something happened to a case. `facts` are codes and counts, never what a citizen wrote.

        Four of these stand in the life of every message, so they are written as the logger would write them, without its machinery.
        """
        self.lines.msg(_encode({"case": case_id, "channel": channel, **facts, "event": word, "level": "info", "at": datetime.now(UTC)}))

    def state(self, event: str, **facts: str | float) -> None:
        """Something happened to the gateway itself: started, stopped, a channel up or down."""
        self._log.info(event, **facts)

    def trouble(self, event: str, **facts: str | float) -> None:
        """Something that an operator should look at."""
        self._log.warning(event, **facts)

    def alarm(self, event: str, **facts: str | float) -> None:
        """Something that an operator must look at."""
        self._log.error(event, **facts)


def _stamp(_logger: object, method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["level"] = method
    event["at"] = datetime.now(UTC)
    return event


def _render(_logger: object, _method: str, event: MutableMapping[str, Any]) -> bytes:
    return _encode(event)


def whereabouts() -> str:
    """Where the exception in hand was raised and what kind it is, without its words: a citizen's may stand in them."""
    kind, _, trace = sys.exc_info()
    frames = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(trace)[-12:]]
    return "\n".join([*frames, kind.__name__ if kind else ""])


def _masked(line: str) -> str:
    """The beginning of a line. It is cut before it is searched, and again where the first cut may have left half of a number."""
    words = _SECRET.sub("***", line[: 4 * LINE])
    return mask(words, find(read(words)))[:LINE]


class _Foreign(logging.Handler):
    """What libraries log, masked and in the same form. Their arguments may hold anything, so only the masked sentence goes on: its first
    line, because behind it asyncio shows whole objects."""

    def __init__(self, journal: Journal) -> None:
        super().__init__(logging.WARNING)
        self._journal = journal

    def emit(self, record: logging.LogRecord) -> None:
        kind = record.exc_info[0].__name__ if record.exc_info and record.exc_info[0] else ""
        self._journal.trouble("library", logger=record.name, words=_masked(record.getMessage().partition("\n")[0]), error=kind)

    def warned(self, _words: Warning | str, kind: type[Warning], file: str, line: int, *_: object) -> None:
        """What Python would print of a warning, without its words: one of them has the name of a citizen's file."""
        self._journal.trouble("library", logger="warnings", words=f"{file}:{line}", error=kind.__name__)


def opened() -> Journal:
    """The journal of this process, on standard error, with the libraries' logs in it."""
    journal = Journal(Lines(sys.stderr.buffer))
    foreign = _Foreign(journal)
    logging.basicConfig(handlers=[foreign], level=logging.WARNING, force=True)
    warnings.showwarning = foreign.warned  # type: ignore[assignment]  # Python calls it by position
    return journal
