"""What the record says, held against the label, field by field.

In: labelled messages and the records that the normalizer made of them. Out: a tally for each field, door, language and trap, and the
misses in words. It changes nothing and knows no rule of the normalizer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from evaluation import spans
from evaluation.messages import Label, Labelled
from evaluation.tally import Tally
from normalizer.complaint import Complaint

FLAGS: Final = ("emergency", "whistleblowing", "abusive", "spam_suspect", "test", "needs_clarification")
#: given by a form or an API, so nothing was inferred
GIVEN: Final = "given"


@dataclass(frozen=True, slots=True)
class Miss:
    """What went wrong with one message."""

    name: str
    field: str
    wanted: str
    seen: str


@dataclass(slots=True)
class Sheet:
    """The tallies: by field and value, by door, by language, by trap."""

    fields: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    doors: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    languages: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    traps: dict[tuple[str, str], Tally] = field(default_factory=lambda: defaultdict(Tally))
    misses: list[Miss] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Verdict:
    """One answer: which field and value it belongs to, what would have been right, what was said."""

    field: str
    value: str
    accepted: tuple[str | None, ...]
    seen: str | None


def scored(pairs: Sequence[tuple[Labelled, Complaint]]) -> Sheet:
    """Everything about all of them."""
    sheet = Sheet()
    for one, record in pairs:
        for verdict in verdicts(one.label, record):
            _enter(sheet, one, verdict)
        for span in spans.verdicts(one, record):
            _enter_span(sheet, one, span)
    return sheet


def verdicts(label: Label, record: Complaint) -> Iterator[Verdict]:
    """The single answers of one record."""
    yield from _place(label, record)
    yield from _classification(label, record)
    yield from _oversight(label, record)
    if label.classification and record.category.provenance != GIVEN:
        accepted = label.category or (None,)
        yield Verdict("category", "", accepted, _folded(record.category.value))
    yield from _flags(label, record)
    asked = record.ask or None
    for ask in ("place", "text"):
        yield Verdict("ask", ask, _either(ask, label.ask), ask if asked == ask else None)
    for privacy in ("anonim", "rahasia"):
        yield Verdict("privacy", privacy, _either(privacy, label.privacy), privacy if record.privacy == privacy else None)
    yield from _language(label, record)
    yield from _quoted(label, record)


def _place(label: Label, record: Complaint) -> Iterator[Verdict]:
    """A region above the right one is no mistake (nothing in it is wrong), but not found either."""
    code = record.location.value.code if record.location.value else None
    if label.place is None:
        accepted: tuple[str | None, ...] = (None,)
    else:
        accepted = (label.place,) if label.enough else (label.place, None)
    yield Verdict("place", "", accepted, code)


def _classification(label: Label, record: Complaint) -> Iterator[Verdict]:
    if not label.classification or record.classification.provenance == GIVEN:
        return
    for value in ("pengaduan", "aspirasi", "permintaan_informasi"):
        yield Verdict(
            "classification", value, _either(value, label.classification), value if record.classification.value == value else None
        )


def _oversight(label: Label, record: Complaint) -> Iterator[Verdict]:
    for value in ("berkadar", "tidak_berkadar"):
        yield Verdict("oversight", value, _either(value, label.oversight), value if record.oversight.value == value else None)


def _flags(label: Label, record: Complaint) -> Iterator[Verdict]:
    for flag in FLAGS:
        accepted = (flag, None) if flag in label.maybe else (flag,) if flag in label.flags else (None,)
        yield Verdict("flag", flag, accepted, flag if flag in record.flags else None)


def _language(label: Label, record: Complaint) -> Iterator[Verdict]:
    for language in ("id", "jv", "su", "en"):
        yield Verdict("language", language, _either(language, label.language), language if record.language.value == language else None)


def _quoted(label: Label, record: Complaint) -> Iterator[Verdict]:
    seen = {link.id for link in record.related if link.kind == "follow_up"}
    for quoted in sorted(seen | set(label.quoted)):
        yield Verdict("related", "follow_up", (quoted,) if quoted in label.quoted else (None,), quoted if quoted in seen else None)


def _either(value: str, accepted: Sequence[str | None]) -> tuple[str | None, ...]:
    """For one value of several: it alone, not at all, or both as good."""
    if value not in accepted:
        return (None,)
    return (value,) if len(accepted) == 1 else (value, None)


def _folded(category: str | None) -> str | None:
    return " ".join(category.split()) if category else None


def _enter(sheet: Sheet, one: Labelled, verdict: Verdict) -> None:
    above = _above(verdict)
    tallies = [sheet.fields[verdict.field, verdict.value], *_slices(sheet, one, verdict.field, verdict.value)]
    for tally in tallies:
        if above:
            tally.add(said=1, right=1, wanted=None not in verdict.accepted)
        else:
            tally.count(verdict.accepted, verdict.seen)
    if verdict.seen not in verdict.accepted:
        wanted = " | ".join(value or "-" for value in verdict.accepted)
        sheet.misses.append(Miss(one.id, f"{verdict.field} {verdict.value}".strip(), wanted, verdict.seen or "-"))


def _above(verdict: Verdict) -> bool:
    label = verdict.accepted[0]
    return verdict.field == "place" and verdict.seen is not None and label is not None and label.startswith(verdict.seen + ".")


def _slices(sheet: Sheet, one: Labelled, name: str, value: str) -> list[Tally]:
    title = f"{name} {value}".strip()
    language = one.label.language[0] or "mixed"
    return [sheet.doors[title, one.channel], sheet.languages[title, language], *(sheet.traps[title, trap] for trap in one.traps)]


def _enter_span(sheet: Sheet, one: Labelled, span: spans.SpanVerdict) -> None:
    for tally in (sheet.fields["pii", span.kind], sheet.fields["pii", "all"], *_slices(sheet, one, "pii", "all")):
        tally.add(said=span.said, right=span.right, wanted=span.wanted, found=span.found)
    if span.wanted > span.found or span.said > span.right:
        sheet.misses.append(Miss(one.id, f"pii {span.kind}", span.text if span.wanted else "-", "-" if span.wanted else span.text))
