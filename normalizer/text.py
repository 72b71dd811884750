"""Words made fit to be carried and shown.

In: text as a channel read it. Out: the same text without what JSON cannot carry, or one short line for a list. It never corrects
spelling, and nothing but `scrub` ever touches the verbatim text.
"""

from __future__ import annotations

import re

#: half of a UTF-16 pair standing alone: no UTF-8, so neither the store nor a ledger could keep it
_LONE = re.compile("[\ud800-\udfff]")
#: what is ASCII and neither letter nor digit, and what is none, as spaces; letters and digits as their kind
_KINDS = re.sub(rb"[a-z]", b"a", re.sub(rb"[A-Z]", b"A", re.sub(rb"[0-9]", b"0", re.sub(rb"[^0-9A-Za-z]", b" ", bytes(range(256))))))
_CUT = " ,.;:-–—/([{\"'"


def scrub(text: str) -> str:
    """The text, character by character as it is, except that a lone surrogate becomes U+FFFD."""
    return text if text.isascii() else _LONE.sub("\ufffd", text)


def kinds(text: str) -> bytes:
    """Its bytes as `a`, `A`, `0` or a space. What a text has of these is found ten times as fast so as by a pattern."""
    return text.encode("utf-8", "replace").translate(_KINDS)


def line(text: str, limit: int) -> str:
    """One printable line of at most `limit` characters (2 or more), cut behind a word and ended with … when there was more."""
    head = text[: 4 * limit]
    words = " ".join(head.split())
    if not words.isprintable():
        words = " ".join("".join(c if c.isprintable() else " " for c in words).split())
    if len(words) <= limit and (len(head) == len(text) or not text[len(head) :].strip()):
        return words
    piece = words[: limit - 1]
    if words[limit - 1 : limit] not in {"", " "}:
        space = piece.rfind(" ")
        # a word longer than half of the line (a link, words glued together) is cut rather than lost
        piece = piece[:space] if space > limit // 2 else piece
    return (piece.rstrip(_CUT) or piece) + "…"
