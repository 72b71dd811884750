"""winmail.dat and the RTF in it: read as tnefparse reads them, where that reads them right, and through every kind of damage."""

from __future__ import annotations

import base64
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tnefparse import TNEF  # type: ignore[import-untyped]  # ships no types

from channels.email import rtf, tnef
from tests.email import winmail as w
from tests.email.mails import letter, said

PICTURE = b"\xff\xd8\xff\xe0 foto \0\0"
LONG_NAME = "foto jalan rusak di depan pasar.jpg"
FILE = w.attached("FOTOJA~1.JPG", PICTURE, (w.UNICODE, 0x3707, f"{LONG_NAME}\0".encode("utf-16-le")), (w.STRING, 0x370E, b"image/jpeg\0"))
#: `{\rtf1\ansi\ansicpg1252\pard hello world}` packed, MS-OXRTFCP §3.1.1
PACKED = bytes.fromhex("2d0000002b0000004c5a4675f1c5c7a703000a007263706731323542320af32068656c090020627705b06c647d0a800fa0")


def mail(content: bytes, text: str = "", kind: str = "application/ms-tnef; name=winmail.dat") -> bytes:
    packed = base64.encodebytes(content).decode().replace("\n", "\r\n")
    body = (
        f"--b\r\nContent-Type: text/plain\r\n\r\n{text}\r\n"
        f"--b\r\nContent-Type: {kind}\r\nContent-Transfer-Encoding: base64\r\n\r\n{packed}--b--\r\n"
    )
    return letter("Content-Type: multipart/mixed; boundary=b", body=body)


def test_the_files_in_it_take_its_place() -> None:
    message = said(mail(w.winmail(FILE), "Lihat foto."))
    assert message.text == "Lihat foto."
    assert [(file.name, file.media_type, file.size) for file in message.attachments] == [(LONG_NAME, "image/jpeg", len(PICTURE))]


def test_its_body_is_read_when_the_mail_has_none() -> None:
    body = w.attribute(w.MESSAGE, w.BODY, "Café menutup trotoar.\0".encode("cp1252"))
    assert said(mail(w.winmail(body))).text == "Café menutup trotoar."
    assert said(mail(w.winmail(body), "Dalam surat.")).text == "Dalam surat."


@pytest.mark.parametrize(
    ("item", "text"),
    [
        ((w.UNICODE, 0x1000, "Selokan 😡 mampet".encode("utf-16-le")), "Selokan 😡 mampet"),
        ((w.STRING, 0x1000, b"Selokan mampet\0"), "Selokan mampet"),
        ((w.BINARY, 0x1013, b"<p>Selokan <b>mampet</b></p>"), "Selokan mampet"),
        ((w.BINARY, 0x1009, PACKED), "hello world"),
    ],
)
def test_a_body_among_the_properties_is_read(item: tuple[int, int, bytes], text: str) -> None:
    assert said(mail(w.winmail(w.attribute(w.MESSAGE, w.PROPERTIES, w.properties(item))))).text == text


def test_html_is_read_in_its_own_charset() -> None:
    items = w.properties((w.LONG, 0x3FDE, struct.pack("<I", 65001)), (w.BINARY, 0x1013, "<p>café</p>".encode()))
    found = tnef.read(w.winmail(w.attribute(w.MESSAGE, w.PROPERTIES, items)))
    assert found is not None
    assert found.text == "café"


def test_a_file_among_the_properties_is_read_without_its_interface() -> None:
    head = w.attribute(w.ATTACHMENT, w.BEGINS, b"\0" * 14)
    for kind, value in ((w.BINARY, PICTURE), (w.OBJECT, b"i" * 16 + PICTURE)):
        found = tnef.read(w.winmail(head + w.attribute(w.ATTACHMENT, w.ATTACHED_PROPERTIES, w.properties((kind, 0x3701, value)))))
        assert found is not None
        assert [file.content for file in found.files] == [PICTURE]


