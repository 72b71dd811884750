"""A letter as the call that asks an aggregator to send it, and what the aggregator's answer means.

In: a letter; a status and a body. Out: method, URL and fields; the provider's id, or `Refused` or `Unavailable`. Pure, and never lets
a credential, a number or a text into an exception.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from hashlib import blake2b
from typing import NamedTuple
from urllib.parse import urlencode

from channels.base import Letter, Refused, Taken, Unavailable, quoted
from channels.sms import alphabet
from channels.sms.push_settings import Profile, Settings

#: characters of an aggregator's refusal that an operator is shown
WORDS = 200


class Call(NamedTuple):
    """What goes out; `fields` as a query, a form or JSON, whichever the profile says."""

    fields: dict[str, str]
    #: user and password for HTTP Basic
    basic: tuple[str, str] | None
    #: the id by which receipts will name the letter, when the aggregator's own is of no use
    own_id: str


class Reply(NamedTuple):
    """An aggregator's answer, read whole."""

    status: int
    body: str
    #: the header, verbatim; empty when absent
    retry_after: str


def compose(letter: Letter, settings: Settings, profile: Profile) -> Call:
    """The call for a letter. Raises Refused when it has no addressee."""
    names, addressee = profile.send_fields, letter.reply_to.get("to") or letter.to
    if not addressee:
        raise Refused("unsendable")
    plain = alphabet.septets(letter.text) is not None
    fields = profile.send_fixed | {names.sender: settings.short_code, names.recipient: addressee}
    if names.hex and not plain:
        fields[names.hex] = letter.text.encode(alphabet.UTF16, "replace").hex()
    else:
        fields[names.text] = letter.text
    if names.coding:
        fields[names.coding] = "0" if plain else _wide(profile)
    own_id = blake2b(letter.key.encode(), digest_size=12).hexdigest()
    if settings.receipt_url and names.receipt_url:
        fields |= profile.receipt_fixed | {names.receipt_url: _receipt_url(settings, profile, own_id)}
    basic = None
    if names.password:
        fields |= {
            name: value for name, value in ((names.username, settings.send_username), (names.password, settings.send_password)) if name
        }
    elif settings.send_username:
        basic = (settings.send_username, settings.send_password)
    return Call(fields, basic, own_id if "{id}" in profile.receipt_query else "")


def _wide(profile: Profile) -> str:
    return "2" if profile.codings == "kannel" else "8"


def _receipt_url(settings: Settings, profile: Profile, own_id: str) -> str:
    """Where the receipts of one letter come; with the secret, where that comes in a field: the aggregator has no other way to show it."""
    query = profile.receipt_query.replace("{id}", own_id)
    if settings.secret and not settings.secret_header:
        query = "&".join(filter(None, (query, urlencode({settings.secret_field: settings.secret}))))
    return f"{settings.receipt_url}?{query}" if query else settings.receipt_url


def judge(reply: Reply, accepted: str, own_id: str, now: datetime) -> Taken:
    """With the provider's id of a letter that was taken, if it has one. Raises Refused or Unavailable."""
    said = quoted(f"HTTP {reply.status}\n{reply.body}")
    if 200 <= reply.status < 300:
        found = re.search(accepted, reply.body)
        if not found:
            # a page of somebody else's, or a refusal in words that nobody told us
            raise Unavailable("bad_answer", unsure=True, said=said)
        identity = own_id or found.groupdict().get("id") or ""
        return Taken((identity,) if identity else (), said)
    code = f"http_{reply.status}"
    wait = _retry_after(reply.retry_after, now)
    if reply.status in (408, 425, 429, 503):
        raise Unavailable(code, retry_after=wait, said=said)
    if 400 <= reply.status < 500:
        raise Refused(code, "".join(sign if sign.isprintable() else " " for sign in reply.body[:WORDS]), said=said)
    # 5xx, and a redirect, which we do not follow: somebody may have done the work behind it
    raise Unavailable(code, retry_after=wait, unsure=True, said=said)


def _retry_after(header: str, now: datetime) -> float | None:
    """Seconds from a Retry-After, which names seconds or an instant (RFC 9110 §10.2.3); None when it says neither."""
    if re.fullmatch(r"[0-9]{1,9}", header):
        return float(header)
    try:
        then = parsedate_to_datetime(header)
    except ValueError:
        return None
    return max(0.0, (then.replace(tzinfo=then.tzinfo or UTC) - now).total_seconds())
