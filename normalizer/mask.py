"""Text as operators may see it.

In: a text and its spans, or a record. Out: the same without what belongs to a person. It finds nothing itself (`pii.py` does), and
the record that the ledger gets never goes through here.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from normalizer.complaint import Reporter, Span

#: what stands in the place of a span; words that announce no number and no name, so that masking twice changes nothing
_WORDS: Final = {
    "nik": "NIK", "kk": "KK", "npwp": "NPWP", "phone": "telepon", "mail": "surel", "plate": "TNKB", "account": "rekening", "card": "kartu",
    "passport": "paspor", "birth": "lahir", "name": "nama", "customer": "pelanggan", "number": "nomor",
}  # fmt: skip


def mask(text: str, spans: Iterable[Span], start: int = 0) -> str:
    """The text from `start` on, with a word in brackets for each span; `spans` as `pii.find` gives them."""
    pieces = []
    for span in spans:
        if span.end <= start:
            continue
        pieces += [text[start : span.start], f"[{_WORDS.get(span.kind, 'disamarkan')}]"]
        start = span.end
    return "".join([*pieces, text[start:]])


def address(reporter: Reporter) -> str:
    """Enough to recognise one's own, not enough to reach anybody.

    A handle is masked too: it is public where its owner wrote, but not that its owner complained, and with Telegram not even that.
    """
    written = reporter.address
    if reporter.kind == "phone":
        hidden = max(len(written) - 8, 6)
        return (
            written[: max(min(6, len(written) - hidden - 2), 0)] + "•" * hidden + written[-2:] if len(written) > 8 else "•" * len(written)
        )
    if reporter.kind == "mail":
        local, at, domain = written.rpartition("@")
        return f"{local[:1]}•••{at}{domain}"
    return f"{written[:2]}•••" if written else ""
