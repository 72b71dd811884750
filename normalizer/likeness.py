"""What of a case is compared with other cases: hashes under the gateway's key, never words.

In: a message, its record, the key. Out: a `Likeness`, some hundred bytes. It compares nothing (`kin` does), and keeps nothing. Without
the key nobody can tell a number or a text from it; the hashes of single words are small and quick, and say at most which words occur.

Two texts are the same when their words are, in lower case, whatever stands between them, and without the call to us (`#Lapor1708`) at
either end. Digits are words like others: RT 5 is not RT 6. "Terima kasih" at the end is part of a text; who adds it has written again.
A template that goes round with another address in each copy is one text: for that, what names the place is left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from hashlib import blake2b
from typing import Final
from unicodedata import normalize as unicode_form
from zlib import crc32

import msgspec

from channels.base import InboundMessage
from normalizer.complaint import Complaint, Location
from normalizer.given import words as given_words

#: so much of a text is compared, and how long it is: a mail may hold a book
LONGEST: Final = 20_000
#: a text of fewer words or letters is written twice by chance ("jalan rusak"), and is the same only when the same person sends it
FEWEST_WORDS, FEWEST_LETTERS = 8, 40
#: hashes of words that are kept of a text, and those of them under which it is found beside its place
SKETCH, BANDS = 16, 3
#: a region code of this length names a kecamatan
KECAMATAN: Final = 8

_WORD = re.compile(r"[^\W_]+")
#: the same for ASCII, which most messages are: capitals become small, whatever is neither letter nor digit becomes a space
_PLAIN: Final = bytes(ord(c.lower()) if (c := chr(octet)).isascii() and c.isalnum() else 32 for octet in range(256))
_CALLS = frozenset({b"lapor", b"lapor1708", b"1708"})
#: words that say nothing about what happened: they stand in every complaint. Those of one or two letters never count.
_COMMON = b"""
    ada adalah agar akan aku anda apa apakah assalamualaikum atas atau bagaimana bagi bahwa banyak bapak begitu belum bisa blok
    boleh buat bulan cuma dalam dan dapat dari dekat dengan depan desa dia dusun gang harap hari harus hingga ibu ini itu jadi
    jalan jam jangan jln juga kab kabupaten kalau kalo kami kapan karena kasih kec kecamatan kel kelurahan kepada ketika kita kok
    kota lagi lama langsung lapor laporan lebih malam mana masih mau melalui minggu mohon mungkin nomor nya oleh pada pagi pak
    para pernah perum prov provinsi salam sama sampai sangat saya sdh sebagai segera sejak sekali sekarang sekitar selalu selama
    selamat semua seperti sering serta setelah setiap siang sore sudah supaya tadi tahun tapi tempat tentang terhadap terima
    terjadi tersebut terus tetapi tidak tlg tolong untuk waktu warga wassalamualaikum wib yaitu yang yth
"""
_ORDINARY = frozenset(_COMMON.split())


class Likeness(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What is kept of a case."""

    #: of the sender and everything that was sent; 0 when nobody is named
    same: int = 0
    #: of the text, without the words that name the place; 0 for a short one
    text: int = 0
    #: of the place, with one word each; nothing without a place
    near: tuple[int, ...] = ()
    #: region code, of a kecamatan or below
    place: str = ""
    #: of the words that say what happened there, in order
    words: tuple[int, ...] = ()
    #: of the name of the street, or of the lane and its village, where one is named
    street: int = 0


class Kin(msgspec.Struct, frozen=True, kw_only=True):
    """Another case that has something in common with one."""

    reference: str
    received_at: datetime
    likeness: Likeness


def of(message: InboundMessage, complaint: Complaint, key: bytes) -> Likeness:
    """`key` is the gateway's secret, 16 to 64 bytes.

    Without a word in it a message has no likeness to another of its sender.
    A confidential case is alike only to other confidential ones, so that no open record names one; its own sender's are always alike.
    """
    text = folded(complaint.text)
    realm = b"rahasia" if complaint.privacy == "rahasia" else b""
    sender = _sender(complaint) if text or message.subject else b""
    same = _hash(key, b"\0".join((sender, text, _beside(message, complaint)))) if sender and _whole(complaint) else 0
    place = complaint.location.value
    if place is None:
        return Likeness(same=same, text=_text(key, realm, text))
    rest = folded(complaint.text.replace(place.text, " ")) if place.text else text
    words = _sketch(rest, place, key) if len(place.code or "") >= KECAMATAN else ()
    code = place.code if words and place.code else ""
    near = _near(key, b"\0".join((realm, code[:KECAMATAN].encode())), words) if words else ()
    street = _street(place, key) if words else 0
    return Likeness(same=same, text=_text(key, realm, rest), near=near, place=code, words=words, street=street)


def _text(key: bytes, realm: bytes, text: bytes) -> int:
    long = len(text) >= FEWEST_LETTERS and text.count(b" ") >= FEWEST_WORDS - 1
    return _hash(key, b"\0".join((realm, text))) if long else 0


def _near(key: bytes, corner: bytes, words: Sequence[int]) -> tuple[int, ...]:
    """Those of one place lie beside each other in an index."""
    start = (crc32(corner, crc32(key)) & 0x7FFFFFFF) << 32
    return tuple([start | word for word in words[:BANDS]])


def folded(text: str) -> bytes:
    """A text as it is compared: its words, one space between them."""
    head = text[:LONGEST]
    words = head.encode().translate(_PLAIN).split() if head.isascii() else _words(head)
    start, end = 0, len(words)
    while start < end and words[start] in _CALLS:
        start += 1
    while start < end and words[end - 1] in _CALLS:
        end -= 1
    if start == end:
        return _encoded(head.strip())  # pictures and signs are a text too, when they are all there is
    rest = b" ".join(words[start:end])
    return rest if len(text) <= LONGEST else b"%b %d" % (rest, len(text))


def _words(text: str) -> list[bytes]:
    return [_encoded(word) for word in _WORD.findall(unicode_form("NFKC", text).casefold())]


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogatepass")


def _sender(complaint: Complaint) -> bytes:
    """One person under all channels, as far as an address says so: a handle is somebody else's in the next network."""
    reporter = complaint.reporter
    if not reporter.address:
        return b""
    return _encoded(f"{complaint.channel if reporter.kind == 'handle' else reporter.kind}\0{reporter.address.lower()}")


def _whole(complaint: Complaint) -> bool:
    """False when it has files that could not be had: these may be anything."""
    return not complaint.attachments or all(file.size for file in complaint.attachments)


def _beside(message: InboundMessage, complaint: Complaint) -> bytes:
    """What came with the text and makes another message of it: a subject, a place that was given, what it answers, files."""
    given = [given_words(message.fields, name) for name in ("title", "location", "region")] if message.fields else []
    files = sorted(f"{file.media_type} {file.size}" for file in complaint.attachments) if complaint.attachments else []
    beside = [*given, *message.answers, *files]
    return b"\0".join((folded(message.subject), _encoded("\0".join(beside)))) if message.subject or any(beside) else b""


def _street(place: Location, key: bytes) -> int:
    """The first that is named; written together or apart, it is the same. Many a village has a Gang 5, so a lane is one within its own."""
    name = ""
    for detail in place.details:
        if detail.kind == "jalan":
            name = detail.value
            break
        if detail.kind == "gang" and not name and len(place.code or "") > KECAMATAN:
            name = f"{place.code} {detail.value}"
    return crc32(folded(name).replace(b" ", b""), crc32(key)) if name else 0


def _sketch(text: bytes, place: Location, key: bytes) -> tuple[int, ...]:
    """The lowest hashes of the words that say what happened: of two texts as many are shared as of all their words."""
    seed = crc32(key)
    names = " ".join([each.name for each in place.candidates] + [each.value for each in place.details])
    told = set(text.split()) - _ORDINARY - set(folded(names).split())
    return tuple(sorted({crc32(word, seed) for word in told if len(word) > 2 and not word.isdigit()})[:SKETCH])


def _hash(key: bytes, said: bytes) -> int:
    """63 bits, never 0 but by a chance that nobody will live to see."""
    return int.from_bytes(blake2b(said, digest_size=8, key=key, person=b"likeness").digest()) >> 1
