"""One answer as XML and as JSON, in the mapping that GeoReport v2 prescribes (the Spark convention).

In: dictionaries, lists and plain values, as the JSON has them. Out: the JSON, or the XML that stands for it: a list becomes an element
around one element for each entry, named by `SINGULAR`; null becomes an empty element. It reads nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from xml.sax.saxutils import escape

import msgspec

#: the element of one entry, by the element around them
SINGULAR: Final = {
    "services": "service",
    "service_requests": "request",
    "attributes": "attribute",
    "values": "value",
    "endpoints": "endpoint",
    "formats": "format",
    "errors": "error",
}
HEAD: Final = '<?xml version="1.0" encoding="utf-8"?>\n'


def written(form: str, root: str, content: object) -> tuple[bytes, str]:
    """The bytes and their Content-Type; `form` is xml or json, `root` the name that only the XML has."""
    if form == "json":
        return msgspec.json.encode(content), "application/json; charset=utf-8"
    return (HEAD + "".join(_element(root, content))).encode(), "text/xml; charset=utf-8"


def _element(name: str, content: object) -> Iterator[str]:
    if content is None or content == "":
        yield f"<{name}/>"
        return
    yield f"<{name}>"
    if isinstance(content, dict):
        for field, value in content.items():
            yield from _element(field, value)
    elif isinstance(content, list):
        for entry in content:
            yield from _element(SINGULAR[name], entry)
    else:
        yield escape(str(content).lower() if isinstance(content, bool) else str(content))
    yield f"</{name}>"
