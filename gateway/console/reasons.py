"""Codes in plain words: why a case waits for a person, why a letter did not arrive, and what to do about it.

In: a code, the words of a language. Out: two sentences. Where the other side has codes of its own, the beginning of ours is enough.
"""

from __future__ import annotations

from typing import Any, Final, NamedTuple

from channels.sms.statuses import NAMES

#: codes of which only the beginning is ours
FAMILIES: Final = ("http_4", "policy_")
#: what an SMS operator may say of a letter
_SMS: Final = frozenset(name.removeprefix("ESME_").lower() for name in NAMES.values())


class Reason(NamedTuple):
    """What is wrong, and what to do."""

    why: str
    remedy: str


def reason(words: Any, code: str) -> Reason:
    """`words`: of the officer's language."""
    key = _key(words, code)
    return Reason(getattr(words.reasons, key), getattr(words.remedies, key))


def plain(words: Any, code: str) -> str:
    """What a code means, of whatever kind; empty when there is no sentence for it."""
    later = code if hasattr(words.waits, code) else "http_5" if code.startswith("http_5") else ""
    if later:
        return str(getattr(words.waits, later))
    return reason(words, code).why if code and known(words, code) else ""


def known(words: Any, code: str) -> bool:
    """There is a sentence for it, and not just one that says that there is none."""
    return _key(words, code) != "other"


def _key(words: Any, code: str) -> str:
    if not code:
        return "none"
    if hasattr(words.reasons, code):
        return code
    if code in _SMS:
        return "esme_"
    return next((family for family in FAMILIES if code.startswith(family)), "other")
