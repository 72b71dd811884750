"""Delivery status notifications: what became of a letter of ours.

In: the bytes of a mail and its structure. Out: which letter, and what became of it; or None when the mail is no such notification.
It never raises, and keeps no address.

RFC 3464 (delivery-status), RFC 3462 (multipart/report); and the prose of servers older than these, which quote the letter's header.
"""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from channels.email import fields, transfer
from channels.email.fields import Fields
from channels.email.structure import Node

_STATUS = re.compile(r"\b([245]\.\d{1,3}\.\d{1,3})\b")
_ID = re.compile(rb"^[ \t>]{0,10}Message-ID:\s{0,10}(<[!-;=?-~]{1,250}>)", re.IGNORECASE | re.MULTILINE)
#: what may hold the header of the letter that came back
_RETURNED = {"message/rfc822", "text/rfc822-headers", "text/rfc822-header", "message/global", "message/global-headers"}
_STATUS_KINDS = {"message/delivery-status", "message/global-delivery-status"}
#: a report tells of one letter; ours have one recipient
_MOST_BLOCKS = 20
_LARGEST = 200_000
_BY_ACTION: dict[str, Literal["delivered", "failed", "pending"]] = {
    "failed": "failed", "delivered": "delivered", "expanded": "delivered", "relayed": "pending", "delayed": "pending",
}  # fmt: skip
_BY_CLASS: dict[str, Literal["delivered", "failed", "pending"]] = {"2": "delivered", "4": "pending", "5": "failed"}


class Notification(msgspec.Struct, frozen=True, kw_only=True):
    """`message_ids` are those the letter may have had, with their brackets, the likeliest first."""

    message_ids: tuple[str, ...]
    state: Literal["delivered", "failed", "pending"]
    #: `5.1.1`; empty when nobody said
    status: str = ""


def is_report(root: Node) -> bool:
    """True for a mail that is a report of delivery (RFC 3464 §2), not for one that brings such a report along."""
    if root.kind == "multipart/report":
        return root.parameters.get("report-type", "").lower() in {"delivery-status", "", "global-delivery-status"} and has_status(root)
    return False


def has_status(root: Node) -> bool:
    """True when there is a delivery-status among the parts."""
    return any(leaf.kind in _STATUS_KINDS for leaf in root.leaves())


def read_notification(octets: bytes, root: Node, text: str) -> Notification:
    """What a mail says that is known to be a notification."""
    action, status = "", ""
    for leaf in root.leaves():
        if leaf.kind in _STATUS_KINDS:
            action, status = _read_status(_content(octets, leaf))
            break
    if not status and (said := _STATUS.search(text[:_LARGEST])) is not None:
        status = said[1]
    # without a word about it, the letter may still arrive
    state = _BY_ACTION.get(action) or _BY_CLASS.get(status[:1], "pending")
    return Notification(message_ids=tuple(dict.fromkeys(_letters(octets, root))), state=state, status=status)


def _read_status(content: bytes) -> tuple[str, str]:
    """Action and status of the first recipient that has one. Empty lines divide the fields of recipients (RFC 3464 §2.1)."""
    position = 0
    for _ in range(_MOST_BLOCKS):
        if position >= len(content):
            break
        header = fields.read_header(content, position, len(content))
        if action := _word(header.fields, "action"):
            said = _STATUS.search(_word(header.fields, "status")) or _STATUS.search(_word(header.fields, "diagnostic-code"))
            return action.lower(), said[1] if said else ""
        position = max(header.end, position + 1)
    return "", ""


def _word(found: Fields, name: str) -> str:
    return fields.text(fields.first(found, name)).partition("(")[0].strip() if name == "action" else fields.text(fields.first(found, name))


def _letters(octets: bytes, root: Node) -> list[str]:
    """Ids in the header that came back, in old servers' prose, and at last that which the notification answers."""
    returned = [_content(octets, leaf) for leaf in root.leaves() if leaf.kind in _RETURNED]
    prose = [_content(octets, leaf) for leaf in root.leaves() if leaf.kind.startswith("text/") and leaf.kind not in _RETURNED]
    found = [word[1] for content in (*returned, *prose) for word in [_ID.search(content)] if word]
    return [each.decode("ascii") for each in found] + fields.ids(root.fields, "in-reply-to")[:1]


def _content(octets: bytes, leaf: Node) -> bytes:
    body = octets[leaf.start : min(leaf.end, leaf.start + _LARGEST)]
    return transfer.undo(body, leaf.encoding).octets
