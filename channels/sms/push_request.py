"""An aggregator's call: who makes it, what is kept of it, and the fields that it has.

In: a `Request`, or the bytes that were kept of one. Out: yes or `Forged`; those bytes, without secrets; fields by name, as octets.
Pure: the same request gives the same bytes. It never lets a value into an exception.

What is kept is written like an HTTP request of which nothing is left but the target and the body's type; lines end in LF:

    POST /sms/aggregator?from=%2B628120000001&text=jalan+rusak
    content-type: application/x-www-form-urlencoded
    (an empty line)
    (the body)

The query is written anew from its fields, a name once. The body is there octet for octet, but for the secret, where it came as a
field: its pair is cut out of a form, and JSON that had one is written anew without it.
"""

from __future__ import annotations

import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Network, IPv6Network, ip_address
from math import isfinite
from typing import Any
from urllib.parse import parse_qsl, unquote_plus, urlencode

import msgspec

from channels.base import Forged, Request
from channels.sms.push_settings import Settings

FORM, JSON = "application/x-www-form-urlencoded", "application/json"
#: fields of one call, and how deep JSON may nest them
_MOST_FIELDS, _DEEPEST = 200, 5

Network = IPv4Network | IPv6Network


class Call(msgspec.Struct, frozen=True):
    """What a call says."""

    #: octets by name; those of a query or a form are whatever charset the aggregator writes, those of JSON are UTF-8
    values: Mapping[str, bytes]

    def word(self, name: str) -> str:
        """A field that is no text of a citizen: a number, an id, a keyword; "" when it is not there. Raises ValueError."""
        try:
            return self.values.get(name, b"").decode()
        except UnicodeDecodeError:
            raise ValueError(f"{name} is not UTF-8") from None


class Guard:
    """Who may call."""

    def __init__(self, settings: Settings, networks: tuple[Network, ...]) -> None:
        self._secret, self._header, self._field = settings.secret.encode(), settings.secret_header.lower(), settings.secret_field
        self._basic = f"{settings.username}:{settings.password}".encode() if settings.username else b""
        self._networks = networks

    @property
    def field(self) -> str:
        """The field that must not be kept; empty when there is none."""
        return self._field if self._secret and not self._header else ""

    def admit(self, request: Request) -> None:
        """Raises Forged unless every proof that is asked for is there, and ValueError for a body that cannot be searched for one."""
        if self._networks and not self._from_there(request.client):
            raise Forged
        # every comparison takes as long whatever comes
        if self._basic and not hmac.compare_digest(_credentials(request.headers.get("authorization", "")), self._basic):
            raise Forged
        if self._secret and not hmac.compare_digest(self._shown(request), self._secret):
            raise Forged

    def _from_there(self, client: str) -> bool:
        try:
            address = ip_address(client)
        except ValueError:
            return False
        mapped = getattr(address, "ipv4_mapped", None) or address
        return any(mapped in network for network in self._networks)

    def _shown(self, request: Request) -> bytes:
        if self._header:
            return request.headers.get(self._header, "").encode("utf-8", "replace")
        if self._field in request.query:
            return _octets(request.query[self._field])
        return _body_values(_media_type(request), request.body).get(self._field, b"")


def kept(request: Request, secret_field: str) -> bytes:
    """What is kept of a call. Raises ValueError when its body is not what it says it is."""
    query = urlencode({name: _octets(value) for name, value in request.query.items() if name != secret_field})
    media_type, body = _media_type(request), request.body
    if secret_field and body:
        body = _without(media_type, body, secret_field)
    head = f"{request.method} {request.path}{'?' if query else ''}{query}\ncontent-type: {media_type}\n\n"
    return head.encode("utf-8", "replace") + body


def read(raw: bytes) -> Call:
    """The fields of what was kept; those of the body count before those of the query. Raises ValueError."""
    head, _, body = raw.partition(b"\n\n")
    lines = head.split(b"\n")
    if len(lines) != 2 or not lines[1].startswith(b"content-type: "):
        raise ValueError("these are not the bytes of a push")
    _, _, query = lines[0].partition(b"?")
    media_type = lines[1].removeprefix(b"content-type: ").decode("utf-8", "replace")
    return Call(values=dict(_form(query)) | _body_values(media_type, body))


def _media_type(request: Request) -> str:
    """Of a body without a type it is assumed that it is a form; a GET has none."""
    written = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    return "".join(sign for sign in written if sign.isprintable()) or FORM


def _body_values(media_type: str, body: bytes) -> dict[str, bytes]:
    if not body.strip():
        return {}
    if media_type == FORM:
        return dict(_form(body))
    if media_type == JSON or media_type.endswith("+json"):
        return dict(_flat(_object(body)))
    raise ValueError("the body is neither a form nor JSON")


def _form(octets: bytes) -> Iterator[tuple[str, bytes]]:
    """Of a name that comes twice, the last."""
    try:
        pairs = parse_qsl(octets.decode("latin-1"), keep_blank_values=True, encoding="latin-1", max_num_fields=_MOST_FIELDS)
    except ValueError:
        raise ValueError("there are too many fields") from None
    for name, value in pairs:
        yield name.encode("latin-1").decode("utf-8", "replace"), value.encode("latin-1")


def _object(body: bytes) -> dict[str, Any]:
    try:
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        pass
    try:  # half of an emoji, where an SMS was cut: JSON can write it (RFC 8259 §8.2), and the strict reader would lose the whole message
        return msgspec.convert(json.loads(body), dict[str, Any])
    except (ValueError, RecursionError):
        raise ValueError("the body is not a JSON object") from None


def _flat(content: Mapping[str, Any], above: str = "", depth: int = 0) -> Iterator[tuple[str, bytes]]:
    """Words and numbers by name; `message.from` for one that lies in another object. Lists are nobody's field.

    NaN and Infinity, which the second reader takes although RFC 8259 does not know them, are no more than null: an id that is NaN would be
    the same for every message, and a complaint told again in a month would pass for the first one's redelivery.
    """
    for name, value in content.items():
        match value:
            case dict() if depth < _DEEPEST:
                yield from _flat(value, f"{above}{name}.", depth + 1)
            case str():
                yield above + name, value.encode("utf-8", "replace")
            case bool() | None:
                pass
            case float() if not isfinite(value):
                pass
            case int() | float():
                yield above + name, str(value).encode()


def _without(media_type: str, body: bytes, field: str) -> bytes:
    if media_type == FORM:
        return b"&".join(pair for pair in body.split(b"&") if unquote_plus(pair.partition(b"=")[0].decode("utf-8", "replace")) != field)
    content = _object(body)
    if field not in content:
        return body
    del content[field]
    try:
        return msgspec.json.encode(content)
    except UnicodeEncodeError:  # half of an emoji again
        return json.dumps(content).encode()


def _octets(value: str) -> bytes:
    """The octets of a field of the query; what is not UTF-8 comes as lone surrogates (PEP 383)."""
    try:
        return value.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return value.encode("utf-8", "replace")


def _credentials(header: str) -> bytes:
    """User and password of HTTP Basic (RFC 7617)."""
    scheme, _, written = header.partition(" ")
    if scheme.lower() != "basic":
        return b""
    try:
        return b64decode(written.strip().encode("ascii", "replace"), validate=True)
    except ValueError:
        return b""
