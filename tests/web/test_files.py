"""What a file is, and the same file without what it tells of its maker: nothing of it stays, and nothing else is lost."""

from __future__ import annotations

import struct
from io import BytesIO
from zipfile import ZipFile

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from channels import files
from channels.files import pictures, sound
from tests.web import made

SAMPLES = {
    "image/jpeg": made.picture("JPEG"),
    "image/png": made.picture("PNG"),
    "image/webp": made.picture("WEBP"),
    "application/pdf": made.pdf(),
    made.DOCX: made.office(),
    made.XLSX: made.office("xl/workbook.xml"),
    "video/mp4": made.film(),
    "video/quicktime": made.film(b"qt  "),
    "video/3gpp": made.film(b"3gp4"),
    "audio/mp4": made.film(b"M4A ", (b"soun",)),
    "audio/mpeg": made.mp3(),
    "audio/ogg": made.ogg(),
    "audio/amr": made.amr(),
}


def opened_up(content: bytes) -> bytes:
    """Everything that a reader would find, unpacked."""
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as packed:
            return packed.comment + b"".join(packed.read(name) for name in packed.namelist())
    if content.startswith(b"%PDF"):
        with pikepdf.open(BytesIO(content)) as pdf:
            out = BytesIO()
            pdf.save(out, qdf=True, object_stream_mode=pikepdf.ObjectStreamMode.disable)
            return out.getvalue()
    return content


def test_there_is_a_sample_of_every_type_that_is_taken() -> None:
    assert SAMPLES.keys() == files.ENDINGS.keys()


@pytest.mark.parametrize("media_type", SAMPLES)
def test_a_file_is_known_by_its_content_and_stays_what_it_is(media_type: str) -> None:
    sample = SAMPLES[media_type]
    assert files.kind(sample) == media_type
    cleaned = files.clean(sample, media_type)
    assert cleaned is not None
    assert files.kind(cleaned) == media_type


@pytest.mark.parametrize("media_type", SAMPLES)
def test_nothing_that_tells_who_stays(media_type: str) -> None:
    sample = SAMPLES[media_type]
    assert made.BYTES in opened_up(sample)
    assert made.BYTES not in opened_up(files.clean(sample, media_type) or made.BYTES)


@pytest.mark.parametrize("media_type", SAMPLES)
def test_cleaning_twice_is_cleaning_once_and_the_same_every_time(media_type: str) -> None:
    once = files.clean(SAMPLES[media_type], media_type)
    assert once == files.clean(SAMPLES[media_type], media_type)
    assert once is not None
    again = files.clean(once, media_type)
    # a lossy picture is encoded anew each time; all others come out as they went in
    assert again is not None
    assert again == once or media_type.startswith("image/")


@pytest.mark.parametrize("media_type", SAMPLES)
@given(at=st.integers(0), octets=st.binary(min_size=1, max_size=12), cut=st.booleans())
@settings(max_examples=120)
def test_a_damaged_file_is_refused_and_raises_nothing(media_type: str, at: int, octets: bytes, cut: bool) -> None:
    sample = SAMPLES[media_type]
    at %= len(sample)
    damaged = sample[:at] + octets + (b"" if cut else sample[at + len(octets) :])
    kind = files.kind(damaged)
    assert kind is None or kind in files.ENDINGS
    cleaned = files.clean(damaged, media_type)
    assert cleaned is None or cleaned


@given(content=st.binary(max_size=200), media_type=st.sampled_from(sorted(SAMPLES)))
def test_noise_is_refused(content: bytes, media_type: str) -> None:
    files.kind(content)
    assert files.clean(content, media_type) is None or files.kind(content) == media_type


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"GIF89a\x01\x00\x01\x00\x00\x00\x00;",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"<!doctype html><script>alert(1)</script>",
        b"MZ\x90\x00" + bytes(60),
        b"\x7fELF" + bytes(60),
        b"PK\x03\x04" + bytes(30),
        b"{\\rtf1 }",
        made.box(b"ftyp", b"heic", bytes(4), b"mif1"),
        "Laporan saya".encode("utf-16"),
    ],
)
def test_what_is_not_taken_has_no_kind(content: bytes) -> None:
    assert files.kind(content) is None


def test_nothing_is_written_to_a_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.clear()
    for media_type, sample in SAMPLES.items():
        files.clean(sample, media_type)
        files.clean(sample[: len(sample) // 2], media_type)
    assert [record for record in caplog.records if record.levelname != "DEBUG"] == []


def test_a_pdf_keeps_its_pages_and_loses_what_acts() -> None:
    cleaned = files.clean(made.pdf(), "application/pdf")
    assert cleaned is not None
    with pikepdf.open(BytesIO(cleaned)) as pdf:
        assert len(pdf.pages) == 1
        assert "/Info" not in pdf.trailer
        assert not pdf.attachments
        assert not {"/OpenAction", "/Metadata", "/AA"} & set(pdf.Root.keys())
        (note,) = pdf.pages[0]["/Annots"].as_list()
        assert str(note["/Contents"]) == "catatan"
        assert "/A" not in note
        photo = pdf.pages[0]["/Resources"]["/XObject"]["/Im0"]
        with Image.open(BytesIO(photo.read_raw_bytes())) as shown:
            assert shown.size == (40, 20)
            assert not shown.getexif()


def test_a_pdf_that_is_locked_or_swells_is_refused() -> None:
    out = BytesIO()
    with pikepdf.open(BytesIO(made.pdf())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="a", user="b"))
    assert files.clean(out.getvalue(), "application/pdf") is None
    with pikepdf.open(BytesIO(made.pdf())) as pdf:
        pdf.Root["/Big"] = pdf.make_stream(bytes(60 * 1024 * 1024))
        out = BytesIO()
        pdf.save(out, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    assert len(out.getvalue()) < 200_000
    assert len(files.clean(out.getvalue(), "application/pdf") or b"") < 200_000


def test_an_office_file_keeps_its_words_and_its_pictures() -> None:
    cleaned = files.clean(made.office(), made.DOCX)
    assert cleaned is not None
    with ZipFile(BytesIO(cleaned)) as packed:
        assert b"Jalan rusak" in packed.read("word/document.xml")
        assert b'w:author=""' in packed.read("word/document.xml")
        assert {info.date_time for info in packed.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        with Image.open(BytesIO(packed.read("word/media/image1.jpeg"))) as shown:
            assert shown.size == (20, 40)
            assert not shown.getexif()


def test_who_wrote_a_long_document_is_found_wherever_it_stands() -> None:
    """It is searched in pieces."""
    words = b"".join(
        b'<w:ins w:author="Budi %d"><w:t>%s</w:t></w:ins><author>Budi</author>' % (n, b"jalan " * (n % 90)) for n in range(9_000)
    )
    cleaned = files.clean(made.office(parts={"word/footnotes.xml": words, "word/flat.xml": b"jalan " * 300_000}), made.DOCX)
    assert cleaned is not None
    with ZipFile(BytesIO(cleaned)) as packed:
        kept = packed.read("word/footnotes.xml")
        assert b"Budi" not in kept
        assert kept.count(b"jalan") == words.count(b"jalan")
        assert packed.read("word/flat.xml") == b"jalan " * 300_000


@pytest.mark.parametrize(
    "parts",
    [
        {"word/vbaProject.bin": b"macro"},
        {"word/embeddings/oleObject1.bin": b"ole"},
        {"word/activeX/activeX1.xml": b"<x/>"},
        {"word/media/image9.jpeg": b"\xff\xd8\xff broken"},
        {"word/big.xml": bytes(51 * 1024 * 1024)},
    ],
    ids=lambda parts: next(iter(parts)),
)
def test_an_office_file_that_acts_or_swells_is_refused(parts: dict[str, bytes]) -> None:
    assert files.clean(made.office(parts=parts), made.DOCX) is None


def test_a_film_stays_as_long_as_it_was_and_plays_the_same() -> None:
    sample = made.film()
    cleaned = files.clean(sample, "video/mp4")
    assert cleaned is not None
    assert len(cleaned) == len(sample)
    assert cleaned.count(b"pictures-or-soun") == 2
    assert cleaned.count(b"trak") == 2
    assert struct.pack(">I", 3_900_000_000) not in cleaned


def test_a_film_whose_positions_cannot_be_found_is_refused() -> None:
    sample = made.film()
    broken = sample.replace(b"stco", b"stcx")
    assert files.clean(broken, "video/mp4") is not None  # no chunk is named, so none is stored
    away = made.film().replace(struct.pack(">II", 1, sample.index(b"Pelapor Rahasia", sample.index(b"mdat"))), struct.pack(">II", 1, 4))
    assert files.clean(away, "video/mp4") is None


def test_frames_stay_and_tags_go() -> None:
    cleaned = files.clean(made.mp3(4), "audio/mpeg")
    assert cleaned is not None
    assert len(cleaned) == 4 * 417
    assert files.clean(b"ID3\x04\x00\x00\x00\x00\x00\x05hello", "audio/mpeg") is None
    wide = files.clean(made.amr(b"#!AMR-WB\n", 0x44, 60), "audio/amr")
    assert wide is not None
    assert len(wide) == 9 + 3 * 61


@pytest.mark.parametrize(
    "sample", [made.ogg(), made.ogg(padding=150_000), made.ogg(b"\x03vorbis", b"\x01")], ids=["opus", "long", "vorbis"]
)
def test_ogg_keeps_its_pages_and_their_sums_are_right(sample: bytes) -> None:
    cleaned = files.clean(sample, "audio/ogg")
    assert cleaned is not None
    assert made.BYTES not in cleaned
    assert b"sound" * 10 in cleaned
    assert len(cleaned) == len(sample) - len(made.BYTES)
    second = cleaned.index(b"OggS", 4)
    page = bytearray(cleaned[second : cleaned.index(b"OggS", second + 4)])
    told = bytes(page[22:26])
    page[22:26] = bytes(4)
    assert told == struct.pack("<I", _crc_bit_by_bit(bytes(page)))


def _crc_bit_by_bit(page: bytes) -> int:
    """The sum of RFC 3533 §6 as a division of polynomials, as the oracle."""
    rest = 0
    for octet in page + bytes(4):
        for bit in range(7, -1, -1):
            rest = rest << 1 | octet >> bit & 1
            rest ^= 0x104C11DB7 if rest >> 32 else 0
    return rest


def test_made_up_tables_do_not_keep_us_busy() -> None:
    """Files of two megabytes that would cost minutes, or hundreds of megabytes: scans over a large picture, chunks over each other, tracks,
    boxes, segments and false frames without end."""
    out = BytesIO()
    Image.new("L", (64, 64)).save(out, "JPEG", progressive=True)
    scan = next(body for marker, body in pictures.segments(out.getvalue()) if marker == 0xDA)
    assert files.clean(out.getvalue()[:-2] + scan * 60 + b"\xff\xd9", "image/jpeg") is None
    assert files.clean(made.film(tracks=(b"meta",) * 120), "video/mp4") is None
    sample = made.film(tracks=(b"vide", b"meta"))
    wide = made.picture("PNG", (6000, 6000), "1")
    assert len(wide) < 20_000
    assert files.clean(made.office(parts={f"word/media/image{number}.png": wide for number in range(9, 16)}), made.DOCX) is None
    with pikepdf.new() as crowded:
        crowded.Root["/Crowd"] = pikepdf.Array([pikepdf.Dictionary()] * 110_000)
        out = BytesIO()
        crowded.save(out)
    assert files.clean(out.getvalue(), "application/pdf") is None
    assert files.clean(sample + made.box(b"free") * 30_000, "video/mp4") is None
    assert files.clean(b"\xff\xd8" + b"\xff\xe1\0\2" * 100_000 + out.getvalue()[2:], "image/jpeg") is None
    assert files.clean(made.mp3() + b"\xff\xfb\xff" * 20_000, "audio/mpeg") is None
    swollen = sample[: sample.rindex(b"stsz") + 8] + struct.pack(">I", 16) + sample[sample.rindex(b"stsz") + 12 :]
    assert files.clean(swollen, "video/mp4") is None


def test_what_is_not_known_is_not_cleaned() -> None:
    assert files.clean(b"GIF89a", "image/gif") is None
    assert sound.cleaned_amr(made.amr(), "audio/amr") == made.amr()[: 6 + 3 * 32]
