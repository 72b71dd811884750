"""A mail, read.

In: the raw bytes of an arrival, our server's block above them. Out: a `Mail`, a file of it, or the message for the gateway. Pure and
total: whatever the bytes are, `read` returns, in time that grows with their length and no faster. Only `message` raises, ValueError,
when there is nothing at all to read.

`journey` reads our block, `structure` finds the parts, `content` reads text and files, `robots` and `dsn` tell who wrote, `quotes` finds
the new words; everything here follows from the bytes alone, so that it can be had again from a stored arrival at any time.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import msgspec

from channels.base import Arrival, Attachment, Enclosure, InboundMessage, Receipt
from channels.email import address, dsn, fields, journey, quotes, robots
from channels.email.charset import clean
from channels.email.content import read_content
from channels.email.dsn import Notification
from channels.email.structure import Node, read_structure

#: RFC 5322 §2.1.1: a line has 998 octets; a chain of ids that is longer is cut in its middle (§3.6.4 wants the first and the last)
_MOST_REFERENCES = 20
_LONGEST_DATE = 100
_MOST_FROMS = 5
_REPLY = re.compile(r"\s*(?:re|bls|balas)\s*:", re.IGNORECASE)


class Mail(msgspec.Struct, frozen=True, kw_only=True):
    """What a mail says. What is missing or unreadable is empty."""

    envelope_from: str = ""
    envelope_to: tuple[str, ...] = ()
    client_ip: str = ""
    helo: str = ""
    #: safe to write to; the domain in lower case
    from_address: str = ""
    from_name: str = ""
    subject: str = ""
    #: with its brackets, as all ids here
    message_id: str = ""
    in_reply_to: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    #: aware, in UTC
    date: datetime | None = None
    #: the whole text; lines end in LF
    body: str = ""
    #: without quotes and signature; for summaries only
    new_text: str = ""
    enclosures: tuple[Enclosure, ...] = ()
    #: what kind of machine wrote it (`robots.judge`); empty for a person
    robot: str = ""
    #: why nobody may be answered; empty when somebody may
    silent: str = ""
    notification: Notification | None = None
    #: words for what was wrong with it
    defects: tuple[str, ...] = ()


class Own(msgspec.Struct, frozen=True, kw_only=True):
    """Who we are, by which our own mail is known when it comes back."""

    #: in lower case
    addresses: frozenset[str] = frozenset()
    #: the domains in the Message-IDs of our letters, in lower case
    id_domains: frozenset[str] = frozenset()

    def wrote(self, mail: Mail) -> bool:
        """True for a letter of ours. From alone can be written by anybody, and a Message-ID is copied into answers."""
        return self.is_us(mail.from_address) and self.made(mail.message_id)

    def is_us(self, mailbox: str) -> bool:
        """True with +something behind the name, too: mail to it comes here."""
        local, _, domain = mailbox.lower().rpartition("@")
        return not self.addresses.isdisjoint({f"{local}@{domain}", f"{local.partition('+')[0]}@{domain}"})

    def made(self, message_id: str) -> bool:
        return message_id.removesuffix(">").rpartition("@")[2].lower() in self.id_domains


def read(raw: bytes) -> Mail:
    """The mail under our server's block; without one, everything is the mail."""
    octets, trace, root = _opened(raw)
    content = read_content(octets, root)
    sender, name, defects = _author(root)
    subject = fields.text(fields.first(root.fields, "subject"))
    null_sender = trace is not None and not trace.mail_from
    judgement = robots.judge(robots.Seen(root, null_sender, sender or (clean(trace.mail_from) if trace else ""), subject))
    return Mail(
        envelope_from=clean(trace.mail_from) if trace else "",
        envelope_to=tuple(map(clean, trace.recipients)) if trace else (),
        client_ip=trace.ip if trace else "",
        helo=trace.helo if trace else "",
        from_address=sender,
        from_name=name,
        subject=subject,
        message_id=next(iter(fields.ids(root.fields, "message-id")), ""),
        in_reply_to=tuple(fields.ids(root.fields, "in-reply-to")),
        references=tuple(fields.ids(root.fields, "references")),
        date=_date(fields.first(root.fields, "date")),
        body=content.text,
        new_text=quotes.new_text(content.text),
        enclosures=tuple(Enclosure(name=file.name, media_type=file.media_type, size=len(file.content)) for file in content.files),
        robot=judgement.robot,
        silent=judgement.silent,
        notification=dsn.read_notification(octets, root, content.text) if judgement.robot == "bounce" else None,
        defects=tuple(dict.fromkeys((*defects, *root.defects(), *content.defects))),
    )


def content(raw: bytes, number: int) -> Attachment | None:
    """The file with this number among `Mail.enclosures`, from 0; None when there is none."""
    octets, _, root = _opened(raw)
    files = read_content(octets, root).files
    return files[number] if 0 <= number < len(files) else None


