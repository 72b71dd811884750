"""Mails changed at random, and mails made to cost time or depth: each is read to its end, and what is read can be written."""

from __future__ import annotations

import random
from datetime import UTC

import msgspec
import pytest

from channels.base import Arrival
from channels.email import mime
from tests.email import winmail
from tests.email.mails import NAMES, NOW, OWN, captured, kept
from tests.email.test_mime_tnef import FILE, mail

ROUNDS = 60
SPICE = (
    b"\r\n", b"\r", b"\n", b"\r\n\r\n", b"\0", b"\xff", b"=", b"=?", b"?=", b"--", b"--b--", b"(", b"<", b'"', b"\\", b";", b":",
    b"begin 644 a\n", b"Content-Type: multipart/mixed; boundary=b\r\n",
    b"Content-Type: text/html\r\n", b"Content-Transfer-Encoding: base64\r\n", b"<table>",
    b"charset=utf-16", b"charset=utf-7", b"Auto-Submitted: ", b"X-Lapor-Client: ip=", b"\xf0\x9f", b"\xed\xa0\x80",
)  # fmt: skip


def changed(octets: bytes, chance: random.Random) -> bytes:
    """A few pieces cut, doubled, moved, spiced or flipped."""
    for _ in range(chance.randint(1, 8)):
        start = chance.randint(0, len(octets))
        end = min(len(octets), start + chance.choice((0, 1, 2, 20, 200)))
        piece = chance.choice(
            (b"", octets[start:end] * 2, chance.choice(SPICE), chance.randbytes(chance.randint(1, 5)), octets[start:end][::-1])
        )
        octets = octets[:start] + piece + octets[end:]
    return octets


def whole(raw: bytes) -> None:
    """It is read, twice alike, and all that was read can be written."""
    read = mime.read(raw)
    assert mime.read(raw) == read
    assert msgspec.json.decode(msgspec.json.encode(read), type=mime.Mail) == read
    assert read.date is None or read.date.tzinfo is UTC
    for number, told in enumerate(read.enclosures):
        file = mime.content(raw, number)
        assert file is not None
        assert len(file.content) == told.size
        assert told.name
        assert not set(told.name) & set("/\\\0\r\n")
    try:
        message = mime.message(Arrival(channel="surel", source_id="s", raw=raw, received_at=NOW), OWN)
    except ValueError as nothing:
        assert str(nothing) == "a mail without text, subject and files"
    else:
        assert all(len(said.splitlines()) < 2 for said in (*message.reply_to.values(), message.sender, message.subject))


@pytest.mark.parametrize("name", [*NAMES, "winmail"])
def test_a_mail_that_was_changed_at_random_is_read(name: str, seed: int) -> None:
    chance = random.Random(f"{name} {seed}")
    octets = mail(winmail.winmail(FILE)) if name == "winmail" else captured(name)
    for _ in range(ROUNDS):
        whole(kept(changed(octets, chance)) if chance.random() < 0.8 else changed(kept(octets), chance))


@pytest.fixture
def seed() -> int:
    """A new one each time; a failure names it."""
    return random.randrange(1_000_000)


HEAD = b"From: budi@warga.example\r\n"
HTML = HEAD + b"Content-Type: text/html\r\n\r\n"
MIXED = HEAD + b"Content-Type: multipart/mixed; boundary=b\r\n\r\n"
#: 3,000 parts within parts
DEEP = HEAD + b"".join(b'Content-Type: multipart/mixed; boundary="%d"\r\n\r\n--%d\r\n' % (level, level) for level in range(3_000))
HOSTILE = {
    "nothing": b"",
    "one line of ten million": HEAD + b"\r\n" + b"a" * 10_000_000,
    "five thousand recipients": b"To: " + b",\r\n ".join(b"w%d@warga.example" % n for n in range(5_000)) + b"\r\n" + HEAD + b"\r\nx",
    "two million fields": HEAD + b"A: b\r\n" * 2_000_000 + b"\r\nx",
    "one endless field": HEAD + b"A: b\r\n" + b" x\r\n" * 500_000 + b"\r\nx",
    "a comment in a comment": b"From: " + b"(" * 1_000_000 + b"\r\n\r\nx",
    "a quote without end": b'From: "' + b"\\" * 1_000_000 + b"\r\n\r\nx",
    "words without end": b"Subject: " + b"=?u?q?" * 100_000 + b"\r\n\r\nx",
    "names without end": MIXED + (b'--b\r\nContent-Type: a/b; name="' + b"=?u?q?" * 2_700 + b'"\r\n\r\nx\r\n') * 300,
    "parameters without end": HEAD + b"Content-Type: text/plain" + b';a="' * 100_000 + b"\r\n\r\nx",
    "nested divs": HTML + b"<div>" * 20_000 + b"x",
    "nested lists": HTML + b"<ul><li>" * 2_000 + b"x",
    "nested tables": HTML + b"<table><tr><td>" * 1_000 + b"x",
    "a wide table": HTML + b"<table><tr>" + (b"<td>" + b"a" * 3_000) * 100 + (b"<tr>" + b"<td>b" * 100) * 70,
    "lines far from the margin": HTML + b"<ul>" * 50 + b"<li><pre>" + b"a\n" * 190_000,
    "many pages": MIXED + (b"--b\r\nContent-Type: text/html\r\n\r\n" + b"<h1>a</h1>" * 3_500 + b"\r\n") * 100,
    "angle brackets": HTML + b"<" * 300_000,
    "white space asked for": HTML + b"<table><tr><td colspan=99999999 style='padding-left:9999999em'>x",
    "entities": HTML + b"&#x110000;&#xd800;&#0;" * 10_000,
    "parts in parts": DEEP,
    "many parts": MIXED + b"--b\r\n\r\nx\r\n" * 100_000,
    "many that are no boundaries": MIXED + b"--bx\r\n" * 500_000,
    "many padded pieces": HEAD + b"Content-Transfer-Encoding: base64\r\n\r\n" + b"QQ==\r\n" * 300_000,
    "soft lines": HEAD + b"Content-Type: text/plain; format=flowed\r\n\r\n" + b"a \r\n" * 300_000,
    "uuencode that begins and begins": HEAD + b"\r\n" + b"begin 644 a\r\n" * 100_000,
    "uuencode with a wide name": HEAD + b"\r\nbegin 644 " + b" " * 3_000_000,
    "attributions": HEAD + b"\r\n" + b"On a b 10:10\r\n" * 100_000,
    "an attribution of 40 kB": HEAD + b"\r\nOn " + b"a " * 20_000,
    "zeros": HEAD + b"\r\n" + b"\0" * 1_000_000,
    "carriage returns": HEAD + b"\r" * 1_000_000,
    "halves of characters": HEAD + b"Content-Type: text/plain; charset=utf-7\r\n\r\n" + b"+2AA-" * 100_000,
    "winmail of empty attributes": HEAD
    + b"Content-Type: application/ms-tnef\r\n\r\n"
    + winmail.SIGNATURE
    + b"\1\0\0\0\0\0\0\0\0\0\0" * 100_000,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_mail_made_to_break_its_reader_is_read(kind: str) -> None:
    read = mime.read(kept(HOSTILE[kind]))
    assert msgspec.json.encode(read)


def test_no_text_is_lost_in_a_very_long_mail() -> None:
    assert len(mime.read(kept(HOSTILE["one line of ten million"])).body) == 10_000_000
