"""What a ledger's own word for a complaint's standing means to us.

In: words such as "Terdisposisi ke Dinas PU". Out: one of a few states, `other` for a word that nobody has explained. Pure. The ledger's
word itself is kept beside the state by whoever asks.

A word is read without capitals and punctuation. It may go on with whom or when ("ke …", "oleh …", "dalam 10 hari"), and with nothing else:
"selesai" is the end of a complaint, "selesai tahap pertama" is not. `[ledger.states]` explains more words, and better.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Literal, get_args

LedgerState = Literal[
    "registered", "verified", "forwarded", "moved", "in_progress", "answered", "needs_reply", "closed", "rejected", "other"
]  # fmt: skip
LEDGER_STATES: Final[tuple[LedgerState, ...]] = get_args(LedgerState)

#: words of LAPOR!, of regional systems, and of Open311; `registered` is also what was closed and is open again
SHIPPED: Final[Mapping[LedgerState, tuple[str, ...]]] = {
    "registered": ("open", "reopened", "terdaftar", "baru", "diterima", "dibuka kembali"),
    "verified": ("diverifikasi", "terverifikasi", "verifikasi", "selesai diverifikasi", "verified", "acknowledged"),
    "forwarded": ("diteruskan", "terdisposisi", "didisposisikan", "didisposisi", "disposisi", "forwarded", "assigned", "directed"),
    "moved": ("dipindahkan", "dialihkan", "dilimpahkan", "moved", "transferred", "diverted"),
    "in_progress": (
        "diproses", "proses", "proses opd terkait", "dikoordinasikan", "ditangani", "menunggu tindak lanjut", "ditanggapi oleh pelapor",
        "ditanggapi pelapor", "in progress", "investigating", "coordinated",
    ),
    "answered": (
        "ditindaklanjuti", "tindak lanjut", "ditanggapi", "dijawab", "dibalas", "selesai penanganan", "answered", "followup", "follow up",
    ),
    "needs_reply": (
        "butuh tanggapan pelapor", "perlu tanggapan pelapor", "menunggu tanggapan pelapor", "butuh keterangan pelapor",
        "menunggu kelengkapan data", "menunggu pelapor", "needs reply",
    ),
    "closed": (
        "selesai", "selesai pengaduan", "ditutup", "tutup", "diarsipkan", "diarsip", "terarsipkan", "arsip", "closed", "resolved",
        "finished", "completed", "archived",
    ),
    "rejected": ("ditolak", "tolak", "bukan kewenangan", "bukan wewenang", "rejected", "failed"),
}  # fmt: skip
#: words that say nothing by themselves at the beginning …
_BEFORE: Final = frozenset({"sudah", "telah", "sedang", "dalam", "status", "laporan"})
#: … and those after which only whom, when or why follows
_AFTER: Final = frozenset({"ke", "kepada", "oleh", "dalam", "otomatis", "pada", "di", "karena", "by", "to"})
_WORD: Final = re.compile(r"[^\W_]+")


class States:
    """The meanings of one ledger's words."""

    def __init__(self, own: Mapping[str, str]) -> None:
        """`own` goes over what is shipped. Raises ValueError for a state that there is not."""
        self._meanings: dict[tuple[str, ...], LedgerState] = {_words(word): state for state, words in SHIPPED.items() for word in words}
        for word, named in own.items():
            state = next((each for each in LEDGER_STATES if each == named), None)
            if state is None:
                raise ValueError(f"expected one of {', '.join(LEDGER_STATES)}")
            if not _words(word):
                raise ValueError("a word of the ledger's has letters or digits")
            self._meanings[_words(word)] = state

    def of(self, status: str) -> LedgerState:
        """The longest meaning that it begins with."""
        words = _words(status)
        for start in range(len(words)):
            for end in range(len(words), start, -1):
                state = self._meanings.get(words[start:end])
                if state is not None and (end == len(words) or words[end] in _AFTER):
                    return state
            if words[start] not in _BEFORE:
                break
        return "other"


def _words(text: str) -> tuple[str, ...]:
    return tuple(_WORD.findall(text.casefold()))