def message(arrival: Arrival, own: Own) -> InboundMessage:
    """What a citizen sent, or a robot. Raises ValueError when it has neither text nor subject nor file."""
    mail = read(arrival.raw)
    if not (mail.body.strip() or mail.subject or mail.enclosures):
        raise ValueError("a mail without text, subject and files")
    robot, silent = _judged(mail, own)
    sender = mail.from_address or address.valid(mail.envelope_from)
    answers = tuple(dict.fromkeys(each for each in (*mail.in_reply_to, *reversed(mail.references)) if own.made(each)))
    return InboundMessage(
        channel=arrival.channel,
        source_id=arrival.source_id,
        sender=sender.lower(),  # one person, though telephones write Budi@ where the webmail writes budi@; answers go where it was written
        text=mail.body,
        received_at=arrival.received_at,
        sent_at=mail.date,
        subject=mail.subject,
        attachments=mail.enclosures,
        reply_to=_reply_to(mail, sender) if sender and not silent else {},
        fields={"name": mail.from_name} if mail.from_name else {},
        flags=("undecodable",) if "undecodable" in mail.defects else (),
        extras=_extras(mail, silent, answers_us=bool(answers)),
        answers=answers,
        goes_to="declined" if robot else "submit",
        why=robot,
        receipts=_receipts(arrival, mail.notification, own),
    )


def _opened(raw: bytes) -> tuple[bytes, journey.Trace | None, Node]:
    """The bytes in which the parts have their places, the envelope if there is one, and the parts."""
    try:
        trace, start = journey.read(raw)
    except ValueError:
        trace, start = None, 0
    octets = raw
    if b"\n" not in raw[start:]:  # an old Macintosh, or a program that knows no better
        octets = raw[:start] + raw[start:].replace(b"\r", b"\n")
    return octets, trace, read_structure(octets, start)


def _author(root: Node) -> tuple[str, str, tuple[str, ...]]:
    """Address and name of the first who is named in From. RFC 5322 §3.6.2 wants one field; a second one is a disguise or a fault."""
    values = root.fields.get("from", [])
    found = [mailbox for value in values[:_MOST_FROMS] for mailbox in address.mailboxes(value)]
    defects = ("several_from",) if len(values) > 1 or len(found) > 1 else ()
    if not found:
        return "", "", ("from_unreadable" if values else "from_missing",)
    return found[0].address, found[0].name, defects


def _date(value: bytes) -> datetime | None:
    said = fields.text(value)[:_LONGEST_DATE]
    try:
        date = parsedate_to_datetime(said)
        return (date if date.tzinfo else date.replace(tzinfo=UTC)).astimezone(UTC)  # RFC 5322 §3.3: -0000 is UTC
    except (ValueError, TypeError, LookupError, OverflowError):
        return None


def _judged(mail: Mail, own: Own) -> tuple[str, str]:
    """Robot and silence, now that we know who we are."""
    if mail.robot != "bounce" and own.wrote(mail):
        return "own_mail", "own_mail"
    answers_us = any(own.made(each) for each in mail.in_reply_to)
    if not mail.robot and answers_us and robots.is_away(mail.subject):
        return "out_of_office", "out_of_office"  # at once an answer to our answer, and a subject that programs write
    return mail.robot, mail.silent or ("own_address" if own.is_us(mail.from_address) else "")


def _reply_to(mail: Mail, sender: str) -> dict[str, str]:
    """`references` are those of the answer, its parent's id at their end (RFC 5322 §3.6.4)."""
    chain = [*(mail.references or mail.in_reply_to[:1]), *([mail.message_id] if mail.message_id else [])]
    chain = list(dict.fromkeys(chain))
    if len(chain) > _MOST_REFERENCES:
        chain = [chain[0], *chain[1 - _MOST_REFERENCES :]]
    return {"to": sender, "message_id": mail.message_id, "references": " ".join(chain), "subject": mail.subject}


def _extras(mail: Mail, silent: str, *, answers_us: bool) -> dict[str, str]:
    new = mail.new_text if mail.new_text != mail.body.strip() else ""
    if not new and answers_us and _REPLY.match(mail.subject):
        new = quotes.quoted(mail.body)  # sent without a word: what is quoted is our letter, and above it stands the sender's address
    extras = {
        "new_text": new,
        "message_id": mail.message_id,
        "in_reply_to": " ".join(mail.in_reply_to),
        "envelope_from": mail.envelope_from,
        "no_answer": silent,
        "defects": " ".join(mail.defects),
    }
    return {name: said for name, said in extras.items() if said}


def _receipts(arrival: Arrival, notification: Notification | None, own: Own) -> tuple[Receipt, ...]:
    """Of a letter that we wrote; the sender of a notification is nobody, but only who got the letter knows its id."""
    letter = next((each for each in notification.message_ids if own.made(each)), "") if notification else ""
    if notification is None or not letter:
        return ()
    ids = (letter, letter[1:-1])
    return (
        Receipt(channel=arrival.channel, provider_ids=ids, state=notification.state, words=notification.status, at=arrival.received_at),
    )
