"""The new words of a mail, without what it quotes and without its signature; for summaries only, the whole is kept elsewhere.

In: the text of a mail. Out: the part that its author wrote this time. It never raises, reads each line once (no pattern spans more than
a line), and in doubt leaves a line where it is: a complaint may begin "Pada tanggal 3 …" or contain "Dari:".

Clients: Gmail, Yahoo, Apple Mail, Outlook and Thunderbird, in Indonesian and English.
"""

from __future__ import annotations

import re

#: a summary needs no more
_LARGEST = 100_000
_LONGEST_LINE = 600
#: Gmail and others break their line at 78 signs
_MOST_LINES_WROTE = 4
_WROTE = re.compile(r"(?:On|Pada)\s[^\n]{4,600}?\s?(?:wrote|menulis|said)\s?:")
_ADDRESS = re.compile(r"[^\s<>@]{1,64}@[^\s<>@]{1,190}")
_TIME = re.compile(r"\d{1,2}[:.]\d{2}")
_SEPARATOR = re.compile(
    r"-{2,20}\s?(?:Original Message|Original Appointment|Forwarded message|Pesan Asli|Pesan terusan|Pesan yang diteruskan)\s?-{2,20}"
    # Zoho's
    r"|-{2,20}\s?(?:On|Pada)\s[^\n]{4,500}\s(?:wrote|menulis)\s?:?\s?-{2,20}"
    r"|(?:Begin forwarded message|Mulai pesan (?:yang )?(?:di)?teruskan)\s?:",
    re.IGNORECASE,
)
_FIELD = re.compile(
    r"\*{0,2}(From|Sent|Date|To|Cc|Subject|Dari|Dikirim|Tanggal|Kepada|Ke|Untuk|Tembusan|Subjek|Perihal|Hal)\*{0,2}\s?:\*{0,2}\s?(.*)",
    re.IGNORECASE,
)
_MEANS = {
    "from": "from", "dari": "from", "sent": "sent", "dikirim": "sent", "date": "date", "tanggal": "date", "to": "to", "kepada": "to",
    "ke": "to", "untuk": "to", "subject": "subject", "subjek": "subject", "perihal": "subject", "hal": "subject",
}  # fmt: skip
_DEVICE = re.compile(
    r"(?:(?:Dikirim|Terkirim|Sent) (?:dari|from|via|melalui) (?:my |an? )?(?:iPhone|iPad|Android|Samsung|Galaxy|Xiaomi|Redmi|POCO|OPPO|vivo"
    r"|realme|Huawei|BlackBerry|Yahoo|Outlook|Gmail|Mail\b|Windows|ponsel|telepon|perangkat|smartphone|HP\b|mobile|tablet|aplikasi)"
    r"|(?:Get|Dapatkan) Outlook (?:for|untuk))",
    re.IGNORECASE,
)
#: how every line begins that one of these patterns means; searched with a line break before the text, which is far faster than `^`
_TELLING = re.compile(r"\n[^\S\n]{0,39}(?:>|--|On\s|Pada\s|\*{0,2}(?:From|Dari)|Begin|Mulai)", re.IGNORECASE)
_DEEPEST_INDENT = 40
_RULE = re.compile(r"[_\-=*]{5,}")
#: "--" without its space is a signature only near the end
_SHORT_SIGNATURE = 12


def new_text(text: str) -> str:
    """What is new in it; the whole when nothing seems to be (a mail that was forwarded without a word)."""
    text = text[:_LARGEST]
    return "\n".join(_trim(_kept(text.split("\n"), _telling(text)))).strip() or text.strip()


def quoted(text: str) -> str:
    """What a mail quotes that says nothing itself, without the lines that tell whose words they are; empty for one that says something."""
    lines, said, position, begun = text[:_LARGEST].split("\n"), [], 0, False
    while position < len(lines):
        if head := _wrote(lines, position) or _block(lines, position):
            position, begun = position + head, True
            continue
        line = lines[position]
        begun = begun or line.startswith(">")
        if begun:
            said.append(line.lstrip("> "))
        elif not _is_trimming(line):
            return ""
        position += 1
    return "\n".join(said).strip()


def _telling(text: str) -> list[int]:
    """The numbers of the lines that need a closer look; nearly every mail has few or none."""
    shown, numbers, number, at = f"\n{text}", [], 0, 0
    for found in _TELLING.finditer(shown):
        number += shown.count("\n", at, found.start())
        at = found.start()
        numbers.append(number)
    return numbers


