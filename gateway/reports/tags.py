"""The tags of a PDF, by which a screen reader knows what is a heading, a cell, a picture; reportlab writes none.

In: what is drawn, and as what. Out: the same octets with a tree of structure over them, a language and a title (ISO 32000-1 §14.7, 14.8).
What is said to be decoration stays out of the tree.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

import pikepdf
from pikepdf import Array, Dictionary, Name, String
from reportlab.pdfgen.canvas import Canvas

_TABLE: Final = Name.Table


class Node:
    """An element, and what belongs to it: other elements, and pieces of pages."""

    def __init__(self, kind: str, **more: str) -> None:
        """`kind` as the standard calls it: H1, P, Table, TR, TH, TD, Figure. `more`: Alt, or the Scope of a TH."""
        self.kind, self.more = kind, more
        self.kids: list[Node | tuple[int, int]] = []

    def add(self, kind: str, **more: str) -> Node:
        """An element within it."""
        self.kids.append(node := Node(kind, **more))
        return node


class Tagging:
    """Of one document; what is drawn is drawn in the order in which it is read."""

    def __init__(self, canvas: Canvas) -> None:
        self._canvas = canvas
        self.root = Node("Document")
        #: of each page, the elements of its pieces
        self.pages: list[list[Node]] = [[]]

    @contextmanager
    def within(self, node: Node) -> Iterator[None]:
        """What is drawn meanwhile belongs to this element."""
        pieces = self.pages[-1]
        node.kids.append((len(self.pages) - 1, len(pieces)))
        self._canvas.addLiteral(f"/{node.kind} <</MCID {len(pieces)}>> BDC")
        pieces.append(node)
        yield
        self._canvas.addLiteral("EMC")

    @contextmanager
    def decoration(self) -> Iterator[None]:
        """What is drawn meanwhile says nothing."""
        self._canvas.addLiteral("/Artifact BMC")
        yield
        self._canvas.addLiteral("EMC")

    def next_page(self) -> None:
        """What is drawn from now on is on another page."""
        self.pages.append([])


def tagged(drawn: bytes, tagging: Tagging, *, language: str, said: Mapping[str, str]) -> bytes:
    """`said`: what the document says of itself, by the names of Dublin Core (`dc:title`)."""
    with pikepdf.open(io.BytesIO(drawn)) as pdf:
        tree = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))
        made: dict[Node, Any] = {}
        tree.K = _element(pdf, tagging.root, tree, made)
        numbers = []
        for place, pieces in enumerate(tagging.pages):
            page = pdf.pages[place].obj
            page.StructParents, page.Tabs = place, Name.S
            numbers += [place, pdf.make_indirect(Array([made[node] for node in pieces]))]
        tree.ParentTree = pdf.make_indirect(Dictionary(Nums=Array(numbers)))
        tree.ParentTreeNextKey = len(tagging.pages)
        pdf.Root.StructTreeRoot, pdf.Root.MarkInfo = tree, Dictionary(Marked=True)
        pdf.Root.Lang, pdf.Root.ViewerPreferences = String(language), Dictionary(DisplayDocTitle=True)
        with pdf.open_metadata(set_pikepdf_as_editor=False) as metadata:
            for name, text in said.items():
                metadata[name] = [text] if name == "dc:creator" else text
        out = io.BytesIO()
        pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _element(pdf: pikepdf.Pdf, node: Node, parent: Any, made: dict[Node, Any]) -> Any:
    element = pdf.make_indirect(Dictionary(Type=Name.StructElem, S=Name(f"/{node.kind}"), P=parent))
    made[node] = element
    for key, text in node.more.items():
        if key == "Scope":
            element.A = Dictionary(O=_TABLE, Scope=Name(f"/{text}"))
        else:
            element[f"/{key}"] = String(text)
    kids = []
    for kid in node.kids:
        if isinstance(kid, Node):
            kids.append(_element(pdf, kid, element, made))
        else:
            kids.append(Dictionary(Type=Name.MCR, Pg=pdf.pages[kid[0]].obj, MCID=kid[1]))
    element.K = Array(kids)
    return element
