"""A form's body as it comes in: words by name, and files that have been weighed, recognised and cleaned.

In: a request, and what it may cost. Out: fields and attachments, or `Invalid` with the faults and every word that could be read, so that
nothing of a form is lost. It never trusts a name or a declared type, and never keeps a file as it came: what is kept has no metadata.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qsl

from aiohttp import BodyPartReader, web
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.multipart import MultipartReader

from channels import files
from channels.base import Attachment
from channels.web.faults import Invalid, NoRoom
from channels.web.room import Room, Share

#: words of one field, and how many fields; the form has twenty
FIELD_BYTES: Final = 100_000
FIELDS: Final = 100
#: a body of words alone: the longest text in characters of four bytes, each byte written as %XX, and the rest. A body of twelve megabytes
#: would be taken apart for seconds, in which nobody else is served
WORDS_BYTES: Final = 600_000
#: what is read and thrown away so that somebody who chose five large photographs sees why, before we hang up
PATIENCE: Final = 5
#: times the grace that nothing may come, however much has: a telephone that lost its network leaves megabytes here, and says no goodbye;
#: and who sends megabytes and then a byte a minute must not keep others' files out for hours
SILENT: Final = 6
_CHUNK: Final = 65536
_NAME: Final = 100


class Stalled(Exception):
    """The body comes more slowly than any network does, or not any more."""


class TooLarge(Exception):
    """The body is larger than can be read and thrown away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """What a body may cost; bytes and seconds."""

    file_bytes: int
    files: int
    body_bytes: int
    grace_s: float
    #: below this a body is no slow network but somebody who keeps a connection busy
    bytes_per_s: int = 1000
    #: one at a time: a picture of two megabytes unpacks to a hundred
    turn: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    #: of all bodies under way
    room: Room = field(default_factory=Room)


class Meter:
    """Counts the bytes of one body, and moves the deadline with them."""

    def __init__(self, limits: Limits, deadline: asyncio.Timeout) -> None:
        self._limits, self._deadline = limits, deadline
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + limits.grace_s
        self.bytes = 0

    def count(self, chunk: bytes) -> None:
        """Raises TooLarge."""
        self.bytes += len(chunk)
        if self.bytes > self._limits.body_bytes * PATIENCE:
            raise TooLarge
        saved_s = SILENT * self._limits.grace_s
        self._until = min(self._until + len(chunk) / self._limits.bytes_per_s, self._loop.time() + saved_s)
        self._deadline.reschedule(self._until)

    @property
    def over(self) -> bool:
        """The body is larger than it may be."""
        return self.bytes > self._limits.body_bytes


@asynccontextmanager
async def _metered(limits: Limits) -> AsyncIterator[Meter]:
    """Raises Stalled when the body stops coming, and ValueError when its framing is broken."""
    try:
        async with asyncio.timeout(limits.grace_s) as deadline:
            yield Meter(limits, deadline)
    except (TimeoutError, ConnectionError) as gone:
        raise Stalled from gone
    except (HttpProcessingError, web.RequestPayloadError) as broken:
        raise ValueError("the body is not framed as HTTP says") from broken


async def read_body(request: web.Request, limits: Limits, share: Share, most: int) -> bytes:
    """A body that is no form. Raises Stalled, TooLarge, NoRoom, and ValueError for one that is broken."""
    read = bytearray()
    if request.content.is_eof():  # most bodies are here at once: nothing to wait for, and no clock to set
        read += await request.content.read()
        if len(read) > most:
            raise TooLarge
        return bytes(read)
    async with _metered(limits) as meter:
        async for chunk in request.content.iter_chunked(_CHUNK):
            meter.count(chunk)
            if len(read) + len(chunk) > most:
                raise TooLarge
            if not share.hear(len(chunk)):
                raise NoRoom
            read += chunk
    return bytes(read)


async def read_form(
    request: web.Request, limits: Limits, share: Share, admit: Callable[[Mapping[str, str]], Awaitable[None]] | None = None
) -> tuple[dict[str, str], tuple[Attachment, ...]]:
    """Of a name that comes twice, the last words count. Raises Invalid, NoRoom, Stalled, TooLarge, and ValueError for what is no form.

    What is kept is taken from the `share`, which must last until the request is answered.

    `admit` hears the words before the files are looked at, which is what costs; what it raises ends it.
    """
    if request.content_type != "multipart/form-data":
        words_alone = _pairs(await read_body(request, limits, share, min(WORDS_BYTES, limits.body_bytes)))
        if admit:
            await admit(words_alone)
        return words_alone, ()
    reading = _Reading(limits, share)
    try:
        async with _metered(limits) as meter:
            async for part in _parts(await request.multipart()):
                await reading.take(part, meter)
        if admit:
            await admit(reading.fields)
        if meter.over:
            reading.faults["files"] = "too_large"
        if reading.no_room and not reading.faults:
            raise NoRoom(reading.fields)
        cleaned = () if reading.faults else await _cleaned(reading, limits)
        if reading.faults:
            raise Invalid(reading.faults, reading.fields)
        return reading.fields, cleaned
    finally:
        reading.drop()


