"""Files as cameras, offices and recorders write them, each with something in it that tells who, where or with what: `SECRET`."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pikepdf
from PIL import Image, PngImagePlugin

SECRET = "Pelapor Rahasia"
BYTES = SECRET.encode()


def exif() -> Image.Exif:
    """Device, owner, orientation (held upright, stored lying) and a place in Ponorogo."""
    told = Image.Exif()
    told[0x010F] = SECRET
    told[0x0112] = 6
    place = told.get_ifd(0x8825)
    place |= {1: "S", 2: (7.0, 52.0, 0.0), 3: "E", 4: (111.0, 28.0, 0.0)}
    told[0x8825] = place
    return told


def picture(form: str = "JPEG", size: tuple[int, int] = (40, 20), mode: str = "RGB", **how: Any) -> bytes:
    """With EXIF, and what else the form has room for."""
    out, drawn = BytesIO(), Image.new(mode, size, 200 if mode == "L" else None)
    if form == "PNG":
        text = PngImagePlugin.PngInfo()
        text.add_text("Author", SECRET)
        how |= {"pnginfo": text}
    if form == "JPEG":
        how |= {"comment": BYTES}
    drawn.save(out, form, exif=exif(), icc_profile=BYTES, **how)
    return out.getvalue() + (BYTES if form == "JPEG" else b"")


def pdf() -> bytes:
    """One page with a photograph as the camera wrote it, a note with its author, and everything that says who made it."""
    made = pikepdf.new()
    made.add_blank_page(page_size=(100, 100))
    page = made.pages[0]
    photo = made.make_stream(picture())
    for name, value in {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB", "/Filter": "/DCTDecode"}.items():
        photo[name] = pikepdf.Name(value)
    photo["/Width"], photo["/Height"], photo["/BitsPerComponent"] = 40, 20, 8
    page["/Resources"] = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Im0=photo))
    note = pikepdf.Dictionary(
        Type=pikepdf.Name("/Annot"), Subtype=pikepdf.Name("/Text"), Rect=[0, 0, 10, 10], T=SECRET, Contents="catatan",
        A=pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=f"app.alert('{SECRET}')"),
    )  # fmt: skip
    page["/Annots"] = pikepdf.Array([note])
    page["/PieceInfo"] = pikepdf.Dictionary(Maker=pikepdf.Dictionary(Private=SECRET))
    made.docinfo["/Author"] = SECRET
    made.Root["/Metadata"] = made.make_stream(f"<x:xmpmeta>{SECRET}</x:xmpmeta>".encode())
    made.Root["/OpenAction"] = pikepdf.Dictionary(S=pikepdf.Name("/JavaScript"), JS=SECRET)
    attached = pikepdf.Dictionary(Type=pikepdf.Name("/Filespec"), F="rahasia.txt", EF=pikepdf.Dictionary(F=made.make_stream(BYTES)))
    made.Root["/Names"] = pikepdf.Dictionary(EmbeddedFiles=pikepdf.Dictionary(Names=["rahasia.txt", made.make_indirect(attached)]))
    out = BytesIO()
    made.save(out, compress_streams=False)
    return out.getvalue()


DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def office(main: str = "word/document.xml", parts: Mapping[str, bytes] | None = None) -> bytes:
    """A document with a comment, a change, a photograph, and its properties; and with `parts` by name."""
    texts = {
        "[Content_Types].xml": "<Types/>",
        "_rels/.rels": "<Relationships/>",
        main: f'<w:document><w:ins w:author="{SECRET}" w:date="2026-01-01"><w:t>Jalan rusak</w:t></w:ins></w:document>',
        "word/comments.xml": f"<w:comments><w:comment w:author='{SECRET}' w:initials='{SECRET}'/></w:comments>",
        "xl/comments1.xml": f"<comments><authors><author>{SECRET}</author></authors></comments>",
        "xl/persons/person.xml": f'<personList><person displayName="{SECRET}" userId="{SECRET}"/></personList>',
        "docProps/core.xml": f"<cp:coreProperties><dc:creator>{SECRET}</dc:creator></cp:coreProperties>",
        "docProps/app.xml": f"<Properties><Company>{SECRET}</Company></Properties>",
        "docProps/custom.xml": f"<Properties><a>{SECRET}</a></Properties>",
    }
    out = BytesIO()
    with ZipFile(out, "w") as packed:
        packed.comment = BYTES
        for name, text in texts.items():
            packed.writestr(name, text)
        packed.writestr("word/media/image1.jpeg", picture())
        for name, content in (parts or {}).items():
            packed.writestr(name, content)
    return out.getvalue()


def box(kind: bytes, *parts: bytes) -> bytes:
    body = b"".join(parts)
    return struct.pack(">I4s", 8 + len(body), kind) + body


def full(kind: bytes, *parts: bytes) -> bytes:
    return box(kind, bytes(4), *parts)


def film(brand: bytes = b"isom", tracks: tuple[bytes, ...] = (b"vide", b"soun", b"meta"), extra: bytes = b"") -> bytes:
    """Each track has two samples of eight bytes in one chunk; those of a track that is no picture and no sound say the secret."""
    head = box(b"ftyp", brand, bytes(4), brand)
    samples = b"".join(b"pictures-or-sound"[:16] if kind in {b"vide", b"soun"} else BYTES.ljust(16)[:16] for kind in tracks)

    def moov(at: int) -> bytes:
        made = [_track(kind, at + 16 * number) for number, kind in enumerate(tracks)]
        return box(
            b"moov", full(b"mvhd", struct.pack(">II", 3_900_000_000, 3_900_000_000), bytes(88)), *made, box(b"udta", box(b"\xa9xyz", BYTES))
        )

    stored = len(head) + len(moov(0)) + 8
    return head + moov(stored) + box(b"mdat", samples) + box(b"uuid", bytes(16), BYTES) + extra


def _track(kind: bytes, at: int) -> bytes:
    times = struct.pack(">II", 3_900_000_000, 3_900_000_000)
    table = box(
        b"stbl",
        full(b"stsc", struct.pack(">IIII", 1, 1, 2, 1)),
        full(b"stsz", struct.pack(">III", 0, 2, 8) + struct.pack(">I", 8)),
        full(b"stco", struct.pack(">II", 1, at)),
    )
    media = box(b"mdia", full(b"mdhd", times, bytes(12)), full(b"hdlr", bytes(4), kind, bytes(12), BYTES + b"\0"), box(b"minf", table))
    return box(b"trak", full(b"tkhd", times, bytes(72)), media, box(b"meta", BYTES))


def mp3(frames: int = 3) -> bytes:
    """128 kbit/s at 44,100 Hz, tags before and behind, something between."""
    frame = b"\xff\xfb\x90\x00" + b"\x01" * 413
    tag = b"ID3\x04\x00\x00" + bytes([0, 0, 0, 40]) + BYTES.ljust(38) + b"\xff\xfb"
    return tag + frame + BYTES + frame * (frames - 1) + b"TAG" + BYTES.ljust(125)


def amr(magic: bytes = b"#!AMR\n", head: int = 0x3C, size: int = 31) -> bytes:
    return magic + (bytes([head]) + b"\x01" * size) * 3 + b"\xff" + BYTES


def ogg(magic: bytes = b"OpusTags", tail: bytes = b"", padding: int = 0) -> bytes:
    """Three packets: head, comments, sound. `padding` makes the comments longer than a page."""
    head = b"OpusHead" + bytes(11) if magic == b"OpusTags" else b"\x01vorbis" + bytes(23)
    said = b"ARTIST=" + BYTES + b"x" * padding
    comments = magic + struct.pack("<I", len(BYTES)) + BYTES + struct.pack("<II", 1, len(said)) + said + tail
    pages = [_page([head], 0, 2), *_long(comments, 1)]
    return b"".join([*pages, _page([b"sound" * 10], len(pages), 4)]) + BYTES


def _long(packet: bytes, number: int) -> list[bytes]:
    pages: list[bytes] = []
    while len(packet) > 255 * 255:
        pages.append(_raw_page(packet[: 255 * 255], [255] * 255, number + len(pages), 0))
        packet = packet[255 * 255 :]
    return [*pages, _page([packet], number + len(pages), 0)]


def _page(packets: list[bytes], number: int, kind: int) -> bytes:
    laces = [lace for packet in packets for lace in [255] * (len(packet) // 255) + [len(packet) % 255]]
    return _raw_page(b"".join(packets), laces, number, kind)


def _raw_page(body: bytes, laces: list[int], number: int, kind: int) -> bytes:
    head = struct.pack("<4sBBqIII", b"OggS", 0, kind, 0, 7, number, 0)
    return head + bytes([len(laces), *laces]) + body
