"""What a try of a file is, at the ledger of its case.

In: claims. Out: one settlement for each. The words of a complaint never wait for its files, and no file for another.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import msgspec

from channels.base import Attachment, Refused, Unavailable
from forwarder.ledger import File, Filing
from forwarder.outcome import Retry, judge
from gateway.enclosures import Enclosures
from gateway.journal import Journal
from gateway.metrics import Metrics
from gateway.store.base import Store
from gateway.store.record import ALONE, FileClaim, FileSettlement
from gateway.store.trying import FILE, Try
from gateway.work import Bug, once_awaited
from normalizer.complaint import decode

#: files in hand at once, and for how long; how often it is looked for more, in seconds
AT_ONCE, LEASE_S, ROUND_S = 4, 300.0, 1.0


class Bringing:
    """Tries of files at one ledger."""

    def __init__(self, store: Store, ledger: Filing, enclosures: Enclosures, *, name: str, metrics: Metrics, journal: Journal) -> None:
        """`name` is the ledger's."""
        self._store, self._ledger, self._enclosures = store, ledger, enclosures
        self._name, self._metrics, self._journal = name, metrics, journal

    async def attempt(self, claim: FileClaim) -> None:
        """Bring it, and settle."""
        tried = await once_awaited(self._tried(claim))
        settlement = FileSettlement(claim=claim, step="parked", code="bug", words=tried.words) if isinstance(tried, Bug) else tried
        if await self._store.settle_file(settlement):
            outcome = settlement.code or settlement.step if settlement.step != "send" else "retried"
            self._metrics.files[self._name, outcome] += 1
            if settlement.step == "parked":
                case = claim.case
                self._journal.trouble("file_parked", case=case.case_id, channel=case.arrival.channel, why=settlement.code)

    async def _tried(self, claim: FileClaim) -> FileSettlement:
        complaint = decode(claim.record) if claim.record else None
        if complaint is None or claim.number > len(complaint.attachments):
            return FileSettlement(claim=claim, step="parked", code="gone")
        found = await self._enclosures.get(claim.case, complaint, claim.number)
        if isinstance(found, str):
            return FileSettlement(claim=claim, step="parked", code=found)
        most = self._ledger.largest_file
        fitting = found if len(found.content) <= most else await self._enclosures.smaller(found, most)
        if fitting is None:
            linked = complaint.attachments[claim.number - 1].url
            return FileSettlement(claim=claim, step="sent" if linked else "parked", code="linked" if linked else "too_large")
        return await self._brought(claim, fitting)

    async def _brought(self, claim: FileClaim, file: Attachment) -> FileSettlement:
        case, began = claim.case, datetime.now(UTC)
        try:
            await self._ledger.file(
                File(reference=case.reference, number=claim.number, name=file.name, media_type=file.media_type, content=file.content)
            )
        except (Refused, Unavailable) as failure:
            outcome = judge(failure, attempts=claim.attempts, jitter=random.random())
            if isinstance(outcome, Retry):
                due = datetime.now(UTC) + timedelta(seconds=outcome.delay_s)
                return _tried(FileSettlement(claim=claim, step="send", due=due, code=outcome.code), began, failure.said)
            words = failure.words if isinstance(failure, Refused) else ""
            return _tried(FileSettlement(claim=claim, step="parked", code=failure.code, words=words), began, failure.said)
        return _tried(FileSettlement(claim=claim, step="sent"), began)


def _tried(settlement: FileSettlement, began: datetime, said: str = "") -> FileSettlement:
    """With a record of the call, unless it went well at the first go."""
    claim, took_s = settlement.claim, (datetime.now(UTC) - began).total_seconds()
    if claim.attempts <= 1 and settlement.step == "sent":
        return settlement
    of = f"{FILE}{claim.number}"
    tried = Try(of=of, nth=claim.attempts, at=began, took_s=took_s, step=settlement.step, code=settlement.code, said=said)
    return msgspec.structs.replace(settlement, tried=tried)


async def bring(store: Store, bringing: Bringing, ledgers: Sequence[str] = ALONE) -> None:
    """Work off the files of these ledgers' cases until cancelled; one that is in hand then is brought again when its lease ends."""
    while True:
        try:
            claims = await store.claim_files(AT_ONCE, LEASE_S, ledgers=ledgers)
            await asyncio.gather(*map(bringing.attempt, claims))
        except Unavailable:
            claims = ()
        if not claims:
            await asyncio.sleep(ROUND_S)
