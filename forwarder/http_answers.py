"""What an HTTP ledger's answers mean: the one place where a status, a header and a body become a `Registration` or a failure.

In: a `Reply` as it came from the wire. Out: an `Answer`. Pure. It never believes a ledger half: an answer in which anything that
matters is missing or strange says nothing about whether the complaint was registered, so it is unsure.
The shapes are those of `ledger-api.yaml`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated

import msgspec
from msgspec import Meta

from channels.base import Refused, Unavailable
from forwarder.ledger import Answer, Registration

#: characters of a problem's title that an operator is shown
WORDS = 300
#: our settings are wrong, not the complaint: a door that is not there must not park every citizen's case
WRONG_DOOR = frozenset({404, 405, 410, 421})
#: not done, and said so
NOT_NOW = frozenset({425, 429, 501, 503})
#: not known to be refused: 408 and 409 are about this call (too slow; the same key is at work), not about the complaint
THIS_CALL = frozenset({408, 409})
#: what a decoder raises; RecursionError for a body of nothing but brackets
UNREADABLE = (msgspec.MsgspecError, ValueError, RecursionError)

TrackingId = Annotated[str, Meta(min_length=5, max_length=12)]
Instant = Annotated[datetime, Meta(tz=True)]
Link = Annotated[str, Meta(max_length=2000)]


class Reply(msgspec.Struct, frozen=True):
    """An HTTP answer, read whole."""

    status: int
    #: lower case, without parameters
    media_type: str
    #: the header, verbatim; empty when absent
    retry_after: str
    body: bytes


class _Registered(msgspec.Struct):
    tracking_id: TrackingId
    registered_at: Instant
    url: Link = ""
    #: must be ours when it is there: a proxy that mixes up answers would hand one citizen's number to another
    reference: str | None = None


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


class _Problem(msgspec.Struct):
    title: str = ""


_registered = msgspec.json.Decoder(_Registered).decode
_result = msgspec.json.Decoder(_Result).decode
_results = msgspec.json.Decoder(_Results).decode
_raw_results = msgspec.json.Decoder(_RawResults).decode
_problem = msgspec.json.Decoder(_Problem).decode


def read_one(reply: Reply, reference: str, now: datetime) -> Answer:
    """The answer to one complaint, or to a look-up that found it."""
    if not _is_success(reply.status):
        return failure(reply, now)
    return _registration(reply.body, reference) if is_json(reply) else _bad()


def read_batch(reply: Reply, references: Sequence[str], now: datetime) -> list[Answer]:
    """The answers to a batch, in the order of `references`, matched by reference and each judged alone."""
    if not _is_success(reply.status):
        return [failure(reply, now)] * len(references)
    # reversed: of two results for one reference the first counts
    by_reference = {result.reference: result for result in reversed(_results_of(reply))}
    return [_judged(by_reference.get(reference)) for reference in references]


def read_found(reply: Reply, reference: str, now: datetime) -> Registration | None:
    """The answer to a look-up; None when the ledger does not know the reference. Raises Refused or Unavailable."""
    # a proxy's own 404 page says nothing about the reference
    if reply.status == 404 and reply.media_type != "text/html":
        return None
    answer = read_one(reply, reference, now)
    if isinstance(answer, Registration):
        return answer
    raise answer


def failure(reply: Reply, now: datetime) -> Refused | Unavailable:
    """What an answer other than success means."""
    return _failure(reply.status, _title(reply), _retry_after(reply.retry_after, now))


def is_json(reply: Reply) -> bool:
    """True for application/json and its kin; a maintenance page with status 200 is not."""
    return reply.media_type == "application/json" or reply.media_type.endswith("+json")


def _failure(status: int, title: str, wait: float | None) -> Refused | Unavailable:
    code = f"http_{status}"
    if status in (401, 403):
        return Unavailable("unauthorized", retry_after=wait)
    if status in WRONG_DOOR or status in NOT_NOW:
        return Unavailable(code, retry_after=wait)
    if 400 <= status < 500 and status not in THIS_CALL:
        return Refused(code, _printable(title))
    # 5xx, and a redirect, which we do not follow: somebody may have done the work behind it
    return Unavailable(code, retry_after=wait, unsure=True)


def _judged(result: _Result | None) -> Answer:
    if result is None:
        return _bad()
    if not _is_success(result.status):
        return _failure(result.status, result.title, None)
    if result.tracking_id is None or result.registered_at is None:
        return _bad()
    return _believed(result.tracking_id, result.registered_at, result.url)


def _registration(body: bytes, reference: str) -> Answer:
    try:
        found = _registered(body)
    except UNREADABLE:
        return _bad()
    if found.reference not in (None, reference):
        return _bad()
    return _believed(found.tracking_id, found.registered_at, found.url)


def _believed(tracking_id: str, at: datetime, url: str) -> Answer:
    """The registration, unless its number cannot be dictated or its link not be followed. By hand: a pattern takes three times as long."""
    if not (tracking_id.isascii() and tracking_id.isdigit()):
        return _bad()
    if url and not (url.startswith(("https://", "http://")) and url.isascii() and url.isprintable() and " " not in url):
        return _bad()
    return Registration(tracking_id=tracking_id, registered_at=at if at.tzinfo is UTC else at.astimezone(UTC), url=url)


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


def _is_success(status: int) -> bool:
    return 200 <= status < 300


def _bad() -> Unavailable:
    return Unavailable("bad_answer", unsure=True)


def _title(reply: Reply) -> str:
    try:
        return _problem(reply.body).title if is_json(reply) else ""
    except UNREADABLE:
        return ""


def _printable(title: str) -> str:
    """The ledger's own words, bounded, and harmless in a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in title[:WORDS])


def _retry_after(header: str, now: datetime) -> float | None:
    """Seconds from a Retry-After, which names seconds or an instant (RFC 9110 §10.2.3); None when it says neither."""
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds())
