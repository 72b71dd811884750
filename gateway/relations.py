"""What cases have to do with each other: asked of the store between reading and submitting.

In: cases that were read. Out: the same, their records linked to the cases of which the store knows (`related`), each link with its
evidence. It merges nothing and drops nothing; a fault of ours in it leaves a record without links, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import msgspec

from channels.base import Unavailable
from forwarder.letters import may_answer
from gateway.clerk import Read
from gateway.journal import Journal
from gateway.store.base import Store
from gateway.store.kinship import Found, Search
from gateway.store.record import Case, Claim
from gateway.work import Bug, once, once_awaited
from normalizer import kin, likeness
from normalizer.complaint import Complaint, Related
from normalizer.related import MOST

#: the evidence of a link to the case of a letter that was answered
ANSWERED: Final = "answers our letter"


class Relations:
    """One for the process."""

    def __init__(self, store: Store, *, key: bytes, journal: Journal) -> None:
        """`key` keeps what is compared from being told by anybody else."""
        self._store, self._key, self._journal = store, key, journal

    async def linked(self, legible: Sequence[tuple[Claim, Read]]) -> list[tuple[Claim, Read]]:
        """All of them in one question. Raises Unavailable."""
        searches = [self._search(claim.case, reading) for claim, reading in legible]
        wanted = [search for search in searches if search is not None]
        answers = await once_awaited(self._store.kin(wanted)) if wanted else ()
        if isinstance(answers, Bug):
            if isinstance(answers.error, Unavailable):
                raise answers.error
            self._journal.trouble("unrelated", why=answers.words)
            return list(legible)
        found = iter(answers)
        return [
            each if search is None else (each[0], self._with(each[1], search, next(found)))
            for each, search in zip(legible, searches, strict=True)
        ]

    def _search(self, case: Case, reading: Read) -> Search | None:
        alike = once(lambda: likeness.of(reading.message, reading.complaint, self._key))
        if isinstance(alike, Bug):
            self._journal.trouble("unrelated", case=case.case_id, channel=case.arrival.channel, why=alike.words)
            return None
        return Search(
            case_id=case.case_id,
            channel=case.arrival.channel,
            received_at=case.arrival.received_at,
            likeness=alike,
            answers=reading.message.answers[:MOST],
            quotes=tuple(link.id for link in reading.complaint.related if link.id.isdecimal()),
            sender=reading.message.sender if may_answer(reading.message) else "",
        )

    def _with(self, reading: Read, search: Search, found: Found) -> Read:
        complaint = reading.complaint
        named = _named(complaint, search, found.references)
        met = kin.to_kin(search.likeness, search.received_at, found.kin)
        if met or named != complaint.related:
            complaint = msgspec.structs.replace(complaint, related=kin.together(named, met, complaint.reference))
        elif not found.asked:
            return reading
        return replace(reading, complaint=complaint, asked=found.asked)


def _named(complaint: Complaint, search: Search, references: Mapping[str, str]) -> tuple[Related, ...]:
    """What the text quotes, by our reference where the case is ours; and the cases whose letters it answers."""
    if not references:
        return complaint.related
    quoted = [
        Related(id=references[link.id], kind=link.kind, evidence=f"quoted {link.id}") if link.id in references else link
        for link in complaint.related
    ]
    answered = [references[letter] for letter in search.answers if letter in references]
    return (*[Related(id=each, kind="follow_up", evidence=ANSWERED) for each in dict.fromkeys(answered)], *quoted)
