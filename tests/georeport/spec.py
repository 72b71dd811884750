"""GeoReport v2 as data: what its published documents say of requests and answers, to which both of our sides are held.

Sources: wiki.open311.org/GeoReport_v2 and /Service_Discovery (names, arguments, answers, errors, formats; sections are named as there),
/JSON_and_XML_Conversion (the Spark convention), and the schemas in github.com/open311/schema-validation (types, what is required, what
may be null). Facts only; nothing of their text is here.

In: a request or an answer as it was on the wire. Out: what is wrong with it, in words; nothing when all is well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple
from urllib.parse import parse_qsl

from lxml import etree  # type: ignore[import-untyped]  # ships no types

#: text; a string, in JSON too, that may be empty; true or false; a date with a zone; a number; a positive whole number
Kind = Literal["text", "string", "flag", "instant", "number", "count"]


class Field(NamedTuple):
    """One field of an answer."""

    name: str
    #: must be there, and not empty
    required: bool = False
    kind: Kind = "text"
    #: the only words that it may be
    options: frozenset[str] = frozenset()
    #: what each entry of a list has; the name of an entry in XML
    within: tuple[Field, ...] = ()
    singular: str = ""


class Method(NamedTuple):
    """One thing that can be asked of a server."""

    section: str
    verb: Literal["GET", "POST"]
    path: re.Pattern[str]
    #: in the query of a GET, in the form of a POST
    arguments: frozenset[str]
    #: in XML: around everything, and around one thing where there are several
    root: str
    one: str
    fields: tuple[Field, ...]


def _some(words: str) -> frozenset[str]:
    return frozenset(words.split())


def _texts(words: str, *, required: bool = False) -> tuple[Field, ...]:
    return tuple(Field(name, required) for name in words.split())


_FORMAT: Final = r"\.(xml|json)"
#: given to a server that serves several jurisdictions
_ALWAYS: Final = _some("jurisdiction_id")
_VALUES: Final = Field("values", within=_texts("key name", required=True), singular="value")
_ATTRIBUTE: Final = (
    Field("variable", required=True, kind="flag"),
    Field("code", required=True),
    Field("datatype", required=True, options=_some("string number datetime text singlevaluelist multivaluelist")),
    Field("required", required=True, kind="flag"),
    *_texts("datatype_description description"),
    Field("order", kind="count"),
    _VALUES,
)
_REQUEST: Final = (
    Field("service_request_id", required=True),
    Field("status", required=True, options=_some("open closed")),
    # listed by the document, and a string by the schema
    Field("service_code", kind="string"),
    *_texts("status_notes service_name description agency_responsible service_notice"),
    Field("requested_datetime", required=True, kind="instant"),
    Field("updated_datetime", kind="instant"),
    Field("expected_datetime", kind="instant"),
    *_texts("address address_id zipcode media_url"),
    Field("lat", kind="number"),
    Field("long", kind="number"),
)
_ENDPOINT: Final = (
    *_texts("specification url changeset", required=True),
    Field("type", required=True, options=_some("production test")),
    Field("formats", required=True, singular="format"),
)
#: location parameters of which one must be there; coordinates go together
PLACES: Final = (_some("lat long"), _some("address_string"), _some("address_id"))
METHODS: Final = (
    Method(
        "Service Discovery", "GET", re.compile(rf"/discovery{_FORMAT}"), frozenset(), "discovery", "",
        (*_texts("changeset contact key_service"), Field("endpoints", required=True, within=_ENDPOINT, singular="endpoint")),
    ),
    Method(
        "GET Service List", "GET", re.compile(rf"/services{_FORMAT}"), _ALWAYS, "services", "service",
        (
            *_texts("service_code service_name", required=True), *_texts("description keywords group"),
            Field("metadata", required=True, kind="flag"), Field("type", required=True, options=_some("realtime batch blackbox")),
        ),
    ),
    Method(
        "GET Service Definition", "GET", re.compile(rf"/services/[^/]+{_FORMAT}"), _ALWAYS, "service_definition", "",
        (Field("service_code", required=True), Field("attributes", required=True, within=_ATTRIBUTE, singular="attribute")),
    ),
    Method(
        "POST Service Request", "POST", re.compile(rf"/requests{_FORMAT}"),
        _ALWAYS | _some(
            "api_key service_code lat long address_string address_id email device_id account_id first_name last_name phone description "
            "media_url attribute"
        ),
        "service_requests", "request", _texts("service_request_id token service_notice account_id"),
    ),
    Method(
        "GET service_request_id from a token", "GET", re.compile(rf"/tokens/[^/]+{_FORMAT}"), _ALWAYS, "service_requests", "request",
        (Field("token", required=True), Field("service_request_id")),
    ),
    Method(
        "GET Service Requests", "GET", re.compile(rf"/requests{_FORMAT}"),
        _ALWAYS | _some("service_request_id service_code start_date end_date status"), "service_requests", "request", _REQUEST,
    ),
    Method("GET Service Request", "GET", re.compile(rf"/requests/[^/]+{_FORMAT}"), _ALWAYS, "service_requests", "request", _REQUEST),
)  # fmt: skip
ERRORS: Final = Method("Errors", "GET", re.compile(""), frozenset(), "errors", "error", _texts("code description", required=True))
TYPES: Final = {"xml": "text/xml; charset=utf-8", "json": "application/json; charset=utf-8"}
FORM: Final = "application/x-www-form-urlencoded; charset=utf-8"
#: characters of a description
LONGEST: Final = 4000
_ATTRIBUTE_NAME: Final = re.compile(r"attribute\[[^\[\]]+\](\[\])?")
_W3: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def method(verb: str, path: str) -> Method:
    """By which a request is meant; the path from the endpoint on. Raises LookupError."""
    return next((one for one in METHODS if one.verb == verb and one.path.fullmatch(path)), None) or _nothing(verb, path)


def _nothing(verb: str, path: str) -> Method:
    raise LookupError(f"{verb} {path} is no method of the specification")


def request_faults(asked: Method, sent: str, content_type: str = "") -> Iterator[str]:
    """Of a query or a form, as it was encoded."""
    given = parse_qsl(sent, keep_blank_values=True, strict_parsing=bool(sent), encoding="utf-8", errors="strict")
    names = [name for name, _ in given]
    plain = [name for name in names if not name.startswith("attribute[")]
    yield from (f"no argument of {asked.section}: {name}" for name in plain if name not in asked.arguments)
    yield from (f"twice: {name}" for name in set(plain) if plain.count(name) > 1)
    yield from (f"no form of an attribute: {name}" for name in set(names) - set(plain) if not _ATTRIBUTE_NAME.fullmatch(name))
    yield from (f"several values for one: {name}" for name in set(names) - set(plain) if names.count(name) > 1 and not name.endswith("[]"))
    said = dict(given)
    yield from (f"no date of W3: {name}" for name in ("start_date", "end_date") if name in said and not _W3.fullmatch(said[name]))
    if {"start_date", "end_date"} <= said.keys():
        span = datetime.fromisoformat(said["end_date"]) - datetime.fromisoformat(said["start_date"])
        yield from ["more than 90 days"] if span.days > 90 or span.days < 0 else []
    if asked.verb == "POST":
        yield from [] if content_type == FORM else [f"Content-Type is {content_type}"]
        yield from [] if said.get("service_code") and said.get("api_key") else ["service_code or api_key is missing"]
        yield from [] if any(all(said.get(name) for name in place) for place in PLACES) else ["no full location parameter"]
        yield from ["the description is too long"] if len(said.get("description", "")) > LONGEST else []


def answer_faults(asked: Method, body: bytes, content_type: str) -> Iterator[str]:
    """Of an answer, by the form that it says it has."""
    form = next((name for name, full in TYPES.items() if content_type.lower() == full), "")
    if not form:
        yield f"Content-Type is {content_type}"
        return
    if form == "xml" and not body.lower().startswith(
        (b'<?xml version="1.0" encoding="utf-8"?>', b"<?xml version='1.0' encoding='utf-8'?>")
    ):
        yield "no declaration of UTF-8"
    said = json.loads(body.decode()) if form == "json" else _spark(etree.fromstring(body), asked)
    things = said if asked.one else [said]
    if not isinstance(things, list):
        yield f"{asked.root} is no list"
        return
    for thing in things:
        yield from _thing_faults(asked.section, thing, asked.fields, strict=form == "json")
    if asked.section == "POST Service Request":
        yield from (f"id and token at once: {thing}" for thing in things if thing.get("service_request_id") and thing.get("token"))


def _thing_faults(where: str, thing: Any, fields: Sequence[Field], *, strict: bool) -> Iterator[str]:
    if not isinstance(thing, dict):
        yield f"{where}: {thing!r} has no fields"
        return
    known = {field.name: field for field in fields}
    yield from (f"{where}: unknown field {name}" for name in thing if name not in known)
    for name, field in known.items():
        value = thing.get(name)
        if field.kind == "string" and strict and not isinstance(value, str):
            yield f"{where}: {name} is no string"
        if value is None or value == "":
            yield from [f"{where}: {name} is missing"] if field.required else []
        elif field.singular:
            if not isinstance(value, list):
                yield f"{where}: {name} is no list"
            elif field.within:
                for one in value:
                    yield from _thing_faults(f"{where}, {name}", one, field.within, strict=strict)
        elif not _right(field, value, strict=strict):
            yield f"{where}: {name} cannot be {value!r}"


def _right(field: Field, value: Any, *, strict: bool) -> bool:
    if isinstance(value, dict | list):
        return False
    written = str(value).lower() if isinstance(value, bool) else str(value)
    if field.options:
        return written in field.options
    if field.kind == "flag":
        return isinstance(value, bool) if strict else written in ("true", "false")
    if field.kind == "instant":
        return _W3.fullmatch(written) is not None
    if field.kind == "count":
        return written.isdigit() and int(written) > 0 and (isinstance(value, int) or not strict)
    if field.kind == "number":
        return re.fullmatch(r"-?\d+(\.\d+)?", written) is not None
    return not isinstance(value, bool)


def _spark(root: Any, asked: Method) -> Any:
    """XML as the JSON that stands for it: an element around elements of one name is a list."""
    if root.tag != asked.root:
        return {f"<{root.tag}>": "another root"}
    lists: Mapping[str, str] = {asked.root: asked.one} if asked.one else {}
    return _read(root, dict(lists) | _singulars(asked.fields))


def _singulars(fields: Sequence[Field]) -> dict[str, str]:
    found: dict[str, str] = {}
    for field in fields:
        if field.singular:
            found |= {field.name: field.singular} | _singulars(field.within)
    return found


def _read(element: Any, lists: Mapping[str, str]) -> Any:
    if element.tag in lists:
        return [_read(one, lists) if one.tag == lists[element.tag] else f"<{one.tag}>" for one in element]
    return {one.tag: _read(one, lists) for one in element} if len(element) else element.text
