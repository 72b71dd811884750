"""Names and days of birth, where the text itself says that one comes: `nama saya …`, `a.n. …`, `Nama: …`, `ttl …`.

In: a `Reading`. Out: spans of the verbatim text. It knows no list of names, and takes nothing for a name because of its look alone:
`nama saya belum terdaftar` holds none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from normalizer.complaint import Span
from normalizer.number_words import IMPERSONAL, masked
from normalizer.reading import Reading

_NAME_WORDS: Final = frozenset({"nama", "namaku", "namanya", "nm", "an", "n", "nami", "jeneng", "jenengku", "asma", "asmi", "name"})
_BIRTH_WORDS: Final = frozenset({"lahir", "ttl", "kelahiran", "born", "lair"})
_WATCHED: Final = _NAME_WORDS | _BIRTH_WORDS

#: between the word and the name: whose it is; with these it needs no colon
_OWN: Final = frozenset({"saya", "sy", "aku", "abdi", "kuring", "kulo", "kula", "is"})
_WHOSE_ALL: Final = """
    saya sy aku abdi kuring kulo kula is lengkap pelapor pengadu pengirim pemohon anak ibu ayah bapak suami istri pasien siswa
    korban terlapor kk pelanggan pemilik wali nasabah peserta warga ktp sesuai
"""
_WHOSE: Final = frozenset(_WHOSE_ALL.split())
_SIGN = re.compile(r"[ \t]{0,3}[:=][ \t]{0,3}")
#: with the dot of `M. Yusuf`, without the one at the end of a sentence
_WORD = re.compile(r"[ \t]{0,2}([^\W\d_](?:[^\W\d_]|['’-](?=[^\W\d_])){0,30}+)(?:(?<![^\W\d_]{4})\.(?=[ \t]?[^\W\d_]))?")
#: what stands there of an account, masked or not
_ACCOUNT = re.compile(r"(?:(?:\d[.\- ]?){5}|\[rekening\])[ ,]{1,2}\Z")
#: words of the longest name
_MOST: Final = 5
#: a name in small letters is certain only up to one of these, a sign, or the end
_STOPS_ALL: Final = """
    warga dari dr alamat almt rt rw di dusun dsn desa ds dukuh umur usia no nomor nik ktp kk hp wa telp mau ingin hendak lapor melapor
    melaporkan mengadu mengadukan mohon tolong minta sudah sdh udah udh belum blm tidak tdk gak ga gk nggak ndak tak bukan kok kenapa
    knp mengapa ada yang yg dan atau ini itu dengan dgn untuk utk karena krn tinggal tgl domisili selaku sebagai sbg kerja pekerjaan jl
    jln jalan gang gg kec kel kab kota kecamatan kelurahan kabupaten adalah salah hilang dicatut dipakai dipake disalahgunakan tercatat
    terdaftar terhapus masuk keluar dicoret tercantum berbeda beda sama saya sy aku kami kita mereka anak ibu bapak ayah suami istri
    orang nama lahir ttl pada pd jadi malah masih msh tetap selalu sering bisa harus akan pernah juga seorang jangan jgn agar supaya
    perlu disebut dirahasiakan rahasia rahasiakan punya pemerintah masyarakat rakyat pt cv ud pemilik penerima pelapor pelanggan sekolah
    siswa kepala perusahaan yayasan bank keluarga ahli almarhum almarhumah alm saking saka teu ti from and i live in was not rekening
    rek bansos tapi tp tetapi kalau klo kalo sampai hanya cuma oleh dalam dlm ke email jenis ganti diganti
"""
_STOPS: Final = frozenset(_STOPS_ALL.split()) | IMPERSONAL
#: small words inside a name
_PARTICLES: Final = frozenset({"bin", "binti", "al", "van", "de"})

_MONTH = r"(?:jan|feb|mar|apr|mei|may|jun|jul|agu|aug|ags|sep|okt|oct|nov|nop|des|dec)[a-z]{0,6}"
_DATE = re.compile(rf"\d{{1,2}}[ \t]?[-/. ][ \t]?(?:\d{{1,2}}|{_MONTH})[ \t]?[-/. ][ \t]?(?:\d{{4}}|\d{{2}})(?!\d)", re.IGNORECASE)
#: between the word and the day: a town
_TOWN = re.compile(r"[^\d\[\n]{0,40}")


def find(reading: Reading) -> Iterator[Span]:
    """Each word that announces a name or a day is looked at with a few words behind it."""
    words = reading.words
    if _WATCHED.isdisjoint(words):
        return
    for at, word in enumerate(words):
        if word not in _WATCHED or masked(reading, at):
            continue
        if word in _NAME_WORDS:
            found = _name_from(reading, at)
            if found is not None and (span := _name(reading.verbatim, *found)):
                yield span
        else:
            town = _TOWN.match(reading.verbatim, reading.ends[at])
            day = _DATE.match(reading.verbatim, town.end()) if town else None
            if day:
                yield Span(start=day.start(), end=day.end(), kind="birth")


def _name_from(reading: Reading, at: int) -> tuple[int, bool] | None:
    """Where a name begins behind this word, and whether a sign says so; None when none is announced."""
    word, text, end = reading.words[at], reading.verbatim, reading.ends[at]
    if word in {"an", "n"}:
        return _on_behalf(reading, at)
    own = word in {"namaku", "jenengku"} or (word == "nama" and _beside(reading, at - 1) and reading.words[at - 1] == "atas")
    for whose in range(at + 1, at + 4):
        if sign := _SIGN.match(text, end):
            return sign.end(), True
        if not _beside(reading, whose - 1) or reading.words[whose] not in _WHOSE:
            break
        own, end = own or reading.words[whose] in _OWN, reading.ends[whose]
    return (end, False) if own else None


def _beside(reading: Reading, at: int) -> bool:
    """True when nothing but space stands between a word and the next."""
    return 0 <= at < len(reading.words) - 1 and reading.verbatim[reading.ends[at] : reading.starts[at + 1]].isspace()


def _on_behalf(reading: Reading, at: int) -> tuple[int, bool] | None:
    """`a.n.`, `a/n`, `an.`, `a.n:`; and `an` behind the number of an account."""
    text, start, end = reading.verbatim, reading.starts[at], reading.ends[at]
    behind = text[end : end + 2]
    if reading.words[at] == "n":
        before = text[max(start - 3, 0) : start].lower()
        if before[-2:] not in {"a.", "a/"} or not (len(before) == 2 or before[0].isspace() or before[0] in "(,.:;-"):
            return None
    elif behind[:1] not in {".", ":"}:
        account = _ACCOUNT.search(text, max(start - 16, 0), start)
        if not account or behind[:1] != " " or not behind[1:].isupper():
            return None
    return end + len(behind) - len(behind.lstrip(".:")), False


def _name(text: str, start: int, sure: bool) -> Span | None:
    """The words of a name: capitals as long as they go on; in small letters only what has an end."""
    first, end, words, capitals = start, start, 0, False
    while match := _WORD.match(text, end):
        word = match[1]
        if words == _MOST or word.lower() in _STOPS or (capitals and not word[0].isupper() and word not in _PARTICLES):
            break
        if words == 0:
            first, capitals = match.start(1), word[0].isupper() and not word.isupper()
        words, end = words + 1, match.end()
    # one that goes on, or goes on with something masked, has no end
    endless = (match is not None and words == _MOST) or text[end : end + 3].lstrip(" \t.")[:1] == "["
    return None if words == 0 or (endless and not sure and not capitals) else Span(start=first, end=end, kind="name")
