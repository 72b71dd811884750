"""The keyword before the text: `TANGKAB jalan rusak …` (domain §2.1).

In: the text and the table of the settings. Out: the keyword, if there is one, and where the words behind it begin. It never alters
the text, and no word routes that is not in the table.

Citizens write `TANGKAB jalan`, `Tangkab jl`, `TANGKAB.jalan`, `(TANGKAB) jalan`, `TANGKAB: jalan`, before or behind `LAPOR`. A coined
word such as TANGKAB counts in each of these. A word that people also use (pasar, baru, maju) counts only where nobody could have
meant the word: in brackets or behind `#`. Neither capitals nor a colon prove anything: whole messages are written in capitals,
and `PASAR: sampah menumpuk` is a heading.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from normalizer.rules import Keyword

#: words that mark a message as a complaint and say nothing else
TAGS: Final = frozenset({"LAPOR", "LAPOR1708", "1708", "SP4N", "SP4NLAPOR"})

#: everyday words that are also names of regions or likely keywords: not every office that fills the table will think of them all
_EVERYDAY: Final = """
    AIR ALAM AMAN ANGIN ANGKASA API ARUS ASRI BAKTI BANDAR BANGUN BANJIR BANTU BARAT BARU BATAS BATU BAWAH BENAR BERAS BERSIH BESAR
    BINTANG BUAH BUKIT BULAN BUMI BUNGA CAHAYA CINTA DALAM DAMAI DANAU DARAT DARURAT DEPAN DESA DUA EMAS GADING GARAM GELAP GUNUNG
    HARAPAN HILIR HITAM HUJAN HULU HUTAN IBU INDAH INTAN JALAN JAYA JEMBATAN KABUPATEN KALI KAMPUNG KARANG KARYA KEBUN KECAMATAN KECIL
    KELURAHAN KEPALA KERAMAT KOTA KUNING LAMA LAMPU LANGIT LAUT LEMBAH LIMA LINTAS LISTRIK LUAR MAJU MAKMUR MALAM MANDIRI MATI MAWAR
    MEKAR MERAH MERDEKA MINYAK MUARA MUDA MUKA MULIA MUTIARA NEGARA NUSA PAGI PANJANG PANTAI PASAR PASIR PELITA PERMATA PINTU POHON
    PULAU PUNCAK PUSAT PUTIH RAJA RAKYAT RAMAI RAWA RAYA RUMAH RUSAK SAMPAH SARI SATU SAWAH SEHAT SEJAHTERA SEKOLAH SELAMAT SELATAN
    SENTOSA SIANG SIMPANG SORE SUBUR SUMBER SUNGAI SURGA TAMAN TANAH TANJUNG TELUK TENGAH TIGA TIMUR TINGGI TOLONG TUA UJUNG UTAMA UTARA
    WARGA
"""
ORDINARY: Final = frozenset(_EVERYDAY.split())

#: the next word, what stands before it, and a bracket that closes it; a host name or a mail address is no keyword
_NEXT = re.compile(r"([\W_]*+)([0-9A-Za-z]++)(?![^\W_]|@|\.(?:go\.id|com|id)\b)(\s*+[)\]}>])?")
_BRACKETS: Final = {"(": ")", "[": "]", "{": "}", "<": ">"}


class Opening(msgspec.Struct, frozen=True, gc=False):
    """How a text begins."""

    #: in capitals, as it stands in the table; empty when there is none
    word: str
    keyword: Keyword | None
    #: index of the first character behind keyword and tags
    body: int


def read(text: str, table: Mapping[str, Keyword]) -> Opening:
    """Find the keyword; `table` by words in upper case. Tags such as `#Lapor1708` and `LAPOR` may stand before or behind it."""
    word, keyword, body = "", None, 0
    # four: tag, keyword, tag, and the word that ends it; nobody's opening is longer
    for _ in range(4):
        found = _NEXT.match(text, body)
        if found is None:
            break
        candidate = found[2].upper()
        entry = table.get(candidate) if keyword is None else None
        if entry is not None and (_marked(found) or not (entry.marked or candidate in ORDINARY)):
            word, keyword = candidate, entry
        elif candidate not in TAGS:
            break
        body = found.end()
    return Opening(word, keyword, body)


def _marked(found: re.Match[str]) -> bool:
    """True when the word stands in brackets or directly behind `#`."""
    before = found[1].rstrip()[-1:]
    closing = (found[3] or "").strip()
    return found[1].endswith("#") or (bool(closing) and _BRACKETS.get(before) == closing)
