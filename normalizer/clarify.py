"""Whether a complaint can be worked on as it is, and which question would help.

In: what the other steps found. Out: what to ask for, if anything. It never asks itself, and never holds a complaint back.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import pairwise
from typing import Final

from normalizer.complaint import Ask, Location
from normalizer.phrases import find, grow
from normalizer.place_names import as_a_name
from normalizer.place_words import LEVEL_WORDS, ORDINARY, STOP
from normalizer.reading import Reading

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
#: behind these a name in capitals is where it is, though no region has it: di Malioboro, near Beachwalk
_IN: Final = frozenset({"di", "nang", "neng", "ning", "ing", "wonten", "teng", "at", "in", "near", "around"})
_NO_SPOT_WORDS: Final = """
    agen alfamart allah aplikasi apotek april august bandara bank bengkel bpjs bpn bukalapak december desember dinas disdukcapil dishub
    disnaker dpr dprd dukcapil english facebook februari february gojek google government grab halte hotel imigrasi indihome indomaret
    indonesia indonesian instagram instansi internet islam januari january jawa jembatan juli july june juni kampus kantor kementerian
    klinik kua lapor lazada loket mal mall march maret may medsos mei november october oktober pabrik pelabuhan pemda pengadilan
    pertamina perusahaan pln polda polres polsek puskesmas rs rsud ruko samsat sekolah september shopee sosmed spbu stasiun sumatera
    telegram telkomsel terminal tiktok tokopedia twitter universitas whatsapp youtube
"""
#: behind them, what is no place, or not the only one of its kind
_NO_SPOT: Final = frozenset(_NO_SPOT_WORDS.split()) | _NAMELESS | STOP | ORDINARY | LEVEL_WORDS.keys()
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


def placed(reading: Reading, location: Location | None) -> bool:
    """True when something says where it is, even if nobody could find it on a map."""
    words = reading.words
    if location is not None and (location.candidates or _named(location.text.split())):
        return True
    if not _IN.isdisjoint(reading.present) and any(_spot(reading, at) for at, word in enumerate(words[:-1], 1) if word in _IN):
        return True
    if _MARKS.isdisjoint(words):
        return False
    return any((word in _SITES and after not in _NAMELESS) or (word in _NUMBERED and after.isdecimal()) for word, after in pairwise(words))


def _spot(reading: Reading, at: int) -> bool:
    """Whether a name stands there; where each word has a capital, none does."""
    return reading.words[at] not in _NO_SPOT and as_a_name(reading, at, at + 1) and reading.written[at - 1].islower()


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
