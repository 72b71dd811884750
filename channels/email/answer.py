"""An answer as a mail: plain text and simple HTML, marked as automatic, in the thread of the complaint. Pure.

In: a letter, who we are, the time. Out: its bytes, ready for SMTP, and its Message-ID. It never lets a word of a citizen into a header
line of its own.

RFC 3834 §3 (automatic answers), RFC 5322 §3.6.4 (threads), RFC 2046 §5.1.4 (alternatives).
"""

from __future__ import annotations

import html
import quopri
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime, formataddr
from hashlib import sha256

import msgspec

from channels.base import Letter, Refused

#: ids of a thread that are repeated, the first and the last of them (RFC 5322 §3.6.4 lets a long line of them be cut)
MOST_REFERENCES = 20
LONGEST_ID, LONGEST_SUBJECT = 250, 200

_ID = re.compile(r"<[!-;=?-~]+>")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")
_RE = re.compile(r"\s*(?:re|bls|balas)\s*:", re.IGNORECASE)
_ADDRESS = re.compile(r"[^\x00-\x20\x7f<>()\[\],;:\\\"@]+@[^\x00-\x20\x7f<>()\[\],;:\\\"@]+")

_HTML = """<!DOCTYPE html>
<html lang="id">
<head><meta charset="utf-8"><title>{title}</title></head>
<body>
{paragraphs}
</body>
</html>
"""


class Writer(msgspec.Struct, frozen=True, kw_only=True):
    """Who answers."""

    address: str
    display_name: str
    #: ASCII; Message-IDs end in it
    domain: str


def message_id(letter: Letter, writer: Writer) -> str:
    """The same for the same letter, so that one which is sent twice is seen to be one.

    The key alone is a case's number and can be guessed. In the text stands the citizen's code: only who has the letter can answer it, or
    say that it came back.
    """
    return f"<{sha256(f'{letter.key} {letter.text}'.encode('utf-8', 'replace')).hexdigest()[:32]}@{writer.domain}>"


def recipient(letter: Letter) -> str:
    """Where it goes, with the domain as DNS knows it. Raises Refused for what is no address."""
    address = letter.reply_to.get("to") or letter.to
    local, _, domain = address.rpartition("@")
    try:
        address = f"{local}@{domain if domain.isascii() else domain.encode('idna').decode()}"
    except UnicodeError:
        address = ""
    if not _ADDRESS.fullmatch(address) or len(address) > 254:
        raise Refused("bad_address")
    return address


def composed(letter: Letter, writer: Writer, now: datetime) -> bytes:
    """The mail; lines end in CR LF. `now` is aware. Raises Refused for a letter without an address."""
    text = letter.text.strip() + "\n"
    subject = _subject(letter.reply_to.get("subject", ""))
    boundary = f"=_{sha256(letter.text.encode() + letter.key.encode()).hexdigest()[:32]}"
    thread = _thread(letter)
    head = [
        f"From: {formataddr((writer.display_name, writer.address))}",
        f"To: {recipient(letter)}",
        f"Subject: {Header(subject, 'utf-8' if not subject.isascii() else 'us-ascii', header_name='Subject').encode(linesep=chr(10))}",
        f"Date: {format_datetime(now)}",
        f"Message-ID: {message_id(letter, writer)}",
        *([f"In-Reply-To: {thread[-1]}", "References: " + "\n ".join(thread)] if thread else []),
        "Auto-Submitted: auto-replied",
        "X-Auto-Response-Suppress: All",
        "Content-Language: id",
        "MIME-Version: 1.0",
        f'Content-Type: multipart/alternative; boundary="{boundary}"',
    ]
    parts = [_part("plain", text), _part("html", _page(text, subject))]
    body = "".join(f"--{boundary}\n{part}\n" for part in parts)
    mail = "\n".join(head) + f"\n\n{body}--{boundary}--\n"
    return mail.replace("\n", "\r\n").encode("utf-8", "replace")


def _subject(theirs: str) -> str:
    """In the thread's words, on one line."""
    words = _CONTROL.sub(" ", theirs).strip()[:LONGEST_SUBJECT]
    return words if words and _RE.match(words) else f"Re: {words or 'Laporan Anda'}"


def _thread(letter: Letter) -> list[str]:
    """The ids of the mails that came before, the one we answer last; those that are none, or overlong, are left out."""
    found = _ID.findall(f"{letter.reply_to.get('references', '')} {letter.reply_to.get('message_id', '')}")
    ids = list(dict.fromkeys(reversed([one for one in found if len(one) <= LONGEST_ID])))[::-1]
    return ids if len(ids) <= MOST_REFERENCES else [ids[0], *ids[1 - MOST_REFERENCES :]]


def _part(kind: str, text: str) -> str:
    encoded = quopri.encodestring(text.encode("utf-8", "replace")).decode("ascii")
    return f"Content-Type: text/{kind}; charset=utf-8\nContent-Transfer-Encoding: quoted-printable\n\n{encoded}"


def _page(text: str, title: str) -> str:
    lines = [html.escape(line) for line in text.splitlines() if line.strip()]
    return _HTML.format(title=html.escape(title), paragraphs="\n".join(f"<p>{line}</p>" for line in lines))
