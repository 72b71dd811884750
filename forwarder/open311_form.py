"""A complaint as the form that an Open311 server takes (GeoReport v2, POST Service Request).

In: a canonical record, the settings. Out: the fields of a form. Pure. It never sends a name, number or address of somebody who asked
for anonymity, and never sends a confidential complaint to a server that is not said to keep it to itself: these servers publish.
"""

from __future__ import annotations

import string
from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from channels.base import Refused
from forwarder.line import address
from forwarder.relay import WIB, relay, sendable
from normalizer.complaint import Complaint
from normalizer.privacy import nameless

#: characters that a description may have
LONGEST: Final = 4000
NOWHERE: Final = "tidak disebutkan"


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The table [ledger] of kind "open311"."""

    #: the endpoint, such as https://open311.example.go.id/v2, or empty when `discovery` is given
    url: str = ""
    #: the discovery document that names it, such as https://open311.example.go.id/discovery.json
    discovery: str = ""
    jurisdiction_id: str = ""
    api_key: str = ""
    account_id: str = ""
    #: the service for a complaint whose category is not in `services`
    service: str
    #: category -> service_code
    services: dict[str, str] = {}
    #: attribute -> words, in which {reference}, {classification}, {category} and {incident_date} are filled in; or a list of such words
    attributes: dict[str, str | list[str]] = {}
    #: True: the server keeps confidential complaints to itself
    confidential: bool = False
    #: requests that the server lists at most in one answer (GeoReport v2 says 1000)
    list_limit: Annotated[int, Meta(ge=2)] = 1000
    #: seconds after which a request that was made stands in the list of requests
    listed_after_s: Annotated[float, Meta(ge=0)] = 300.0
    timeout_s: Annotated[float, Meta(gt=0)] = 30.0
    #: calls in flight
    concurrency: Annotated[int, Meta(ge=1, le=100)] = 4
    tls_ca: str = ""
    tls_cert: str = ""
    tls_key: str = ""

    @property
    def batch(self) -> int:
        """Complaints in one attempt; each is a call of its own."""
        return self.concurrency

    def __post_init__(self) -> None:
        """Raises ValueError; never shows the key."""
        if bool(self.url) == bool(self.discovery):
            raise ValueError("give url or discovery, and not both")
        address("url" if self.url else "discovery", self.url or self.discovery)
        for code, words in self.attributes.items():
            named = {name for one in each(words) for _, name, _, _ in string.Formatter().parse(one) if name is not None}
            if unknown := sorted(named - FILLED):
                raise ValueError(f"attributes: {code} names {{{unknown[0]}}}; known are {', '.join(sorted(FILLED))}")

    def __repr__(self) -> str:
        """Without the key: settings end up in tracebacks."""
        return f"Settings(url={self.url!r}, discovery={self.discovery!r})"


FILLED: Final = frozenset({"reference", "classification", "category", "incident_date"})


def each(words: str | list[str]) -> list[str]:
    """The values of an attribute."""
    return [words] if isinstance(words, str) else words


def service(complaint: Complaint, settings: Settings) -> str:
    """The service_code that a complaint goes to."""
    return settings.services.get(complaint.category.value or "", settings.service)


def form(complaint: Complaint, settings: Settings) -> dict[str, str | list[str]]:
    """The fields that have something to say; of an attribute with a list of values, several. Raises Refused("confidential")."""
    if complaint.privacy == "rahasia" and not settings.confidential:
        raise Refused("confidential", "this ledger publishes what it is told; [ledger] confidential = true says that it does not")
    given = {
        "jurisdiction_id": settings.jurisdiction_id,
        "api_key": settings.api_key,
        "account_id": settings.account_id,
        "service_code": service(complaint, settings),
        "address_string": _place(complaint),
        "description": relay(complaint, WIB, LONGEST),
        **({} if nameless(complaint) else _who(complaint)),
    }
    filled = {
        "reference": complaint.reference,
        "classification": complaint.classification.value or "",
        "category": complaint.category.value or "",
        "incident_date": complaint.incident_date.value.isoformat() if complaint.incident_date.value else "",
    }
    fields: dict[str, str | list[str]] = {name: sendable(value) for name, value in given.items() if value}
    for code, words in settings.attributes.items():
        said = [sendable(value) for one in each(words) if (value := one.format_map(filled))]
        if said:
            fields |= {f"attribute[{code}]": said[0]} if isinstance(words, str) else {f"attribute[{code}][]": said}
    return fields


def _place(complaint: Complaint) -> str:
    """One of address, coordinates or an address id must be there; we have words at most."""
    place = complaint.location.value
    if place is None:
        return NOWHERE
    sure = next((candidate.name for candidate in place.candidates if candidate.code == place.code), "")
    return " ".join(", ".join(filter(None, (place.text, sure))).split()) or NOWHERE


def _who(complaint: Complaint) -> Mapping[str, str]:
    reporter = complaint.reporter
    first, _, last = " ".join(reporter.name.split()).partition(" ")
    kinds = {"mail": "email", "phone": "phone"}
    address_ = {kinds[reporter.kind]: reporter.address} if reporter.kind in kinds else {}
    return {"first_name": first, "last_name": last} | address_
