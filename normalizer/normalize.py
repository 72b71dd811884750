"""From a message to the canonical record, step by step (design §5).

In: an `InboundMessage`, the identity and the reference that intake gave the case, the rules. Out: a `Complaint`. It never raises
for anything that a citizen wrote, and never alters a word of it; languages, classes, places and duplicates are not yet inferred.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Final, get_args

from channels.base import InboundMessage
from normalizer import address, given, keyword, related, title
from normalizer.complaint import AttachmentNote, Candidate, Classification, Complaint, Flag, Inferred, Location, Oversight
from normalizer.keyword import Opening
from normalizer.rules import Rules
from normalizer.text import scrub

_KNOWN: Final[dict[str, Flag]] = {flag: flag for flag in get_args(Flag)}

#: nothing said; one of each for all records, since they are frozen
_NO_CLASS: Final[Inferred[Classification]] = Inferred()
_NO_OVERSIGHT: Final[Inferred[Oversight]] = Inferred()
_NO_WORDS: Final[Inferred[str]] = Inferred()
_NO_PLACE: Final[Inferred[Location]] = Inferred()


def normalize(message: InboundMessage, *, case_id: str, reference: str, rules: Rules) -> Complaint:
    """The same input gives the same record. `message.received_at` and `sent_at` are aware."""
    fields = message.fields
    text = scrub(message.text)
    opening = keyword.read(text, rules.keywords)
    heading = _title(message, text[opening.body :])
    return Complaint(
        reference=reference,
        case_id=case_id,
        channel=message.channel,
        source_id=scrub(message.source_id),
        received_at=_utc(message.received_at),
        sent_at=_utc(message.sent_at) if message.sent_at else None,
        reporter=address.reporter(message, rules.channels.get(message.channel, ""), given.words(fields, "name") if fields else ""),
        privacy=given.privacy(fields) if fields else "terbuka",
        text=text,
        title=heading,
        classification=given.classification(fields) if fields else _NO_CLASS,
        oversight=_NO_OVERSIGHT,
        incident_date=_incident_date(message, rules.timezone),
        location=_location(message, opening),
        agency=_agency(message, opening),
        category=given.phrase(fields, "category") if fields else _NO_WORDS,
        language=_NO_WORDS,
        attachments=tuple(AttachmentNote(name=scrub(a.name), media_type=scrub(a.media_type), size=a.size) for a in message.attachments),
        related=related.quoted(f"{scrub(message.subject)}\n{text}" if message.subject else text, reference),
        flags=_flags(message, undecodable=text != message.text, silent=heading.value is None),
    )


def _utc(moment: datetime) -> datetime:
    """In UTC, as every time of the record."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _title(message: InboundMessage, body: str) -> Inferred[str]:
    """The citizen's own, or the subject, or the first words."""
    if message.fields and (written := title.from_line(given.words(message.fields, "title"))):
        return given.given(written)
    if message.subject and (written := title.from_line(scrub(message.subject))):
        return given.given(written, "subject")
    if words := title.from_words(body):
        return Inferred(value=words, provenance="derived", rule="first_words", confidence=0.5)
    return _NO_WORDS


def _incident_date(message: InboundMessage, timezone: tzinfo) -> Inferred[date]:
    """The day that was given; else the day on which the message came, which is a guess and says so."""
    if message.fields and (day := given.incident_date(message.fields)).value is not None:
        return day
    return Inferred(value=message.received_at.astimezone(timezone).date(), provenance="assumed", rule="received_date", confidence=0.3)


def _agency(message: InboundMessage, opening: Opening) -> Inferred[str]:
    """What was given, else what the keyword stands for: whoever wrote it chose it."""
    if message.fields and (agency := given.phrase(message.fields, "agency")).value is not None:
        return agency
    if opening.keyword and opening.keyword.agency:
        return given.given(opening.keyword.agency, f"keyword:{opening.word}")
    return _NO_WORDS


def _location(message: InboundMessage, opening: Opening) -> Inferred[Location]:
    """The words that were given and the keyword's region as a candidate; no code, because a keyword speaks for one level only."""
    said = given.location(message.fields) if message.fields else _NO_PLACE
    if not opening.keyword or not opening.keyword.region:
        return said
    region = opening.keyword.region
    candidate = Candidate(code=region, name=opening.keyword.place, levels=(given.LEVELS[len(region)],), evidence="keyword")
    if said.value is not None:
        both = (*said.value.candidates, candidate)
        return given.given(Location(text=said.value.text, candidates=both, code=said.value.code))
    place = Location(candidates=(candidate,))
    return Inferred(value=place, provenance="derived", rule=f"keyword:{opening.word}", confidence=0.5)


def _flags(message: InboundMessage, *, undecodable: bool, silent: bool) -> tuple[Flag, ...]:
    """What the channel noticed, then what we noticed, each once; a word that the record does not know stays with the message."""
    if not (message.flags or undecodable or silent):
        return ()
    noticed = [*message.flags, *(["undecodable"] if undecodable else []), *(["needs_clarification"] if silent else [])]
    return tuple(_KNOWN[flag] for flag in dict.fromkeys(noticed) if flag in _KNOWN)
