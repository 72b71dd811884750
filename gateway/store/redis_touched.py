"""Which queues a batch of jobs may have filled, so that those who wait for them look at once, here and in other processes.

In: jobs, as they are sent. Out: queues, and words for the other processes. It reads no answer: to look in vain costs a few microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from gateway.store.jobs import NEW, Jobs, Queue, Want

#: the words for every queue of a kind
ALL: Final = "*"
#: acts that fill none, and are done every moment by somebody
LOOKS: Final = frozenset(
    {"look", "tally", "unanswered", "recall", "latest", "held", "lease", "claim_files", "settle_file", "wanted", "quiet", "shrink"}
)


class Touched(NamedTuple):
    """Queues; one whose name is ALL stands for all of its kind."""

    queues: frozenset[Queue]

    def has(self, queue: Queue) -> bool:
        """It may have been filled."""
        return queue in self.queues or Queue(queue.kind, ALL) in self.queues

    def concerns(self, want: Want) -> bool:
        """Whoever waits there may find something."""
        return any(map(self.has, want.queues))

    def without(self, wants: Sequence[Want]) -> Touched:
        """What nobody of these waits for."""
        here = {queue for want in wants for queue in want.queues}
        return Touched(frozenset(queue for queue in self.queues if queue not in here))

    def words(self) -> str:
        """For `read`."""
        return "\n".join(f"{kind} {name}" for kind, name in sorted(self.queues))


ANY_CASE: Final = Queue("cases", ALL)


def read(words: str) -> Touched:
    """What another process has said; what it cannot have said is passed over."""
    said = (line.partition(" ") for line in words.split("\n"))
    return Touched(frozenset(Queue("cases" if kind == "cases" else "letters", name) for kind, _, name in said))


def by(jobs: Jobs) -> Touched:
    """What these jobs may have filled."""
    return Touched(frozenset(_queues(jobs)))


def _queues(jobs: Jobs) -> Iterable[Queue]:
    if jobs.puts or any(move.news for move in jobs.moves):
        yield NEW
    if jobs.parts or any(move.parts for move in jobs.moves) or any(receipt.state == "failed" for receipt in jobs.receipts):
        yield ANY_CASE
    if any(act is not None and act.script not in LOOKS for act in jobs.acts):
        yield from (ANY_CASE, Queue("letters", ALL))
    for settled in jobs.settled:
        if settled.asks or settled.adds:
            yield ANY_CASE
        yield Queue("cases", settled.claim.case.ledger if settled.ledger is None else settled.ledger)
        yield from (Queue("letters", letter.channel) for letter in settled.letters)
    for sent in jobs.sent:
        yield Queue("letters", sent.claim.letter.channel)
        if sent.claim.letter.kind == "ask":
            yield ANY_CASE
