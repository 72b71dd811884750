"""What the pages say in Indonesian: what is wrong with a field, what became of a complaint, when, and what went wrong with us.

In: codes of `channels.web.submission`, states, instants. Out: short plain sentences. It never repeats what a citizen wrote.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Final, NamedTuple

from channels.base import State
from channels.web.settings import Settings


class Words(NamedTuple):
    """A heading, and a sentence or two below it."""

    title: str
    words: str


#: value, label, explanation
CLASSIFICATIONS: Final = (
    ("pengaduan", "Pengaduan", "Ada layanan yang buruk, rusak, atau melanggar aturan, dan Anda ingin itu diperbaiki."),
    ("aspirasi", "Aspirasi", "Anda punya usul atau harapan untuk pemerintah."),
    ("permintaan_informasi", "Permintaan informasi", "Anda ingin bertanya atau meminta keterangan kepada pemerintah."),
)

MISSING: Final[Mapping[str, str]] = {
    "classification": "Pilih jenis laporan",
    "title": "Tulis judul laporan",
    "text": "Tulis isi laporan",
    "incident_date": "Pilih tanggal kejadian",
    "region": "Pilih kabupaten atau kota, atau tulis alamat kejadian",
}
IN_FUTURE: Final = "Tanggal kejadian tidak boleh setelah hari ini"

#: what each field is called in a sentence
_NAMES: Final[Mapping[str, str]] = {
    "classification": "Jenis laporan", "title": "Judul laporan", "text": "Isi laporan", "incident_date": "Tanggal kejadian",
    "region": "Kabupaten atau kota", "location": "Alamat", "agency": "Instansi tujuan", "category": "Kategori", "files": "Lampiran",
    "name": "Nama", "contact": "Nomor HP atau email",
}  # fmt: skip
_FAULTS: Final[Mapping[str, str]] = {
    "missing": "{name} belum diisi",
    "too_long": "{name} terlalu panjang; persingkat sedikit",
    "not_a_date": "Tulis tanggal kejadian seperti 2026-01-31",
    "in_future": IN_FUTURE,
    "unknown": "{name} tidak dikenal; pilih dari daftar",
    "not_a_contact": "Tulis nomor HP seperti 0812 0000 0000, atau alamat email",
    "too_many_files": "Terlalu banyak lampiran; pilih paling banyak {files} berkas",
    "file_type": "Satu lampiran bukan jenis yang dapat diterima; pilih {kinds}",
    "file_size": "Satu lampiran terlalu besar; setiap berkas paling besar {size}",
    "file_broken": "Satu lampiran rusak, terkunci, atau tidak dapat dibersihkan; pilih berkas lain",
    "too_large": "Lampiran seluruhnya terlalu besar; kurangi jumlahnya",
}
FILE_KINDS: Final = "JPG, PNG, WebP, PDF, DOCX, XLSX, MP4, 3GP, MP3, M4A, OGG, atau AMR"
#: for the picker of files; the server looks at what is in them
ACCEPT: Final = "image/jpeg,image/png,image/webp,.pdf,.docx,.xlsx,video/mp4,video/3gpp,audio/mpeg,audio/mp4,audio/ogg,audio/amr"


def faults(codes: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """A sentence for each field, in the order of the form. Faults that the form has no field for are told at the text."""
    told: dict[str, str] = {}
    for field, code in codes.items():
        place = field if field in _NAMES else "text"
        if code == "missing":
            # the region stands before the address, and one of them is enough
            place = "region" if place == "location" else place
            told[place] = MISSING.get(place, f"{_NAMES[place]} belum diisi")
        else:
            told[place] = fault(code, place, settings)
    return {name: told[name] for name in _NAMES if name in told}


def fault(code: str, field: str, settings: Settings) -> str:
    """One sentence."""
    return _FAULTS[code].format(name=_NAMES[field], files=settings.max_files, kinds=FILE_KINDS, size=size(settings))


def size(settings: Settings) -> str:
    """How large a file may be: `2 MB`."""
    return f"{settings.max_file_bytes / 1024 / 1024:.1f}".rstrip("0").rstrip(".").replace(".", ",") + " MB"


STATES: Final[Mapping[State, Words]] = {
    "received": Words("Diterima", "Laporan sudah kami terima dan segera diteruskan ke sistem nasional."),
    "under_review": Words("Sedang diperiksa petugas", "Petugas kami sedang membaca laporan ini sebelum diteruskan."),
    "registered": Words("Terdaftar di SP4N-LAPOR!", "Laporan sudah masuk ke sistem nasional dan menunggu tanggapan instansi."),
    "not_forwarded": Words("Tidak diteruskan", "Petugas kami sudah membaca laporan ini dan tidak meneruskannya ke instansi."),
    "verified": Words("Diverifikasi", "Laporan sudah diperiksa oleh pengelola SP4N-LAPOR!."),
    "forwarded": Words("Diteruskan ke instansi", "Laporan sudah sampai di instansi yang berwenang."),
    "moved": Words("Dialihkan ke instansi lain", "Instansi lain yang menangani laporan ini sekarang."),
    "in_progress": Words("Sedang diproses", "Instansi sedang menangani laporan ini."),
    "answered": Words("Ditindaklanjuti instansi", "Instansi sudah menindaklanjuti atau menjawab laporan ini."),
    "needs_reply": Words("Menunggu tanggapan pelapor", "Instansi memerlukan keterangan dari pelapor sebelum dapat melanjutkan."),
    "closed": Words("Selesai", "Laporan ditutup di SP4N-LAPOR!. Bila masalahnya belum selesai, kirim laporan baru dan sebut kode ini."),
    "rejected": Words("Ditolak", "Instansi tidak menerima laporan ini, misalnya karena di luar kewenangannya."),
}

_MONTHS: Final = ("Januari", "Februari", "Maret", "April", "Mei", "Juni", "Juli", "Agustus", "September", "Oktober", "November", "Desember")
_WIB: Final = timezone(timedelta(hours=7), "WIB")


def when(at: datetime) -> str:
    """`22 November 2026, 09.15 WIB`."""
    there = at.astimezone(UTC).astimezone(_WIB)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}, {there:%H.%M} WIB"


def soon(seconds: float) -> str:
    """How long to wait: `30 detik`, `12 menit`."""
    return f"{max(1, round(seconds))} detik" if seconds < 90 else f"{round(seconds / 60)} menit"


MISTYPED: Final = Words(
    "Kode salah ketik",
    "Ada satu atau beberapa huruf yang keliru atau tertukar. Kode terdiri dari dua belas huruf dan angka. Periksa lagi catatan Anda.",
)
UNKNOWN: Final = Words(
    "Kode tidak ditemukan",
    "Penulisannya benar, tetapi tidak ada laporan dengan kode atau nomor ini. Pastikan Anda mendapatkannya dari layanan ini.",
)
NO_CODE: Final = Words("Kode belum diisi", "Tulis kode laporan Anda, lalu tekan Lihat status.")
NOT_FOUND: Final = Words("Halaman tidak ditemukan", "Alamat ini tidak ada, atau sudah dipindahkan.")
AWAY: Final = Words("Layanan sedang terganggu", "Gangguan ada pada kami, bukan pada Anda. Coba lagi sebentar lagi.")
FOREIGN: Final = Words(
    "Laporan tidak dapat diterima dari halaman lain",
    "Demi keamanan, laporan hanya diterima dari formulir di situs ini. Buka formulir, lalu kirim dari sana.",
)
GARBLED: Final = Words("Kiriman tidak terbaca", "Kiriman ini bukan isian formulir kami. Buka formulir, lalu coba lagi.")
HUGE: Final = Words("Kiriman terlalu besar", "Lampiran Anda jauh melebihi batas. Kembali ke formulir, kurangi lampiran, lalu kirim lagi.")
SLOW: Final = Words("Kiriman terputus", "Jaringan terlalu lambat atau terputus. Kembali ke formulir, kurangi lampiran, lalu kirim lagi.")
#: for a submission that could not be kept
NOT_KEPT: Final = "Gangguan ada pada kami, bukan pada Anda. Tunggu {soon}."
#: for one whose files are too much at this moment
NO_ROOM: Final = "Terlalu banyak lampiran sedang dikirim pada saat yang sama. Tunggu {soon}, atau kirim sekarang tanpa lampiran."
TOO_MANY: Final = "Terlalu banyak permintaan dari jaringan Anda dalam waktu singkat. Tunggu {soon}, lalu coba lagi."
