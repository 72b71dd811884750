"""Mail addresses in a text, also those that were hidden from machines: `wati(at)contoh.id`, `wati at gmail dot com`.

In: a `Reading`. Out: spans of the verbatim text. It does not ask whether such an address exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from normalizer.complaint import Span
from normalizer.reading import Reading

#: words for @
SIGNS: Final = frozenset({"at", "et"})
#: whom everybody knows, so that the domain needs no ending
_PROVIDER: Final = r"(?:gmail|yahoo|ymail|hotmail|outlook|icloud)"

_LOCAL = re.compile(r"[\w.+%-]++")
_DOMAIN = re.compile(r"(?:[^\W_](?:[\w-]{0,62}+)\.){1,8}[^\W\d_]{2,24}")
#: with a space beside the @ only what is surely a domain: `rusak @ pasar.tolong` is none
_SPACED_LOCAL = re.compile(r"(?: |\n\r?)[\w.+%-]++")
_SPACED_DOMAIN = re.compile(rf"(?i)(?: |\r?\n)(?:{_PROVIDER}\.[a-z]{{2,3}}(?:\.id)?|(?:[^\W_][\w-]{{0,62}}+\.){{1,8}}(?:com|net|org|id))\b")
_PROVIDED = re.compile(rf"(?i){_PROVIDER}\.")
#: behind a word for @: with a bracket a domain, without one a domain whose dot is a word too, or a provider's
_BRACKETED = re.compile(r"(?i)[\])}] ?[^\W_][\w-]{0,62}+(?: ?[\[({]?(?:\.|\bdot\b|\btitik\b)[\])}]? ?[^\W\d_]{2,24}){1,4}")
_WORDED = re.compile(
    rf"(?i) (?:{_PROVIDER}(?: ?(?:\.|dot\b|titik\b) ?[a-z]{{2,3}}\b){{0,2}}|[^\W_][\w-]{{0,62}}+(?: (?:dot|titik) [a-z]{{2,8}}\b){{1,4}})"
)
_BEFORE = re.compile(r"(?i)(?:[\w.+-]{1,64}+ (?:dot|titik|underscore) )?(?<![\w.+-])[\w.+-]{1,64}+ ?[\[({]?\Z")


def mails(text: str) -> Iterator[Span]:
    """What stands around each @, from the one before it on."""
    before, at = 0, text.find("@")
    while at >= 0:
        written = text[before:at][::-1]
        local = _LOCAL.match(written) or (_SPACED_LOCAL.match(written) if _PROVIDED.match(text, at + 1) else None)
        domain = _DOMAIN.match(text, at + 1, at + 256) or _SPACED_DOMAIN.match(text, at + 1, at + 256)
        if local and domain:
            yield Span(start=at - local.end(), end=domain.end(), kind="mail")
        before, at = at + 1, text.find("@", at + 1)


def hidden(reading: Reading) -> Iterator[Span]:
    """What stands around each word for @."""
    text = reading.verbatim
    for index, word in enumerate(reading.words):
        if word in SIGNS:
            start, end = reading.starts[index], reading.ends[index]
            behind = (_BRACKETED if text[start - 1 : start] in {"[", "(", "{"} else _WORDED).match(text, end)
            if behind and (before := _BEFORE.search(text, max(start - 140, 0), start)):
                yield Span(start=before.start(), end=behind.end(), kind="mail")
