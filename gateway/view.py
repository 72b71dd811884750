"""What an operator may see of a case.

In: a case, its life, its record. Out: plain values for a table or for JSON, without what belongs to a person. The whole text and the
bytes leave the store as files alone (`trace --files`), because whoever asks for those knows what is in them.

A complaint that is for few eyes (rahasia, anonim, a tale of an abuse of office) shows in lists and traces where it stands and since
when; what it says is shown, masked, to the person who must decide about it.
"""

from __future__ import annotations

import re
from typing import Any, Final

import msgspec

from gateway.store.happenings import Act, Event
from gateway.store.record import NUMBERED, Case, FileState, LetterState, Life
from gateway.store.trying import Try
from normalizer import mask, pii
from normalizer.complaint import Complaint
from normalizer.privacy import restricted
from normalizer.reading import LONGEST, read

#: whatever else has so many digits: the country and the last two are enough to recognise one's own. Nineteen of them name a post of X, and
#: whoever opens that sees its author.
_NUMBER = re.compile(r"(?<!\w)(\+?\d{2})\d{5,}(\d{2})(?!\w)")
#: of a record: all that is shown of one for few eyes
_OPEN: Final = ("schema", "reference", "case_id", "channel", "received_at", "privacy", "flags")
#: of a record: what holds no word of a citizen or a provider
_OURS: Final = frozenset({*_OPEN, "sent_at", "privacy_rule", "classification", "oversight", "incident_date", "language", "related", "ask"})


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """A case, and its record as far as it can be read."""

    case: Case
    complaint: Complaint | None

    @property
    def restricted(self) -> bool:
        """For few eyes."""
        return self.complaint is not None and restricted(self.complaint)


class Traced(Seen, frozen=True, kw_only=True):
    """All that the store knows of it as well."""

    life: Life


def words(text: str) -> str:
    """Words of others without numbers, addresses and names."""
    text = text[:LONGEST]
    return _NUMBER.sub(r"\1…\2", mask.mask(text, pii.find(read(text))))


def line(seen: Seen) -> dict[str, object]:
    """A case in a list."""
    return {**_standing(seen.case), "restricted": seen.restricted, **({} if seen.restricted else _said(seen.case))}


def life(traced: Traced, *, deciding: bool) -> dict[str, object]:
    """One case from the wire to the last letter. `deciding`: for whoever must judge it, who sees what it says in any case."""
    case, registration, few = traced.case, traced.case.registration, traced.restricted and not deciding
    shown = record(traced.complaint) if traced.complaint and (deciding or traced.life.record) else None
    return {
        **_standing(case), "restricted": traced.restricted, **({} if few else _said(case)), "unsure": case.unsure,
        "archived": case.archived,
        "parts": [part.index for part in case.parts], "tracking_id": registration.tracking_id if registration else None,
        "registered_at": registration.registered_at if registration else None, "url": registration.url if registration else None,
        "record": {name: shown[name] for name in _OPEN} if shown and few else shown,
        "letters": [letter(state) for state in traced.life.letters],
        "enclosures": [enclosure(state) for state in traced.life.files],
        "events": [event(each, whole=not few) for each in traced.life.events],
        "acts": [act(each) for each in traced.life.acts],
        "tries": [attempt(each) for each in traced.life.tries],
    }  # fmt: skip


def record(complaint: Complaint) -> dict[str, Any]:
    """The record, masked; its spans would point into the text as it was, so they are left out."""
    masked = msgspec.structs.replace(complaint, text=text(complaint))
    plain: dict[str, Any] = msgspec.to_builtins(masked)
    del plain["pii"]
    # whoever has the address of a file has the file
    plain["attachments"] = [{name: value for name, value in each.items() if name != "url"} for each in plain["attachments"]]
    reporter = {"kind": complaint.reporter.kind, "address": mask.address(complaint.reporter)}
    return {name: value if name in _OURS else _masked(value) for name, value in plain.items()} | {"reporter": reporter}


def text(complaint: Complaint) -> str:
    """What it says, masked. Behind what was read nobody looked for what belongs to a person."""
    return mask.mask(complaint.text[:LONGEST], complaint.pii)


def letter(state: LetterState) -> dict[str, object]:
    """A letter, without its text and whom it goes to."""
    plain: dict[str, object] = {name: getattr(state, name) for name in ("step", "attempts", "created_at", "code", "receipt")}
    return {"kind": state.letter.kind, **plain, "words": words(state.words)}


def enclosure(state: FileState) -> dict[str, object]:
    """A file on its way to the ledger, without its name."""
    return {"number": state.number, "step": state.step, "attempts": state.attempts, "code": state.code, "words": words(state.words)}


def event(told: Event, *, whole: bool) -> dict[str, object]:
    """What a ledger said; its answer may quote what it is about."""
    plain = {"at": told.at, "heard_at": told.heard_at, "ledger": told.ledger, "state": told.state, "status": words(told.status)}
    return plain | ({"by": words(told.by), "note": words(told.note)} if whole else {})


def act(done: Act) -> dict[str, object]:
    """What a person did; reasons quote what they are about, and a ledger's number is nobody's."""
    return {"at": done.at, "by": done.by, "act": done.act, "words": done.words if done.act in NUMBERED else words(done.words)}


def attempt(tried: Try) -> dict[str, object]:
    """One go at the ledger, of a letter or of a file, without what was answered: that may repeat whatever was said."""
    return {"of": tried.what, "nth": tried.nth, "at": tried.at, "took_s": round(tried.took_s, 3), "step": tried.step, "code": tried.code}


def _standing(case: Case) -> dict[str, object]:
    return {
        "reference": case.reference, "case_id": case.case_id, "channel": case.arrival.channel, "step": case.step,
        "received_at": case.arrival.received_at, "attempts": case.attempts, "due": case.due, "code": case.code, "ledger": case.ledger,
    }  # fmt: skip


def _said(case: Case) -> dict[str, object]:
    """Words that may repeat what the citizen wrote."""
    return {
        "words": words(case.words),
        "files": [f"{words(each.name)} ({each.media_type}, {each.size} bytes)" for each in case.files],
    }


def _masked(value: Any) -> Any:
    """Every word in it."""
    if isinstance(value, dict):
        return {name: _masked(each) for name, each in value.items()}
    if isinstance(value, list | tuple):
        return [_masked(each) for each in value]
    return words(value) if isinstance(value, str) else value
