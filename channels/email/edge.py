"""What our own edge wrote about a sender: Authentication-Results (RFC 8601). Pure.

In: the header of a mail that a trusted relay handed to us, and the names under which that relay writes. Out: its results. Fields under
other names are other people's claims, and not looked at. The edge must remove fields that claim to be its own (§5), as OpenDKIM,
OpenDMARC and rspamd do; of what it wrote the topmost counts.
"""

from __future__ import annotations

import re
from collections.abc import Collection

from channels.email.data import head_end
from channels.email.dmarc import Said

_FIELD = re.compile(rb"\r\nauthentication-results[ \t]*:((?:[^\r\n]|\r\n[ \t])*)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")
_RESULT = re.compile(r"\s*([a-z0-9-]+)(?:\s*/\s*\d+)?\s*=\s*([a-z]+)", re.IGNORECASE)
_PROPERTY = re.compile(r"\b(?:header|smtp)\.(?:d|from|mailfrom|i|helo)\s*=\s*\"?(?:[^\s;\"@]*@)?([A-Za-z0-9._-]+)", re.IGNORECASE)
#: octets of a field, and fields, that are looked at
LONGEST, MOST = 4_096, 10


def results(head: bytes, names: Collection[str]) -> dict[str, list[Said]]:
    """By method (spf, dkim, dmarc, arc), in the order of the fields; empty when the edge wrote none. `names`: in lower case."""
    found: dict[str, list[Said]] = {}
    for number, field in enumerate(_FIELD.finditer(b"\r\n" + head[: head_end(head)])):
        if number >= MOST:
            break
        name, _, rest = _plain(field[1][:LONGEST].decode("utf-8", "replace")).partition(";")
        if name.split(" ")[0].strip().lower() not in names:
            continue
        here: dict[str, list[Said]] = {}
        for result in rest.split(";"):
            if said := _RESULT.match(result):
                about = _PROPERTY.search(result, said.end())
                here.setdefault(said[1].lower(), []).append(Said(word=said[2].lower(), domain=about[1].lower() if about else ""))
        for method, saids in here.items():
            found.setdefault(method, saids)
    return found


def _plain(text: str) -> str:
    """Without comments and folding."""
    for _ in range(5):  # comments may be nested
        text, changed = _COMMENT.subn(" ", text)
        if not changed:
            break
    return " ".join(text.split())
