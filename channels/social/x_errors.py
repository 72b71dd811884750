"""What an answer of X that is no yes means: the two kinds of failure, and what is to become of the account.

In: status, headers and body of an answer. Out: a `Refused` or an `Unavailable` with one of the codes below. Pure.

    rate_limited   429; wait until x-rate-limit-reset, X sends no Retry-After
    keys_refused   401, or a 403 that is about the app and its keys: nothing works until somebody mends it
    no_credits     402, or a 403 or 429 that says that what was paid for is used up
    duplicate      403: the same words were posted before
    server_error   5xx, whatever the body is: X's front answers in HTML when it is in trouble
    http_4xx       any other; X understood and does not want it
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Final

from channels.base import Refused, Unavailable, quoted

#: pauses between two looks until somebody may have mended keys or bought credits: five minutes at the default poll_s
PATIENCE: Final = 15.0
#: the longest pause after any other failure, in seconds
LONGEST_PAUSE_S: Final = 900.0
#: a limit that X does not explain is over after a quarter of an hour at the latest
WINDOW_S: Final = 900.0

#: the last piece of a problem's `type`, or a phrase of its words, in lower case
_OUT_OF_CREDITS: Final = ("credit", "usage-capped", "usage cap", "spend cap", "spending limit", "monthly product cap")
_ABOUT_KEYS: Final = (
    "client-forbidden", "client-not-enrolled", "unsupported-authentication", "not-permitted-to-use-app", "oauth1 app permissions",
    "app permissions", "account is suspended", "account is temporarily locked", "must be attached to a project",
)  # fmt: skip
_TWICE: Final = "duplicate content"
#: parameters that X names when a since_id is older than what it can search
SINCE: Final = "since_id"


def failure(status: int, headers: Mapping[str, str], body: bytes, now: float) -> Refused | Unavailable:
    """`now` and x-rate-limit-reset are Unix seconds; `headers` are looked up in any case."""
    said = words(body)
    low = said.lower()
    whole = quoted(f"HTTP {status}\n{body.decode('utf-8', 'replace')}")
    if status == 402 or (status in {403, 429} and any(sign in low for sign in _OUT_OF_CREDITS)):
        return Unavailable("no_credits", said=whole)
    if status == 429:
        return Unavailable("rate_limited", retry_after=until_reset(headers, now), said=whole)
    if status == 401 or (status == 403 and any(sign in low for sign in _ABOUT_KEYS)):
        return Unavailable("keys_refused", said=whole)
    if status == 403:
        return Refused("duplicate" if _TWICE in low else "forbidden", said, said=whole)
    if status >= 500:
        # behind these, the front did not hear what became of it
        return Unavailable("server_error", unsure=status in {500, 502, 504}, said=whole)
    return Refused(f"http_{status}", said, said=whole)


def pause(failure: Refused | Unavailable, poll_s: float, failures: int) -> float:
    """Seconds until the same may be asked again, after so many failures in a row."""
    if isinstance(failure, Unavailable) and failure.retry_after is not None:
        return failure.retry_after
    if isinstance(failure, Refused) or failure.code in {"keys_refused", "no_credits", "other_account"}:
        return poll_s * PATIENCE
    return min(poll_s * 2.0 ** min(failures, 16), LONGEST_PAUSE_S)


def until_reset(headers: Mapping[str, str], now: float) -> float:
    """Seconds until the window of an endpoint is over; a quarter of an hour when X does not say, or says what cannot be."""
    stamp = headers.get("x-rate-limit-reset", "")
    if not (stamp.isascii() and stamp.isdecimal() and len(stamp) < 12):
        return WINDOW_S
    return min(max(float(stamp) - now, 1.0), WINDOW_S * 4)


def words(body: bytes) -> str:
    """What X says in a problem document, for matching and for the operator's eyes."""
    try:
        document = json.loads(body)
    except (ValueError, RecursionError):
        return ""
    if not isinstance(document, dict):
        return ""
    problems = [document, *(each for each in _list(document.get("errors")) if isinstance(each, dict))]
    said = [str(problem[key]) for problem in problems for key in ("title", "type", "detail", "message", "reason") if problem.get(key)]
    return " · ".join(dict.fromkeys(said))[:500]


def names_since(refused: Refused) -> bool:
    """Was the question refused because its since_id lies too far back?"""
    return refused.code == "http_400" and SINCE in refused.words


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []
