"""Whether a complaint can be worked on as it is, and which question would help.

In: what the other steps found. Out: what to ask for, if anything. It never asks itself, and never holds a complaint back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from normalizer.complaint import Ask, Location
from normalizer.phrases import find, grow

_SITE_WORDS: Final = """
    alun blok cluster desa dk ds dukuh dusun gang gg gunung jalan jl jln kab kabupaten kampung karang kc kec kecamatan kel kelurahan
    kilometer km komplek kompleks kota kp lingkungan lorong nagari pasar perum perumahan perumnas prov provinsi pulau sungai waduk
"""
#: stand for the place in a text in which no region was recognised, when a word follows that could be a name
_SITES: Final = frozenset(_SITE_WORDS.split())
_NAMELESS_WORDS: Final = """
    ada amat and anu atau baru bau belum besar bolong caket cedhak dalam dan dekat deket dengan depan di disini dkt dpn gelap hancur
    hanya harus iki ini is itu kami kas ke kecil kita kotor kulo kurang lagi licin macet malah mampet mati menuju mohon near ngarep nya
    on orang pada padahal parah punya ramai raya ruksak rusak saja sama samping sangat saya sdh sekali sekarang selalu semua sering
    sudah tani terus the tidak tolong umum untuk usaha utama yang yg
"""
#: follow such a word and name nothing
_NAMELESS: Final = frozenset(_NAMELESS_WORDS.split()) | _SITES
#: stand for it when a number follows
_NUMBERED: Final = frozenset({"rt", "rw", "sd", "sdn", "smp", "smpn", "sma", "sman", "smk", "smkn"})
_MARKS: Final = _SITES | _NUMBERED
#: words of a place without a name: in front of the school
_LANDMARK: Final = 2
_ELSEWHERE_PHRASES: Final = (
    "sesuai isi surat", "sesuai surat", "isi surat", "sesuai lampiran", "lihat lampiran", "lampiran*", "terlampir*", "sesuai berkas",
    "sesuai dokumen", "sesuai file", "sesuai foto", "lihat foto", "sesuai gambar", "lihat gambar", "as attached", "see attached",
    "see attachment", "attached letter", "see the attached",
)  # fmt: skip
#: the complaint stands in something that should be attached
_ELSEWHERE: Final = grow((phrase, 0) for phrase in _ELSEWHERE_PHRASES)
#: with more words than these the text itself says something
_BARE: Final = 12


def said(words: Sequence[str], *, attachments: int) -> bool:
    """False for a text that tells nothing: one word, or a word about an attachment that did not come."""
    if len(words) < 2:
        return False
    return attachments > 0 or len(words) > _BARE or not find(_ELSEWHERE, words)


def enclosed(words: Sequence[str], *, attachments: int) -> bool:
    """True when nothing is told but that it stands in what came along: where it is stands there, too."""
    return attachments > 0 and len(words) <= _BARE and bool(find(_ELSEWHERE, words))


def placed(words: Sequence[str], location: Location | None) -> bool:
    """True when something says where it is, even if nobody could find it on a map."""
    if location is not None and (location.candidates or _named(location.text.split())):
        return True
    if _MARKS.isdisjoint(words):
        return False
    return any((word in _SITES and after not in _NAMELESS) or (word in _NUMBERED and after.isdecimal()) for word, after in pairwise(words))


def _named(words: Sequence[str]) -> bool:
    """False for nothing, and for a place without a name: `depan sekolah`."""
    return len(words) > _LANDMARK or (bool(words) and words[0].lower() not in _NAMELESS)


def question(*, silent: bool, needs_place: bool, found: Collection[str]) -> Ask:
    """What to ask for. A trial or an advertisement is asked nothing."""
    if "test" in found or "spam_suspect" in found:
        return ""
    if silent:
        return "text"
    return "place" if needs_place else ""