async def _parts(reader: MultipartReader) -> AsyncIterator[BodyPartReader]:
    """Raises ValueError for what is no form: a multipart in a multipart, a part without a name."""
    for _ in range(FIELDS):
        try:
            part = await reader.next()
        except RuntimeError as wrong:  # a `_charset_` that is none
            raise ValueError("a form in no charset") from wrong
        if part is None:
            return
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ValueError("a part of the form has no name")
        yield part
    raise ValueError("too many fields")


class _Reading:
    """What has come of a form. `no_room`: something of it was thrown away that is kept another time."""

    def __init__(self, limits: Limits, share: Share) -> None:
        self._limits, self._share = limits, share
        self.fields: dict[str, str] = {}
        self.faults: dict[str, str] = {}
        self.files: list[tuple[str, bytes]] = []
        self.no_room = False
        self._words = 0
        self._coming = bytearray()

    async def take(self, part: BodyPartReader, meter: Meter) -> None:
        """Read one part to its end; what is too much is thrown away, so that the fields behind it are read too."""
        if part.filename is None:
            name = words((part.name or "").encode("utf-8", "surrogateescape"))
            self.fields[name] = await self._said(name, part, meter)
        else:
            await self._file(part.filename, part, meter)

    async def _said(self, name: str, part: BodyPartReader, meter: Meter) -> str:
        """Words are read to the last, however large the files before them were."""
        content, fits = bytearray(), True
        while chunk := await part.read_chunk(_CHUNK):
            meter.count(chunk)
            self._words += len(chunk)
            fits = fits and len(content) + len(chunk) <= FIELD_BYTES and self._words <= WORDS_BYTES
            if fits and self._share.hear(len(chunk)):
                content += chunk
            elif fits:
                self.no_room = True
        if not fits:
            self.faults[name] = "too_long"
        return words(bytes(content))

    async def _file(self, filename: str, part: BodyPartReader, meter: Meter) -> None:
        size = 0
        while chunk := await part.read_chunk(_CHUNK):
            meter.count(chunk)
            size += len(chunk)
            if size > self._limits.file_bytes or meter.over:
                self.faults["files"] = "file_size"
            elif self._wanted and self._share.take(len(chunk)):
                self._coming += chunk
            elif self._wanted:
                self.no_room = True
            if not self._wanted:
                self._forget()
        if not filename and not size:  # a browser sends an empty part for a field in which nothing was chosen
            return
        if len(self.files) == self._limits.files:
            self.faults["files"] = "too_many_files"
            self._forget()
        elif self._wanted:
            self.files.append((filename, bytes(self._coming)))
            self._coming.clear()

    @property
    def _wanted(self) -> bool:
        """Files are; once one of them cannot be kept, all are sent again."""
        return not self.no_room and "files" not in self.faults

    def _forget(self) -> None:
        """All files, and what has come of this one."""
        self._share.give_back(len(self._coming) + sum(len(whole) for _, whole in self.files))
        self.drop()

    def drop(self) -> None:
        """Out of memory at once: aiohttp's error of a connection that broke off holds on to its reader, in a ring, until garbage is
        collected."""
        self.files.clear()
        self._coming.clear()


async def _cleaned(reading: _Reading, limits: Limits) -> tuple[Attachment, ...]:
    kept: list[Attachment] = []
    while reading.files:  # each goes once it is clean: all of them twice would be twice the room
        filename, content = reading.files.pop(0)
        kind = files.kind(content)
        if kind is None:
            reading.faults["files"] = "file_type"
            return ()
        async with limits.turn:
            clean = await asyncio.to_thread(files.clean, content, kind)
        if clean is None:
            reading.faults["files"] = "file_broken"
            return ()
        kept.append(Attachment(name=plain_name(filename, kind, len(kept) + 1), media_type=kind, content=clean))
    return tuple(kept)


def plain_name(filename: str, media_type: str, number: int) -> str:
    """What a file is called in the record: no folder, no control characters, and the ending of what it is."""
    last = filename.replace("\\", "/").rpartition("/")[2]
    stem = "".join(mark for mark in (last.rpartition(".")[0] if "." in last else last) if mark.isprintable()).strip(". ")
    return f"{stem[:_NAME] or f'lampiran-{number}'}{files.ENDINGS[media_type]}"


def _pairs(body: bytes) -> dict[str, str]:
    """application/x-www-form-urlencoded (WHATWG URL §5.1), of which a terminal may have written no byte as %XX. Raises ValueError."""
    # each byte is one of Latin-1's characters, and each of these the same byte again
    pairs = parse_qsl(body.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=FIELDS)
    return {words(name.encode("latin-1")): words(value.encode("latin-1")) for name, value in pairs}


def words(written: bytes) -> str:
    """UTF-8, as every form says; from a terminal that does not speak it, Windows' Latin, in which no byte is refused."""
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("cp1252", "replace")
