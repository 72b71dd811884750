"""Which other cases a message speaks of.

In: a text, and the reference of its own case. Out: links, each with what in the text says so. It never looks anything up, and never
merges: what a link means is for people to say.
"""

from __future__ import annotations

import re
from itertools import islice

from normalizer.complaint import Related
from normalizer.reference import BadReference, read

#: as we write it; a code in other spellings is too like ordinary words to be found in a text
_CODE = re.compile(r"(?<![0-9A-Za-z-])[0-9A-Za-z]{4}-[0-9A-Za-z]{4}-[0-9A-Za-z]{4}(?![0-9A-Za-z-])")
#: a quoted conversation names its one case over and over; a text with more codes than these is a list
_MOST = 10
#: … and a text with more that look like codes than these is made to be slow
_LOOKED_AT = 1000


def quoted(text: str, own: str) -> tuple[Related, ...]:
    """The references that a text quotes, each once, without its own."""
    if "-" not in text:
        return ()
    codes: dict[str, None] = {}
    for found in islice(_CODE.finditer(text), _LOOKED_AT):
        code = _read(found[0])
        if code and code != own:
            codes[code] = None
        if len(codes) == _MOST:
            break
    return tuple(Related(id=code, kind="follow_up", evidence="quoted") for code in codes)


def _read(written: str) -> str:
    try:
        return read(written)
    except BadReference:
        return ""
