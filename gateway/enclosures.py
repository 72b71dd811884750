"""The files of cases, as they leave the house.

In: a case, its record, the number of a file. Out: the file without what it says about its maker, or a word for why it stays. What a door
has cleaned already is given as it is; a mail's file lies in the mail, as it came, and is cleaned here.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

import msgspec

from channels import files
from channels.base import Attachment, Channel, Enclosing, unnamed
from gateway.store.base import Store
from gateway.store.record import Case
from normalizer.complaint import Complaint
from normalizer.privacy import nameless


class Enclosures:
    """One for the process."""

    def __init__(self, store: Store, channels: Mapping[str, Channel]) -> None:
        """`channels` by name."""
        self._store = store
        self._enclosing = {name: channel for name, channel in channels.items() if isinstance(channel, Enclosing)}
        #: a picture unpacks to a hundred megabytes
        self._turn = asyncio.Semaphore(1)

    async def get(self, case: Case, complaint: Complaint, number: int) -> Attachment | str:
        """The file with this number in the record, from 1, or a code. Raises Unavailable."""
        found = await self._found(case, complaint, number)
        if isinstance(found, Attachment) and nameless(complaint):
            return msgspec.structs.replace(found, name=unnamed(found.name, number))
        return found

    async def _found(self, case: Case, complaint: Complaint, number: int) -> Attachment | str:
        # what a message only names, and what lies in itself, stands before what the store has
        apart = number - (len(complaint.attachments) - len(case.files))
        if apart > 0:
            kept = await self._store.files(case.case_id)
            return kept[apart - 1] if apart <= len(kept) else "gone"
        channel = self._enclosing.get(case.arrival.channel)
        if channel is None:
            return "gone"
        async with self._turn:
            found = await asyncio.to_thread(channel.enclosed, case.arrival, number - 1)
            return "gone" if found is None else await asyncio.to_thread(_cleaned, found, complaint)

    async def smaller(self, file: Attachment, most: int) -> Attachment | None:
        """A picture that has at most so many bytes; None when it cannot be had of this file."""
        async with self._turn:
            return await asyncio.to_thread(_smaller, file, most)


def _smaller(file: Attachment, most: int) -> Attachment | None:
    content = files.smaller(file.content, file.media_type, most)
    return msgspec.structs.replace(file, content=content, media_type="image/jpeg") if content else None


def _cleaned(file: Attachment, complaint: Complaint) -> Attachment | str:
    """Of whoever wants no name known no file leaves as it came: pictures know places, documents their authors."""
    kind = files.kind(file.content)
    content = files.clean(file.content, kind) if kind else None
    if kind and content:
        return Attachment(name=file.name, media_type=kind, content=content)
    return file if complaint.privacy == "terbuka" else "not_cleaned"
