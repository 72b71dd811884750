"""A mail in disguise: the same parts in the same encodings, under the same fields, with other addresses and words.

In: the octets of a mail as our server kept it. Out: the same for the reader. What says how a mail is built, and which machine wrote it,
stays; what was enclosed keeps its kind, its size and its first octets, and is zeros behind them. Pure.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from typing import Final

from channels.email import charset, journey, transfer
from channels.email.structure import Node, read_structure
from gateway.console import disguised_html
from gateway.console.disguise import Disguise

#: fields that say nothing of a person
_PLAIN: Final = frozenset({
    b"content-transfer-encoding", b"mime-version", b"date", b"auto-submitted", b"precedence", b"x-auto-response-suppress", b"importance",
    b"x-priority", b"action", b"status", b"arrival-date", b"last-attempt-date",
})  # fmt: skip
_PROOF: Final = frozenset({b"authentication-results", b"arc-authentication-results", b"received-spf"})
_FIELD = re.compile(rb"([!-9;-~]{1,80}):((?:[^\r\n]|\r?\n[ \t]|\r(?!\n))*)")
_TOKEN = re.compile(rb"=\?([^?\s]{1,60})\?([bBqQ])\?([^?]*)\?=|[^\s<>\"(),;:=]+@[^\s<>\"(),;:]+")
_NAME = re.compile(rb"(?<=[;\s])((?:file)?name\*?[0-9]*\*?\s*=\s*)(\"(?:[^\"\\]|\\.)*\"|[^;\r\n]*)", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z0-9]{1,5}\"?\Z")
_RESULT = re.compile(rb"\b(?:dkim|spf|dmarc|arc|auth|iprev|pass|fail|none|softfail|neutral)(?:=[a-z]+)?\b")
_BEGINS = re.compile(rb"content-[a-z-]{2,30}:", re.IGNORECASE)
_CLIENT = re.compile(rb" ip=[^;\r\n]*; helo=([^;\r\n]*);")
_MAGIC: Final = 16


def mail(raw: bytes, disguise: Disguise) -> bytes:
    """All of it, our own block above it too."""
    try:
        start = journey.read(raw)[1]
    except ValueError:
        start = 0
    return _head(raw[:start], disguise) + _entity(raw[start:], disguise)


def _entity(octets: bytes, disguise: Disguise) -> bytes:
    pieces: list[bytes] = []
    at, root = 0, read_structure(octets, 0)
    marks = tuple(_marks(root))
    for leaf in root.leaves():
        pieces += (_head(octets[at : leaf.start], disguise, marks), _body(octets[leaf.start : leaf.end], leaf, disguise))
        at = leaf.end
    return b"".join([*pieces, _head(octets[at:], disguise, marks)])


def _marks(node: Node) -> Iterator[bytes]:
    """The lines between parts."""
    if node.children:
        yield b"--" + node.parameters.get("boundary", "").rstrip().encode()
    for child in node.children:
        yield from _marks(child)


def _head(octets: bytes, disguise: Disguise, marks: tuple[bytes, ...] = ()) -> bytes:
    """Fields, and the marks between parts; whatever stands between them is a text too."""
    pieces: list[bytes] = []
    at = 0
    while at < len(octets):
        found = _FIELD.match(octets, at)
        end = found.end() if found else octets.find(b"\n", at) + 1 or len(octets)
        if found:
            pieces.append(found[1] + b":" + _value(found[1].lower(), found[2], disguise))
        else:
            line = octets[at:end]
            # a mark that nobody announced is one all the same where a part begins behind it
            mark = line.rstrip().removesuffix(b"--") in marks or (line.startswith(b"--") and _BEGINS.match(octets, end))
            pieces.append(line if mark else _plain(line, disguise))
        at = end
        feed = re.compile(rb"\r?\n").match(octets, at) if found else None
        if feed:
            pieces.append(feed[0])
            at = feed.end()
    return b"".join(pieces)


def _value(name: bytes, value: bytes, disguise: Disguise) -> bytes:
    if name in _PLAIN:
        return value
    if name == b"x-lapor-client":
        # an address that is kept for examples (RFC 5737)
        return _CLIENT.sub(lambda found: b" ip=192.0.2.1; helo=" + _plain(found[1], disguise) + b";", value)
    if name in {b"content-type", b"content-disposition"}:
        return _NAME.sub(lambda found: found[1] + _file_name(found[2], disguise), value)
    if name == b"received":
        said, mark, date = value.rpartition(b";")
        return _words(said, disguise) + mark + date
    if name in _PROOF:
        return b"".join(_kept_apart(value, disguise))
    return _words(value, disguise)


def _kept_apart(value: bytes, disguise: Disguise) -> Iterator[bytes]:
    at = 0
    for found in _RESULT.finditer(value):
        yield _words(value[at : found.start()], disguise) + found[0]
        at = found.end()
    yield _words(value[at:], disguise)


def _words(value: bytes, disguise: Disguise) -> bytes:
    """The same address has the same disguise in every field."""
    pieces: list[bytes] = []
    at = 0
    for found in _TOKEN.finditer(value):
        pieces.append(_plain(value[at : found.start()], disguise))
        pieces.append(_encoded(found, disguise) if found[2] else _plain(found[0], disguise))
        at = found.end()
    return b"".join([*pieces, _plain(value[at:], disguise)])


def _encoded(found: re.Match[bytes], disguise: Disguise) -> bytes:
    """RFC 2047."""
    label, way, said = found[1], found[2].lower(), found[3]
    try:
        octets = binascii.a2b_base64(said) if way == b"b" else binascii.a2b_qp(said, header=True)
    except binascii.Error:
        return disguise.octets(found[0])
    changed = _text(octets, label.decode("ascii", "replace"), disguise)
    written = binascii.b2a_base64(changed, newline=False) if way == b"b" else binascii.b2a_qp(changed, header=True, quotetabs=True)
    return b"=?" + label + b"?" + found[2] + b"?" + written.replace(b"=\n", b"").replace(b"?", b"=3F") + b"?="


def _plain(octets: bytes, disguise: Disguise) -> bytes:
    return _text(octets, "utf-8", disguise)


def _file_name(written: bytes, disguise: Disguise) -> bytes:
    """A name's ending says what a file is."""
    said = written.decode("latin-1")
    start = said.rfind("'") + 1
    suffix = _SUFFIX.search(said)
    end = suffix.start() if suffix else len(said)
    pieces = re.split(r"(%[0-9A-Fa-f]{2}|=\?[^?]+\?[bBqQ]\?|\?=)", said[start:end])
    return "".join([said[:start], *(_unless_marked(piece, disguise) for piece in pieces), said[end:]]).encode("latin-1", "replace")


