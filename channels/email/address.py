"""Who wrote: the mailboxes of a From field.

In: the raw value of a field. Out: names and addresses that are safe to write into a field of an answer. It reads the value once, sign
by sign, without calling itself (the standard library's parser dies of `((((`), and never raises.

RFC 5322 §3.4. Encoded words are decoded after the value was taken apart, so that none can bring an address of its own.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from channels.email import charset, fields

#: RFC 5321 §4.5.3.1: 64 octets of local part; a path has 256 with its brackets
_ADDRESS = re.compile(
    r"(?:[^\s\x00-\x1f\x7f-\x9f()<>@,;:\\\"\[\]]{1,64}|\"[^\x00-\x1f\x7f-\x9f\"\\]{1,62}\")@"
    r"(?:(?!-)[^\s\x00-\x2c/\x3a-\x40\x5b-\x5e`\x7b-\xa0]{1,189}|\[[0-9A-Za-z.:]{2,60}\])"
)
_ANYWHERE = re.compile(r"[^\s\x00-\x1f\x7f-\x9f()<>@,;:\\\"\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?")
_LONGEST_ADDRESS = 254
#: stands where octets could not be read
_MARK = "\N{REPLACEMENT CHARACTER}"
_LONGEST_NAME = 200
_MOST_MAILBOXES = 20
#: where a run of signs without meaning ends
_SIGN = re.compile(r"[()<>\"\\,;:]")


class Mailbox(NamedTuple):
    """`Budi <budi@warga.example>`; the domain in lower case."""

    name: str
    address: str


class _Draft:
    """A mailbox under way: its words, what stands in angle brackets, and its comments."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.angle: list[str] = []
        self.comment: list[str] = []

    def mailbox(self) -> Mailbox | None:
        angle, words = "".join(self.angle).strip(), "".join(self.words).strip()
        address = valid(angle) or valid("".join(words.split()))
        if not address:
            return None
        name = words if angle else " ".join("".join(self.comment).split())
        return Mailbox(fields.text(name.encode())[:_LONGEST_NAME].strip(), address)


def mailboxes(value: bytes) -> tuple[Mailbox, ...]:
    """Those that can be read, in their order; of a value that breaks off or makes no sense, the first address anywhere in it."""
    text = charset.decode(value[: fields.LONGEST]).text
    found = _parse(text)
    if not found and (anywhere := _ANYWHERE.search(text)) is not None and valid(anywhere[0]):
        return (Mailbox("", valid(anywhere[0])),)
    return found


def valid(address: str) -> str:
    """The address when it is one that can be written to, its domain in lower case; else nothing."""
    if len(address) > _LONGEST_ADDRESS or not address.isprintable() or _MARK in address or not _ADDRESS.fullmatch(address):
        return ""
    local, _, domain = address.rpartition("@")
    return f"{local}@{domain.lower()}"


def _parse(text: str) -> tuple[Mailbox, ...]:
    found: list[Mailbox] = []
    draft, depth, quoted, angled, position = _Draft(), 0, False, False, 0

    while position < len(text) and len(found) < _MOST_MAILBOXES:
        place = draft.comment if depth else draft.angle if angled else draft.words
        next_sign = _SIGN.search(text, position)
        if next_sign is None:
            place.append(text[position:])
            break
        place.append(text[position : next_sign.start()])
        sign, position = next_sign[0], next_sign.end()
        if sign == "\\":
            place.append(text[position : position + 1])
            position += 1
        elif quoted:
            quoted = sign != '"'
            # a quoted local part keeps its quotes, a quoted name does not
            place.append(sign if quoted or angled else "")
        elif depth or sign == "(":
            depth += {"(": 1, ")": -1}.get(sign, 0)
            place.append(" " if sign in "()" else sign)
        elif sign == '"':
            quoted = True
            place.append(sign if angled else "")
        elif sign == "<":
            angled, draft.angle = True, []
        elif sign == ">":
            angled = False
        elif sign == ":" and angled:
            draft.angle = []  # RFC 5322 §4.4: a route before the address
        elif sign == ":":
            draft = _Draft()  # the name of a group
        elif not angled:
            found += [mailbox] if (mailbox := draft.mailbox()) is not None else []
            draft = _Draft()
    last = draft.mailbox() if not depth and len(found) < _MOST_MAILBOXES else None
    return (*found, last) if last is not None else tuple(found)
