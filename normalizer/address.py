"""Who speaks, as far as the channel knows.

In: the sender as the channel writes it, the channel's kind, the type of number when SMPP told it. Out: a `Reporter`, a telephone in
E.164 where it has that form. It never looks anybody up, and an address that it cannot read stays as it was written.
"""

from __future__ import annotations

import re
from typing import Final

import phonenumbers

from channels.base import InboundMessage
from normalizer.complaint import Reporter
from normalizer.text import scrub

#: key of `InboundMessage.extras` under which an SMS channel passes on the source_addr_ton of the PDU, in decimal (SMPP 3.4 §5.2.5)
TON: Final = "source_ton"
#: … and under which any channel passes on what the sender calls himself there
NAME: Final = "name"
_INTERNATIONAL, _NATIONAL, _ALPHANUMERIC = "1", "2", "5"

#: Indonesian mobile numbers, nearly every sender of an SMS, exactly as phonenumbers knows them (a test holds the two together):
#: its parser costs 26 µs, this costs less than one
_MOBILE = re.compile(r"(?:\+?62|0)(8[1-35-9][0-9]{7,10})")
_DIALLED = re.compile(r"[(+]{0,2}[0-9][0-9 ().\-/]{0,30}")
_MAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
#: rooms in which no sender is a telephone, whatever he looks like
_NO_PHONE: Final = frozenset({"social", "email"})
_MARKS = str.maketrans("", "", " ().-/")


def reporter(message: InboundMessage, kind: str, name: str = "") -> Reporter:
    """Read the sender; `kind` is the channel's, such as `sms.esme`, or empty when it is not known."""
    room, ton = kind.partition(".")[0], message.extras.get(TON, "")
    if (mobile := _MOBILE.fullmatch(message.sender)) and room not in _NO_PHONE and ton != _ALPHANUMERIC:
        # nearly every sender of an SMS
        said = name or scrub(message.extras.get(NAME, ""))
        return Reporter(kind="phone", address="+62" + mobile[1], name=said, verified=scrub(message.verified))
    sender = scrub(message.sender)
    name, verified = name or scrub(message.extras.get(NAME, "")), scrub(message.verified)
    if not sender.strip():
        return Reporter(kind="none", address="", name=name, verified=verified)
    if room == "social":
        return Reporter(kind="handle", address=sender, name=name, verified=verified)
    if room == "email" or _MAIL.fullmatch(sender):
        return Reporter(kind="mail", address=sender, name=name, verified=verified)
    if ton == _ALPHANUMERIC or not _DIALLED.fullmatch(sender):
        return Reporter(kind="handle", address=sender, name=name, verified=verified)
    return Reporter(kind="phone", address=e164(sender, ton), name=name, verified=verified)


def person(who: Reporter) -> str:
    """The same at every door: a number in E.164, a mail address in small letters. Empty for a handle, which is another's elsewhere."""
    return who.address.lower() if who.kind in {"phone", "mail"} else ""


def e164(written: str, ton: str = "") -> str:
    """`+6281200001234` for every usual spelling of it; what is no full telephone number (1708) comes back as it was written."""
    digits = written.translate(_MARKS)
    if ton == _NATIONAL and digits.startswith("8"):
        digits = "0" + digits  # the national significant number: operators leave the trunk 0 away
    if mobile := _MOBILE.fullmatch(digits):
        return "+62" + mobile[1]
    return _elsewhere(digits, ton) or written


def _elsewhere(digits: str, ton: str) -> str:
    """E.164 by phonenumbers for landlines and foreign numbers; empty when it is no valid number, or could be two."""
    bare = not digits.startswith(("+", "0"))
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    elif bare and ton != _NATIONAL:
        # a bare 8… of unknown type may be Indonesian without its 0, Japanese or Chinese: better unread than misread
        if ton != _INTERNATIONAL and (digits[:1] == "8" or len(digits) < 10):
            return ""
        digits = "+" + digits
    try:
        parsed = phonenumbers.parse(digits, "ID")
    except phonenumbers.NumberParseException:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) if phonenumbers.is_valid_number(parsed) else ""