def _unless_marked(piece: str, disguise: Disguise) -> str:
    return piece if piece.startswith(("%", "=?", "?=")) else disguise.text(piece)


def _body(octets: bytes, leaf: Node, disguise: Disguise) -> bytes:
    if leaf.kind == "message/rfc822":
        return _entity(octets, disguise)
    if leaf.kind in {"message/delivery-status", "text/rfc822-headers", "message/disposition-notification"}:
        return _head(octets, disguise)
    if not leaf.kind.startswith("text/"):
        return _emptied(octets, leaf.encoding)
    label, html = leaf.parameters.get("charset", ""), leaf.kind == "text/html"
    if leaf.encoding.startswith("base64"):
        content = transfer.undo(octets, leaf.encoding, is_text=True)
        if content.defect != "encoding_wrong":
            return _as_base64(_text(content.octets, label, disguise, html=html), octets)
    elif leaf.encoding.startswith("quoted"):
        return binascii.b2a_qp(_text(binascii.a2b_qp(octets), label, disguise, html=html))
    return _text(octets, label, disguise, html=html)


def _emptied(octets: bytes, encoding: str) -> bytes:
    content = transfer.undo(octets, encoding).octets
    empty = content[:_MAGIC] + bytes(max(len(content) - _MAGIC, 0))
    return _as_base64(empty, octets) if encoding.startswith("base64") else empty[: len(octets)]


def _as_base64(content: bytes, before: bytes) -> bytes:
    """In lines as long as they were, that end as they did."""
    first = before.lstrip(b"\r\n").partition(b"\n")[0]
    feed = b"\r\n" if first.endswith(b"\r") else b"\n"
    width = len(first.rstrip()) or 76
    written = binascii.b2a_base64(content, newline=False)
    return feed.join([written[at : at + width] for at in range(0, len(written), width)]) + before[len(before.rstrip()) :]


def _text(octets: bytes, label: str, disguise: Disguise, *, html: bool = False) -> bytes:
    # what is in none of these is a text in an alphabet nobody knows
    for name in (charset.known(label) or "utf-8", "cp1252"):
        try:
            said = octets.decode(name)
            changed = disguised_html.markup(said, disguise) if html else disguise.text(said)
            return changed.encode(name)
        except UnicodeError:
            continue
    return disguise.octets(octets)
