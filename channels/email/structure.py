"""What a mail is made of: its parts, by their places in its bytes.

In: the bytes of a mail. Out: a tree whose leaves say where their bodies lie; nothing is copied. Whatever the bytes are, it comes to an
end: the tree is at most so deep, and has at most so many parts; what is beyond is one opaque part.

RFC 2046 §5.1. What is mended: no boundary, a wrong one, no end, no parts at all.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

import msgspec

from channels.email import fields
from channels.email.fields import Fields

#: parts within parts; people send up to five
DEEPEST = 20
_MOST_PARTS = 1_000
_LONGEST_BOUNDARY = 200
_LONGEST_LINE = 1_000
#: lines that may begin like a boundary and be none
_MOST_LOOKS = 10_000
_CR = 13
#: a line that looks like a boundary, because a part's header follows
_LIKELY = re.compile(rb"(?:\A|\n)--([^\r\n]{1,100})\r?\ncontent-[a-z-]{2,30}:", re.IGNORECASE)


class Node(msgspec.Struct, frozen=True, kw_only=True):
    """A part: a leaf with a body, or one that is made of parts. `start` and `end` are places in the bytes of the mail."""

    fields: Fields
    #: in lower case: `text/plain`
    kind: str
    #: of Content-Type
    parameters: dict[str, str]
    start: int
    end: int
    children: tuple[Node, ...] = ()
    #: attachment, inline or empty
    disposition: str = ""
    #: as its sender named it, or empty
    name: str = ""
    defect: str = ""

    @property
    def encoding(self) -> str:
        """Content-Transfer-Encoding."""
        return fields.text(fields.first(self.fields, "content-transfer-encoding")).partition(";")[0].strip().lower()

    def leaves(self) -> Iterator[Node]:
        """This part, or those that it is made of, in their order."""
        if not self.children:
            yield self
        for child in self.children:
            yield from child.leaves()

    def defects(self) -> Iterator[str]:
        """Words for what was wrong here and below."""
        if self.defect:
            yield self.defect
        for child in self.children:
            yield from child.defects()


class _Budget:
    """How many parts may still be made."""

    def __init__(self) -> None:
        self.left = _MOST_PARTS

    def spend(self) -> bool:
        self.left -= 1
        return self.left >= 0


def read_structure(octets: bytes, start: int) -> Node:
    """The mail whose header begins at `start`."""
    return _read(octets, start, len(octets), budget=_Budget())


def _read(octets: bytes, start: int, end: int, *, budget: _Budget, depth: int = 0, default: str = "text/plain") -> Node:
    header = fields.read_header(octets, start, end)
    kind, parameters = fields.parameters(fields.first(header.fields, "content-type"))
    if kind.count("/") != 1 or kind.startswith("/") or kind.endswith("/"):
        kind = {"": default, "text": "text/plain", "html": "text/html"}.get(kind, "application/octet-stream" if kind else default)
    disposition, more = fields.parameters(fields.first(header.fields, "content-disposition"))
    node = Node(
        fields=header.fields,
        kind=kind,
        parameters=parameters,
        start=header.end,
        end=end,
        disposition=disposition,
        name=more.get("filename") or parameters.get("name", ""),
        defect="header_damaged" if header.damaged and depth == 0 else "",
    )
    return _divide(octets, node, budget, depth) if kind.startswith("multipart/") else node


def _divide(octets: bytes, node: Node, budget: _Budget, depth: int) -> Node:
    """A multipart with its parts; a text when there are none to be found."""
    if depth >= DEEPEST:
        return msgspec.structs.replace(node, kind="application/octet-stream", defect="too_deep")
    boundary = node.parameters.get("boundary", "").rstrip()[:_LONGEST_BOUNDARY].encode()
    places, ended = _places(octets, node, boundary, budget) if boundary else ([], False)
    defect = ""
    if not places and (likely := _LIKELY.search(octets, max(node.start - 1, 0), node.end)) is not None:
        defect = "boundary_wrong"
        places, ended = _places(octets, node, likely[1].rstrip(), budget)
    if not places:
        return msgspec.structs.replace(node, kind="text/plain", defect="no_parts")
    default = "message/rfc822" if node.kind == "multipart/digest" else "text/plain"
    children = tuple(_read(octets, start, end, budget=budget, depth=depth + 1, default=default) for start, end in places)
    return msgspec.structs.replace(node, children=children, defect=defect or ("" if ended else "no_end") or node.defect)


def _places(octets: bytes, node: Node, boundary: bytes, budget: _Budget) -> tuple[list[tuple[int, int]], bool]:
    """Where the parts lie, and whether an end was marked. A line break before a boundary belongs to it (RFC 2046 §5.1.1)."""
    mark = b"\n--" + boundary
    places: list[tuple[int, int]] = []
    begun, position = -1, node.start - 1
    for _ in range(_MOST_LOOKS):
        found = octets.find(mark, max(position, 0), node.end)
        if found < 0:
            break
        position = found + len(mark)
        after = octets.find(b"\n", position, position + _LONGEST_LINE) + 1 or min(node.end, position + _LONGEST_LINE)
        rest = octets[position : min(after, node.end)].strip()
        last = rest.startswith(b"--")
        if rest and not last:
            continue  # another boundary, which begins like this one
        if begun >= 0:
            places.append((begun, max(begun, found - (octets[found - 1] == _CR))))
        if last or not budget.spend():
            return places, last
        begun, position = after, after - 1
    if 0 <= begun < node.end:
        places.append((begun, node.end))
    return places, False
