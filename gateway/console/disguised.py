"""What came through a door, in disguise: the octets as they came, apart from whose they are and what they say.

In: a channel's kind, octets that it keeps. Out: octets that its reader takes the same way through our code. Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from gateway.console import disguised_json, disguised_mail, disguised_push, disguised_sms
from gateway.console.disguise import Disguise

#: keys of a channel's table by which it reads; nothing in them is a secret
READS_BY: Final[Mapping[str, tuple[str, ...]]] = {
    "sms.esme": ("short_code", "default_alphabet", "id_tlv"),
    "sms.push": ("profile", "short_code", "fields", "codings", "answer"),
    "email.mailbox": ("address", "also", "hostname", "authserv_ids"),
    "social.x": ("account", "hashtags", "opt_out_words"),
}
#: those of them whose values are words that may stand in a message and are ours
_OURS: Final = ("short_code", "address", "also", "hostname", "authserv_ids", "account", "hashtags")


def read_by(kind: str, table: Mapping[str, object]) -> dict[str, object]:
    """What of a channel's table must be known to read what it keeps."""
    return {name: table[name] for name in READS_BY.get(kind, ()) if name in table}


def ours(table: Mapping[str, object]) -> list[str]:
    """Our own names at this door."""
    found: list[str] = []
    for name in _OURS:
        value = table.get(name, ())
        found += [value] if isinstance(value, str) else [str(each) for each in value] if isinstance(value, list | tuple) else []
    return [each for each in found if each]


def raw(kind: str, octets: bytes, table: Mapping[str, Any], disguise: Disguise) -> bytes:
    """By the channel's kind."""
    if kind == "sms.esme":
        return disguised_sms.pdu(octets, disguise, str(table.get("default_alphabet", "gsm7")))
    if kind == "sms.push":
        return disguised_push.call(octets, disguise)
    if kind == "email.mailbox":
        return disguised_mail.mail(octets, disguise)
    return disguised_json.document(octets, disguise)
