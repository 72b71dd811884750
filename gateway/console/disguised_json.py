"""A JSON document in disguise: the same fields in the same order, with other words and ids in them.

In: the octets of what Telegram, X, a form or an app told. Out: as many values of the same kinds; what is no JSON becomes other octets. An
id that stands in two places is the same other id in both, so that what belongs together still does. Pure.
"""

from __future__ import annotations

import json
import re
from typing import Any, Final

from gateway.console.disguise import Disguise

#: fields that say what something is and how long, not who or where; they steer how the rest is read
_PLAIN: Final = frozenset({
    "type", "via", "version", "lang", "language_code", "date", "edit_date", "forward_date", "created_at", "offset", "length", "start",
    "end",
    "width", "height", "duration", "duration_ms", "size", "file_size", "mime_type", "media_type", "classification", "privacy",
    "incident_date", "status", "reply_settings", "verified_type", "emoji", "digest", "coding", "charset", "udh", "parts", "part",
})  # fmt: skip
_NUMBER = re.compile(r"[+ -]?[0-9]+")


def document(raw: bytes, disguise: Disguise) -> bytes:
    """As it was written, apart from the values: with escapes where there were escapes."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        return disguise.octets(raw)
    changed = _changed(content, "", disguise)
    tight = b'": ' not in raw
    separators = (",", ":") if tight else (", ", ": ")
    return json.dumps(changed, ensure_ascii=raw.isascii(), separators=separators).encode("utf-8", "surrogatepass")


def _changed(value: Any, name: str, disguise: Disguise) -> Any:
    if isinstance(value, dict):
        return {key: _changed(each, key, disguise) for key, each in value.items()}
    if isinstance(value, list):
        return [_changed(each, name, disguise) for each in value]
    if name in _PLAIN or isinstance(value, bool) or value is None:
        return value
    if isinstance(value, str):
        return word(value, disguise)
    try:
        return type(value)(disguise.number(repr(value)))
    except ValueError:
        # one with an exponent, or none at all
        return 0.0


def word(value: str, disguise: Disguise) -> str:
    """A number in words is one, and has the same disguise."""
    return disguise.number(value) if _NUMBER.fullmatch(value) else disguise.text(value)
