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
#: one that stands by itself; half of one would be somebody else's
_ANYWHERE = re.compile(
    r"(?<![^\s(<,;:\"])[^\s\x00-\x1f\x7f-\x9f()<>@,;:\\\"\[\]]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,188}[A-Za-z0-9])?(?![^\s)>,;:\"])"
)
_AROUND = re.compile(r"\s*([@.])\s*")
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
    """A mailbox under way. `depth` counts the comments that are open, `words` are without the quotes that `plain` keeps."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.plain: list[str] = []
        self.angle: list[str] = []
        self.comment: list[str] = []
        self.depth, self.quoted, self.angled = 0, False, False

    def put(self, said: str) -> None:
        if self.depth:
            self.comment.append(said)
        elif self.angled:
            self.angle.append(said)
        else:
            self.words.append(said)
            self.plain.append(said)

    def quote(self) -> None:
        """A local part keeps its quotes, a name does not."""
        self.quoted = not self.quoted
        (self.angle if self.angled else self.plain).append('"')

    def mailbox(self) -> Mailbox | None:
        angle = "".join(self.angle).strip()
        address = valid(angle) or valid(_AROUND.sub(r"\1", "".join(self.plain).strip()))
        if not address or self.depth:
            return None
        name = "".join(self.words) if angle else " ".join("".join(self.comment).split())
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
    draft, position = _Draft(), 0
    while len(found) < _MOST_MAILBOXES:
        mark = _SIGN.search(text, position)
        draft.put(text[position : mark.start() if mark else len(text)])
        if mark is None or mark[0] in ",;":
            if mark is not None and (draft.quoted or draft.depth or draft.angled):
                draft.put(mark[0])
                position = mark.end()
                continue
            mailbox = draft.mailbox()
            found += [mailbox] if mailbox is not None else []
            if mark is None:
                break
            draft = _Draft()
        elif mark[0] == "\\":
            draft.put(text[mark.end() : mark.end() + 1])
        elif mark[0] == ":" and not (draft.quoted or draft.depth):
            # the name of a group; within brackets a route before the address (RFC 5322 §4.4)
            draft.angle = []
            draft = draft if draft.angled else _Draft()
        else:
            _sign(draft, mark[0])
        position = mark.end() + (mark[0] == "\\")
    return tuple(found)


def _sign(draft: _Draft, sign: str) -> None:
    """What a sign means that ends no mailbox."""
    if sign == '"' and not draft.depth:
        draft.quote()
    elif draft.quoted:
        draft.put(sign)
    elif sign in "()":
        draft.comment.append(" ")
        draft.depth = max(draft.depth + (1 if sign == "(" else -1), 0)
    elif draft.depth:
        draft.put(sign)
    elif sign == "<":
        draft.angled, draft.angle = True, []
    else:
        draft.angled = False
