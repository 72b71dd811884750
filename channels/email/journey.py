"""The lines that our server writes above each mail, so that everything that is known of its journey lies in its raw bytes. Pure.

In: an envelope and where it came from. Out: header lines, and the same read back. It never looks below them; only the block up to and
with the first X-Lapor-Client is ours, whatever stands further down was written by others.

    Return-Path: <budi@warga.example>                 # empty for a bounce
    Delivered-To: lapor@lapor.example                 # one line for each recipient
    Received: from mx.warga.example ([192.0.2.7]) by mail.lapor.example with ESMTPS; Sun, 22 Nov 2026 05:00:00 +0000
    X-Lapor-Client: ip=192.0.2.7; helo=mx.warga.example; tls=yes; smtputf8=no
"""

from __future__ import annotations

import re
from datetime import datetime
from email.utils import format_datetime

import msgspec

_CLIENT = re.compile(rb"^X-Lapor-Client: ip=([^;\r\n]*); helo=([^;\r\n]*); tls=(yes|no); smtputf8=(yes|no)\r\n", re.MULTILINE)
#: what a HELO may contribute to a header
_STRANGE = re.compile(r"[^A-Za-z0-9.:\[\]_-]")
#: a client can make the block no longer than this: a sender and 100 recipients, each as long as a command may be (4,096 octets)
LONGEST = 450_000


class Trace(msgspec.Struct, frozen=True, kw_only=True):
    """How a mail came to us."""

    #: "" for the null sender
    mail_from: str
    recipients: tuple[str, ...]
    ip: str
    helo: str
    tls: bool
    smtputf8: bool


def written(trace: Trace, host: str, now: datetime) -> bytes:
    """The block, with which the raw of an arrival begins. `now` is aware."""
    helo = _STRANGE.sub("?", trace.helo)[:255]
    protocol = f"{'UTF8' if trace.smtputf8 else 'E'}SMTP{'S' if trace.tls else ''}"  # RFC 3848, RFC 6531 §4.3
    lines = [
        f"Return-Path: <{trace.mail_from}>",
        *(f"Delivered-To: {recipient}" for recipient in trace.recipients),
        f"Received: from {helo} ([{trace.ip}]) by {host} with {protocol}; {format_datetime(now)}",
        f"X-Lapor-Client: ip={trace.ip}; helo={helo}; tls={_word(trace.tls)}; smtputf8={_word(trace.smtputf8)}\r\n",
    ]
    return "\r\n".join(lines).encode("utf-8", "surrogateescape")


def read(raw: bytes) -> tuple[Trace, int]:
    """The journey of a mail, and where its own bytes begin. Raises ValueError when the block is not there."""
    found = _CLIENT.search(raw, 0, LONGEST)
    if not found:
        raise ValueError("no X-Lapor-Client above this mail")
    block = raw[: found.start()].decode("utf-8", "surrogateescape").split("\r\n")
    mail_from = next((line[14:-1] for line in block if line.startswith("Return-Path: <")), "")
    recipients = tuple(line[14:] for line in block if line.startswith("Delivered-To: "))
    ip, helo, tls, smtputf8 = (group.decode("ascii", "replace") for group in found.groups())
    trace = Trace(mail_from=mail_from, recipients=recipients, ip=ip, helo=helo, tls=tls == "yes", smtputf8=smtputf8 == "yes")
    return trace, found.end()


def _word(yes: bool) -> str:
    return "yes" if yes else "no"
