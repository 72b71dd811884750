"""What other sides answered to us, as it was kept: a relay's replies, an SMSC's submit_sm_resp, the head of an HTTP answer.

In: an answer as `channels.base.quoted` left it, a veil. Out: rows. Status, codes and a queue's ids are nobody's; the words around them may
be about somebody. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from channels.sms import anatomy
from gateway.console import exchange_fields
from gateway.console.exchange_fields import Row, Veil

_ASKED = re.compile(r"(?:GET|POST|PUT) \S+")
_STATUS = re.compile(r"HTTP \d{3}")
_RESP = re.compile(r"[0-9a-f]{8}(?: \S+)?")


def answer(said: str, kind: str, veil: Veil) -> Iterator[Row]:
    """By the kind of the door; "" for a ledger's."""
    lines = said.split("\n")
    if kind == "email.mailbox":
        yield from (Row("S", veil.text(line)) for line in lines)
    elif kind == "sms.esme":
        for line in lines:
            yield from _resp(line, veil)
    else:
        yield from _http(lines, veil)


def _resp(line: str, veil: Veil) -> Iterator[Row]:
    """A submit_sm_resp: its status, and the id that the receipt will name."""
    if not _RESP.fullmatch(line):
        yield Row("raw", veil.value(line))
        return
    status, _, message_id = line.partition(" ")
    yield Row("command_status", f"0x{status}", "", anatomy.status_name(int(status, 16)))
    if message_id:
        yield Row("message_id", Veil(masked=False).text(message_id))


def _http(lines: list[str], veil: Veil) -> Iterator[Row]:
    if lines and _ASKED.fullmatch(lines[0]):
        yield Row("request", lines.pop(0))
    if lines and _STATUS.fullmatch(lines[0]):
        yield Row("status", lines.pop(0).removeprefix("HTTP "))
    body = "\n".join(lines)
    if body.startswith(("{", "[", "<")):  # a document that was cut shows nothing but how long its head is
        yield from exchange_fields.document(body.encode("utf-8", "replace"), veil)
    elif body:
        yield Row("body", veil.text(body))