def test_named_and_many_valued_properties_are_passed_over() -> None:
    named = struct.pack("<HH16sII", w.LONG, 0x8001, b"g" * 16, 0, 7) + struct.pack("<I", 1)
    worded = struct.pack("<HH16sII", w.LONG, 0x8002, b"g" * 16, 1, 6) + b"n\0a\0m\0\0\0" + struct.pack("<I", 1)
    many = struct.pack("<HHI", 0x101E, 0x0001, 2) + (struct.pack("<I", 3) + b"ab\0\0") * 2
    longs = struct.pack("<HHIII", 0x1003, 0x0002, 2, 1, 2)
    text = w.properties((w.STRING, 0x1000, b"Selokan"))[4:]
    value = struct.pack("<I", 5) + named + worded + many + longs + text
    found = tnef.read(w.winmail(w.attribute(w.MESSAGE, w.PROPERTIES, value)))
    assert found is not None
    assert found.text == "Selokan"


def test_an_unreadable_one_stays_a_file() -> None:
    message = said(mail(b"kosong", "Lihat foto."))
    assert [(file.name, file.size) for file in message.attachments] == [("winmail.dat", 6)]
    assert message.extras["defects"] == "tnef_unreadable"
    by_name = said(mail(w.winmail(FILE), kind="application/octet-stream; name=WINMAIL.DAT"))
    assert [file.name for file in by_name.attachments] == [LONG_NAME]


names = st.text(st.characters(codec="ascii", exclude_categories=["C"]), min_size=2, max_size=30)
contents = st.binary(min_size=2, max_size=200).filter(lambda content: not content.endswith(b"\0"))


@settings(deadline=None)  # the machine may be busy
@given(st.lists(st.tuples(names, contents), max_size=4), names)
def test_it_is_read_as_tnefparse_reads_it(files: list[tuple[str, bytes]], body: str) -> None:
    written = w.winmail(w.attribute(w.MESSAGE, w.BODY, body.encode("cp1252")), *(w.attached(name, content) for name, content in files))
    theirs, ours = TNEF(written), tnef.read(written)
    assert ours is not None
    assert [(file.name, file.content) for file in ours.files] == [
        (each._name.decode("cp1252").strip("\0"), each.data) for each in theirs.attachments
    ]
    assert ours.text == theirs.body.decode("cp1252").strip()


@given(st.binary(max_size=300), st.integers(0, 400))
def test_damage_is_survived(noise: bytes, place: int) -> None:
    whole = w.winmail(FILE, w.attribute(w.MESSAGE, w.PROPERTIES, w.properties((w.BINARY, 0x1009, PACKED))))
    for damaged in (whole[:place], whole[:place] + noise + whole[place + len(noise) :], w.SIGNATURE + noise):
        tnef.read(damaged)


@given(st.binary(max_size=300))
def test_any_rtf_is_survived(noise: bytes) -> None:
    rtf.to_text(b"{\\rtf1" + noise)
    rtf.to_text(rtf.decompress(PACKED[:16] + noise))


@pytest.mark.parametrize(
    ("written", "text"),
    [
        (rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0 Arial;}}\f0 Jalan\par rusak\tab caf\'e9}", "Jalan\nrusak\tcafé"),
        (rb"{\rtf1\uc1 \u55357?\u56865? marah \u233 e}", "😡 marah é"),
        (rb"{\rtf1{\*\generator x;}a\{b\}\\c\~d\lquote e\rquote}", "a{b}\\c d‘e’"),
        (rb"{\rtf1\fromhtml1{\*\htmltag64 <p>}\htmlrtf{\htmlrtf0 Selokan\htmlrtf\par}\htmlrtf0 mampet}", "Selokanmampet"),
        (rb"{\rtf1 tak ditutup {{{", "tak ditutup"),
        (rb"}}}", ""),
        (rb"{\rtf1 a}}}b", "ab"),
    ],
)
def test_the_words_of_rtf_are_read(written: bytes, text: str) -> None:
    assert rtf.to_text(written) == text


def test_packed_rtf_is_unpacked() -> None:
    assert rtf.decompress(PACKED) == b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"
    plain = b"{\\rtf1 a}"
    assert rtf.decompress(struct.pack("<II4sI", 21, len(plain), b"MELA", 0) + plain) == plain
    assert rtf.decompress(b"kosong") == b""
    assert rtf.decompress(PACKED[:30]).startswith(b"{\\rtf1")
