"""Personal data in the text: was each stretch of it covered, and does each span cover some.

In: a labelled message and its record. Out: a verdict for each stretch and each span. Covered is what counts, under whatever kind: it is
masked all the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evaluation.messages import Labelled
from normalizer.complaint import Complaint, Span


@dataclass(frozen=True, slots=True)
class SpanVerdict:
    """A stretch that was wanted (`said` is 0), or a span that was said (`wanted` is 0)."""

    kind: str
    text: str
    said: int = 0
    right: int = 0
    wanted: int = 0
    found: int = 0


def verdicts(one: Labelled, record: Complaint) -> Iterator[SpanVerdict]:
    """First what should be covered, then what is. A span upon what may be masked and need not be counts neither way."""
    covered = _positions(record.pii)
    for kind, stretch in one.label.pii:
        start = one.text.index(stretch)
        yield SpanVerdict(kind, stretch, wanted=1, found=int(covered.issuperset(range(start, start + len(stretch)))))
    wanted, maybe = _stretches(one.text, one.label.pii), _stretches(one.text, one.label.pii_maybe)
    for span in record.pii:
        own = set(range(span.start, span.end))
        if own & wanted or not own & maybe:
            yield SpanVerdict(span.kind, one.text[span.start : span.end], said=1, right=int(bool(own & wanted)))


def _positions(spans: Sequence[Span]) -> set[int]:
    return {at for span in spans for at in range(span.start, span.end)}


def _stretches(text: str, stretches: Sequence[tuple[str, str]]) -> set[int]:
    """Where they stand; the same words twice are meant each time."""
    found: set[int] = set()
    for _, stretch in stretches:
        start = text.find(stretch)
        while start >= 0:
            found.update(range(start, start + len(stretch)))
            start = text.find(stretch, start + 1)
    return found