def _kept(lines: list[str], telling: list[int]) -> list[str]:
    position = telling[0] if telling else len(lines)
    kept, spoken, closer = lines[:position], any(line.strip() for line in lines[:position]), frozenset(telling)
    while position < len(lines):
        line = lines[position]
        if position in closer and (wrote := _wrote(lines, position)):
            after = _skip(lines, position + wrote, quotes=True)
            if after == _skip(lines, position + wrote, quotes=False):
                break  # nothing marks the lines of the quote: it is all that follows
            position = after
        elif position in closer and (_ends_here(lines, position) or _is_signature(lines, position)):
            if not spoken:
                return lines  # forwarded without a word: what was forwarded is what is said
            break
        elif line.startswith(">") and position + 1 < len(lines) and lines[position + 1].startswith(">"):
            position = _skip(lines, position, quotes=True)
        else:
            kept.append(line)
            spoken = spoken or bool(line.strip())
            position += 1
    return kept


def _skip(lines: list[str], position: int, *, quotes: bool) -> int:
    """Past empty lines, and quoted ones."""
    while position < len(lines) and (not lines[position].strip() or (quotes and lines[position].lstrip().startswith(">"))):
        position += 1
    return position


def _wrote(lines: list[str], position: int) -> int:
    """How many lines say who wrote what follows; 0 when this is no such line.

    "Pada tanggal 3 November saya menulis:" may stand in a complaint. A client's line has an address in it, or a time of day and a
    quote right below.
    """
    if not lines[position][:_DEEPEST_INDENT].lstrip().startswith(("On ", "Pada ")):
        return 0
    said = ""
    for count in range(1, min(_MOST_LINES_WROTE, len(lines) - position) + 1):
        line = lines[position + count - 1].strip()
        if not line or line.startswith(">"):
            return 0
        said = f"{said} {line}"[: 2 * _LONGEST_LINE].strip()
        found = _WROTE.match(said)
        if found is not None:
            below = _skip(lines, position + count, quotes=False)
            quoted = below < len(lines) and lines[below].lstrip().startswith(">")
            proven = _ADDRESS.search(found[0]) or (quoted and _TIME.search(found[0]))
            return count if proven and (found.end() == len(said) or _ADDRESS.search(found[0])) else 0
    return 0


def _ends_here(lines: list[str], position: int) -> bool:
    """The head of an older mail begins: a client's rule, or Outlook's block of fields.

    A letter has such lines too ("Dari: warga RT 3", "Kepada: …", "Perihal: …"); a client's block says when it was sent, or from which
    address.
    """
    line = lines[position][:_LONGEST_LINE].strip()
    if _SEPARATOR.fullmatch(line):
        return True
    if (field := _FIELD.fullmatch(line)) is None or _MEANS.get(field[1].lower()) != "from":
        return False
    block = [found for each in lines[position : position + 8] if (found := _FIELD.fullmatch(each[:_LONGEST_LINE].strip()))]
    names = {_MEANS.get(found[1].lower()) for found in block}
    return len(names & {"to", "subject", "date", "sent"}) >= 2 and ("sent" in names or _ADDRESS.search(field[2]) is not None)


def _block(lines: list[str], position: int) -> int:
    """How many lines the head of an older mail has; 0 where none begins."""
    if not _ends_here(lines, position):
        return 0
    end = position + 1
    while end < len(lines) and _FIELD.fullmatch(lines[end][:_LONGEST_LINE].strip()):
        end += 1
    return end - position


def _is_signature(lines: list[str], position: int) -> bool:
    """RFC 3676 §4.3."""
    line = lines[position]
    return line == "-- " or (line.rstrip() == "--" and len(lines) - position <= _SHORT_SIGNATURE)


def _trim(kept: list[str]) -> list[str]:
    """Without empty lines, rules and the telephone's advertisement at the end."""
    end = len(kept)
    while end and _is_trimming(kept[end - 1]):
        end -= 1
    return kept[:end]


def _is_trimming(line: str) -> bool:
    line = line[:_LONGEST_LINE].strip()
    return not line or _RULE.fullmatch(line) is not None or _is_device(line)


def _is_device(line: str) -> bool:
    return len(line) < 100 and _DEVICE.match(line) is not None
