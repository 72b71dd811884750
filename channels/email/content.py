"""What a mail says and what it brings: its text, and its files.

In: the bytes of a mail and its structure. Out: the whole text, the best telling of it chosen where there are several, and every other
part as a file with a safe name. A mail within the mail is a file: its text is not its bearer's. It never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

import msgspec

from channels.email import charset, flowed, markup, tnef, transfer, uuencode
from channels.email.structure import Node
from channels.message import Attachment

_LONGEST_NAME = 120
_LONGEST_EXCUSE = 300
#: files of Outlook's that are opened; the others stay what they are
_MOST_TNEF = 5
#: kinds of text that a person would not want to read as a message; RFC 2046 §4.1.4 wants unknown ones shown
_NO_PROSE = {"text/calendar", "text/vcard", "text/x-vcard", "text/csv", "text/xml", "text/css", "text/rtf", "text/x-amp-html"}
_REPORTS = {"text/rfc822-headers", "text/rfc822-header"}
_HTML = {"text/html", "text/enriched", "text/richtext"}
_TNEF = {"application/ms-tnef", "application/vnd.ms-tnef"}
_ENDINGS = {
    "application/pdf": ".pdf", "image/jpeg": ".jpg", "image/png": ".png", "image/gif": ".gif", "image/heic": ".heic", "video/mp4": ".mp4",
    "audio/amr": ".amr", "audio/mpeg": ".mp3", "message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt",
    "text/html": ".html", "text/csv": ".csv", "text/rfc822-headers": ".txt", "message/delivery-status": ".txt",
    "application/pkcs7-signature": ".p7s",
}  # fmt: skip
_KIND = re.compile(r"[a-z0-9!#$&^_.+-]{1,60}/[a-z0-9!#$&^_.+-]{1,60}")
#: HTML may name its charset only in itself
_META = re.compile(rb"charset\s{0,5}=\s{0,5}[\"']?([A-Za-z0-9_:-]{1,40})", re.IGNORECASE)
_UNSAFE = re.compile(r'[<>:"|?*\\/]')
_SPACE = re.compile(r"\s+")


class Content(msgspec.Struct, frozen=True, kw_only=True):
    """`defects` are words, each of them once for each part that has it."""

    text: str
    files: tuple[Attachment, ...]
    defects: tuple[str, ...]


class _Reader:
    """One reading of one mail: what was found so far."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.files: list[Attachment] = []
        self.defects: list[str] = []
        self.said: dict[int, str] = {}
        self.packed: list[str] = []
        #: tags of HTML that may still be laid out
        self.tags = markup.MOST_TAGS

    def octets_of(self, leaf: Node, *, is_text: bool = False) -> bytes:
        content, defect = transfer.undo(self.octets[leaf.start : leaf.end], leaf.encoding, is_text=is_text)
        self.note(defect)
        return content

    def note(self, defect: str) -> None:
        if defect:
            self.defects.append(defect)

    def chosen(self, node: Node) -> list[Node]:
        """The leaves that are the text; of several tellings of the same, the first in plain text that says anything of its own."""
        if not node.children:
            return [node]
        if node.kind != "multipart/alternative":
            return [leaf for child in node.children for leaf in self.chosen(child) if is_prose(leaf)]
        tellings = [[leaf for leaf in self.chosen(child) if is_prose(leaf)] for child in node.children]
        plain_first = sorted(tellings, key=lambda telling: any(leaf.kind in _HTML for leaf in telling))
        spare: list[Node] = []
        # one after the other: laying out HTML costs more than all the rest
        for telling in plain_first:
            said = "".join(map(self.text_of, telling)).strip()
            if said and not _is_excuse(said):
                return telling
            spare = spare or (telling if said else [])
        return spare

    def text_of(self, leaf: Node) -> str:
        """What a leaf says; lines end in LF."""
        if leaf.start not in self.said:
            self.said[leaf.start] = self._text_of(leaf)
        return self.said[leaf.start]

    def _text_of(self, leaf: Node) -> str:
        octets, packed = uuencode.extract(self.octets_of(leaf, is_text=True))
        for name, content in packed:
            self.files.append(self.file(charset.decode(name).text, "application/octet-stream", content))
        label = leaf.parameters.get("charset", "")
        if leaf.kind in _HTML and not charset.known(label) and (meta := _META.search(octets[:2000])) is not None:
            label = meta[1].decode("ascii")
        text, defect = charset.decode(octets, label)
        self.note(defect)
        if leaf.kind in _HTML:
            self.note("html_cut" if len(text) > markup.LONGEST else "")
            most, self.tags = self.tags, max(self.tags - text.count("<"), 0)
            return markup.to_text(text, most)
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if leaf.parameters.get("format", "").lower() == "flowed":
            return flowed.join(text, delsp=leaf.parameters.get("delsp", "").lower() == "yes")
        return text

    def keep(self, leaf: Node) -> None:
        """A leaf as a file; a winmail.dat as the files in it."""
        content = self.octets_of(leaf)
        if (leaf.kind in _TNEF or leaf.name.lower() == "winmail.dat") and len(self.packed) < _MOST_TNEF:
            unpacked = tnef.read(content)
            if unpacked is not None and (unpacked.files or unpacked.text):
                self.packed.append(unpacked.text)
                self.files += [self.file(*each) for each in unpacked.files]
                return
            self.note("tnef_unreadable")
        self.files.append(self.file(leaf.name, leaf.kind, content))

    def file(self, name: str, kind: str, content: bytes) -> Attachment:
        kind = kind.lower() if _KIND.fullmatch(kind.lower()) else "application/octet-stream"
        return Attachment(name=safe_name(name, kind, len(self.files) + 1), media_type=kind, content=content)


