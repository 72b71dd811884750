"""A complaint as a block of text, for a ledger that takes nothing but words, and for people who paste.

In: a canonical record. Out: the citizen's words, verbatim but for signs that the ledger's form cannot carry, and below them what else
the record says, each on a line of its own. Pure. It never names a reporter: where a name may go is the ledger's own form to say.
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from typing import Final

from normalizer.complaint import Classification, Complaint

#: the times that people read in the text; LAPOR! stands in Jakarta
WIB: Final = timezone(timedelta(hours=7), "WIB")
CUT: Final = " … (dipotong; selengkapnya di gerbang)"
#: what XML 1.0 and most forms cannot carry (XML 1.0 §2.2)
_UNSENDABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_CLASSES: Final[dict[Classification, str]] = {
    "pengaduan": "Pengaduan",
    "aspirasi": "Aspirasi",
    "permintaan_informasi": "Permintaan Informasi",
}


def sendable(text: str) -> str:
    """The text, with U+FFFD for each sign that cannot be sent."""
    return _UNSENDABLE.sub("\ufffd", text)


def code_line(reference: str) -> str:
    """The line by which a complaint is found again in a ledger that has no field for our reference."""
    return f"Kode laporan: {reference}"


def relay(complaint: Complaint, timezone: tzinfo, limit: int = 0) -> str:
    """Lines end in LF. A line is left out when the record has nothing to say there.

    `limit`: characters at most, where the form has a limit; then the citizen's words are cut, and say so, and the code never is.
    """
    facts = [
        ("Lokasi kejadian", _place(complaint)),
        ("Tanggal kejadian", _day(complaint)),
        ("Klasifikasi", _CLASSES.get(complaint.classification.value, "") if complaint.classification.value else ""),
        ("Kategori", complaint.category.value or ""),
        ("Instansi tujuan", complaint.agency.value or ""),
        ("Lampiran", ", ".join(f"{attachment.name} {attachment.url}".strip() for attachment in complaint.attachments)),
        ("Diterima", complaint.received_at.astimezone(timezone).strftime("%d-%m-%Y %H:%M")),
    ]
    lines = [f"{name}: {' '.join(value.split())}" for name, value in facts if value]
    words, below = complaint.text.strip(), "\n".join([*lines, code_line(complaint.reference)])
    if limit and len(words) + len(below) + 2 > limit:
        below = below[-(limit - len(CUT) - 2) :]
        words = words[: limit - len(below) - len(CUT) - 2] + CUT
    return sendable(f"{words}\n\n{below}".lstrip("\n"))


def _place(complaint: Complaint) -> str:
    """The region that is sure, and the citizen's own words for the place."""
    place = complaint.location.value
    if place is None:
        return ""
    sure = next((candidate.name for candidate in place.candidates if candidate.code == place.code), "")
    return " | ".join(filter(None, (f"{sure} ({place.code})" if sure else place.code or "", place.text)))


def _day(complaint: Complaint) -> str:
    day = complaint.incident_date
    if day.value is None:
        return ""
    # a form has the field: a guess is marked, so that nobody takes it for the citizen's word
    return f"{day.value:%d-%m-%Y}" + (" (perkiraan)" if day.provenance == "assumed" else "")
