"""From a message to the canonical record, step by step (design §5).

In: an `InboundMessage`, the identity and the reference that intake gave the case, the rules. Out: a `Complaint`. It never raises
for anything that a citizen wrote, and never alters a word of it; duplicates are looked for elsewhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, tzinfo
from typing import Final

from channels.base import InboundMessage, unnamed
from normalizer import address, care, clarify, classify, given, keyword, pii, place, related, title, wish
from normalizer.complaint import AttachmentNote, Complaint, Inferred
from normalizer.keyword import Opening
from normalizer.mask import mask
from normalizer.privacy import anonymous, privacy
from normalizer.reading import LONGEST, Reading, read
from normalizer.rules import Rules
from normalizer.text import scrub
from normalizer.weigh import Findings, weigh

#: nothing said; one of each for all records, since they are frozen
_NO_WORDS: Final[Inferred[str]] = Inferred()


def normalize(message: InboundMessage, *, case_id: str, reference: str, rules: Rules) -> Complaint:
    """The same input gives the same record. `message.received_at` and `sent_at` are aware."""
    fields = message.fields
    text = scrub(message.text)
    opening = keyword.read(text, rules.keywords)
    added = wish.addition(text, opening.body)
    reading = read(text[:LONGEST], rules.abbreviations)
    personal = pii.find(reading)
    heading = _title(message, mask(reading.verbatim, personal, added.body))
    findings = _findings(message, reading, opening, rules)
    kind, subject = classify.classification(fields, findings), classify.category(fields, findings)
    location = place.location(message, reading, opening, rules)
    open_to, because = privacy(fields, findings)
    nobody = anonymous(open_to, because, findings)
    quoting = f"{scrub(message.subject)}\n{reading.verbatim}" if message.subject else reading.verbatim
    links = related.quoted(quoting, reference, added.to)
    ask = clarify.question(
        silent=heading.value is None or not clarify.said(reading.words, attachments=len(message.attachments)),
        # a complaint that goes on with another one is where that one is
        needs_place=kind.value == "pengaduan"
        and not links
        and subject.value not in rules.rulebook.placeless
        and not clarify.placed(reading, location.value)
        and not clarify.enclosed(reading.words, attachments=len(message.attachments)),
        found=findings,
    )
    return Complaint(
        reference=reference,
        case_id=case_id,
        channel=message.channel,
        source_id=scrub(message.source_id),
        received_at=_utc(message.received_at),
        sent_at=_utc(message.sent_at) if message.sent_at else None,
        reporter=address.reporter(message, rules.channels.get(message.channel, ""), given.words(fields, "name") if fields else ""),
        privacy=open_to,
        privacy_rule=because,
        anonymous=nobody,
        text=text,
        title=heading,
        classification=kind,
        oversight=classify.oversight(kind, findings),
        incident_date=_incident_date(message, rules.timezone),
        location=location,
        agency=classify.agency(_agency(message, opening), subject, findings, rules.rulebook),
        category=subject,
        language=rules.languages.of(reading),
        attachments=_files(message, bare=nobody),
        related=links,
        flags=care.flags(message.flags, findings, undecodable=text != message.text, unclear=bool(ask)),
        ask=ask,
        pii=personal,
    )


def _files(message: InboundMessage, *, bare: bool) -> tuple[AttachmentNote, ...]:
    """`bare`: who asked for no name is not named by a file either."""
    named = [(unnamed(a.name, number) if bare else a.name, a) for number, a in enumerate(message.attachments, 1)]
    return tuple(AttachmentNote(name=scrub(name), media_type=scrub(a.media_type), size=a.size) for name, a in named)


def _utc(moment: datetime) -> datetime:
    """In UTC, as every time of the record."""
    return moment if moment.tzinfo is UTC else moment.astimezone(UTC)


def _title(message: InboundMessage, body: str) -> Inferred[str]:
    """The citizen's own, or the subject, or the first words."""
    if message.fields and (written := title.from_line(given.words(message.fields, "title"))):
        return given.given(written)
    if (subject := message.subject and scrub(message.subject)) and (written := title.from_line(subject[wish.addition(subject).body :])):
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


def _findings(message: InboundMessage, reading: Reading, opening: Opening, rules: Rules) -> Findings:
    """What the rules say of the text, and of the title that a mail or a form has besides."""
    written = message.subject or message.fields.get("title", "")
    texts = [(reading, opening.body)]
    return weigh(rules.rulebook, [*texts, (read(scrub(written), rules.abbreviations), 0)] if written else texts)
