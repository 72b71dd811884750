"""What an Open311 server says, in JSON or XML, as one set of records (GeoReport v2, wiki.open311.org/GeoReport_v2).

In: a `Reply`. Out: rows, or a `Refused` or `Unavailable`. Pure. It believes no answer half: where what matters is missing or strange, the
answer says nothing about whether the work was done.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec
from lxml import etree  # type: ignore[import-untyped]  # ships no types

from channels.base import Refused, Unavailable
from forwarder.ledger import credible, tellable
from forwarder.reply import UNREADABLE, WORDS, Reply, bad_answer, failure, is_json, is_success, told

#: the fields of one thing; a list of things within it stands under its own name
Row = Mapping[str, Any]
SPECIFICATION: Final = "georeport_v2"


class Created(NamedTuple):
    """What a POST came to: an id, or a token that stands for one, or neither."""

    id: str = ""
    token: str = ""


class Attribute(NamedTuple):
    """What a service wants to know beside the description."""

    code: str
    required: bool
    #: it takes several values, and wants them in the form of several
    several: bool
    #: the values that it takes; empty for free text
    values: frozenset[str]


def rows(reply: Reply, now: datetime) -> list[Row]:
    """The things in a successful answer. Raises Refused or Unavailable."""
    if not is_success(reply.status):
        raise _failure(reply, now)
    found = _json(reply.body) if is_json(reply) else _xml(reply.body)
    if found is None:
        raise told(reply, bad_answer(), b"")  # it may be a list of other people's requests
    return found


def created(reply: Reply, now: datetime) -> Created:
    """The answer to a POST, or to a question after a token. Raises Refused or Unavailable."""
    for row in rows(reply, now):
        number, token = _words(row.get("service_request_id")), _words(row.get("token"))
        if number and not tellable(number):
            raise told(reply, bad_answer())
        if number or token:
            return Created(number, token)
    return Created()


def requested_at(row: Row) -> datetime | None:
    """When a request was made, as the server says; None where it does not, or not in a way that can be true."""
    try:
        at = datetime.fromisoformat(_words(row.get("requested_datetime")))
    except ValueError:
        return None
    return credible(at)


def standing(row: Row, now: datetime) -> tuple[str, str, str, datetime]:
    """Status, the agency, its notes, and when it last changed; `now` where the server does not say."""
    try:
        at = datetime.fromisoformat(_words(row.get("updated_datetime")))
    except ValueError:
        at = now
    status, by, notes = (_words(row.get(name)) for name in ("status", "agency_responsible", "status_notes"))
    return status[:200], by[:200], notes[:5000], credible(at) or now


def identity(row: Row) -> str:
    """The id of a request that can be told, or nothing."""
    number = _words(row.get("service_request_id"))
    return number if tellable(number) else ""


def attributes(reply: Reply, now: datetime) -> list[Attribute]:
    """What a service definition asks for. Raises Refused or Unavailable."""
    found: list[Attribute] = []
    for row in rows(reply, now):
        for one in _list(row.get("attributes")):
            if _true(one.get("variable", True)) and (code := _words(one.get("code"))):
                values = frozenset(_words(value.get("key")) for value in _list(one.get("values")))
                several = _words(one.get("datatype")) == "multivaluelist"
                found.append(Attribute(code, _true(one.get("required")), several, values - {""}))
    return found


def numbers_later(row: Row) -> bool:
    """True for a service whose requests have no id at once, or never: the list may not show them for long."""
    return _words(row.get("type")) in ("batch", "blackbox")


def wants_more(row: Row) -> bool:
    """True when a service has a definition of its own."""
    return _true(row.get("metadata"))


def endpoint(reply: Reply, now: datetime) -> tuple[str, bool]:
    """Address of the production endpoint of this version in a discovery document, and whether it speaks JSON.

    Raises Refused("no_endpoint") when there is none, else Refused or Unavailable.
    """
    for row in rows(reply, now):
        for one in _list(row.get("endpoints")):
            version = _words(one.get("specification")).rstrip("/").rpartition("/")[2].lower()
            if version == SPECIFICATION and _words(one.get("type")) in ("production", "") and (url := _words(one.get("url"))):
                formats = one.get("formats") or []
                listed = [_words(form) if isinstance(form, str) else _words(form.get("format")) for form in _each(formats)]
                return url.rstrip("/"), any("json" in form for form in listed)
    raise Refused("no_endpoint", f"the discovery document names no production endpoint of {SPECIFICATION}")


def _failure(reply: Reply, now: datetime) -> Refused | Unavailable:
    failed = failure(reply, now)
    if not isinstance(failed, Refused):
        return failed
    said = _json(reply.body) if is_json(reply) else _xml(reply.body)
    words = "; ".join(filter(None, (_words(row.get("description")) for row in said or ())))
    return Refused(failed.code, "".join(sign if sign.isprintable() else " " for sign in words[:WORDS]) or failed.words, said=failed.said)


def _words(value: object) -> str:
    return str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""


def _true(value: object) -> bool:
    return value is True or (isinstance(value, str) and value.strip().lower() == "true")


def _each(value: object) -> Sequence[Any]:
    return [one for one in value if isinstance(one, Mapping | str)] if isinstance(value, list) else []


def _list(value: object) -> list[Row]:
    return [one for one in _each(value) if isinstance(one, Mapping)]


def _json(body: bytes) -> list[Row] | None:
    """A list of things, or one of them alone."""
    try:
        said = msgspec.json.decode(body)
    except UNREADABLE:
        return None
    if isinstance(said, dict):
        return [said]
    return said if isinstance(said, list) and all(isinstance(one, dict) for one in said) else None


def _xml(body: bytes) -> list[Row] | None:
    """The same of XML: `<service_requests><request>…`, `<errors><error>…`, or a thing that stands alone."""
    # a document type could name entities that unfold without end; no answer of this interface has one
    if b"<!DOCTYPE" in body:
        return None
    try:
        root = etree.fromstring(body, etree.XMLParser(resolve_entities=False, no_network=True, remove_comments=True, remove_pis=True))
    except (etree.XMLSyntaxError, ValueError):
        return None
    name = _name(root)
    if name in _ALONE:
        return [_thing(root)]
    return [_thing(child) for child in root] if name in _SEVERAL else None


_ALONE: Final = frozenset({"service_definition", "discovery"})
_SEVERAL: Final = frozenset({"services", "service_requests", "errors"})
#: these hold things of their own
_WITHIN: Final = frozenset({"attributes", "values", "endpoints", "formats"})


def _thing(element: Any) -> Row:
    return {
        _name(child): [_thing(one) or (one.text or "") for one in child] if _name(child) in _WITHIN else child.text for child in element
    }


def _name(element: Any) -> str:
    """Without the namespace that the specification lets a server name (XML Support)."""
    return str(etree.QName(element).localname)
