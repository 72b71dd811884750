"""The JSON Schema of the canonical record, published as `complaint.schema.json` beside this file.

In: the types of `complaint.py`. Out: a Draft 2020-12 document. It never writes a file; a test holds the published one to this, and
    python -c "from normalizer.schema import document; print(document(), end='')" > normalizer/complaint.schema.json
renews it.
"""

from __future__ import annotations

import json
from typing import Any, Final

import msgspec

from normalizer.complaint import Complaint

#: a name, not an address: readers need not fetch it
ID: Final = "urn:lapor-gateway:complaint:1"


#: `Inferred[Literal[...]]` spells out its words; what it is called in the schema
_NAMES: Final = {"pengaduan": "Inferred_Classification_", "berkadar": "Inferred_Oversight_"}


def json_schema() -> dict[str, Any]:
    """Every field is required, because every record that we write says all of them; more may come within version 1."""
    (root,), parts = msgspec.json.schema_components([Complaint], ref_template="#/$defs/{name}")
    for part in parts.values():
        part["required"] = list(part["properties"])
    names = {name: _plain(name) for name in parts}
    for name, part in parts.items():
        part["title"] = names[name]
        for field in part["properties"].values():
            for place in (field, field.get("items", {}), *field.get("anyOf", [])):
                if "$ref" in place:
                    place["$ref"] = "#/$defs/" + names[place["$ref"].rpartition("/")[2]]
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": ID,
        "title": "complaint/1",
        "description": "A complaint to SP4N-LAPOR!, whatever door it came through. Times are UTC; days are local to the gateway.",
        **root,
        "$defs": {names[name]: parts[name] for name in sorted(parts, key=names.__getitem__)},
    }


def document() -> str:
    """The schema as the published file has it."""
    return json.dumps(json_schema(), indent=2, ensure_ascii=False) + "\n"


def _plain(name: str) -> str:
    """A component's name without the punctuation that generic types bring."""
    for word, better in _NAMES.items():
        if f"__{word}__" in name:
            name = better
    return "".join(part[:1].upper() + part[1:] for part in name.split("_") if part)
