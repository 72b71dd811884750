"""Fields of what was said, one row for each; and the veil over those that belong to a person.

In: values, JSON. Out: rows. Pure.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final, NamedTuple

from gateway import view

#: of one value, for the eye
LONGEST: Final = 2000
#: fields whose values say what something is and how long, or when it was
_PLAIN: Final = frozenset({
    "type", "via", "version", "lang", "language_code", "date", "edit_date", "created_at", "offset", "length", "start", "end", "width",
    "height", "duration", "size", "file_size", "mime_type", "media_type", "classification", "privacy", "is_bot", "status",
    "reply_settings", "coding", "charset", "udh", "parts", "part", "reference",
    "message_id",
})  # fmt: skip
#: what is proved of a mail's sender
_PROOFS: Final = frozenset({"spf", "dkim", "dmarc", "arc", "policy", "by"})
#: … and those in which somebody speaks
_SPOKEN: Final = frozenset({"text", "caption", "subject", "title", "content", "Body", "location", "place"})


class Row(NamedTuple):
    """`place` in the octets, empty where there are none to count; `meaning` in the protocol's own words."""

    name: str
    value: str
    place: str = ""
    meaning: str = ""


class Veil(NamedTuple):
    """Lifted by a reason alone."""

    masked: bool

    def text(self, said: str) -> str:
        """What somebody wrote."""
        return _clean(view.words(said) if self.masked else said)

    def value(self, said: str) -> str:
        """What may be a name, a number or an address."""
        return f"••• ({len(said)})" if self.masked and said else _clean(said)

    def number(self, said: str) -> str:
        """The country and the last two digits are enough to recognise one's own."""
        if not self.masked or len(said) <= 6:
            return _clean(said)
        return f"{said[:3]}{'•' * (len(said) - 5)}{said[-2:]}"

    def named(self, name: str, value: object) -> str:
        """By what the field is called."""
        if isinstance(value, bool) or value is None:
            return json.dumps(value)
        said = str(value)
        if name in _PLAIN:
            return _clean(said)
        return self.text(said) if name in _SPOKEN else self.value(said)


def _clean(said: str) -> str:
    """Signs that would steer a page are shown as such."""
    cut = said if len(said) <= LONGEST else f"{said[:LONGEST]} … (+{len(said) - LONGEST})"
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in cut)


def found_out(name: str, said: str, veil: Veil) -> Row:
    """What was fetched or proved after the yes; of a proof the verdict stands first, and behind it whose it is."""
    verdict = said.replace(";", " ").split()[:1] if name in _PROOFS and veil.masked else []
    return Row(name, _clean(verdict[0]) if verdict else veil.named(name, said))


def document(raw: bytes, veil: Veil) -> Iterator[Row]:
    """JSON, or octets nobody can read."""
    try:
        content = json.loads(raw)
    except (ValueError, RecursionError):
        yield Row("raw", veil.value(raw.decode("latin-1")))
        return
    yield from _walk(content, "", veil)


def _walk(value: Any, path: str, veil: Veil) -> Iterator[Row]:
    if isinstance(value, dict) and value:
        for key, each in value.items():
            yield from _walk(each, f"{path}.{key}" if path else key, veil)
    elif isinstance(value, list) and value:
        for number, each in enumerate(value):
            yield from _walk(each, f"{path}[{number}]", veil)
    else:
        yield Row(path, veil.named(path.rpartition(".")[2].partition("[")[0], value))


def flat(content: Mapping[str, Any], path: str = "") -> Iterator[Row]:
    """What is masked already, without what is empty."""
    for key, value in content.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from flat(value, name)
        elif isinstance(value, list | tuple):
            yield from flat({str(number): each for number, each in enumerate(value)}, name)
        elif value not in ("", None, 0.0):
            yield Row(name, _clean(str(value)))
