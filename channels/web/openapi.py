"""The contract of the API: the records on the wire, and the OpenAPI 3.1 document made of them.

In: where we are reached, and what the settings allow. Out: plain dictionaries, and the structs that the API reads and writes, so that the
document cannot say anything else than the code does. It answers no request.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta

from channels import files
from channels.base import State
from channels.web.problem import Document
from channels.web.settings import Settings
from channels.web.submission import CLASSIFICATIONS, LENGTHS, PRIVACIES


def _words(says: str, **schema: Any) -> Any:
    """What the document says of a field. The lengths are checked by `submission.check`, which names every fault at once."""
    return Meta(description=says, extra_json_schema=schema)


class Complaint(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A complaint as an app hands it in. An empty field is one that was not given."""

    text: Annotated[str, _words("What happened, in the citizen's own words.", minLength=1, maxLength=LENGTHS["text"])]
    classification: Annotated[str, _words("What kind of matter it is.", enum=["", *CLASSIFICATIONS])] = ""
    title: Annotated[str, _words("A short title.", maxLength=LENGTHS["title"])] = ""
    incident_date: Annotated[str, _words("The day on which it happened, YYYY-MM-DD; not in the future.")] = ""
    location: Annotated[str, _words("Where it happened, in words.", maxLength=LENGTHS["location"])] = ""
    region: Annotated[str, _words("Kemendagri's code of a province, kabupaten or kota, such as 32.73.")] = ""
    agency: Annotated[str, _words("The agency that the citizen wants to reach.", maxLength=LENGTHS["agency"])] = ""
    category: Annotated[str, _words("A code or name from /open311/v2/services.json.")] = ""
    name: Annotated[str, _words("Who complains. Not kept with privacy anonim.", maxLength=LENGTHS["name"])] = ""
    contact: Annotated[str, _words("A telephone number or mail address. Not kept with privacy anonim.", maxLength=LENGTHS["contact"])] = ""
    privacy: Annotated[str, _words("anonim: the name is dropped. rahasia: nothing is shown to the public.", enum=["", *PRIVACIES])] = ""


class Receipt(msgspec.Struct, frozen=True, kw_only=True):
    """The complaint is kept."""

    reference: Annotated[str, _words("The code by which the citizen asks what became of it.", examples=["7K3Q-9FXM-2CH4"])]
    received_at: datetime
    track_url: Annotated[str, _words("A page that shows the status.")]


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, and when."""

    status: State
    at: datetime


class Status(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What became of a complaint: no text, no name."""

    reference: str
    status: State
    timeline: tuple[Step, ...]
    tracking_id: Annotated[str, _words("The number in the national ledger, once it is registered there.")] = ""


_REFS: Final = "#/components/schemas/{name}"


def document(base_url: str, settings: Settings) -> dict[str, Any]:
    """OpenAPI 3.1, with the limits that hold here."""
    _, schemas = msgspec.json.schema_components([Complaint, Receipt, Status, Document], ref_template=_REFS)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "SP4N-LAPOR! intake",
            "version": "1",
            "summary": "Hand in a complaint, and ask what became of it.",
            "contact": {"url": settings.contact},
        },
        "servers": [{"url": base_url}],
        "paths": {
            "/api/v1/complaints": {"post": _hand_in(settings)},
            "/api/v1/complaints/{reference}": {"get": _look_up()},
            "/api/v1/openapi.json": {"get": _describe()},
        },
        "components": {
            "schemas": {**schemas, "ComplaintForm": _form(schemas["Complaint"], settings)},
            "securitySchemes": {"key": {"type": "apiKey", "in": "header", "name": "X-API-Key"}},
        },
        # optional: it only lifts the limits for each address
        "security": [{}, {"key": []}],
    }


def _hand_in(settings: Settings) -> dict[str, Any]:
    return {
        "operationId": "handIn",
        "summary": "Hand in a complaint",
        "description": (
            "Answered when the complaint is on disk. The same Idempotency-Key with the same content is the same complaint and gets the "
            "same reference, however often it is sent; with other content it is another complaint."
        ),
        "parameters": [
            {
                "name": "Idempotency-Key",
                "in": "header",
                "description": "Anything that is not used for another complaint, such as a UUID.",
                "schema": {"type": "string", "maxLength": LENGTHS["key"]},
            }
        ],
        "requestBody": {
            "required": True,
            "content": {
                "application/json": {"schema": _ref("Complaint")},
                "multipart/form-data": {"schema": _ref("ComplaintForm")},
                "application/x-www-form-urlencoded": {"schema": _ref("Complaint")},
            },
        },
        "responses": {
            "201": {
                "description": "It is kept.",
                "headers": {"Location": {"schema": {"type": "string"}}},
                "content": {"application/json": {"schema": _ref("Receipt")}},
            },
            **_refusals(400, 408, 413, 415, 422, 429, 503),
        },
    }


def _look_up() -> dict[str, Any]:
    return {
        "operationId": "lookUp",
        "summary": "What became of a complaint",
        "parameters": [{"name": "reference", "in": "path", "required": True, "schema": {"type": "string"}}],
        "responses": {
            "200": {"description": "Its status.", "content": {"application/json": {"schema": _ref("Status")}}},
            **_refusals(404, 422, 429, 503),
        },
    }


def _describe() -> dict[str, Any]:
    content = {"application/json": {"schema": {"type": "object"}}}
    return {"operationId": "describe", "summary": "This document", "responses": {"200": {"description": "OpenAPI 3.1", "content": content}}}


def _form(complaint: dict[str, Any], settings: Settings) -> dict[str, Any]:
    """The same fields, and files."""
    kinds = ", ".join(sorted(set(files.ENDINGS.values())))
    attached = {
        "type": "array",
        "maxItems": settings.max_files,
        "items": {"type": "string", "contentMediaType": "application/octet-stream"},
        "description": f"At most {settings.max_file_bytes} bytes each, recognised by content: {kinds}. Metadata is removed.",
    }
    return {**complaint, "title": "ComplaintForm", "properties": {**complaint["properties"], "files": attached}}


_WHY: Final = {
    400: "It cannot be read.",
    404: "There is no such complaint.",
    408: "The body came too slowly.",
    413: "The body is too large.",
    415: "Of another type than is taken.",
    422: "Fields or files cannot be taken (`faults` names them), or the reference was mistyped (`mistyped_code`).",
    429: "Too often from one address; see Retry-After.",
    503: "It cannot be kept now and was not; see Retry-After.",
}


def _refusals(*codes: int) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": _ref("Document")}}
    return {str(code): {"description": _WHY[code], "content": content} for code in codes}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": _REFS.format(name=name)}
