"""What an Open311 client files, as a submission.

In: the fields of a POST to /requests (GeoReport v2, POST Service Request), and files. Out: a submission, or a `Problem` that names what is
missing. `media_url` is noted and never fetched: it may lead anywhere, also to what only we can reach.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from channels.base import Attachment
from channels.web.categories import Categories
from channels.web.problem import Problem
from channels.web.submission import Submission, from_fields

#: characters of what is only noted
NOTED: Final = 2000


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """A POST as it was read; `key` is the idempotency key, empty when there is none."""

    fields: Mapping[str, str]
    files: tuple[Attachment, ...]
    key: str = ""


def filed(filing: Filing, categories: Categories) -> Submission:
    """Raises Problem: 400 for what is missing, 404 for a service that is not known."""

    def said(name: str) -> str:
        return filing.fields.get(name, "").strip()

    if not said("service_code"):
        raise Problem(400, "bad_request", "service_code belum diisi.")
    category = categories.find(said("service_code"))
    if category is None:
        raise Problem(404, "no_such_page", "service_code ini tidak dikenal.")
    place = _place(said("lat"), said("long"))
    if not (place or said("address_string") or said("address_id")):
        raise Problem(400, "bad_request", "Lokasi belum diisi: lat dan long, address_string, atau address_id.")
    noted = {name: said(name) for name in ("media_url", "address_id") if said(name)}
    if any(len(value) > NOTED for value in noted.values()):
        raise Problem(400, "bad_request", f"media_url dan address_id paling panjang {NOTED} huruf.")
    contact = said("email") or said("phone")
    also = {"phone": said("phone")} if said("phone") and said("email") else {}
    return from_fields(
        {
            # an app may send only a place and a kind (description is optional): the kind is then all that was said
            "text": filing.fields.get("description", "").strip() or category.title,
            "classification": said("attribute[classification]"),
            # ISO 8601, of which the day counts
            "incident_date": said("attribute[incident_date]")[:10],
            "privacy": said("attribute[privacy]"),
            "location": ", ".join(part for part in (said("address_string"), place) if part) or said("address_id"),
            "category": category.code,
            "name": f"{said('first_name')} {said('last_name')}",
            "contact": contact,
            "key": filing.key,
        },
        filing.files,
        via="open311",
        extras={**noted, **also, **({"lat": said("lat"), "long": said("long")} if place else {})},
    )


def _place(lat: str, long: str) -> str:
    """`-7.866, 111.466`; empty when neither was given. Raises Problem."""
    if not lat and not long:
        return ""
    try:
        north, east = float(lat), float(long)
    except ValueError:
        north = east = math.nan
    if not (-90 <= north <= 90 and -180 <= east <= 180):  # also False for what is no number
        raise Problem(400, "bad_request", "lat dan long harus keduanya angka: derajat WGS84.")
    return f"{north:.6f}, {east:.6f}"
