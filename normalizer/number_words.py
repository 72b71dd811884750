"""What the words around a number say of it.

In: a `Reading`, and where a run of digits stands in it. Out: the label nearest to it, such as `rek` or `no hp`. It never looks at the
digits themselves.
"""

from __future__ import annotations

from bisect import bisect_left
from typing import Final

import msgspec

from normalizer.reading import Reading


class Label(msgspec.Struct, frozen=True, gc=False):
    """What a word before a number says of it."""

    kind: str
    #: digits: such a number has no fewer, is complete with `enough`, and has no more than `most`
    least: int
    enough: int
    most: int
    #: the word stands at most so many words before
    reach: int
    #: right before what looks like a telephone number, it says that it is none
    sure: bool = False


def _labels(words: dict[Label, str]) -> dict[str, Label]:
    return {word: label for label, said in words.items() for word in said.split()}


#: the nearest word before a number counts
_LABELS: Final = _labels({
    Label("nik", 13, 16, 18, 4): "nik ktp ektp kependudukan noktp nonik",
    Label("kk", 13, 16, 18, 4): "kk nokk keluarga",
    Label("phone", 6, 10, 15, 3):
        "hp nohp hape handphone ponsel telp notelp tlp tlpn telpon telepon telefon phone wa nowa whatsapp hub hubungi kontak contact cp",
    Label("account", 8, 10, 18, 5, sure=True):
        "rek norek rekening bank bca bri bni mandiri bsi btn bjb bpd btpn cimb danamon permata muamalat seabank jago jenius"
        " maybank ocbc panin"
        " account va virtual briva tabungan",
    Label("account", 10, 10, 18, 3): "transfer ditransfer tf trf setor disetor kirim dikirim",
    Label("account", 11, 11, 18, 2): "bayar billing",
    Label("card", 13, 16, 19, 4): "kredit debit visa mastercard card cc atm kks pkh bpnt",
    Label("card", 10, 16, 19, 4): "kartu nokartu kip kjp",
    Label("customer", 9, 12, 13, 4, sure=True): "indihome telkom",
    Label("customer", 6, 11, 13, 2): "internet nopel nopelanggan nomet pel",
    Label("customer", 11, 12, 13, 3): "pascabayar prabayar kwh",
    Label("customer", 17, 18, 18, 3): "nop sppt",
    Label("npwp", 15, 15, 16, 3): "npwp",
    Label("customer", 6, 11, 13, 3, sure=True): "idpel idpelanggan pelanggan sambungan nosambungan samb nosamb nosal meter meteran kontrol",
    Label("customer", 8, 11, 13, 2): "pln pdam",
    Label("number", 8, 13, 18, 4): "bpjs kis jkn kpj peserta",
    Label("number", 8, 10, 18, 3): "sim nrp nisn nuptk nim npm stambuk kpm porsi polis taspen",
    Label("number", 8, 18, 18, 3): "nip",
})  # fmt: skip
#: held in somebody's name: `1234567890 a.n. Budi`
_HELD: Final = Label("account", 10, 10, 18, 1)
#: words that are labels only beside one of these
_NUMBER: Final = frozenset({"no", "nomor", "nomer", "id"})
_COMPANIONS: Final = {
    **dict.fromkeys(("pelanggan", "sambungan", "meter", "pel", "kontrol"), _NUMBER),
    "keluarga": frozenset({"kartu"}),
    "bayar": frozenset({"kode"}),
}
#: what stands behind these is a sum or the number of a paper
IMPERSONAL: Final = frozenset({
    "rp", "idr", "laporan", "pengaduan", "aduan", "tiket", "resi", "tracking", "order", "invoice", "nota", "kuitansi", "token", "surat",
})  # fmt: skip
_CLOCK: Final = frozenset({"jam", "jm", "pukul", "pkl"})


#: whose lines are no citizen's
_OFFICES: Final = frozenset({
    "kantor", "dinas", "kelurahan", "kecamatan", "puskesmas", "rsud", "rsup", "rs", "klinik", "polsek", "polres", "polda", "damkar",
    "pemadam", "pln", "pdam", "bpbd", "hotline", "posko", "pemkab", "pemkot", "pemprov", "kementerian", "samsat", "disdukcapil", "dukcapil",
    "dinsos", "disnaker", "disdik", "dinkes", "imigrasi", "pengadilan", "kejaksaan", "fax", "faks", "ambulans", "ambulan", "balai", "upt",
})  # fmt: skip


class Context(msgspec.Struct, frozen=True, gc=False):
    """What the words around a run say of it."""

    #: of the first number
    label: Label | None
    #: how many words before the run the label stands
    distance: int
    #: of the last number: `1234567890 (BCA)`
    behind: Label | None
    impersonal: bool
    #: what stands there is an hour
    clock: bool = False


def context(reading: Reading, start: int, end: int) -> Context:
    """The nearest label before the run, and the one right behind it."""
    words, text, starts = reading.words, reading.verbatim, reading.starts
    index = bisect_left(starts, start)
    if index and words[index - 1] in _CLOCK and not (index > 1 and words[index - 2].isdigit()):
        return Context(None, 0, None, impersonal=True, clock=True)
    impersonal, label = text[max(start - 2, 0) : start].rstrip().endswith("#"), None
    for distance in range(1, 9):
        at = index - distance
        if at < 0 or words[at][0].isdigit() or masked(reading, at):
            break
        label = _label(words, at)
        if label and distance <= label.reach:
            # `no pelanggan PDAM 0145678`: shorter than what stands behind PDAM alone
            if label.kind == "customer" and at and (longer := _label(words, at - 1)) and longer.kind == "customer":
                label = longer
            return Context(label, distance, _behind(reading, end), False)
        if label and label.kind == "account" and not impersonal:
            # `BRI unit Wates an Siti Aminah 1234567890`
            return Context(msgspec.structs.replace(label, sure=False, least=10), distance, _behind(reading, end), impersonal=False)
        # glued to something, it may be the end of a mail address
        glued = starts[at] > 0 and (text[starts[at] - 1].isalnum() or text[starts[at] - 1] in ".@_%+-")
        impersonal = impersonal or (distance <= 2 and words[at] in IMPERSONAL and not glued)
    return Context(None, 0, None if impersonal else _behind(reading, end), impersonal)


def of_office(reading: Reading, start: int) -> bool:
    """Whether an office is named shortly before."""
    index = bisect_left(reading.starts, start)
    return not _OFFICES.isdisjoint(reading.words[max(index - 4, 0) : index])


def _behind(reading: Reading, end: int) -> Label | None:
    at = bisect_left(reading.starts, end)
    if at == len(reading.words) or reading.starts[at] > end + 2 or masked(reading, at):
        return None
    if reading.words[at] == "an" or reading.words[at : at + 2] in (["a", "n"], ["atas", "nama"]):
        return _HELD
    label = _label(reading.words, at)
    return msgspec.structs.replace(label, least=10) if label and label.kind in {"account", "nik", "kk"} else None


def _label(words: list[str], at: int) -> Label | None:
    """A word's label, also as `nomornya`, `rekku`."""
    word = words[at].removesuffix("nya").removesuffix("ku")
    label = _LABELS.get(word)
    if label is None or word not in _COMPANIONS:
        return label
    beside = (words[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else "")
    return None if _COMPANIONS[word].isdisjoint(beside) else label


def masked(reading: Reading, at: int) -> bool:
    """True for a word that stands in the place of something masked."""
    start, end = reading.starts[at], reading.ends[at]
    return reading.verbatim[max(start - 1, 0) : start] == "[" and reading.verbatim[end : end + 1] == "]"
