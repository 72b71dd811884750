"""Documents without their authors, and without anything that acts.

In: a PDF, a DOCX or an XLSX. Out: the same pages; gone are the names of who made, changed and commented it, its history, scripts,
attached files, and the metadata of the pictures in it. Macros are refused, and so is what unpacks to more than `MAX_UNPACKED`. Raises any
of `BROKEN`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from io import BytesIO
from typing import Final
from zipfile import ZIP_DEFLATED, BadZipFile, LargeZipFile, ZipFile, ZipInfo

import pikepdf

from channels.files import pictures

BROKEN: Final = (*pictures.BROKEN, pikepdf.PikepdfError, BadZipFile, LargeZipFile, zlib.error)

MAX_UNPACKED: Final = 50 * 1024 * 1024
_MAX_ENTRIES: Final = 2000
#: dictionaries in a PDF; a book of 500 pages has some ten thousand, and each is looked at
MAX_PARTS: Final = 100_000
#: of all pictures of a document together: one of a few kilobytes may be as large as a telephone's, and each is encoded anew
MAX_PIXELS: Final = 5 * pictures.MAX_PIXELS

# For the whole process, and before any thread opens a document: a stream of a few kilobytes can unpack to gigabytes.
pikepdf.settings.set_qpdf_limits(flate_max_memory=MAX_UNPACKED, run_length_max_memory=MAX_UNPACKED, max_stream_filters=4)

#: ISO 32000-1: metadata (§14.3.2), private data (§14.5), scripts and actions that start by themselves (§12.6.2), attached files (§7.11.4)
_PDF_GONE: Final = (
    "/Metadata", "/PieceInfo", "/LastModified", "/AA", "/OpenAction", "/JS", "/JavaScript", "/EmbeddedFiles", "/EF", "/AF", "/XFA",
    "/CreationDate", "/ModDate", "/Author", "/Creator", "/Producer", "/Thumb",
)  # fmt: skip
#: of an annotation (§12.5.2): who wrote it, when, and its name
_ANNOTATION_GONE: Final = ("/T", "/M", "/NM", "/RC")
_ACTING: Final = ("/JavaScript", "/Launch", "/ImportData", "/SubmitForm", "/GoToE", "/RichMediaExecute", "/Rendition")
_ACTING_ANNOTATIONS: Final = ("/FileAttachment", "/RichMedia", "/Movie", "/Sound", "/Screen", "/3D")


def cleaned_pdf(content: bytes, _media_type: str) -> bytes:
    """Raises pikepdf.PasswordError for one that nobody can read."""
    with pikepdf.open(BytesIO(content), inherit_page_attributes=False, attempt_recovery=True, suppress_warnings=True) as pdf:
        if "/Info" in pdf.trailer:
            del pdf.trailer["/Info"]
        for number, part in enumerate(part for one in pdf.objects for part in _parts(one)):
            if number == MAX_PARTS:
                raise ValueError("more parts than are looked at")
            _tidy(part)
        out = BytesIO()
        pdf.save(out, deterministic_id=True, preserve_pdfa=False, linearize=False)
    return out.getvalue()


def _parts(one: pikepdf.Object) -> Iterator[pikepdf.Object]:
    """Every dictionary in an object, itself one of them; what it only refers to is an object of its own."""
    waiting = [one]
    while waiting:
        part = waiting.pop()
        if isinstance(part, pikepdf.Dictionary | pikepdf.Stream):
            yield part
            waiting += [value for name in part.keys() if _inline(value := part[name])]  # noqa: SIM118 - it is no dict, and iterates otherwise
        elif isinstance(part, pikepdf.Array):
            waiting += [value for value in part.as_list() if _inline(value)]


def _inline(value: object) -> bool:
    return not getattr(value, "is_indirect", True)  # numbers and truths come as Python's own


def _tidy(part: pikepdf.Object) -> None:
    for name in _PDF_GONE:
        if name in part:
            del part[name]
    if "/Rect" in part and "/Subtype" in part:
        _tidy_annotation(part)
    for name in ("/A", "/Next"):
        action = part.get(name)
        if isinstance(action, pikepdf.Dictionary) and str(action.get("/S", "")) in _ACTING:
            del part[name]
    if isinstance(part, pikepdf.Stream):
        _tidy_picture(part)


def _tidy_annotation(part: pikepdf.Object) -> None:
    kind = str(part["/Subtype"])
    if kind in _ACTING_ANNOTATIONS:
        raise ValueError("something is attached to it")
    for name in _ANNOTATION_GONE:
        if name in part and not (kind == "/Widget" and name == "/T"):  # there it is the name of a field (§12.7.3.1)
            del part[name]


def _tidy_picture(stream: pikepdf.Stream) -> None:
    """A photograph is often put into a PDF as the camera wrote it, place and all."""
    filters = stream.get("/Filter")
    names = [str(one) for one in filters.as_list()] if isinstance(filters, pikepdf.Array) else [str(filters)]
    if names == ["/DCTDecode"]:
        how = stream.get("/DecodeParms")
        parms = how if isinstance(how, pikepdf.Dictionary | pikepdf.Array) else None
        stream.write(pictures.without_segments(stream.read_raw_bytes()), filter=pikepdf.Name("/DCTDecode"), decode_parms=parms)
    elif "/DCTDecode" in names:
        raise ValueError("a picture in a wrapping")


#: parts that say who and with what; they stay, empty, because other parts name them (ECMA-376 part 2 §11, part 1 §15.2.12)
_EMPTY: Final = {
    "docProps/core.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties"/>'
    ),
    "docProps/app.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties"/>'
    ),
    "docProps/custom.xml": (
        b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
        b'<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/custom-properties"/>'
    ),
}
_ACTING_PARTS: Final = re.compile(
    r"(vbaproject|vbadata|activex|oleobject|/embeddings/|macrosheets|\.exe$|\.dll$|\.js$|\.vbs$)", re.IGNORECASE
)
_PICTURE_TYPES: Final = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png"}
#: who commented or changed: w:author, w:initials, w15:userId …, and XLSX's lists of authors and of people
_WHO: Final = re.compile(rb'\b((?:author|initials|userId|providerId|displayName|userName|lastModifiedBy|contact)=)("[^"]*"|\'[^\']*\')')
_AUTHOR: Final = re.compile(rb"(<(?:\w+:)?author>)[^<]*(</(?:\w+:)?author>)")
_WHERE: Final = re.compile(rb"<x15ac:absPath\b[^<>]*/>")
#: octets that are searched at once: nobody else in the process is served meanwhile, and 50 MB of made-up words would take seconds
_PIECE: Final = 256 * 1024
_OPENING: Final = re.compile(rb"<(?!/)")


def cleaned_office(content: bytes, _media_type: str) -> bytes:
    """Raises ValueError for macros, embedded files, encryption and bombs."""
    out, unpacked, drawn = BytesIO(), 0, 0
    with ZipFile(BytesIO(content)) as packed, ZipFile(out, "w", ZIP_DEFLATED) as anew:
        entries = packed.infolist()
        if len(entries) > _MAX_ENTRIES or len({entry.filename for entry in entries}) != len(entries):
            raise ValueError("too many parts, or one twice")
        for entry in entries:
            if _ACTING_PARTS.search(entry.filename) or entry.flag_bits & 1:
                raise ValueError("something in it acts, or is locked")
            with packed.open(entry) as part:
                read = part.read(MAX_UNPACKED - unpacked + 1)
            unpacked += len(read)
            if unpacked > MAX_UNPACKED:
                raise ValueError("it unpacks to too much")
            media_type = _PICTURE_TYPES.get(read[:3]) or _PICTURE_TYPES.get(read[:4], "")
            drawn += pictures.area(read, media_type) if media_type else 0
            if drawn > MAX_PIXELS:
                raise ValueError("more pixels than are unpacked")
            # no time, no system, no comment: ZipInfo's own are the first of January 1980
            tidy = pictures.cleaned(read, media_type) if media_type else _tidy_part(entry.filename, read)
            anew.writestr(ZipInfo(entry.filename), tidy, ZIP_DEFLATED)
    return out.getvalue()


def _tidy_part(name: str, content: bytes) -> bytes:
    if name in _EMPTY:
        return _EMPTY[name]
    if b"macroEnabled" in content and name == "[Content_Types].xml":
        raise ValueError("something in it acts")
    if name.endswith((".xml", ".rels", ".vml")):
        return b"".join(_WHERE.sub(b"", _AUTHOR.sub(rb"\1\2", _WHO.sub(rb'\1""', piece))) for piece in _pieces(content))
    return content


def _pieces(xml: bytes) -> Iterator[bytes]:
    """Each begins with a tag that opens something, as nothing that we look for reaches over one; but none is much longer than others."""
    at = 0
    while at < len(xml):
        tag = _OPENING.search(xml, at + _PIECE, at + 2 * _PIECE)
        end = tag.start() if tag else min(at + 2 * _PIECE, len(xml))
        yield xml[at:end]
        at = end
