"""An HTTP answer of a ledger, and what its status means whatever the ledger speaks.

In: status, headers and body as they came from the wire. Out: a `Refused` or an `Unavailable` for whatever is not success. Pure.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TypeVar

import msgspec

from channels.base import Refused, Unavailable, quoted
from channels.message import QUOTED

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

A = TypeVar("A")


class Reply(msgspec.Struct, frozen=True):
    """An HTTP answer, read whole."""

    status: int
    #: lower case, without parameters
    media_type: str
    #: the header, verbatim; empty when absent
    retry_after: str
    body: bytes
    #: the header, verbatim; empty when absent
    date: str = ""
    #: what it answers: method and path
    asked: str = ""


class _Problem(msgspec.Struct):
    title: str = ""


_problem = msgspec.json.Decoder(_Problem).decode


def failure(reply: Reply, now: datetime, body: bytes | None = None) -> Refused | Unavailable:
    """What an answer other than success means; `body`: see `told`."""
    return told(reply, status_failure(reply.status, _title(reply), retry_after(reply.retry_after, now)), body)


def told(reply: Reply, answer: A, body: bytes | None = None) -> A:
    """A failure says what was asked and answered: method and path, status, and the head of the body, or of that part of it which is about
    this complaint alone."""
    if isinstance(answer, Refused | Unavailable) and not answer.said:
        head = (reply.body if body is None else body)[:QUOTED]
        answer.said = quoted(f"{reply.asked}\nHTTP {reply.status}\n{head.decode('utf-8', 'replace')}")
    return answer


def is_json(reply: Reply) -> bool:
    """True for application/json and its kin; a maintenance page with status 200 is not."""
    return reply.media_type == "application/json" or reply.media_type.endswith("+json")


def status_failure(status: int, title: str = "", wait: float | None = None) -> Refused | Unavailable:
    """The same for a status that stands alone, as in the result of a batch."""
    code = f"http_{status}"
    if status in (401, 403):
        return Unavailable("unauthorized", retry_after=wait)
    if status in WRONG_DOOR or status in NOT_NOW:
        return Unavailable(code, retry_after=wait)
    if 400 <= status < 500 and status not in THIS_CALL:
        return Refused(code, _printable(title))
    # 5xx, and a redirect, which we do not follow: somebody may have done the work behind it
    return Unavailable(code, retry_after=wait, unsure=True)


def is_success(status: int) -> bool:
    """2xx."""
    return 200 <= status < 300


def bad_answer() -> Unavailable:
    """An answer that says nothing about whether the work was done."""
    return Unavailable("bad_answer", unsure=True)


def _title(reply: Reply) -> str:
    try:
        return _problem(reply.body).title if is_json(reply) else ""
    except UNREADABLE:
        return ""


def _printable(title: str) -> str:
    """The ledger's own words, bounded, and harmless in a terminal."""
    return "".join(sign if sign.isprintable() else " " for sign in title[:WORDS])


def retry_after(header: str, now: datetime) -> float | None:
    """Seconds from a Retry-After, which names seconds or an instant (RFC 9110 §10.2.3); None when it says neither."""
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    then = instant(header)
    return max(0.0, (then - now).total_seconds()) if then else None


def instant(header: str) -> datetime | None:
    """What a header such as Date says (RFC 9110 §5.6.7)."""
    try:
        then = parsedate_to_datetime(header)
    except (ValueError, OverflowError):  # a year of twenty digits
        return None
    return then.replace(tzinfo=then.tzinfo or UTC)
