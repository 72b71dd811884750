"""One complaint as the form, the API or Open311 handed it in, on its way to the inbox.

In: words and files that a door has read. Out: faults by field, or an arrival whose `raw` is the submission as canonical JSON
(`channels.web.reading.Kept`) and whose files are cleaned. It never keeps a name or a contact of somebody who asked to stay anonymous:
they are gone before the arrival is made.

The identity of a submission is its idempotency key *and* what it says. The same key with the same words is the same complaint, and is
answered with the same reference; the same key with other words is another complaint. A key alone would not do: keys come from strangers,
and two who both send `1` would be given each other's references, and one complaint would be lost.
"""

from __future__ import annotations

import asyncio
import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import blake2b
from typing import Final, Literal

import msgspec

from channels.base import Accepted, Arrival, Attachment, unnamed
from channels.web.desk import Desk
from channels.web.faults import Invalid
from channels.web.reading import Kept, KeptFile

__all__ = ["Invalid", "Submission", "Via", "arrival", "check", "from_fields", "receive"]

Via = Literal["form", "api", "open311"]

CLASSIFICATIONS: Final = ("pengaduan", "aspirasi", "permintaan_informasi")
PRIVACIES: Final = ("terbuka", "anonim", "rahasia")
#: characters; the longest of 12,530 complaints of one city had 8,471
LENGTHS: Final = {"text": 20_000, "title": 200, "location": 500, "agency": 200, "name": 100, "contact": 100, "key": 255}
#: what the form insists on (LAPOR!'s own does); a location is a place in words or a region
FORM_REQUIRED: Final = ("classification", "title", "text", "incident_date", "location")
#: extras that say who it is
IDENTITY: Final = frozenset({"phone"})

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_PHONE = re.compile(r"[(+]{0,2}[0-9][0-9 ().\-/]{4,30}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """Words as they were written; what was not given is empty. `files` are cleaned already.

    `anonymous` is for somebody who asks for anonim and rahasia both: privacy is then `rahasia`, and the name is dropped all the same.
    """

    via: Via
    text: str
    classification: str = ""
    title: str = ""
    incident_date: str = ""
    location: str = ""
    #: Kemendagri's code of a province, kabupaten or kota
    region: str = ""
    agency: str = ""
    category: str = ""
    name: str = ""
    #: a telephone number or a mail address
    contact: str = ""
    #: one of PRIVACIES; empty when nothing was chosen, which leaves it to what the words tell
    privacy: str = ""
    anonymous: bool = False
    #: the idempotency key; empty when each request is a complaint of its own
    key: str = ""
    files: tuple[Attachment, ...] = ()
    #: what a protocol says beside all that and is noted with the message: lat, long, media_url …
    extras: tuple[tuple[str, str], ...] = ()


def from_fields(
    fields: Mapping[str, str], files: tuple[Attachment, ...] = (), *, via: Via, extras: Mapping[str, str] | None = None
) -> Submission:
    """Of a form: `anonim` and `rahasia` are checkboxes, or `privacy` is one of three. Space at both ends of a line field is no word."""

    def line(name: str) -> str:
        return " ".join(fields.get(name, "").split())

    anonim, rahasia = bool(fields.get("anonim")), bool(fields.get("rahasia"))
    privacy = "rahasia" if rahasia else "anonim" if anonim else line("privacy")
    return Submission(
        via=via,
        # a browser writes CRLF for every end of line (HTML §4.10.22.4)
        text=fields.get("text", "").replace("\r\n", "\n").strip(),
        classification="_".join(line("classification").lower().replace("-", " ").replace("_", " ").split()),
        title=line("title"),
        incident_date=line("incident_date"),
        location=line("location"),
        region=line("region"),
        agency=line("agency"),
        category=line("category"),
        name=line("name"),
        contact=line("contact"),
        privacy=privacy.lower(),
        anonymous=anonim or privacy.lower() == "anonim",
        key=fields.get("key", "").strip(),
        files=files,
        extras=tuple((extras or {}).items()),
    )


def check(submission: Submission, today: date, desk: Desk) -> None:
    """Raises Invalid with every fault at once. The form insists on more than the API, because an app may know less."""
    faults: dict[str, str] = {}
    for name in FORM_REQUIRED if submission.via == "form" else ("text",):
        if not getattr(submission, name) and not (name == "location" and submission.region):
            faults[name] = "missing"
    for name, most in LENGTHS.items():
        if len(getattr(submission, name)) > most:
            faults[name] = "too_long"
    if submission.incident_date:
        faults |= _day(submission.incident_date, today)
    chosen = {"classification": CLASSIFICATIONS, "privacy": PRIVACIES}
    faults |= {name: "unknown" for name, words in chosen.items() if (said := getattr(submission, name)) and said not in words}
    if submission.region and not desk.regions.known(submission.region):
        faults["region"] = "unknown"
    if submission.category and desk.categories.find(submission.category) is None:
        faults["category"] = "unknown"
    if submission.contact and not submission.anonymous and not _reachable(submission.contact):
        faults.setdefault("contact", "not_a_contact")
    if faults:
        raise Invalid(faults)


def _day(written: str, today: date) -> dict[str, str]:
    if not _DAY.fullmatch(written):
        return {"incident_date": "not_a_date"}
    try:
        return {"incident_date": "in_future"} if date.fromisoformat(written) > today else {}
    except ValueError:
        return {"incident_date": "not_a_date"}


def _reachable(contact: str) -> bool:
    return bool(_MAIL.fullmatch(contact) or _PHONE.fullmatch(contact))


def arrival(channel: str, submission: Submission, now: datetime, desk: Desk) -> Arrival:
    """What is kept of a submission that has been checked."""
    if submission.anonymous or submission.privacy == "anonim":
        extras = tuple((name, value) for name, value in submission.extras if name not in IDENTITY)
        submission = replace(submission, name="", contact="", extras=extras, files=_nameless(submission.files))
    category = desk.categories.find(submission.category) if submission.category else None
    kept = Kept(
        via=submission.via,
        text=submission.text,
        classification=submission.classification,
        title=submission.title,
        incident_date=submission.incident_date,
        location=submission.location,
        region=submission.region,
        place=desk.regions.name(submission.region) if submission.region else "",
        agency=submission.agency,
        category=category.name if category else "",
        name=submission.name,
        contact=submission.contact,
        privacy=submission.privacy,
        extras=dict(submission.extras),
        files=tuple(
            KeptFile(
                name=one.name, media_type=one.media_type, size=len(one.content), digest=blake2b(one.content, digest_size=16).hexdigest()
            )
            for one in submission.files
        ),
    )
    raw = msgspec.json.encode(kept)
    identity = (
        blake2b(submission.key.encode("utf-8", "surrogateescape") + b"\0" + raw, digest_size=16).hexdigest()
        if submission.key
        else uuid.uuid4().hex
    )
    return Arrival(channel=channel, source_id=identity, raw=raw, received_at=now, files=submission.files)


def _nameless(files: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    return tuple(msgspec.structs.replace(one, name=unnamed(one.name, number)) for number, one in enumerate(files, start=1))


async def receive(desk: Desk, submission: Submission) -> Accepted:
    """Check it and keep it; returns when it is on disk. Raises Invalid or Unavailable."""
    check(submission, desk.today(), desk)
    kept = arrival(desk.name, submission, desk.clock(), desk)
    # whoever hangs up in the middle must not undo a commit that others wait for as well
    accepted = await asyncio.shield(desk.host.inbox.accept(kept))
    desk.counts[f"{submission.via}_again" if accepted.duplicate else submission.via] += 1
    return accepted
