"""A title for a message that has none: its first words, without greetings.

In: the text behind the keyword. Out: one line of at most 60 characters, or None when nothing is said. It never adds a word.
"""

from __future__ import annotations

import re
from typing import Final

from normalizer import legible
from normalizer.text import line

#: characters, for a title of ours; lists show it whole
LIMIT: Final = 60
#: characters, for a title that the citizen wrote
GIVEN_LIMIT: Final = 200

_HONORIFIC = r"(?:bapak|bpk|pak|ibu|bu|kang|mas|mbak|mbk|kak|gan|bos|min|admin|sdr|sdri)\b"
_OFFICE = r"(?:bupati|wali\s?kota|gubernur|camat|lurah|kades|presiden|menteri|kepala\s\w+|dinas\s\w+|operator)\b"
_TIME = r"(?:pagi|siang|sore|malam|malem|mlm)"

#: greetings, in the languages of domain §2.3. Honorifics go only with a greeting: "Ibu hamil ditolak" and "Pak RT minta uang" are
#: the complaint itself. A name goes only behind "Yth" and a title and before a stop: "Yth kang yoto ."
_GREETING = re.compile(
    rf"""
    (?: (?: ass?alam\w*(?:[\s'’`-]*\w{{0,3}}laik[uo]m)? | ass\b | aslm\w*\b | ass?kum\b )
        (?: [\s.,]*(?:wr|wrb|warr?ahmatull?ah\w*)\b\.? )? (?: [\s.,]*(?:wb|wabb?arr?akatuh\w*)\b\.? )?
      | (?: se?lamat | slmt | met ) \s+ {_TIME} \b
      | {_TIME} (?= \s*[,.!] | \s+ {_HONORIFIC} )
      | {_HONORIFIC} (?= \s*[,!] )
      | (?: sugeng | wilujeng ) \s+ \w+
      | sampurasun\b | punten\b | permisi\b | kulo\s?nuwun\b | om\s+swast[iy]astu\b | salam\s+(?:sejahtera|hormat|sehat)\b
      | (?: h[ae]l+o | hai | hi | dear ) \b
      | (?: mohon\s+ )? maaf \b (?: \s+ (?:meng)?ganggu\b )?
      | (?: (?:kepada|kpd) \s+ )? (?: yth | ytc | yang\s+terhormat ) \b \.?
        (?: \s* (?: (?: {_HONORIFIC} (?:\s*/\s*{_HONORIFIC})? ) (?:\s*{_OFFICE})? | {_OFFICE} ) (?: (?:\s+\w+)? \s* [.,:;!] )? )?
    )
    (?: \s+ {_HONORIFIC} (?:\s*/\s*{_HONORIFIC})? )?
    [\s.,:;!~-]*
    """,
    re.IGNORECASE | re.VERBOSE,
)
_OPENINGS: Final = """
    adm asa ask asl ass bap bos bpk dea gan hai hal hel ibu kak kan kep kpd kul maa mal mas mba mbk met min mlm moh pag pak per pun sal sam
    sdr sel sia sla slm sor sug wil yan ytc yth
"""
#: the first letters of each of them: most texts begin otherwise, and are told by this
_GREETS: Final = frozenset(_OPENINGS.split())
_GREETS_SHORT: Final = frozenset(("bu", "hi", "om"))
_TAG = re.compile(r"#\s?(?:lapor(?:1708)?|sp4n(?:lapor)?)\b", re.IGNORECASE)
#: what intake writes in the place of a part that never came (design §4)
_GAP = re.compile(r"\[bagian [0-9]+/[0-9]+ tidak diterima\]")
#: before what was said later (`additions`)
_LATER = re.compile(r"\n\[(?:jawaban|tambahan)\] ")
_REPLY = re.compile(r"(?:\s*(?:re|fw|fwd|bls|balas|terusan)\s*:)+", re.IGNORECASE)
#: signs before the first word; quotes, brackets, # and @ belong to it
_SIGNS = re.compile(r"[^\w\"'(\[#@]*")


def from_words(body: str) -> str | None:
    """The first words of the complaint, or None when there are none: only greetings, signs or hashtags of ours.

    What its sender said of it later is looked at only when the complaint itself says nothing.
    """
    pieces = _LATER.split(body) if "\n[" in body else [body]
    return next(filter(None, map(_first_words, pieces)), None)


def _first_words(body: str) -> str | None:
    head = legible.read(body[:600])[0]
    if "[" in head:
        head = _GAP.sub(" ", head)
    signs = _SIGNS.match(head)
    at = signs.end() if signs else 0
    for _ in range(3):
        greeting = _GREETING.match(head, at) if _may_greet(head[at : at + 3].lower()) else None
        if greeting is None:
            break
        at = greeting.end()
    title = line(_plain(head[at:]), LIMIT)
    return title if any(map(str.isalnum, title)) else None


def _may_greet(start: str) -> bool:
    return start in _GREETS or start[:2] in _GREETS_SHORT or not start.isascii()


def from_line(written: str) -> str | None:
    """A title that the citizen wrote (a field of a form, the subject of a mail), without `Re:` and our hashtags; None when empty."""
    head = written[: 10 * GIVEN_LIMIT]
    reply = _REPLY.match(head)
    title = line(_plain(head[reply.end() :] if reply else head), GIVEN_LIMIT)
    return title if any(map(str.isalnum, title)) else None


def _plain(text: str) -> str:
    """Without our own hashtags, and other hashtags as plain words."""
    return _TAG.sub(" ", text).replace("#", " ") if "#" in text else text