def read_content(octets: bytes, root: Node) -> Content:
    """Everything in it, each part either in the text or among the files (or another telling of the text)."""
    reader = _Reader(octets)
    chosen = [root] if _is_note(root) else reader.chosen(root)
    texts = [said for leaf in chosen if is_prose(leaf) or _is_note(leaf) if (said := reader.text_of(leaf).strip("\n"))]
    taken = {leaf.start for leaf in chosen}
    for leaf in root.leaves():
        if not is_prose(leaf) and not (leaf.start in taken and _is_note(leaf)):
            reader.keep(leaf)
    if not any(map(str.strip, texts)):
        texts = [said for said in reader.packed if said] or list(_preambles(reader, root))
    return Content(text="\n\n".join(texts), files=tuple(reader.files), defects=tuple(_once(reader.defects)))


def is_prose(leaf: Node) -> bool:
    """True for a part that is there to be read with the others."""
    return _reads_as_text(leaf) and leaf.disposition != "attachment" and not leaf.name


def _is_note(root: Node) -> bool:
    """A mail that is one text is a message, even when its client gave it a file's name."""
    return not root.children and _reads_as_text(root) and root.disposition != "attachment"


def _reads_as_text(leaf: Node) -> bool:
    return not leaf.children and leaf.kind.startswith("text/") and leaf.kind not in _NO_PROSE | _REPORTS


def _is_excuse(said: str) -> bool:
    """What programs write where the words in plain text belong: "please use an HTML compatible email viewer".

    Whoever complains about HTML in few words says the same in the other telling.
    """
    return len(said) <= _LONGEST_EXCUSE and "html" in said.lower()


def _preambles(reader: _Reader, root: Node) -> Iterator[str]:
    """Where no part says anything, what stands before the parts may be the complaint: some servers wrap mails carelessly."""
    if root.children and not reader.files:
        first = min(leaf.start for leaf in root.leaves())
        before = reader.octets[root.start : first].partition(b"\n--")[0]
        if said := charset.decode(before).text.replace("\r\n", "\n").strip():
            yield said


def _once(words: Iterable[str]) -> Iterator[str]:
    yield from dict.fromkeys(words)


def safe_name(name: str, kind: str, number: int) -> str:
    """A name that means the same file on every machine and shows its true end: no path, no control or direction signs."""
    name = name[-4 * _LONGEST_NAME :].replace("\\", "/").rpartition("/")[2]
    name = _SPACE.sub(" ", "".join(sign for sign in name if sign.isprintable() or sign == " "))
    name = _UNSAFE.sub("_", name).strip(" .")
    if not name:
        return f"lampiran-{number}{_ENDINGS.get(kind, '')}"
    stem, dot, ending = name.rpartition(".")
    if len(name) > _LONGEST_NAME and dot and len(ending) < 10:
        return f"{stem[: _LONGEST_NAME - len(ending) - 1]}.{ending}"
    return name[:_LONGEST_NAME]
