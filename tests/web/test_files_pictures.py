"""Pictures: the place is gone, the picture is upright, and neither its colours nor our patience are lost."""

from __future__ import annotations

import struct
from io import BytesIO

import pytest
from PIL import Image, ImageOps

from channels import files
from channels.files import pictures
from tests.web import made


@pytest.mark.parametrize(("form", "mode"), [("JPEG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("WEBP", "RGB"), ("PNG", "L"), ("PNG", "LA")])
def test_a_picture_is_made_as_small_as_it_must_be(form: str, mode: str) -> None:
    sample = files.clean(made.picture(form, (1500, 1000), mode), f"image/{form.lower()}")
    assert sample is not None
    smaller = files.smaller(sample, f"image/{form.lower()}", 20_000)
    assert smaller is not None
    assert len(smaller) <= 20_000
    with Image.open(BytesIO(smaller)) as shown:
        assert shown.format == "JPEG"
        assert max(shown.size) / min(shown.size) == pytest.approx(1.5, abs=0.02)


def test_what_cannot_be_made_smaller_is_not() -> None:
    sample = files.clean(made.picture("JPEG", (1500, 1000)), "image/jpeg")
    assert sample is not None
    assert files.smaller(sample, "image/jpeg", 100) is None
    assert files.smaller(b"no picture", "image/jpeg", 100) is None
    assert files.smaller(made.pdf(), "application/pdf", 100) is None


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_the_place_is_gone_and_the_picture_stands_upright(form: str) -> None:
    sample = made.picture(form)
    with Image.open(BytesIO(sample)) as before:
        assert before.getexif().get_ifd(0x8825)
    cleaned = files.clean(sample, f"image/{form.lower()}")
    assert cleaned is not None
    with Image.open(BytesIO(cleaned)) as after:
        assert after.size == (20, 40)
        assert not after.getexif()
        assert after.info.keys() <= {
            "jfif",
            "jfif_version",
            "jfif_unit",
            "jfif_density",
            "progressive",
            "progression",
            "loop",
            "background",
            "duration",
            "timestamp",
        }


@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("held", range(10))
def test_every_way_to_hold_a_camera_is_understood(form: str, held: int) -> None:
    """Pillow's own reader is the oracle."""
    out, told = BytesIO(), Image.Exif()
    told[0x0112] = held
    drawn = Image.new("RGB", (32, 16), "white")
    drawn.paste("black", (0, 0, 16, 8))
    drawn.save(out, form, exif=told, **({"quality": 95, "subsampling": 0} if form == "JPEG" else {"lossless": True}))
    cleaned = files.clean(out.getvalue(), f"image/{form.lower()}")
    assert cleaned is not None
    with Image.open(out) as before, Image.open(BytesIO(cleaned)) as after:
        wanted = ImageOps.exif_transpose(before).convert("L")
        assert after.size == wanted.size
        for corner in ((4, 4), (after.width - 4, 4), (4, after.height - 4)):
            assert abs(int(after.convert("L").getpixel(corner) or 0) - int(wanted.getpixel(corner) or 0)) < 60  # type: ignore[arg-type]  # L is one number


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_a_jpeg_keeps_its_colours_and_its_quality(mode: str) -> None:
    sample = made.picture("JPEG", (64, 64), mode, quality=40, subsampling=2 if mode == "RGB" else 0)
    cleaned = files.clean(sample, "image/jpeg")
    assert cleaned is not None
    with Image.open(BytesIO(sample)) as before, Image.open(BytesIO(cleaned)) as after:
        assert after.mode == mode
        assert getattr(after, "quantization", 1) == getattr(before, "quantization", 2)


def test_a_png_keeps_what_is_transparent() -> None:
    out = BytesIO()
    Image.new("P", (4, 4)).save(out, "PNG", transparency=0)
    cleaned = files.clean(out.getvalue(), "image/png")
    assert cleaned is not None
    with Image.open(BytesIO(cleaned)) as after:
        assert after.info["transparency"] == 0


def test_a_picture_that_unpacks_to_too_much_is_refused() -> None:
    out = BytesIO()
    Image.new("1", (8000, pictures.MAX_PIXELS // 8000 + 1)).save(out, "PNG")
    assert len(out.getvalue()) < 100_000
    assert files.clean(out.getvalue(), "image/png") is None
    # one of two hundred thousand times two hundred thousand, which no decoder should even begin
    head = b"IHDR" + struct.pack(">IIBBBBB", 200_000, 200_000, 8, 2, 0, 0, 0)
    assert files.clean(b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + head + bytes(4), "image/png") is None


def test_films_among_pictures_are_refused_and_a_telephones_second_picture_is_left_out() -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    for form in ("WEBP", "PNG"):
        out = BytesIO()
        frames[0].save(out, form, save_all=True, append_images=frames[1:])
        assert files.clean(out.getvalue(), f"image/{form.lower()}") is None
    out = BytesIO()
    frames[0].save(out, "MPO", save_all=True, append_images=frames[1:])
    cleaned = files.clean(out.getvalue(), "image/jpeg")
    assert cleaned is not None
    with Image.open(BytesIO(cleaned)) as after:
        assert getattr(after, "n_frames", 1) == 1
