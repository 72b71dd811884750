"""What in a text belongs to a person: numbers, mail addresses, number plates, passports, names, days of birth.

In: a `Reading`. Out: spans of the verbatim text, in order, none over another. It alters nothing (`mask.py` does), and a home address
is no span: the place is what a complaint is about.

A span too many masks a word too many for operators; a span too few shows a citizen's number to whoever looks. So numbers are taken
generously; names only where the text says that a name comes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from normalizer import births, mails, names, spoken
from normalizer.complaint import Span
from normalizer.number_words import masked
from normalizer.numbers import SHORTEST, numbers
from normalizer.reading import Reading

#: words beside which a number or an address may stand that has no digit and no @
_SAID: Final = frozenset(spoken.DIGITS) | mails.SIGNS

#: the digits and last letters of a number plate, and what stands before them; the first where a vehicle is spoken of
_PLATE = re.compile(r"\d(?<!\d\d)(?:\d{0,3}|(?: \d){1,3})(?:[ .\-]{0,2}+|[ ]?\r?\n)([A-Z](?: [A-Z]){1,2}|[A-Za-z]{1,3})(?![A-Za-z])")
_WHOLE_PLATE = re.compile(r"\d(?<!\d\d)\d{2,3}[ .\-]{0,2}+([A-Z]{1,3})(?![A-Za-z])")
_REGION = re.compile(r"(?:(?<![A-Z])[A-Z]{1,2}|(?<![A-Za-z])[a-z]{1,2})(?:[ .\-]{0,2}|\r?\n)\Z")
_REGIONS_ALL: Final = """
    A AA AB AD AE AG B BA BB BD BE BG BH BK BL BM BN BP D DA DB DC DD DE DG DH DK DL DM DN DP DR DT DW E EA EB ED F G H K KB KH KT KU L
    M N P PA PB R S T W Z
"""
_REGIONS: Final = frozenset(_REGIONS_ALL.split())
#: a vehicle is spoken of
_VEHICLES_ALL: Final = """
    plat plate pelat nopol polisi motor motornya mobil mobilnya truk truck kendaraan angkot bus bis taksi taxi pickup ojek ojol sepeda
    minibus elf avanza innova xenia vario beat stnk bpkb nmax pcx aerox scoopy supra vixion mio ninja brio fortuner pajero ertiga xpander
    calya sigra agya ayla carry tronton trailer kontainer ambulan ambulans dump pick bajaj bentor odong nopolnya platnya
"""
_VEHICLES: Final = frozenset(_VEHICLES_ALL.split())
_PLATES: Final = frozenset({"plat", "plate", "pelat", "nopol", "nopolnya", "platnya"})
#: what stands behind these is the number of a house, a road, a school; and words that are no last letters of a plate
_HOUSE_ALL: Final = """
    blok blk no nomor gang gg kav kavling rt rw km lantai lt unit tower sd smp sma smk sdn smpn sman smkn mts man tk pasal uu tahun thn
    tgl jalur trayek koridor jl jln ruang gedung kos kost kamar kmr kode kelas kls tipe type seri hotel ruko kios los rusun rusunawa
    apartemen wisma asrama loket antrian formulir model poli cluster
"""
_HOUSE: Final = frozenset(_HOUSE_ALL.split())
_WORDS_ALL: Final = """
    dan di ke yg km m an rp rb jt kk th thn org kg rt rw no dr jl pak bu kec kab kel jam hr bln wib ada itu ini ya sd smp sma smk utk
    dgn tdk sdh pas cm mm kl lt am pm hz kv kwh va gb mb kali x cc box ss pu nya
"""
_WORDS: Final = frozenset(_WORDS_ALL.split())

_PASSPORTS: Final = frozenset({"paspor", "passport", "pasport"})
_PASSPORT = re.compile(r"[^\n\[]{0,24}?(?<![A-Za-z])([A-Za-z]{1,2} ?\d{6,7})(?!\d)")


def find(reading: Reading) -> tuple[Span, ...]:
    """Everything, in order; those that overlap are one, of the kind that begins first."""
    found = _found(reading)
    if (legible := reading.as_legible()) is not None:
        # a sign that nobody sees, or a misread one, tears a number or an address apart
        for span in _found(legible):
            start, end = reading.span(span.start, span.end)
            found.append(Span(start=start, end=end, kind=span.kind))
    return tuple(_apart(found)) if len(found) > 1 else tuple(found)


def _found(reading: Reading) -> list[Span]:
    """In no order."""
    text, present, found = reading.verbatim, reading.present, list[Span]()
    written, said = "@" in text, _SAID & present
    if written:
        found += mails.mails(text)
    if reading.numbers:
        written, digits = True, sum(map(len, reading.numbers))
        if digits >= SHORTEST:
            found += numbers(reading)
        found += _plates(reading)
        if not births.WORDS.isdisjoint(present):
            found += births.find(reading)
        if digits >= SHORTEST and not _PASSPORTS.isdisjoint(present):
            found += _passports(reading)
    # one or two of them are in many messages: `dua minggu`
    if said and (written or len(said) > 2):
        found += spoken.numbers(reading)
    if not mails.SIGNS.isdisjoint(said):
        found += mails.hidden(reading)
    found += names.find(reading)
    return found


def _apart(found: list[Span]) -> list[Span]:
    apart: list[Span] = []
    for span in sorted(found, key=lambda span: (span.start, -span.end)):
        if not apart or span.start >= apart[-1].end:
            apart.append(span)
        elif span.end > apart[-1].end:
            apart[-1] = Span(start=apart[-1].start, end=span.end, kind=apart[-1].kind)
    return apart


def _plates(reading: Reading) -> Iterator[Span]:
    """In small letters, or with one or two digits, only where a vehicle is spoken of."""
    text, driven = reading.verbatim, not _VEHICLES.isdisjoint(reading.present)
    if not any((1 if driven else 3) <= len(number) <= 4 for number in reading.numbers):
        return
    for match in (_PLATE if driven else _WHOLE_PLATE).finditer(text):
        region = _REGION.search(text, max(match.start() - 4, 0), match.start())
        if region is None:
            continue
        before = _last_word(text, region.start())
        if match[1].lower() in _WORDS and before not in _PLATES:
            continue
        # `plat nomor B 1234 XYZ`: no house has such a number
        if before in _HOUSE and not (driven and before in {"no", "nomor"} and len(match[0]) - len(match[1]) > 3):
            continue
        code = region[0].rstrip(" .-\r\n")
        if code.upper() in _REGIONS and (driven or code.isupper()):
            yield Span(start=region.start(), end=match.end(), kind="plate")


def _last_word(text: str, end: int) -> str:
    """The word before, in small letters."""
    before = text[max(end - 12, 0) : end].rstrip(" .:-")
    return before[len(before.rstrip("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")) :].lower()


def _passports(reading: Reading) -> Iterator[Span]:
    for at, word in enumerate(reading.words):
        if word in _PASSPORTS and not masked(reading, at) and (match := _PASSPORT.match(reading.verbatim, reading.ends[at])):
            yield Span(start=match.start(1), end=match.end(1), kind="passport")
