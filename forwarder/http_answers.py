"""What an HTTP ledger's answers mean: the one place where a status, a header and a body become a `Registration` or a failure.

In: a `Reply` as it came from the wire. Out: an `Answer`. Pure. It never believes a ledger half: an answer in which anything that
matters is missing or strange says nothing about whether the complaint was registered, so it is unsure.
The shapes are those of `ledger-api.yaml`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from forwarder.ledger import Answer, Happening, Registration, credible
from forwarder.reply import UNREADABLE, Reply, bad_answer, failure, is_json, is_success, status_failure, told

TrackingId = Annotated[str, Meta(min_length=5, max_length=12)]
Instant = Annotated[datetime, Meta(tz=True)]
Link = Annotated[str, Meta(max_length=2000)]


class _Registered(msgspec.Struct):
    tracking_id: TrackingId
    registered_at: Instant
    url: Link = ""
    #: must be ours when it is there: a proxy that mixes up answers would hand one citizen's number to another
    reference: str | None = None


class _Standing(msgspec.Struct):
    """Beside the registration, where the complaint stands; see Event in the published interface."""

    tracking_id: TrackingId
    status: str | None = None
    at: Instant | None = None
    by: str | None = None
    note: str | None = None


class _Result(msgspec.Struct):
    reference: str
    status: int
    tracking_id: TrackingId | None = None
    registered_at: Instant | None = None
    url: Link = ""
    title: str = ""


class _Results(msgspec.Struct):
    results: list[_Result]


class _RawResults(msgspec.Struct):
    results: list[msgspec.Raw]


_registered = msgspec.json.Decoder(_Registered).decode
_standing = msgspec.json.Decoder(_Standing).decode
_result = msgspec.json.Decoder(_Result).decode
_results = msgspec.json.Decoder(_Results).decode
_raw_results = msgspec.json.Decoder(_RawResults).decode


def read_one(reply: Reply, reference: str, now: datetime) -> Answer:
    """The answer to one complaint, or to a look-up that found it."""
    if not is_success(reply.status):
        return failure(reply, now)
    return told(reply, _registration(reply.body, reference) if is_json(reply) else bad_answer())


def read_batch(reply: Reply, references: Sequence[str], now: datetime) -> list[Answer]:
    """The answers to a batch, in the order of `references`, matched by reference and each judged alone."""
    if not is_success(reply.status):
        # what it says besides its status may be about any of them
        return [failure(reply, now, b"")] * len(references)
    # reversed: of two results for one reference the first counts
    by_reference = {result.reference: result for result in reversed(_results_of(reply))}
    return [_judged(by_reference.get(reference), reply) for reference in references]


def read_standing(reply: Reply, reference: str, now: datetime) -> Happening | None:
    """The status in the answer to a look-up; None when there is none, or the ledger does not know the reference. Raises Refused or
    Unavailable."""
    if read_found(reply, reference, now) is None:
        return None
    try:
        found = _standing(reply.body)
    except UNREADABLE:
        raise bad_answer() from None
    if not found.status:
        return None
    at = (credible(found.at) if found.at else None) or now
    # cut, as an open311 ledger's are: nobody would tell the ledger that its answer is too long, and the citizen would never hear of it
    status, by, note = found.status[:200], (found.by or "")[:200], (found.note or "")[:5000]
    return Happening(tracking_id=found.tracking_id, reference=reference, at=at, status=status, by=by, note=note)


def read_found(reply: Reply, reference: str, now: datetime) -> Registration | None:
    """The answer to a look-up; None when the ledger does not know the reference. Raises Refused or Unavailable."""
    # a proxy's own 404 page says nothing about the reference
    if reply.status == 404 and reply.media_type != "text/html":
        return None
    answer = read_one(reply, reference, now)
    if isinstance(answer, Registration):
        return answer
    raise answer


def _judged(result: _Result | None, reply: Reply) -> Answer:
    if result is None:
        return told(reply, bad_answer(), b"")
    if not is_success(result.status):
        own = msgspec.json.encode({"status": result.status, "title": result.title})
        return told(reply, status_failure(result.status, result.title, None), own)
    if result.tracking_id is None or result.registered_at is None:
        return told(reply, bad_answer(), b"")
    return _believed(result.tracking_id, result.registered_at, result.url)


def _registration(body: bytes, reference: str) -> Answer:
    try:
        found = _registered(body)
    except UNREADABLE:
        return bad_answer()
    if found.reference not in (None, reference):
        return bad_answer()
    return _believed(found.tracking_id, found.registered_at, found.url)


def _believed(tracking_id: str, said_at: datetime, url: str) -> Answer:
    """The registration, unless its number cannot be dictated, its time not be true or its link not be followed. By hand: a pattern takes
    three times as long."""
    at = credible(said_at)
    if at is None or not (tracking_id.isascii() and tracking_id.isdigit()):
        return bad_answer()
    if url and not (url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url):
        return bad_answer()
    return Registration(tracking_id=tracking_id, registered_at=at, url=url)


def _results_of(reply: Reply) -> list[_Result]:
    """All that can be read. One that cannot is left out: it does not say whose it is, so its complaint gets no answer."""
    if not is_json(reply):
        return []
    try:
        return _results(reply.body).results
    except UNREADABLE:
        return [result for raw in _raws(reply.body) if (result := _readable(raw))]


def _raws(body: bytes) -> list[msgspec.Raw]:
    try:
        return _raw_results(body).results
    except UNREADABLE:
        return []


def _readable(raw: msgspec.Raw) -> _Result | None:
    try:
        return _result(raw)
    except UNREADABLE:
        return None
